"""The bot: settings, intents and examples, conversations, turns, codes, models, trainings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "bot_setting",
    "bot_intent",
    "bot_example",
    "bot_conversation",
    "bot_turn",
    "bot_code",
    "bot_model",
    "bot_training",
)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid(), nullable=False)


def _foreign(owner: str, column: str, table: str, ondelete: str = "CASCADE") -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{table}.id"],
        name=op.f(f"fk_{owner}_{column}_{table}"),
        ondelete=ondelete,
    )


def _key(table: str, column: str = "id") -> sa.Constraint:
    return sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}"))


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    """Apply."""
    _taught()
    _said()
    _trained()


def _taught() -> None:
    op.create_table(
        "bot_setting",
        sa.Column("inbox_id", sa.Uuid(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _text("name", 80),
        _text("engine", 20),
        sa.Column("forms", JSON, nullable=False),
        _at("updated_at"),
        _foreign("bot_setting", "inbox_id", "inbox"),
        _key("bot_setting", "inbox_id"),
    )
    op.create_table(
        "bot_intent",
        _id(),
        _text("name", 80),
        sa.Column("titles", JSON, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=True),
        _at("created_at"),
        _at("updated_at"),
        sa.UniqueConstraint("name", name=op.f("uq_bot_intent_name")),
        _key("bot_intent"),
    )
    op.create_table(
        "bot_example",
        _id(),
        sa.Column("intent_id", sa.Uuid(), nullable=False),
        _text("language", 35),
        _text("text", 500),
        _at("created_at"),
        _foreign("bot_example", "intent_id", "bot_intent"),
        sa.UniqueConstraint("intent_id", "text", name=op.f("uq_bot_example_intent_id_text")),
        _key("bot_example"),
    )


def _said() -> None:
    op.create_table(
        "bot_conversation",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("inbox_id", sa.Uuid(), nullable=False),
        sa.Column("context", JSON, nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("since_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("card", JSON, nullable=True),
        _at("started_at"),
        _at("answered_at", nullable=True),
        _at("helped_at", nullable=True),
        _at("handed_over_at", nullable=True),
        _foreign("bot_conversation", "ticket_id", "ticket"),
        _foreign("bot_conversation", "inbox_id", "inbox"),
        _key("bot_conversation", "ticket_id"),
    )
    op.create_index("ix_bot_conversation_started_at", "bot_conversation", ["started_at"])
    op.create_table(
        "bot_turn",
        _id(),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        _text("outcome", 20),
        _text("language", 35),
        _text("intent", 80),
        sa.Column("evidence", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        _text("reason", 60),
        _text("engine", 20),
        sa.Column("sources", JSON, nullable=False),
        _at("created_at"),
        _foreign("bot_turn", "ticket_id", "ticket"),
        _foreign("bot_turn", "message_id", "message"),
        sa.UniqueConstraint("message_id", name=op.f("uq_bot_turn_message_id")),
        _key("bot_turn"),
    )
    op.create_index("ix_bot_turn_ticket_id_id", "bot_turn", ["ticket_id", "id"])
    op.create_index("ix_bot_turn_created_at", "bot_turn", ["created_at"])
    op.create_table(
        "bot_code",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        _text("hash", 64),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _at("expires_at"),
        _foreign("bot_code", "ticket_id", "ticket"),
        _key("bot_code", "ticket_id"),
    )


def _trained() -> None:
    op.create_table(
        "bot_model",
        _id(),
        _text("sha256", 64),
        sa.Column("thresholds", JSON, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("intents", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        _at("created_at"),
        _key("bot_model"),
    )
    op.create_index("ix_bot_model_current", "bot_model", ["current"])
    op.create_table(
        "bot_training",
        _id(),
        _text("state", 20),
        _text("step", 200),
        sa.Column("share", sa.Double(), nullable=False),
        _text("verdict", 1000),
        sa.Column("model_id", sa.Uuid(), nullable=True),
        _text("asked_by", 200),
        _at("created_at"),
        _at("finished_at", nullable=True),
        _foreign("bot_training", "model_id", "bot_model", "SET NULL"),
        _key("bot_training"),
    )
    op.create_index("ix_bot_training_created_at", "bot_training", ["created_at"])


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)
