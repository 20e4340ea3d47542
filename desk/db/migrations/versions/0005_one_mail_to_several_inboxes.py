"""Further inboxes that show a ticket: one mail was sent to several of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ticket_inbox",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("inbox_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_ticket_inbox_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
            name=op.f("fk_ticket_inbox_inbox_id_inbox"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", "inbox_id", name=op.f("pk_ticket_inbox")),
    )
    op.create_index("ix_ticket_inbox_inbox_id", "ticket_inbox", ["inbox_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_ticket_inbox_inbox_id", "ticket_inbox")
    op.drop_table("ticket_inbox")
