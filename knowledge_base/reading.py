"""What readers see.

Every function takes the audiences of the reader, and shows only what is published, not archived,
and meant for one of them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import links, repository, service
from knowledge_base.models import Article, ArticleFile, ArticleLocale, ArticleVersion
from knowledge_base.rendering import Rendered, Renderer, Words, reading_minutes, render

PUBLIC: Final = ("public",)
SIGNED_IN: Final = ("public", "signed-in")
EVERYTHING: Final = ("public", "signed-in", "internal")


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a list."""

    article_id: UUID
    locale: str
    slug: str
    title: str
    summary: str
    category_id: UUID | None
    audience: str
    published_at: datetime
    version_id: UUID


@dataclass(frozen=True, slots=True)
class Shown:
    """An article as it is read."""

    article: Article
    row: ArticleLocale
    version: ArticleVersion


@dataclass(frozen=True, slots=True)
class Moved:
    """The article is at another address."""

    locale: str
    slug: str
    permanent: bool


def _live(audiences: Collection[str]) -> Select[*tuple[Any, ...]]:
    found: Select[*tuple[Any, ...]] = (
        select(
            Article.id,
            ArticleLocale.locale,
            ArticleLocale.slug,
            ArticleVersion.title,
            ArticleVersion.summary,
            Article.category_id,
            Article.audience,
            ArticleLocale.published_at,
            ArticleVersion.id,
        )
        .select_from(ArticleLocale)
        .join(Article, Article.id == ArticleLocale.article_id)
        .join(ArticleVersion, ArticleVersion.id == ArticleLocale.published_id)
        .where(Article.archived_at.is_(None), Article.audience.in_(list(audiences)))
    )
    return found


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(*row)


