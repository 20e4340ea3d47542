"""Slugs in use: a text's own, and the former ones, which lead to their article."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import repository, slugs
from knowledge_base.errors import Refused, Unknown
from knowledge_base.models import ArticleLocale, Redirect
from persistence.base import new_id

_TRIES = 200


async def free(session: AsyncSession, tag: str, wanted: str) -> str:
    """The slug, or the next one of that name that nobody has or had."""
    for number in range(1, _TRIES):
        slug = wanted if number == 1 else slugs.numbered(wanted, number)
        taken = await repository.by_slug(session, tag, slug)
        if taken is None and await repository.redirect(session, tag, slug) is None:
            return slug
    return slugs.numbered(wanted, new_id().int % 10**8)


async def move(session: AsyncSession, row: ArticleLocale, slug: str, now: datetime) -> bool:
    """Give a text another address; the former one leads on. Raises Refused."""
    if slug == row.slug:
        return False
    check(slug)
    other = await repository.by_slug(session, row.locale, slug)
    if other is not None:
        raise Refused(("slug", "another article in this language has this address"))
    # Whoever had it before: the address is in use again, so it leads nowhere else.
    await session.execute(
        delete(Redirect).where(Redirect.locale == row.locale, Redirect.slug == slug)
    )
    former, row.slug = row.slug, slug
    if row.first_published_at is not None:
        session.add(
            Redirect(
                id=new_id(),
                locale=row.locale,
                slug=former,
                article_id=row.article_id,
                created_at=now,
            )
        )
    await session.flush()
    return True


async def add(
    session: AsyncSession, tag: str, slug: str, article_id: UUID, now: datetime
) -> Redirect:
    """Lead an address to an article. Raises Refused, Unknown."""
    check(slug)
    await repository.article(session, article_id)
    if await repository.by_slug(session, tag, slug) is not None:
        raise Refused(("slug", "an article has this address; it cannot lead elsewhere"))
    row = await repository.redirect(session, tag, slug)
    if row is None:
        row = Redirect(id=new_id(), locale=tag, slug=slug, article_id=article_id, created_at=now)
        session.add(row)
    row.article_id = article_id
    await session.flush()
    return row


async def remove(session: AsyncSession, redirect_id: UUID) -> None:
    """Forget a redirect. Raises Unknown."""
    row = await session.get(Redirect, redirect_id)
    if row is None:
        raise Unknown("There is no such redirect.")
    await session.delete(row)
    await session.flush()


async def of_article(session: AsyncSession, article_id: UUID) -> list[Redirect]:
    """The addresses that lead to an article."""
    rows = await session.scalars(
        select(Redirect).where(Redirect.article_id == article_id).order_by(Redirect.id)
    )
    return list(rows)


def check(slug: str) -> None:
    """Raise Refused for what cannot stand in an address."""
    if not slugs.is_slug(slug):
        raise Refused(("slug", "write small letters and digits, joined by hyphens"))
