"""What holds for the engines in the database only: transactions, rebuilding in steps, errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.db.engine import create_engine
from desk.unit_of_work import Units
from knowledge_base.search.engine import SearchDocument, SearchError
from knowledge_base.search.rebuild import in_steps
from knowledge_base.search.sql import SqlSearch
from tests.knowledge_base.search.conformance.samples import PUBLIC, ids


@pytest.fixture
async def database(desk_database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(desk_database_url)
    yield engine
    await engine.dispose()


def printer(number: int) -> SearchDocument:
    return SearchDocument(f"p{number:04}", "en", f"Printer {number}")


async def found(units: Units, query: str) -> list[str]:
    async with units.read() as session:
        return ids(await SqlSearch(session).search(query, "en", PUBLIC, 50))


async def test_the_index_commits_and_rolls_back_with_the_data(database: AsyncEngine) -> None:
    units = Units(database, strict=True)
    async with units.write() as work:
        await SqlSearch(work.session).index([printer(1)])

    async def change_then_fail() -> None:
        async with units.write() as work:
            await SqlSearch(work.session).index([printer(2)])
            await SqlSearch(work.session).remove(["p0001"])
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_then_fail()
    assert await found(units, "printer") == ["p0001"]


async def test_rebuilding_in_steps_keeps_what_is_written_meanwhile(database: AsyncEngine) -> None:
    units = Units(database, strict=True)
    async with units.write() as work:
        await SqlSearch(work.session).index([printer(number) for number in range(8)])

    @asynccontextmanager
    async def work_on() -> AsyncIterator[SqlSearch]:
        async with units.write() as work:
            yield SqlSearch(work.session)

    source = {f"p{number:04}": printer(number) for number in range(6)}
    loads = 0

    async def load(_engine: SqlSearch, after: str) -> Sequence[SearchDocument]:
        nonlocal loads
        loads += 1
        return [source[id_] for id_ in sorted(source) if id_ > after][:4]

    seen: list[int] = []
    meanwhile: list[list[str]] = []

    def progress(done: int) -> None:
        seen.append(done)

    rebuilt = await in_steps(work_on, load, progress)
    meanwhile.append(await found(units, "printer"))
    assert (rebuilt.indexed, rebuilt.removed, seen, loads) == (6, 2, [4, 6], 3)
    assert set(meanwhile[0]) == set(source)


async def test_a_document_written_during_a_rebuild_is_not_taken_for_a_stale_one(
    database: AsyncEngine,
) -> None:
    units = Units(database)
    async with units.write() as work:
        await SqlSearch(work.session).index([printer(1), printer(2)])
    steps = 0

    @asynccontextmanager
    async def work_on() -> AsyncIterator[SqlSearch]:
        async with units.write() as work:
            yield SqlSearch(work.session)

    async def load(engine: SqlSearch, _after: str) -> Sequence[SearchDocument]:
        nonlocal steps
        steps += 1
        if steps == 1:  # published again, changed, after the source passed its place
            await engine.index([SearchDocument("p0002", "en", "Printer, again")])
            return [printer(1)]
        return []

    assert (await in_steps(work_on, load)).removed == 0
    assert set(await found(units, "printer")) == {"p0001", "p0002"}


async def test_a_database_without_the_index_says_what_to_do(database_url: str) -> None:
    engine = create_engine(database_url)
    async with AsyncSession(engine) as session:
        with pytest.raises(SearchError, match="run `desk migrate`, then `desk kb reindex`"):
            await SqlSearch(session).search("x", "en", PUBLIC)
    await engine.dispose()


async def test_many_changes_leave_the_same_index_as_few(database: AsyncEngine) -> None:
    tables = ("search_document", "search_text", "search_term", "search_key")
    async with AsyncSession(database.execution_options(desk_write=True)) as session:
        engine = SqlSearch(session)
        await engine.index([printer(number) for number in range(600)])
        assert (await engine.search("printer", "en", PUBLIC)).total == 600
        await engine.index([SearchDocument(f"p{n:04}", "en", "Scanner") for n in range(600)])
        assert (await engine.search("printer", "en", PUBLIC)).total == 0
        await engine.remove([f"p{number:04}" for number in range(600)])
        for table in tables:
            rows = await session.execute(text(f"SELECT count(*) FROM {table}"))
            assert rows.scalar_one() == 0, table


async def test_limits_below_zero_are_refused(database: AsyncEngine) -> None:
    async with AsyncSession(database) as session:
        with pytest.raises(ValueError, match="count from 0"):
            await SqlSearch(session).search("x", "en", PUBLIC, -1)
