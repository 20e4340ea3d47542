"""The bot, looked after: its behaviour per inbox and desk, intents off, fits beside models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0013"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bot_defaults",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrong_rate", sa.Double(), nullable=False),
        sa.Column("return_days", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bot_defaults")),
    )
    for column in (
        sa.Column("languages", JSON, nullable=False, server_default="[]"),
        sa.Column("offered", sa.Integer(), nullable=False, server_default="3"),
        sa.Column("hours", sa.String(20), nullable=False, server_default="always"),
        sa.Column("greetings", JSON, nullable=False, server_default="{}"),
    ):
        op.add_column("bot_setting", column)
    op.add_column(
        "bot_intent", sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("bot_model", sa.Column("taught", JSON, nullable=True))
    op.add_column(
        "bot_model", sa.Column("fit_sha256", sa.String(64), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Undo."""
    for table, columns in (
        ("bot_model", ("fit_sha256", "taught")),
        ("bot_intent", ("enabled",)),
        ("bot_setting", ("greetings", "hours", "offered", "languages")),
    ):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
    op.drop_table("bot_defaults")
