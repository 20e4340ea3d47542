"""The Meilisearch engine against a double that the published OpenAPI description keeps honest."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from knowledge_base.search.engine import (
    Filters,
    Lexicon,
    SearchDocument,
    SearchError,
    Synonym,
)
from knowledge_base.search.meilisearch import MeilisearchEngine
from tests.knowledge_base.search.conformance.samples import ARTICLES, PUBLIC, fill, find, ids
from tests.knowledge_base.search.meilisearch_double import Description, Double, running
from tests.support.services import free_port

ROOT = Path(__file__).parents[3]
SPEC = ROOT.parent / "shared" / "data" / "specs" / "meilisearch-openapi.json"

pytestmark = pytest.mark.skipif(
    not SPEC.exists(), reason="../shared/data/specs/meilisearch-openapi.json is not here"
)


@pytest.fixture(scope="module")
def description() -> Description:
    return Description(SPEC)


@pytest.fixture
def double(description: Description) -> Iterator[Double]:
    with running(description) as server:
        yield server


@pytest.fixture
def engine(double: Double) -> MeilisearchEngine:
    return MeilisearchEngine(double.url, "a-key-of-sixteen-bytes")


async def test_documents_in_and_out(engine: MeilisearchEngine, double: Double) -> None:
    await fill(engine)
    assert await find(engine, "password") == ["en-reset"]
    assert await find(engine, "地址", "zh") == ["zh-address"]
    assert set(await engine.ids()) == {one.id for one in ARTICLES}
    await engine.remove(["en-reset"])
    assert await find(engine, "password") == []
    settings = double.settings["article-he"]
    assert settings["localizedAttributes"] == [{"attributePatterns": ["*"], "locales": ["he"]}]
    assert "כתובת" in double.indexes["article-he"]["he-address"]["forms"].split()


async def test_another_locale_leaves_nothing_behind(engine: MeilisearchEngine) -> None:
    await fill(engine)
    moved = SearchDocument("en-refund", "nb", "Returns and refunds")
    await engine.index([moved])
    assert await find(engine, "refund", "en") == []
    assert await find(engine, "refund", "nb") == ["en-refund"]


async def test_odd_ids_become_keys(engine: MeilisearchEngine) -> None:
    odd = ["a b", "x_41", "ü/ä", "א", "plain-1", "a" * 300]
    await engine.index([SearchDocument(id_, "en", "Printer") for id_ in odd])
    assert set(await find(engine, "printer")) == set(odd)
    await engine.remove(odd[:3])
    assert set(await engine.ids()) == set(odd[3:])


async def test_marks_are_characters_though_the_server_counts_bytes(
    engine: MeilisearchEngine,
) -> None:
    await engine.index([SearchDocument("1", "de", "Über 😀 größere Änderungen & mehr")])
    hit = (await engine.search("änderungen", "de", PUBLIC)).hits[0]
    assert hit.title.html == "Über 😀 größere <mark>Änderungen</mark> &amp; mehr"
    assert hit.why == "exact"


async def test_filters_cannot_be_broken_out_of(engine: MeilisearchEngine, double: Double) -> None:
    await fill(engine)
    assert await find(engine, "password", "en", Filters(('x"] OR audience IN ["internal',))) == []
    assert await find(engine, "password", "en", Filters(())) == []
    await find(engine, "password", "en", Filters(("public",), tags=("login",), categories=("a\\",)))
    assert double.queries[-1]["filter"] == (
        'audience IN ["public"] AND category IN ["a\\\\"] AND tags IN ["login"]'
    )


async def test_pages_facets_and_totals(engine: MeilisearchEngine) -> None:
    await engine.index(
        [SearchDocument(f"{n}", "en", f"Printer {n}", category="abc"[n % 3]) for n in range(25)]
    )
    page = await engine.search("printer", "en", PUBLIC, 10, 10, facets=("category",))
    assert (len(page.hits), page.total, page.total_exact) == (10, 25, True)
    assert page.facets == {"category": {"a": 9, "b": 8, "c": 8}}
    page = await engine.search("printer", "en", PUBLIC, 10, 7)
    assert (len(page.hits), page.total, page.total_exact) == (10, 25, False)


async def test_several_locales_in_one_request(engine: MeilisearchEngine, double: Double) -> None:
    await engine.index(
        [SearchDocument("n", "nb", "Passord"), SearchDocument("e", "en", "Passord in English")]
    )
    double.requests.clear()
    page = await engine.search("passord", "nb", Filters(("public",), locales=("en",)))
    assert [(hit.id, hit.locale) for hit in page.hits] == [("n", "nb"), ("e", "en")]
    assert double.requests == [("post", "/multi-search")]
    # A locale without an index is no error: the others answer.
    page = await engine.search("passord", "fi", Filters(("public",), locales=("en",)))
    assert ids(page) == ["e"]
    assert (await engine.search("passord", "fi", PUBLIC)).total == 0


async def test_a_rebuild_swaps_and_cleans_up(engine: MeilisearchEngine, double: Double) -> None:
    await fill(engine)
    await engine.index([SearchDocument("gone", "sv", "Borta")])
    found_meanwhile = []

    async def batches() -> AsyncIterator[Sequence[SearchDocument]]:
        yield ARTICLES[:4]
        found_meanwhile.extend(await find(engine, "delivery"))
        yield ARTICLES[4:]

    rebuilt = await engine.rebuild(batches())
    assert found_meanwhile == ["en-delivery"]
    assert (rebuilt.indexed, rebuilt.removed) == (len(ARTICLES), 1)
    assert set(double.indexes) == {f"article-{one.locale}" for one in ARTICLES}
    assert ("post", "/swap-indexes") in double.requests
    assert set(await engine.ids()) == {one.id for one in ARTICLES}


async def test_a_failed_task_is_an_error_with_the_servers_words(
    engine: MeilisearchEngine, double: Double
) -> None:
    double.fail["documentAdditionOrUpdate"] = {
        "message": "Document has an invalid primary key.",
        "code": "invalid_document_id",
        "type": "invalid_request",
        "link": "https://docs.meilisearch.com/errors#invalid_document_id",
    }
    with pytest.raises(SearchError, match=r"failed: Document has an invalid primary key\."):
        await fill(engine)
    double.fail = {"settingsUpdate": None}
    with pytest.raises(SearchError, match="canceled"):
        await fill(engine)


async def test_a_server_that_is_not_there(engine: MeilisearchEngine) -> None:
    absent = MeilisearchEngine(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(SearchError, match="does not answer; check that it runs"):
        await absent.search("password", "en", PUBLIC)


async def test_synonyms_and_stop_words_reach_the_settings(double: Double) -> None:
    lexicon = Lexicon(
        synonyms={"en": (Synonym(("a", "b c")), Synonym(("laptop", "notebook"), one_way=True))},
        stop_words={"en": ("please",)},
    )
    await MeilisearchEngine(double.url, lexicon=lexicon).index(ARTICLES[:1])
    settings = double.settings["article-en"]
    assert settings["synonyms"] == {"a": ["b c"], "b c": ["a"], "laptop": ["notebook"]}
    assert settings["stopWords"] == ["please"]


async def test_a_tenant_token_repeats_its_filter_in_every_rule(
    engine: MeilisearchEngine,
) -> None:
    # The most specific rule overwrites the catch-all: one without the filter would show all.
    await fill(engine)
    expires = datetime.now(UTC) + timedelta(hours=1)
    uid = "76cf8b87-fd12-4688-ad34-260d930ca4f4"
    token = engine.tenant_token(
        PUBLIC, api_key_uid=uid, api_key="search-key-of-at-least-32-bytes!!", expires_at=expires
    )
    claims = jwt.decode(token, "search-key-of-at-least-32-bytes!!", algorithms=["HS256"])
    assert {"article-*", "article-en", "article-he"} <= set(claims["searchRules"])
    assert {json.dumps(rule) for rule in claims["searchRules"].values()} == {
        json.dumps({"filter": 'audience IN ["public"]'})
    }
    with pytest.raises(ValueError, match="name the audiences"):
        engine.tenant_token(Filters(()), api_key_uid=uid, api_key="x", expires_at=expires)
