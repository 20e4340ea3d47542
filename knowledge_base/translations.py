"""Languages side by side: which paragraphs of a translation are stale, and saying they are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import paragraphs, repository
from knowledge_base.drafts import source_units, text_of
from knowledge_base.errors import Clash, Refused
from knowledge_base.models import Article, ArticleLocale
from knowledge_base.paragraphs import Row

HISTORY: Final = 30  # versions of the source to look for a paragraph's former wording


async def rows(session: AsyncSession, article: Article, row: ArticleLocale) -> list[Row]:
    """Source and translation beside each other. The source itself has no rows."""
    if row.locale == article.source_locale:
        return []
    source = await repository.locale(session, article.id, article.source_locale)
    past = [
        text_of(version).units
        for version in await repository.versions(session, source.id, limit=HISTORY)
    ]
    head = await repository.version(session, row.head_id)
    return paragraphs.compare(
        await source_units(session, article), text_of(head).units, row.stamps, past
    )


async def stale(session: AsyncSession, article: Article) -> dict[str, int]:
    """How many paragraphs of each translation are stale or missing."""
    result: dict[str, int] = {}
    source = paragraphs.digests(await source_units(session, article))
    wanted = [digest for digest in source if digest]
    for row in await repository.locales(session, article.id):
        if row.locale != article.source_locale:
            result[row.locale] = sum(digest not in row.stamps for digest in wanted)
    return result


async def still_right(
    session: AsyncSession,
    now: datetime,
    row: ArticleLocale,
    units: Sequence[int],
    *,
    base: int,
) -> None:
    """These paragraphs of the translation hold for the source as it stands. Raises Clash, Refused.

    `units` are target indexes of the side-by-side rows.
    """
    if base != row.version:
        raise Clash("Somebody saved this text after you opened it; load it again.")
    article = await repository.article(session, row.article_id)
    source = paragraphs.digests(await source_units(session, article))
    known = {side.target_index: side for side in await rows(session, article, row)}
    stamps = list(row.stamps)
    for unit in units:
        side = known.get(unit)
        if side is None or side.source_index is None:
            raise Refused(("units", f"paragraph {unit} has no paragraph of the source beside it"))
        stamps += [""] * (unit + 1 - len(stamps))
        stamps[unit] = source[side.source_index]
    row.stamps = stamps
    row.version += 1
    row.updated_at = now
    await session.flush()
