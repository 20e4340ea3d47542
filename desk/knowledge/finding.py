"""Searching for readers: hits of the index, each looked up again before it is shown.

The index is in step with the articles; that a hit is still published and meant for this reader is
nevertheless read from the articles themselves, so that no stale entry can ever leak a draft.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desk.knowledge.library import Library
from knowledge_base import reading
from knowledge_base.reading import Entry
from knowledge_base.search.engine import Filters, Highlighted, Hit

MAX_QUERY = 200


@dataclass(frozen=True, slots=True)
class Result:
    """An article that was found."""

    entry: Entry
    title: Highlighted
    snippet: Highlighted
    why: str
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """What was found. `total` counts all matches; `exact` is false when there are more."""

    items: Sequence[Result]
    total: int
    exact: bool
    facets: Mapping[str, Mapping[str, int]]


async def search(  # noqa: PLR0913 - all by name
    session: AsyncSession,
    library: Library,
    query: str,
    locale: str,
    audiences: Collection[str],
    *,
    categories: Collection[str] = (),
    tags: Collection[str] = (),
    locales: Collection[str] = (),
    facets: Collection[str] = (),
    limit: int = 10,
    offset: int = 0,
) -> Results:
    """The best first. An empty query finds nothing."""
    query = " ".join(query.split())[:MAX_QUERY]
    if not query:
        return Results((), 0, exact=True, facets={})
    page = await library.engine(session).search(
        query,
        locale,
        Filters(audiences=tuple(audiences), categories=categories, tags=tags, locales=locales),
        limit,
        offset,
        facets=facets,
    )
    items = await _visible(session, page.hits, audiences)
    return Results(items, page.total, page.total_exact, page.facets)


async def suggest(
    session: AsyncSession,
    library: Library,
    prefix: str,
    locale: str,
    audiences: Collection[str],
    limit: int = 5,
) -> Results:
    """What is found while somebody types: whole results, with what matched in the text."""
    return await search(session, library, prefix, locale, audiences, limit=limit)


async def _visible(
    session: AsyncSession, hits: Sequence[Hit], audiences: Collection[str]
) -> list[Result]:
    if not hits:
        return []
    there: dict[tuple[UUID, str], Entry] = {}
    for locale in {hit.locale for hit in hits}:
        ids = [UUID(hit.parent) for hit in hits if hit.locale == locale]
        for found in await reading.entries(session, locale, audiences, ids=ids):
            there[found.article_id, locale] = found
    return [
        Result(entry, hit.title, hit.snippet, hit.why, hit.score)
        for hit in hits
        if (entry := there.get((UUID(hit.parent), hit.locale)))
    ]
