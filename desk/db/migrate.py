"""Migrations, run in the process that needs them: `upgrade`, `downgrade`, `current`, `differences`.

Migrations use a synchronous driver of their own, so they run the same from the command line, from
tests and at the start of the embedded desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

from desk.db import queue_schema
from desk.db.metadata import metadata
from knowledge_base.search import schema

BASE = "base"

# Tables without models: the job queue's and the search index's.
NOT_MODELS = ("procrastinate_", schema.PREFIX)


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed.set(drivername="sqlite" if sqlite else "postgresql+psycopg"), poolclass=NullPool
    )
    if sqlite:  # the same on SQLite: the write lock from the start, and all of it in one commit
        event.listen(engine, "connect", _plain_transactions)
        event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection:
            if not sqlite:  # two processes that start at once migrate one after the other
                connection.execute(text("SELECT pg_advisory_lock(727274)"))
                connection.commit()
            yield connection
    finally:
        engine.dispose()


def _plain_transactions(connection: Any, _record: object) -> None:  # noqa: ANN401
    connection.isolation_level = None  # the driver's own would commit before every DDL statement
    connection.execute("PRAGMA busy_timeout=60000")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema to `revision`."""
    with _connection(url) as connection:
        command.upgrade(_config(connection), revision)
        if connection.dialect.name == "postgresql":
            queue_schema.ensure(connection)
        connection.commit()


def downgrade(url: str, revision: str) -> None:
    """Take the schema back to `revision` (`base` for nothing)."""
    with _connection(url) as connection:
        command.downgrade(_config(connection), revision)
        if connection.dialect.name == "postgresql" and revision == BASE:
            queue_schema.drop(connection)
        connection.commit()


def revision(url: str, message: str, revision_id: str) -> None:
    """Write a new migration from the difference between models and database (developers)."""
    with _connection(url) as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=revision_id)


def current(url: str) -> str | None:
    """The schema's revision, or None for an empty database."""
    with _connection(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision in the code."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config).get_current_head() or ""


def differences(url: str) -> list[Any]:
    """What the models have that the database lacks, and the reverse; empty when they agree."""
    with _connection(url) as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda _o, name, kind, _r, _t: (
                    not (kind == "table" and (name or "").startswith(NOT_MODELS))
                ),
            },
        )
        return list(compare_metadata(context, metadata))
