"""The engines that the suite runs on: SQLite, PostgreSQL, and Meilisearch where there is one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.engine import create_engine
from knowledge_base.search.engine import Lexicon, SearchEngine
from knowledge_base.search.meilisearch import MeilisearchEngine
from knowledge_base.search.sql import SqlSearch

LIVE = os.environ.get("DESK_MEILISEARCH_URL", "")

# Opens an engine on an empty index; with a lexicon, the same index as editors taught it.
Open = Callable[..., SearchEngine]


@pytest.fixture(params=["sqlite", "postgresql", *(["meilisearch"] if LIVE else [])])
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def database_kind(engine_kind: str) -> str:
    return engine_kind


@asynccontextmanager
async def _meilisearch() -> AsyncIterator[Open]:
    prefix = f"test-{uuid4().hex[:8]}"
    opened: list[MeilisearchEngine] = []

    def make(lexicon: Lexicon | None = None, kind: str = "article") -> SearchEngine:
        engine = MeilisearchEngine(
            LIVE,
            os.environ.get("DESK_MEILISEARCH_KEY", ""),
            prefix=f"{prefix}-{kind}",
            lexicon=lexicon or Lexicon(),
        )
        opened.append(engine)
        return engine

    try:
        yield make
    finally:
        for engine in opened:
            await engine.drop()


@pytest.fixture
async def open_engine(engine_kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    if engine_kind == "meilisearch":
        async with _meilisearch() as make:
            yield make
        return
    database = create_engine(request.getfixturevalue("desk_database_url"))
    async with AsyncSession(database.execution_options(desk_write=True)) as session:
        yield lambda lexicon=None, kind="article": SqlSearch(
            session, kind=kind, lexicon=lexicon or Lexicon()
        )
    await database.dispose()


@pytest.fixture
async def engine(open_engine: Open) -> SearchEngine:
    return open_engine()
