"""The two engines: SQLite with the pragmas that make promises hold, and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from desk.db import sqlite_inline
from desk.errors import ConfigurationError

_encode = msgspec.json.Encoder().encode


def dumps(value: object) -> str:
    """JSON for JSON columns."""
    return _encode(value).decode()


def create_engine(url: str) -> AsyncEngine:
    """An engine for `url`. Raises ConfigurationError for a database the desk does not speak."""
    sqlite_inline.register()
    try:
        parsed = make_url(url)
    except Exception as error:
        raise ConfigurationError(
            "DESK_DATABASE_URL cannot be read; it looks like sqlite+inline:///PATH or "
            "postgresql+psycopg://USER:PASSWORD@HOST/DB."
        ) from error
    if parsed.drivername == "sqlite":
        parsed = parsed.set(drivername="sqlite+inline")
    if parsed.drivername in {"sqlite+inline", "sqlite+aiosqlite"}:
        try:
            return _sqlite(parsed)
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "DESK_DATABASE_URL: sqlite+aiosqlite needs the package aiosqlite "
                "(`pip install aiosqlite`); sqlite+inline needs nothing."
            ) from error
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return create_async_engine(
            parsed.set(drivername="postgresql+psycopg"),
            json_serializer=dumps,
            json_deserializer=msgspec.json.decode,
            pool_size=10,
            max_overflow=10,
            pool_pre_ping=False,
            connect_args={"options": "-c timezone=UTC -c lock_timeout=15000"},
        )
    raise ConfigurationError(
        f"DESK_DATABASE_URL: {parsed.drivername} is not supported; use sqlite+inline, "
        "sqlite+aiosqlite or postgresql+psycopg."
    )


def _sqlite(url: URL) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        json_serializer=dumps,
        json_deserializer=msgspec.json.decode,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 10},
        pool_size=8,
        max_overflow=24,
        pool_use_lifo=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a 250 or a 2xx promises that the message survives a power cut
            "foreign_keys=ON",
            "busy_timeout=10000",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("desk_write", False)
        # Past SQLAlchemy's execution: twice as cheap, and every transaction begins with it.
        cursor = connection.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        cursor.close()

    return engine