async def entries(
    session: AsyncSession,
    tag: str,
    audiences: Collection[str],
    *,
    categories: Collection[UUID] | None = None,
    ids: Collection[UUID] | None = None,
    featured: bool | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """Articles in a language, in the editors' order."""
    query = _live(audiences).where(ArticleLocale.locale == tag)
    if categories is not None:
        query = query.where(Article.category_id.in_(list(categories)))
    if ids is not None:
        query = query.where(Article.id.in_(list(ids)))
    if featured is not None:
        query = query.where(Article.featured.is_(featured))
    query = query.order_by(Article.position, ArticleVersion.title, Article.id).limit(limit)
    return [_entry(row) for row in await session.execute(query)]


async def counts(
    session: AsyncSession, tag: str, audiences: Collection[str]
) -> dict[UUID | None, int]:
    """How many articles each category has in a language."""
    live = _live(audiences).where(ArticleLocale.locale == tag).subquery()
    rows = await session.execute(
        select(live.c.category_id, func.count()).group_by(live.c.category_id)
    )
    return {row[0]: row[1] for row in rows}


async def locales(session: AsyncSession, audiences: Collection[str]) -> dict[str, int]:
    """The languages in which there is something to read, and how much."""
    live = _live(audiences).subquery()
    rows = await session.execute(select(live.c.locale, func.count()).group_by(live.c.locale))
    return {row[0]: row[1] for row in rows}


async def find(
    session: AsyncSession, tag: str, slug: str, audiences: Collection[str]
) -> Shown | Moved | None:
    """What is at this address; None also for what the reader may not know to be there."""
    row = await repository.by_slug(session, tag, slug)
    if row is not None:
        shown = await _shown(session, row, audiences)
        if shown is not None:
            return shown
        return None
    moved = await repository.redirect(session, tag, slug)
    if moved is not None:
        return await _lead(session, moved.article_id, tag, audiences, permanent=True)
    # The address in another language: readers who switch the language by hand in the URL.
    others = await session.scalars(
        select(ArticleLocale.article_id).where(ArticleLocale.slug == slug).distinct().limit(2)
    )
    ids = others.all()
    if len(ids) == 1:
        return await _lead(session, ids[0], tag, audiences, permanent=False)
    return None


async def _lead(
    session: AsyncSession,
    article_id: UUID,
    tag: str,
    audiences: Collection[str],
    *,
    permanent: bool,
) -> Moved | None:
    there = {row.locale: row for row in await alternates(session, article_id, audiences)}
    if tag in there:
        return Moved(tag, there[tag].slug, permanent)
    if permanent or not there:
        return None
    article = await repository.article(session, article_id)
    target = there.get(article.source_locale) or next(iter(there.values()))
    return Moved(target.locale, target.slug, permanent=False)


async def _shown(
    session: AsyncSession, row: ArticleLocale, audiences: Collection[str]
) -> Shown | None:
    article = await repository.article(session, row.article_id)
    if (
        row.published_id is None
        or article.archived_at is not None
        or article.audience not in audiences
    ):
        return None
    return Shown(article, row, await repository.version(session, row.published_id))


async def by_id(
    session: AsyncSession, article_id: UUID, tag: str, audiences: Collection[str]
) -> Shown | None:
    """An article in this language, else in its source's, else in any."""
    there = {entry.locale: entry for entry in await alternates(session, article_id, audiences)}
    if not there:
        return None
    article = await repository.article(session, article_id)
    entry = there.get(tag) or there.get(article.source_locale) or next(iter(there.values()))
    return await _shown(
        session, await repository.locale(session, article_id, entry.locale), audiences
    )


async def alternates(
    session: AsyncSession, article_id: UUID, audiences: Collection[str]
) -> list[Entry]:
    """The languages in which an article can be read."""
    query = _live(audiences).where(Article.id == article_id).order_by(ArticleLocale.locale)
    return [_entry(row) for row in await session.execute(query)]


async def related(
    session: AsyncSession, shown: Shown, audiences: Collection[str], limit: int = 4
) -> list[Entry]:
    """What to read next: the editors' choice first, then what shares tags, then the category."""
    tag = shown.row.locale
    chosen = await service.related(session, shown.article.id)
    there = {
        entry.article_id: entry for entry in await entries(session, tag, audiences, ids=chosen)
    }
    result = [there[other] for other in chosen if other in there]
    if len(result) < limit and shown.article.category_id is not None:
        near = await entries(session, tag, audiences, categories=[shown.article.category_id])
        own = set(shown.article.tags)
        tags = dict(
            (
                await session.execute(
                    select(Article.id, Article.tags).where(
                        Article.id.in_([entry.article_id for entry in near])
                    )
                )
            ).all()
        )
        near.sort(key=lambda entry: -len(own & set(tags.get(entry.article_id) or ())))
        known = {shown.article.id, *(entry.article_id for entry in result)}
        result += [entry for entry in near if entry.article_id not in known]
    return result[:limit]


async def minutes(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """How long these versions take to read, in minutes."""
    rows = await session.execute(
        select(ArticleVersion.id, ArticleVersion.body).where(ArticleVersion.id.in_(list(ids)))
    )
    return {row[0]: reading_minutes(row[1]) for row in rows}


async def everything(session: AsyncSession, tag: str | None = None) -> list[Entry]:
    """Every public article, for site maps."""
    query = _live(PUBLIC)
    if tag is not None:
        query = query.where(ArticleLocale.locale == tag)
    query = query.order_by(Article.id, ArticleLocale.locale)
    return [_entry(row) for row in await session.execute(query)]


async def may_fetch(session: AsyncSession, file: ArticleFile, audiences: Collection[str]) -> bool:
    """Whether a file belongs to something that the reader can read and that shows it."""
    rows = await session.scalars(
        select(ArticleVersion.body)
        .join(ArticleLocale, ArticleLocale.published_id == ArticleVersion.id)
        .join(Article, Article.id == ArticleLocale.article_id)
        .where(
            Article.id == file.article_id,
            Article.archived_at.is_(None),
            Article.audience.in_(list(audiences)),
        )
    )
    return any(str(file.id) in body for body in rows)


async def rendered(
    session: AsyncSession,
    renderer: Renderer,
    version: ArticleVersion,
    article_id: UUID,
    words: Words,
) -> Rendered:
    """The version's HTML; published ones are rendered once."""
    pictures = links.pictures(await repository.files(session, article_id))

    def make() -> Rendered:
        return render(
            version.body,
            picture=lambda source: pictures.get(str(links.file_id(source))),
            words=words,
        )

    if version.published_at is None:
        return make()
    flavour = f"{words['note']}:{hash(tuple(sorted((k, p.alt) for k, p in pictures.items())))}"
    return renderer.of(version.id, flavour, make)
