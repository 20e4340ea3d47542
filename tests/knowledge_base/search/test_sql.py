"""What holds for the engines in the database only: transactions, rebuilding in steps, errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.db.engine import create_engine
from desk.unit_of_work import Units
from knowledge_base.search.engine import FACETS, Filters, SearchDocument, SearchError
from knowledge_base.search.normalise import tokens
from knowledge_base.search.rebuild import in_steps
from knowledge_base.search.sql import SqlSearch
from tests.knowledge_base.search.conformance.samples import PUBLIC, fill, ids


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


HOSTILE = (
    "a" * 5000,
    " ".join(f"word{number}" for number in range(400)),
    "password reset link hour settings security choose open send parcel refund order days",
    "passwrod rseet lnik huor setings securty chose opn",
    "\x00 \ud83d nul",
    '"); DROP TABLE search_term; -- 100% ?',
    "{title} : password* NEAR(a b) ^x -y +z",
    "'a' & !b | (c <-> d):*A",
    "送货地址" * 50,
    "ー゛ﾞ゙",
    "\u0301\u0301",
    "'" * 300 + '"' * 300,
    "%s %(x)s {} {0}",
)


async def test_no_query_and_no_filter_breaks_the_search(database: AsyncEngine) -> None:
    async with AsyncSession(database.execution_options(desk_write=True)) as session:
        engine = SqlSearch(session)
        await fill(engine)
        for query in HOSTILE:
            for locale in ("en", "zh", "x\x00"):
                page = await engine.search(query, locale, PUBLIC, facets=FACETS)
                assert page.total >= len(page.hits)
            odd = Filters((query, "public"), tags=(query,), categories=(query, "account"))
            assert (await engine.search("password", "en", odd)).total == 0
            await engine.suggest(query, "en", PUBLIC)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=st.text(max_size=40))
async def test_any_text_may_be_searched_and_indexed(desk_database_url: str, query: str) -> None:
    engine = create_engine(desk_database_url)
    async with AsyncSession(engine.execution_options(desk_write=True)) as session:
        search = SqlSearch(session)
        await search.index([SearchDocument("x", "en", query, query)])
        page = await search.search(query, "en", PUBLIC)
        if tokens(query):
            assert ids(page) == ["x"]
        await search.remove(["x"])
        assert (await search.search(query, "en", PUBLIC)).total == 0
    await engine.dispose()


async def test_strict_search_wants_every_word_and_the_last_written_first(
    database: AsyncEngine,
) -> None:
    """Agents' search: of many tickets that match, those with the latest messages are looked at."""
    async with Units(database).write() as work:
        search = SqlSearch(work.session, kind="ticket", strict=True)
        await search.index(
            [SearchDocument(f"{n}", "und", "Lantern", parent=f"p{n}") for n in range(300)]
        )
        assert (await search.search("lantern zebra", "und", PUBLIC)).hits == []
        page = await search.search("lantern", "und", PUBLIC, 20)
        assert {int(id_) for id_ in ids(page)} <= set(range(250, 300))
        assert page.total == 300
        assert await search.under(["p7", "p9", "nobody"]) == ["7", "9"]


async def filled(units: Units, documents: Sequence[SearchDocument]) -> None:
    async with units.write() as work:
        await SqlSearch(work.session).index(documents)


async def test_words_as_they_are_written_are_not_lost_among_many_that_are_similar(
    database: AsyncEngine,
) -> None:
    """More documents match in a wider sense than are ranked; the one with the words comes first."""
    units = Units(database)
    similar = [
        SearchDocument(f"s{number:03}", "en", f"Coppers {number}", "kettles and lidless pans")
        for number in range(130)
    ]
    wanted = SearchDocument("wanted", "en", "Care", "Rinse the copper kettle, then dry the lid.")
    await filled(units, [*similar, wanted])
    assert (await found(units, "copper kettle lid"))[0] == "wanted"
    assert (await found(units, "lid kettle copper"))[0] == "wanted"


async def test_a_rare_word_is_found_though_many_words_begin_with_it(database: AsyncEngine) -> None:
    units = Units(database)
    longer = [SearchDocument(f"l{n:03}", "en", f"Ullage{n}") for n in range(130)]
    wanted = SearchDocument("wanted", "en", "A title of many words about the ulla of old")
    await filled(units, [*longer, wanted])
    assert (await found(units, "ulla"))[0] == "wanted"


async def test_a_phrase_of_a_body_is_found_among_bodies_of_the_same_words(
    database: AsyncEngine,
) -> None:
    units = Units(database)
    apart = [
        SearchDocument(f"a{n:03}", "en", f"Notice {n}", "valve first, then seal, and last drain")
        for n in range(130)
    ]
    wanted = SearchDocument("wanted", "en", "Notice", "close it and drain seal valve at once")
    await filled(units, [*apart, wanted])
    assert "wanted" in (await found(units, "drain seal valve"))[:3]


async def test_kana_as_it_was_typed_comes_first(database: AsyncEngine) -> None:
    """Both kana are folded alike, so particles match parts of names written in the other."""
    units = Units(database)
    names = [SearchDocument(f"n{n:03}", "ja", f"本ザノ{n}号") for n in range(80)]
    await filled(units, [*names, SearchDocument("wanted", "ja", "ピザの注文")])
    async with units.read() as session:
        page = await SqlSearch(session).search("ザの", "ja", PUBLIC, 10)
    assert ids(page)[0] == "wanted"


async def test_of_two_corrections_the_likelier_slip_comes_first(database: AsyncEngine) -> None:
    units = Units(database)
    documents = [
        SearchDocument("any", "en", "Harbour"),
        SearchDocument("swapped", "en", "Tabrour"),
        SearchDocument("first letter", "en", "Atbrour"),
    ]
    await filled(units, documents)
    assert (await found(units, "tarbour"))[0] == "swapped"


async def test_a_letter_that_folds_to_two_may_be_swapped_or_dropped(database: AsyncEngine) -> None:
    units = Units(database)
    async with units.write() as work:
        await SqlSearch(work.session).index([SearchDocument("1", "nb", "Engstøfæl og lærer")])
    async with units.read() as session:
        search = SqlSearch(session)
        for query in ("engstøæfl", "lrer", "læerr"):
            assert ids(await search.search(query, "nb", PUBLIC)) == ["1"], query
