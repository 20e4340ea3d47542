"""Whatever editors do, in whatever order, the index says what the articles say (chatwoot 10026).

A model beside the engine: after each step every word is looked for in every locale by every
audience, and the vocabulary is compared with one that is counted anew.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.engine import create_engine
from knowledge_base.search.analysis import analyse, keys, vocabulary
from knowledge_base.search.engine import Filters, SearchDocument
from knowledge_base.search.sql import SqlSearch

WORDS = ("invoice", "invoices", "password", "addresse", "adresse", "כתובת", "地址", "AB-12")
LOCALES = ("en", "de")
AUDIENCES = ("public", "internal")
EXAMPLES = int(os.environ.get("DESK_TEST_SEARCH_EXAMPLES", "8"))
_kinds = count()

titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
documents = st.builds(
    SearchDocument,
    id=st.sampled_from("abcd"),
    locale=st.sampled_from(LOCALES),
    title=titles,
    body=titles,
    tags=st.lists(st.sampled_from(("red", "blue")), max_size=2, unique=True).map(tuple),
    audience=st.sampled_from(AUDIENCES),
)
steps = st.one_of(
    st.tuples(st.just("index"), st.lists(documents, min_size=1, max_size=3)),
    st.tuples(st.just("remove"), st.lists(st.sampled_from("abcd"), min_size=1, max_size=2)),
    st.tuples(st.just("locale"), st.sampled_from("abcd")),
    st.tuples(st.just("audience"), st.sampled_from("abcd")),
    st.tuples(st.just("restore"), st.sampled_from("abcd")),
)


class Desk:
    """The model, and the engine that has to agree with it."""

    def __init__(self, session: AsyncSession, kind: str) -> None:
        self.session = session
        self.kind = kind
        self.engine = SqlSearch(session, kind=kind)
        self.articles: dict[str, SearchDocument] = {}
        self.former: dict[str, SearchDocument] = {}

    async def put(self, *changed: SearchDocument) -> None:
        for document in changed:
            self.former[document.id] = self.articles.get(document.id, document)
            self.articles[document.id] = document
        await self.engine.index(changed)

    async def take(self, step: tuple[str, Any]) -> None:
        what, about = step
        if what == "index":
            await self.put(*about)
        elif what == "remove":
            for id_ in about:
                if id_ in self.articles:
                    self.former[id_] = self.articles.pop(id_)
            await self.engine.remove(about)
        elif what == "restore":
            if about in self.former:
                await self.put(self.former[about])
        elif about in self.articles:
            now = self.articles[about]
            if what == "locale":
                await self.put(replace(now, locale=LOCALES[1 - LOCALES.index(now.locale)]))
            else:
                other = AUDIENCES[1 - AUDIENCES.index(now.audience)]
                await self.put(replace(now, audience=other))

    async def check(self) -> None:
        for locale in LOCALES:
            for audience in AUDIENCES:
                for word in WORDS:
                    page = await self.engine.search(word, locale, Filters((audience,)), 50)
                    allowed = {
                        one.id: one
                        for one in self.articles.values()
                        if one.locale == locale and one.audience == audience
                    }
                    for hit in page.hits:
                        assert hit.id in allowed, (word, locale, audience)
                        assert hit.title.text == allowed[hit.id].title
                        assert allowed[hit.id].body.startswith(hit.snippet.text)
                    exact = {
                        id_
                        for id_, one in allowed.items()
                        if word in f"{one.title} {one.body}".split()
                    }
                    assert exact <= {hit.id for hit in page.hits}, (word, locale, audience)
                    assert page.total == len(page.hits)
        await self.check_vocabulary()

    async def check_vocabulary(self) -> None:
        counted: Counter[tuple[str, str]] = Counter()
        sizes: Counter[str] = Counter()
        for document in self.articles.values():
            found = analyse(document)
            terms = vocabulary(found.title.terms, found.strong, found.body.terms)
            counted.update((document.locale, term) for term in terms)
            sizes[document.locale] += 1
        expected = {(locale, key, term) for locale, term in counted for key in keys(term, locale)}
        of_kind = "JOIN search_space s ON s.id = x.space WHERE s.kind = :kind"
        terms_now = await self.rows(
            f"SELECT s.locale, term, x.documents FROM search_term x {of_kind}"
        )
        assert {(row[0], row[1]): row[2] for row in terms_now} == counted
        assert expected == set(
            await self.rows(f"SELECT s.locale, key, term FROM search_key x {of_kind}")
        )
        spaces = await self.rows("SELECT locale, documents FROM search_space WHERE kind = :kind")
        assert {locale: number for locale, number in spaces if number} == dict(sizes)

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.session.execute(text(sql), {"kind": self.kind})]


@pytest.mark.parametrize("engine_kind", ["sqlite", "postgresql"], indirect=True)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(sequence=st.lists(steps, min_size=1, max_size=6))
async def test_no_step_leaves_a_stale_hit(
    desk_database_url: str, sequence: list[tuple[str, Any]]
) -> None:
    database = create_engine(desk_database_url)
    async with AsyncSession(database.execution_options(desk_write=True)) as session:
        desk = Desk(session, f"kind {next(_kinds)}")
        for step in sequence:
            await desk.take(step)
            await desk.check()
    await database.dispose()
