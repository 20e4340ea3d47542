"""How many articles each filter of the editors' list would show, under the other filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from desk.knowledge.listing import Wanted, conditions, of_article, of_text
from knowledge_base.models import Article, ArticleLocale, Category

TAGS: Final = 100  # the most used ones are counted


@dataclass(frozen=True, slots=True)
class Counts:
    """Articles by what a filter could be set to. A topic's number includes its sections."""

    views: Mapping[str, int]  # all, overdue, archived, and the states
    locales: Mapping[str, int]
    missing: Mapping[str, int]  # not written in the language
    categories: Mapping[UUID, int]
    audiences: Mapping[str, int]
    tags: Mapping[str, int]
    owners: Mapping[UUID, int]


async def counts(session: AsyncSession, wanted: Wanted, today: date, locales: list[str]) -> Counts:
    """Each filter counted as if it were not set. `locales` are those of the help center."""
    return Counts(
        views=await _views(session, wanted, today),
        locales=await _texts(session, replace(wanted, locale=None), ArticleLocale.locale),
        missing=await _missing(session, wanted, locales),
        categories=await _categories(session, replace(wanted, category_id=None)),
        audiences=await _articles(session, replace(wanted, audience=None), Article.audience),
        tags=await _tags(session, replace(wanted, tag=None)),
        owners=await _articles(session, replace(wanted, owner_id=None), Article.owner_id),
    )


async def _views(session: AsyncSession, wanted: Wanted, today: date) -> dict[str, int]:
    plain = replace(wanted, state=None, overdue_on=None, archived=False)
    by_state = await _texts(session, plain, ArticleLocale.state)
    return by_state | {
        "all": await _number(session, conditions(plain)),
        "overdue": await _number(session, conditions(replace(plain, overdue_on=today))),
        "archived": await _number(session, conditions(replace(plain, archived=True))),
    }


async def _missing(session: AsyncSession, wanted: Wanted, locales: list[str]) -> dict[str, int]:
    plain = replace(wanted, missing_locale=None)
    every = await _number(session, conditions(plain))
    some = select(Article.id).where(*conditions(plain))
    written = await session.execute(
        select(ArticleLocale.locale, func.count())
        .where(ArticleLocale.article_id.in_(some), ArticleLocale.locale.in_(locales))
        .group_by(ArticleLocale.locale)
    )
    known = dict(written.all())
    return {tag: every - known.get(tag, 0) for tag in locales}


async def _categories(session: AsyncSession, wanted: Wanted) -> dict[UUID, int]:
    found: Counter[UUID] = Counter(await _articles(session, wanted, Article.category_id))
    parents = await session.execute(
        select(Category.id, Category.parent_id).where(Category.parent_id.is_not(None))
    )
    for section, topic in parents:
        if topic is not None and section in found:
            found[topic] += found[section]
    return found


async def _tags(session: AsyncSession, wanted: Wanted) -> dict[str, int]:
    """Tags are a JSON list: counted here, the same on every database."""
    found: Counter[str] = Counter()
    for tags in await session.scalars(select(Article.tags).where(*conditions(wanted))):
        found.update(set(tags))
    return dict(found.most_common(TAGS))


async def _articles(
    session: AsyncSession, wanted: Wanted, column: InstrumentedAttribute[Any]
) -> dict[Any, int]:
    rows = await session.execute(
        select(column, func.count())
        .where(*conditions(wanted), column.is_not(None))
        .group_by(column)
    )
    return dict(rows.all())


async def _texts(
    session: AsyncSession, wanted: Wanted, column: InstrumentedAttribute[str]
) -> dict[str, int]:
    """Articles with a language in which the column is this; one counts once for each value."""
    rows = await session.execute(
        select(column, func.count(ArticleLocale.article_id.distinct()))
        .join(Article, Article.id == ArticleLocale.article_id)
        .where(*of_article(wanted), *of_text(wanted))
        .group_by(column)
    )
    return dict(rows.all())


async def _number(session: AsyncSession, where: list[ColumnElement[bool]]) -> int:
    return cast("int", await session.scalar(select(func.count(Article.id)).where(*where)))
