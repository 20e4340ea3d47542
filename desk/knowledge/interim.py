"""Searches the published articles with LIKE, until the search engines are merged."""

from __future__ import annotations

from collections.abc import AsyncIterable, Collection, Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import documents
from knowledge_base.search.engine import (
    Filters,
    Highlighted,
    Hit,
    Page,
    Progress,
    Rebuilt,
    SearchDocument,
)


class Interim:
    """No index at all."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def index(self, documents: Iterable[SearchDocument]) -> None:
        """Nothing to do."""

    async def remove(self, ids: Iterable[str]) -> None:
        """Nothing to do."""

    async def search(
        self,
        query: str,
        locale: str,
        filters: Filters,
        limit: int = 10,
        offset: int = 0,
        *,
        facets: Collection[str] = (),  # noqa: ARG002
    ) -> Page:
        """All words in title, summary or body."""
        words = query.casefold().split()
        hits = []
        async for batch in documents.batches(self.session):
            for doc in batch:
                text = f"{doc.title} {doc.summary} {doc.body} {' '.join(doc.tags)}".casefold()
                if (
                    doc.locale == locale
                    and doc.audience in filters.audiences
                    and all(word in text for word in words)
                ):
                    at = doc.title.casefold().find(words[0])
                    spans = [(at, at + len(words[0]))] if at >= 0 else []
                    score = 2.0 if at >= 0 else 1.0
                    hits.append(
                        Hit(doc.id, doc.locale, Highlighted(doc.title, spans),
                            Highlighted(doc.body[:160]), score, "exact", doc.parent, doc.category)
                    )  # fmt: skip
        hits.sort(key=lambda hit: -hit.score)
        return Page(hits[offset : offset + limit], len(hits))

    async def suggest(
        self, prefix: str, locale: str, filters: Filters, limit: int = 5
    ) -> Sequence[Hit]:
        """The same."""
        return (await self.search(prefix, locale, filters, limit)).hits

    async def ids(self) -> Mapping[str, str]:
        """Nothing is indexed."""
        return {}

    async def rebuild(
        self, batches: AsyncIterable[Sequence[SearchDocument]], progress: Progress = lambda _: None
    ) -> Rebuilt:
        """Nothing to do."""
        del batches, progress
        return Rebuilt(0, 0)
