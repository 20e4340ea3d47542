"""Imports of articles, and what they left in each text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "article_import",
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("overwrite", JSON, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("error", sa.String(length=1000), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("agent_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_import")),
    )
    op.create_index("ix_article_import_created_at", "article_import", ["created_at"])
    op.create_table(
        "article_origin",
        sa.Column("locale_id", sa.Uuid(), nullable=False),
        sa.Column("imported", sa.String(length=64), nullable=False),
        sa.Column("left", sa.String(length=64), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["locale_id"],
            ["article_locale.id"],
            name=op.f("fk_article_origin_locale_id_article_locale"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("locale_id", name=op.f("pk_article_origin")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("article_origin")
    op.drop_index("ix_article_import_created_at", "article_import")
    op.drop_table("article_import")
