"""Every channel: occurrence times, files to fetch, consent, early receipts, mended payloads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_message_ticket_id_occurred_at_seq", "message", ["ticket_id", "occurred_at", "seq"]),
    ("ix_ticket_inbox_id_conversation", "ticket", ["inbox_id", "conversation"]),
    ("ix_raw_fix_raw_inbound_id", "raw_fix", ["raw_inbound_id", "id"]),
    ("ix_consent_contact_id", "consent", ["contact_id"]),
    ("ix_early_receipt_inbox_id_external_id", "early_receipt", ["inbox_id", "external_id"]),
    ("ix_early_receipt_received_at", "early_receipt", ["received_at"]),
)


def _columns() -> dict[str, tuple[sa.Column[Any], ...]]:
    """New columns by table. A default is for the rows that are there; the desk gives a value."""
    long_ago = sa.text("'1970-01-01 00:00:00'")
    return {
        "message": (
            sa.Column("extra", JSON, nullable=True),
            sa.Column("occurred_at", INSTANT, nullable=False, server_default=long_ago),
            sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("edited_at", INSTANT, nullable=True),
            sa.Column("removed_at", INSTANT, nullable=True),
        ),
        "ticket": (sa.Column("conversation", sa.String(400), nullable=True),),
        "attachment": (
            sa.Column("state", sa.String(20), nullable=False, server_default="stored"),
            sa.Column("state_reason", sa.String(500), nullable=False, server_default=""),
            sa.Column("media", JSON, nullable=True),
        ),
        "inbox": (
            sa.Column("templates", JSON, nullable=True),
            sa.Column("inbound_at", INSTANT, nullable=True),
            sa.Column("inbound_error_at", INSTANT, nullable=True),
            sa.Column("inbound_error", sa.String(1000), nullable=False, server_default=""),
            sa.Column("outbound_at", INSTANT, nullable=True),
            sa.Column("outbound_error_at", INSTANT, nullable=True),
            sa.Column("outbound_error", sa.String(1000), nullable=False, server_default=""),
        ),
    }


def upgrade() -> None:
    """Apply."""
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.execute("UPDATE message SET occurred_at = created_at")
    op.create_table(
        "raw_fix",
        sa.Column("raw_inbound_id", sa.Uuid(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["raw_inbound_id"],
            ["raw_inbound.id"],
            name=op.f("fk_raw_fix_raw_inbound_id_raw_inbound"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_fix")),
    )
    op.create_table(
        "consent",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_consent_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint(
            "channel", "address", "purpose", name=op.f("uq_consent_channel_address_purpose")
        ),
    )
    op.create_table(
        "early_receipt",
        sa.Column("inbox_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=998), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
            name=op.f("fk_early_receipt_inbox_id_inbox"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_receipt")),
    )
    for name, table, keys in INDEXES:
        op.create_index(name, table, keys)


def downgrade() -> None:
    """Take back."""
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table)
    for table in ("early_receipt", "consent", "raw_fix"):
        op.drop_table(table)
    for table, columns in _columns().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
