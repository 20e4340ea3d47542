"""Update, delete, restore, another locale, another audience: no stale hit, ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from knowledge_base.search.engine import SearchDocument, SearchEngine
from tests.knowledge_base.search.conformance.samples import (
    ARTICLES,
    EVERYONE,
    changed,
    fill,
    find,
)


async def test_an_edit_replaces_the_old_text(engine: SearchEngine) -> None:
    await fill(engine)
    await engine.index([changed("en-reset", title="Signing in", body="Use a wizard.")])
    assert "en-reset" not in await find(engine, "password", "en", EVERYONE)
    assert (await find(engine, "wizard"))[:1] == ["en-reset"]
    await fill(engine)
    assert "en-reset" in await find(engine, "password")
    assert "en-reset" not in await find(engine, "wizard")


async def test_what_is_removed_is_gone(engine: SearchEngine) -> None:
    await fill(engine)
    await engine.remove(["en-refund", "never indexed"])
    assert "en-refund" not in await find(engine, "refund")
    assert set(await engine.ids()) == {one.id for one in ARTICLES} - {"en-refund"}


async def test_another_locale_and_another_audience(engine: SearchEngine) -> None:
    await fill(engine)
    await engine.index([changed("en-refund", locale="nb")])
    assert "en-refund" not in await find(engine, "refund", "en")
    assert "en-refund" in await find(engine, "refund", "nb")
    await engine.index([changed("en-delivery", audience="internal")])
    assert "en-delivery" not in await find(engine, "delivery")
    assert "en-delivery" in await find(engine, "delivery", "en", EVERYONE)


async def test_an_id_twice_in_one_call(engine: SearchEngine) -> None:
    first, second = SearchDocument("x", "en", "Apples"), SearchDocument("x", "en", "Pears")
    await engine.index([first, second])
    assert await find(engine, "pears") == ["x"]
    assert await find(engine, "apples") == []


async def test_ids_tell_what_has_drifted(engine: SearchEngine) -> None:
    await fill(engine)
    before = dict(await engine.ids())
    await fill(engine)
    assert await engine.ids() == before
    await engine.index([changed("en-reset", boost=2.0)])
    after = dict(await engine.ids())
    assert {id_ for id_ in before if before[id_] != after[id_]} == {"en-reset"}


async def test_a_rebuild_leaves_exactly_what_it_was_given(engine: SearchEngine) -> None:
    await fill(engine)
    await engine.index([SearchDocument("gone", "en", "No longer published")])

    async def batches() -> AsyncIterator[Sequence[SearchDocument]]:
        yield ARTICLES[:5]
        yield ARTICLES[5:]

    seen: list[int] = []
    rebuilt = await engine.rebuild(batches(), seen.append)
    assert (rebuilt.indexed, rebuilt.removed) == (len(ARTICLES), 1)
    assert seen == [5, len(ARTICLES)]
    assert await find(engine, "longer published") == []
    assert (await find(engine, "password"))[:1] == ["en-reset"]


async def test_what_no_database_can_store_as_it_is(engine: SearchEngine) -> None:
    odd = SearchDocument("odd", "en", "Nul\x00 and half \ud83d", "text \x00 more", tags=("a\x00b",))
    await engine.index([odd])
    assert await find(engine, "half") == ["odd"]
    await engine.remove(["odd"])
    assert await find(engine, "half") == []
