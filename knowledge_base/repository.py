"""Rows by their keys, and locks. What readers may see is in `reading`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import Unknown
from knowledge_base.models import Article, ArticleFile, ArticleLocale, ArticleVersion, Redirect


async def article(session: AsyncSession, article_id: UUID, *, lock: bool = False) -> Article:
    """An article. Raises Unknown."""
    query = select(Article).where(Article.id == article_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = await session.scalar(query)
    if row is None:
        raise Unknown("There is no such article.")
    return row


async def locale(
    session: AsyncSession, article_id: UUID, tag: str, *, lock: bool = False
) -> ArticleLocale:
    """An article in a language. Raises Unknown."""
    query = select(ArticleLocale).where(
        ArticleLocale.article_id == article_id, ArticleLocale.locale == tag
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = await session.scalar(query)
    if row is None:
        raise Unknown(f"There is no such article in the language {tag!r}.")
    return row


async def locales(session: AsyncSession, article_id: UUID) -> Sequence[ArticleLocale]:
    """An article in all of its languages."""
    return (
        await session.scalars(
            select(ArticleLocale)
            .where(ArticleLocale.article_id == article_id)
            .order_by(ArticleLocale.locale)
        )
    ).all()


async def version(session: AsyncSession, version_id: UUID) -> ArticleVersion:
    """A version by its id, which a row of ours names."""
    return await session.get_one(ArticleVersion, version_id)


async def numbered(session: AsyncSession, locale_id: UUID, number: int) -> ArticleVersion:
    """A version by its number. Raises Unknown."""
    row = await session.scalar(
        select(ArticleVersion).where(
            ArticleVersion.locale_id == locale_id, ArticleVersion.number == number
        )
    )
    if row is None:
        raise Unknown(f"There is no version {number} of this text.")
    return row


async def versions(
    session: AsyncSession, locale_id: UUID, *, before: int | None = None, limit: int = 50
) -> Sequence[ArticleVersion]:
    """Versions, the newest first."""
    query = select(ArticleVersion).where(ArticleVersion.locale_id == locale_id)
    if before is not None:
        query = query.where(ArticleVersion.number < before)
    return (await session.scalars(query.order_by(ArticleVersion.number.desc()).limit(limit))).all()


async def last_number(session: AsyncSession, locale_id: UUID) -> int:
    """The number of the newest version; 0 when there is none."""
    return (
        await session.scalar(
            select(func.max(ArticleVersion.number)).where(ArticleVersion.locale_id == locale_id)
        )
    ) or 0


async def by_slug(session: AsyncSession, tag: str, slug: str) -> ArticleLocale | None:
    """The text at this address, published or not."""
    row: ArticleLocale | None = await session.scalar(
        select(ArticleLocale).where(ArticleLocale.locale == tag, ArticleLocale.slug == slug)
    )
    return row


async def redirect(session: AsyncSession, tag: str, slug: str) -> Redirect | None:
    """The redirect from this address."""
    row: Redirect | None = await session.scalar(
        select(Redirect).where(Redirect.locale == tag, Redirect.slug == slug)
    )
    return row


async def files(session: AsyncSession, article_id: UUID) -> Sequence[ArticleFile]:
    """The files of an article."""
    return (
        await session.scalars(
            select(ArticleFile).where(ArticleFile.article_id == article_id).order_by(ArticleFile.id)
        )
    ).all()
