"""The search index finds the documents of one ticket."""

from __future__ import annotations

from alembic import op

from knowledge_base.search import schema

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    schema.index_parents(op.get_bind())


def downgrade() -> None:
    """Undo."""
    schema.unindex_parents(op.get_bind())
