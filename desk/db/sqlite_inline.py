"""SQLite in the event loop: no thread hop per statement.

`sqlite+inline://` runs the standard library's sqlite3 inside SQLAlchemy's asyncio engine. A
statement blocks the loop for as long as SQLite needs it (microseconds on local disks), which costs
about a third of the CPU of handing each statement to a thread. Writers must hold the unit of
work's lock before BEGIN IMMEDIATE; see `desk.unit_of_work`.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteExecutionContext
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool

if TYPE_CHECKING:
    from sqlalchemy import URL

NAME = "sqlite.inline"


class InlineCursor(sqlite3.Cursor):
    """A cursor with the one method that SQLAlchemy's asyncio layer asks an open one for."""

    async def _async_soft_close(self) -> None:
        """There is no connection in another thread to give back."""


class InlineExecutionContext(SQLiteExecutionContext):
    """Makes those cursors; without them a Core `select` through AsyncSession fails."""

    def create_default_cursor(self) -> Any:  # noqa: ANN401
        """Part of the execution context's interface."""
        return self._dbapi_connection.cursor(InlineCursor)


class SQLiteDialect_inline(SQLiteDialect_pysqlite):  # noqa: N801 - SQLAlchemy's naming
    """pysqlite, declared to be awaitable."""

    driver = "inline"
    execution_ctx_cls = InlineExecutionContext
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:  # noqa: ARG003
        """Queue connections without threads."""
        return AsyncAdaptedQueuePool

    def get_driver_connection(self, connection: Any) -> Any:  # noqa: ANN401
        """The sqlite3 connection is the driver's own."""
        return connection


def register() -> None:
    """Make `sqlite+inline://` known to SQLAlchemy."""
    registry.register(NAME, __name__, "SQLiteDialect_inline")
