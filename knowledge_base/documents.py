"""What the search index should hold: the published texts, each in its language."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import categories
from knowledge_base.models import Article, ArticleLocale, ArticleVersion
from knowledge_base.rendering import plain
from knowledge_base.search.engine import SearchDocument, SearchEngine
from knowledge_base.search.fingerprint import fingerprint

BATCH: Final = 200
FEATURED: Final = 1.15


@dataclass(frozen=True, slots=True)
class Places:
    """The slugs of a category: its topic's, and its own when it is a section."""

    by_id: dict[UUID, tuple[str, str]]

    @classmethod
    async def load(cls, session: AsyncSession) -> Places:
        """All of them."""
        found: dict[UUID, tuple[str, str]] = {}
        for topic in await categories.tree(session):
            found[topic.row.id] = (topic.row.slug, "")
            for section in topic.sections:
                found[section.row.id] = (topic.row.slug, section.row.slug)
        return cls(found)

    def of(self, category_id: UUID | None) -> tuple[str, str]:
        """(topic, section)."""
        return self.by_id.get(category_id, ("", "")) if category_id else ("", "")


def document_id(article_id: UUID, tag: str) -> str:
    """A text's id in the index."""
    return f"{article_id}:{tag}"


async def of_articles(
    session: AsyncSession, ids: Sequence[UUID], places: Places | None = None
) -> list[SearchDocument]:
    """The documents of these articles; drafts, archived ones and earlier versions are none."""
    places = places or await Places.load(session)
    rows = await session.execute(
        select(Article, ArticleLocale, ArticleVersion)
        .join(ArticleLocale, ArticleLocale.article_id == Article.id)
        .join(ArticleVersion, ArticleVersion.id == ArticleLocale.published_id)
        .where(Article.id.in_(list(ids)), Article.archived_at.is_(None))
        .order_by(Article.id, ArticleLocale.locale)
    )
    return [_document(article, row, version, places) for article, row, version in rows]


def _document(
    article: Article, row: ArticleLocale, version: ArticleVersion, places: Places
) -> SearchDocument:
    topic, section = places.of(article.category_id)
    return SearchDocument(
        id=document_id(article.id, row.locale),
        locale=row.locale,
        title=version.title,
        body=plain(version.body),
        summary=version.summary,
        tags=tuple(article.tags),
        category=topic,
        section=section,
        audience=article.audience,
        updated_at=row.published_at,
        boost=FEATURED if article.featured else 1.0,
        parent=str(article.id),
    )


async def possible_ids(session: AsyncSession, article_id: UUID) -> list[str]:
    """Every id that an article can have in the index."""
    tags = await session.scalars(
        select(ArticleLocale.locale).where(ArticleLocale.article_id == article_id)
    )
    return [document_id(article_id, tag) for tag in tags]


async def update(
    session: AsyncSession, engine: SearchEngine, article_id: UUID, tag: str | None = None
) -> None:
    """Bring the index in line with an article, as it stands in this transaction.

    `tag`: only that language has changed.
    """
    await session.flush()
    wanted = await of_articles(session, [article_id])
    possible = await possible_ids(session, article_id)
    if tag is not None:
        own = document_id(article_id, tag)
        wanted = [document for document in wanted if document.id == own]
        possible = [own]
    kept = {document.id for document in wanted}
    gone = [known for known in possible if known not in kept]
    if gone:
        await engine.remove(gone)
    if wanted:
        await engine.index(wanted)


async def batches(session: AsyncSession) -> AsyncIterator[Sequence[SearchDocument]]:
    """Everything that is to be found, in pieces."""
    places = await Places.load(session)
    last: UUID | None = None
    while True:
        query = select(Article.id).order_by(Article.id).limit(BATCH)
        if last is not None:
            query = query.where(Article.id > last)
        ids = (await session.scalars(query)).all()
        if not ids:
            return
        last = ids[-1]
        yield await of_articles(session, ids, places)
        session.expunge_all()


@dataclass(frozen=True, slots=True)
class Drift:
    """Where the index and the articles disagree."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    surplus: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.surplus)


async def drift(session: AsyncSession, engine: SearchEngine) -> Drift:
    """Compare the index with the articles."""
    there = dict(await engine.ids())
    missing: list[str] = []
    stale: list[str] = []
    async for batch in batches(session):
        for document in batch:
            known = there.pop(document.id, None)
            if known is None:
                missing.append(document.id)
            elif known != fingerprint(document):
                stale.append(document.id)
    return Drift(tuple(missing), tuple(stale), tuple(sorted(there)))
