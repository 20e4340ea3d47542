"""Pages, totals, facets, filters, highlights and suggestions."""

from __future__ import annotations

import pytest

from knowledge_base.search.engine import FACETS, Filters, SearchDocument, SearchEngine
from tests.knowledge_base.search.conformance.conftest import Open
from tests.knowledge_base.search.conformance.samples import EVERYONE, PUBLIC, fill, find, ids


def many(count: int) -> list[SearchDocument]:
    return [
        SearchDocument(
            f"a{number:03}",
            "en",
            f"Printer guide {number}",
            "How the printer is set up.",
            category="even" if number % 2 == 0 else "odd",
            tags=["all", f"t{number % 3}"],
            audience="internal" if number % 10 == 0 else "public",
        )
        for number in range(count)
    ]


async def test_the_audience_is_asked_for_always(engine: SearchEngine) -> None:
    # chatwoot 10026: what is not public never shows.
    await fill(engine)
    assert "en-notes" not in await find(engine, "password resets")
    assert "en-notes" in await find(engine, "password resets", "en", EVERYONE)
    assert await find(engine, "password", "en", Filters(())) == []
    assert await find(engine, "password", "en", Filters(("nobody",))) == []
    page = await engine.search("password", "en", PUBLIC, facets=("audience", "category"))
    assert page.facets == {"audience": {"public": 1}, "category": {"account": 1}}
    assert page.total == 1
    assert "en-notes" not in ids(await engine.suggest("internal no", "en", PUBLIC))


async def test_pages_follow_each_other(engine: SearchEngine) -> None:
    await engine.index(many(180))
    seen: list[str] = []
    for offset in range(0, 200, 20):
        page = await engine.search("printer guide", "en", PUBLIC, 20, offset)
        seen += ids(page)
        assert page.total == 162
        assert page.total_exact
    assert len(seen) == 162
    assert len(set(seen)) == 162


async def test_facets_count_all_matches(engine: SearchEngine) -> None:
    await engine.index(many(180))
    page = await engine.search("printer", "en", PUBLIC, 5, facets=FACETS)
    assert page.facets["category"] == {"even": 72, "odd": 90}
    assert page.facets["tags"] == {"all": 162, "t0": 54, "t1": 54, "t2": 54}
    assert page.facets["audience"] == {"public": 162}
    assert page.facets["section"] == {}


async def test_a_facet_that_does_not_exist_is_refused(engine: SearchEngine) -> None:
    with pytest.raises(ValueError, match="unknown facets"):
        await engine.search("printer", "en", PUBLIC, facets=("colour",))


async def test_filters_narrow_and_combine(engine: SearchEngine) -> None:
    await engine.index(many(60))
    even = Filters(("public",), categories=("even",))
    assert (await engine.search("printer", "en", even)).total == 24
    tagged = Filters(("public",), categories=("even",), tags=("t1", "t2"))
    assert (await engine.search("printer", "en", tagged)).total == 16
    assert (await engine.search("printer", "en", Filters(("public",), tags=("t",)))).total == 0


async def test_a_tag_cannot_break_out_of_its_filter(engine: SearchEngine) -> None:
    await engine.index([SearchDocument("x", "en", "Quotes", tags=('it\'s "odd" \\ OR 1=1',))])
    odd = Filters(("public",), tags=('it\'s "odd" \\ OR 1=1',))
    assert await find(engine, "quotes", "en", odd) == ["x"]
    assert await find(engine, "quotes", "en", Filters(('public" OR audience = "internal',))) == []


async def test_other_locales_come_after_the_one_asked_for(engine: SearchEngine) -> None:
    await engine.index(
        [
            SearchDocument("nb", "nb", "Passord"),
            SearchDocument("en", "en", "Passord in English"),
            SearchDocument("de", "de", "Passord auf Deutsch"),
        ]
    )
    both = Filters(("public",), locales=("en",))
    page = await engine.search("passord", "nb", both)
    assert [(hit.id, hit.locale) for hit in page.hits] == [("nb", "nb"), ("en", "en")]
    assert page.total == 2


async def test_what_matched_is_marked_in_the_original(engine: SearchEngine) -> None:
    await fill(engine)
    for query, locale, marked in (
        ("password", "en", "How to reset your <mark>password</mark>"),
        ("andern", "de", "Rechnungsadresse <mark>ändern</mark>"),
        ("送货地址", "zh", "如何更改<mark>送货地址</mark>"),
    ):
        hit = (await engine.search(query, locale, PUBLIC)).hits[0]
        assert hit.title.html == marked


async def test_marks_are_exact_and_safe_in_hard_text(engine: SearchEngine) -> None:
    body = "<b>Zero</b> 😀 it\u0301s & co\u0301mo \u202bpassword\u202c <script>" + "tail " * 200
    await engine.index([SearchDocument("x", "en", "<i>pa\u0301ssword</i> & more", body)])
    hit = (await engine.search("password", "en", PUBLIC)).hits[0]
    assert hit.title.html == "&lt;i&gt;<mark>pa\u0301ssword</mark>&lt;/i&gt; &amp; more"
    assert "<script>" not in hit.snippet.html
    assert "<mark>password" in hit.snippet.html
    assert body[hit.offset : hit.offset + len(hit.snippet.text)] == hit.snippet.text


async def test_the_snippet_shows_the_part_that_answers(engine: SearchEngine) -> None:
    body = "Nothing to see here. " * 40 + "The voucher code goes below. " + "More of it. " * 40
    await engine.index([SearchDocument("x", "en", "Paying", body)])
    hit = (await engine.search("voucher code", "en", PUBLIC)).hits[0]
    assert "<mark>voucher</mark> <mark>code</mark>" in hit.snippet.html
    assert len(hit.snippet.text) < 300


async def test_suggestions_while_typing(engine: SearchEngine) -> None:
    await fill(engine)
    for typed in ("pass", "reset pas", "how to res"):
        assert ids(await engine.suggest(typed, "en", PUBLIC))[:1] == ["en-reset"], typed
    hit = (await engine.suggest("deliv", "en", PUBLIC, 1))[0]
    assert hit.snippet.text == ""


async def test_kinds_do_not_meet(open_engine: Open) -> None:
    articles, tickets = open_engine(), open_engine(kind="ticket")
    await articles.index([SearchDocument("1", "en", "Printer")])
    await tickets.index([SearchDocument("1", "en", "Scanner", parent="t1")])
    assert await find(articles, "scanner") == []
    assert await find(tickets, "scanner") == ["1"]
    await tickets.remove(["1"])
    assert await find(articles, "printer") == ["1"]
