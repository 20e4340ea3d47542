"""The search index: SQLite's full-text table or PostgreSQL's lexemes, and the vocabulary."""

from __future__ import annotations

from alembic import op

from knowledge_base.search import schema

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    schema.create(op.get_bind())


def downgrade() -> None:
    """Undo."""
    schema.drop(op.get_bind())
