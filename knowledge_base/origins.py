"""What imports wrote into texts: found again by external id, and told from what was edited here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.models import Article, ArticleLocale, ArticleVersion, Origin

Key = tuple[str, str]  # external id, locale
T = TypeVar("T")
_MANY = 500  # values of one IN
_UUID_CHARS = 36


@dataclass(frozen=True, slots=True)
class Standing:
    """A text of ours that an import names. Without an origin it was written here."""

    article: Article
    row: ArticleLocale
    head: ArticleVersion
    origin: Origin | None

    @property
    def edited(self) -> bool:
        """Whether it is other than the last import left it."""
        return self.origin is None or self.origin.left != print_of(
            self.article, self.row, self.head
        )


async def articles(session: AsyncSession, ids: Collection[str]) -> dict[str, Article]:
    """Articles by external id; an id of the desk itself, as an export writes it, is one, too."""
    found: dict[str, Article] = {}
    for some in batches(sorted(set(ids))):
        own = [UUID(one) for one in some if _is_uuid(one)]
        for row in await session.scalars(select(Article).where(Article.id.in_(own))):
            found[str(row.id)] = row
        for row in await session.scalars(select(Article).where(Article.external_id.in_(some))):
            found[str(row.external_id)] = row
    return found


async def standing(session: AsyncSession, ids: Collection[str]) -> dict[Key, Standing]:
    """Every text of these articles."""
    known = await articles(session, ids)
    names = {row.id: name for name, row in known.items()}
    found: dict[Key, Standing] = {}
    for some in batches(list(names)):
        rows = await session.execute(
            select(Article, ArticleLocale, ArticleVersion, Origin)
            .join(ArticleLocale, ArticleLocale.article_id == Article.id)
            .join(ArticleVersion, ArticleVersion.id == ArticleLocale.head_id)
            .outerjoin(Origin, Origin.locale_id == ArticleLocale.id)
            .where(Article.id.in_(some))
        )
        for article, row, head, origin in rows:
            found[names[article.id], row.locale] = Standing(article, row, head, origin)
    return found


def print_of(article: Article, row: ArticleLocale, head: ArticleVersion) -> str:
    """Equal exactly when nobody has changed what an import can change."""
    parts = [
        head.title,
        head.summary,
        head.body,
        row.slug,
        str(article.category_id),
        article.tags,
        article.audience,
        article.archived_at is not None,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


async def note(
    session: AsyncSession, now: datetime, one: Standing, imported: str, *, waiting: bool
) -> None:
    """Remember what was imported into a text, and what stands there now."""
    origin = await session.get(Origin, one.row.id)
    if origin is None:
        origin = Origin(locale_id=one.row.id)
        session.add(origin)
    origin.imported, origin.waiting, origin.imported_at = imported, waiting, now
    origin.left = print_of(one.article, one.row, one.head)
    await session.flush()


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """In parts that one statement takes."""
    for start in range(0, len(values), _MANY):
        yield values[start : start + _MANY]


def _is_uuid(text: str) -> bool:
    if len(text) != _UUID_CHARS:
        return False
    try:
        UUID(text)
    except ValueError:
        return False
    return True
