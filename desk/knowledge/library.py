"""The library: what every use of the knowledge base needs, made once at start.

A search engine over the database works in the caller's session, so that the index changes in the
same commit as the articles. One outside of it is brought in line by a job (`desk.jobs.knowledge`),
which the event of the change asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desk.events import Actor, Kind
from desk.unit_of_work import UnitOfWork
from knowledge_base import documents
from knowledge_base.authors import Author
from knowledge_base.rendering import Renderer
from knowledge_base.search.engine import SearchEngine

EngineFor = Callable[[AsyncSession], SearchEngine]

# Events after which the index may be wrong; each carries `article_id`.
SEEN_BY_READERS = frozenset(
    {Kind.ARTICLE_CHANGED, Kind.ARTICLE_PUBLISHED, Kind.ARTICLE_WITHDRAWN, Kind.ARTICLE_DELETED}
)


@dataclass(frozen=True, slots=True)
class Library:
    """`external`: the engine is not the database, and jobs write to it."""

    engine: EngineFor
    external: bool = False
    renderer: Renderer = field(default_factory=Renderer)

    async def changed(
        self,
        work: UnitOfWork,
        kind: Kind,
        article_id: UUID,
        *,
        locale: str | None = None,
        changes: dict[str, tuple[object, object]] | None = None,
        **data: object,
    ) -> None:
        """Record what happened to an article, and index it in this commit where that is possible.

        The engine's own statements come first: an event's lock on the feed is taken last.
        """
        if not self.external and kind in SEEN_BY_READERS - {Kind.ARTICLE_DELETED}:
            only = locale if kind in {Kind.ARTICLE_PUBLISHED, Kind.ARTICLE_WITHDRAWN} else None
            await documents.update(work.session, self.engine(work.session), article_id, only)
        told = {"article_id": str(article_id), "locale": locale, **data}
        work.record(kind, changes=changes, data=told)

    async def forget(self, work: UnitOfWork, article_id: UUID) -> None:
        """Take an article that is about to be deleted out of the index."""
        ids = await documents.possible_ids(work.session, article_id)
        if not self.external:
            await self.engine(work.session).remove(ids)
        work.record(Kind.ARTICLE_DELETED, data={"article_id": str(article_id), "documents": ids})


def author(actor: Actor) -> Author:
    """Who acts, as the engine names them."""
    return Author(actor.id if actor.kind == "agent" else None, actor.name)
