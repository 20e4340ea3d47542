"""The tables of procrastinate, PostgreSQL's job queue: applied and dropped with the migrations.

The schema remembers in the comment of its main table which release it belongs to; a newer library
brings its own migrations, and those that are newer than the remembered release are applied.
"""

from __future__ import annotations

from importlib import metadata, resources
from typing import Any

from procrastinate.schema import SchemaManager, migrations_path
from sqlalchemy import Connection, text

Release = tuple[int, ...]


def ensure(connection: Connection) -> None:
    """Bring the queue's schema up to the installed release. The caller holds the migration lock."""
    installed = metadata.version("procrastinate")
    found = connection.execute(
        text(
            "SELECT obj_description(to_regclass('procrastinate_jobs')), "
            "to_regclass('procrastinate_jobs') IS NOT NULL"
        )
    ).one()
    if not found[1]:
        _run(connection, SchemaManager.get_schema())
    elif found[0] == installed:
        return
    else:
        have = _release(found[0] or installed)
        for path in sorted(migrations_path.glob("*.sql")):
            if _release(path.name.partition("_")[0]) > have:
                _run(connection, path.read_text("utf-8"))
    _run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{installed}'")


def drop(connection: Connection) -> None:
    """Remove everything of the queue's, jobs included."""
    _run(connection, resources.files("desk.db").joinpath("drop_queue.sql").read_text("utf-8"))


def _release(version: str) -> Release:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _run(connection: Connection, script: str) -> None:
    if not connection.in_transaction():
        connection.begin()  # what goes past SQLAlchemy begins none, and would not be committed
    driver: Any = connection.connection.driver_connection
    driver.execute(script)  # without parameters, so that it may hold several statements
