"""Alembic's environment: migrates the connection that `desk.db.migrate` hands over."""

from __future__ import annotations

from typing import Literal

from alembic import context

from desk.db.metadata import metadata
from desk.db.migrate import NOT_MODELS


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column types by the plain types that they store."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "JSON":
        return "JSON"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
    transactional_ddl=True,  # on SQLite, too: see desk.db.migrate
    include_object=lambda _obj, name, type_, _reflected, _to: (
        not (type_ == "table" and (name or "").startswith(NOT_MODELS))
    ),
)
with context.begin_transaction():
    context.run_migrations()
