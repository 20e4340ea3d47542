"""Lists of articles for editors: filters, order, and what a row shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.text import storable
from knowledge_base import paragraphs
from knowledge_base.models import Article, ArticleLocale, ArticleVersion, Category

PART: Final = 200  # articles looked at in one go for those that are behind


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles; None means any."""

    state: str | None = None
    locale: str | None = None
    missing_locale: str | None = None
    category_id: UUID | None = None
    audience: str | None = None
    tag: str | None = None
    owner_id: UUID | None = None
    archived: bool = False
    overdue_on: date | None = None  # review_by is before this day
    text: str = ""  # in a title


@dataclass(frozen=True, slots=True)
class LocaleState:
    """A language of an article in a list."""

    row: ArticleLocale
    title: str
    summary: str
    number: int
    stale: int  # paragraphs of the source that this translation does not reflect


def query(
    wanted: Wanted, after: tuple[datetime, UUID] | None, limit: int
) -> Select[*tuple[Article]]:
    """The articles that changed last come first."""
    found = select(Article).where(*conditions(wanted))
    if after is not None:
        at, last = after
        found = found.where(
            or_(Article.updated_at < at, and_(Article.updated_at == at, Article.id < last))
        )
    return found.order_by(Article.updated_at.desc(), Article.id.desc()).limit(limit)


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What an article in the list fulfils."""
    found = list(of_article(wanted))
    texts = of_text(wanted)
    if texts:
        found.append(exists().where(ArticleLocale.article_id == Article.id, *texts))
    return found


def of_article(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What is asked of the article itself, whatever its language."""
    archived = Article.archived_at.is_not(None)
    yield archived if wanted.archived else ~archived
    if wanted.missing_locale is not None:
        yield ~exists().where(
            ArticleLocale.article_id == Article.id, ArticleLocale.locale == wanted.missing_locale
        )
    if wanted.category_id is not None:
        inside = select(Category.id).where(
            or_(Category.id == wanted.category_id, Category.parent_id == wanted.category_id)
        )
        yield Article.category_id.in_(inside)
    if wanted.audience is not None:
        yield Article.audience == wanted.audience
    if wanted.tag is not None:
        # Tags are a JSON list: quoted, one cannot be a part of another. One database keeps it
        # escaped, the other as it is.
        text, tag = cast(Article.tags, Text), storable(wanted.tag)
        yield or_(
            text.contains(json.dumps(tag), autoescape=True),
            text.contains(json.dumps(tag, ensure_ascii=False), autoescape=True),
        )
    if wanted.owner_id is not None:
        yield Article.owner_id == wanted.owner_id
    if wanted.overdue_on is not None:
        yield Article.review_by < wanted.overdue_on


def of_text(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is asked of one of its languages."""
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(ArticleLocale.state == wanted.state)
    if wanted.locale is not None:
        found.append(ArticleLocale.locale == wanted.locale)
    if wanted.text:
        found += [
            ArticleVersion.id == ArticleLocale.head_id,
            ArticleVersion.title.icontains(storable(wanted.text), autoescape=True),
        ]
    return found


async def page(
    session: AsyncSession,
    wanted: Wanted,
    after: tuple[datetime, UUID] | None,
    limit: int,
    *,
    stale: bool = False,
) -> tuple[Sequence[Article], dict[UUID, list[LocaleState]]]:
    """Articles and their languages. With `stale` only those with a translation that is behind.

    How far behind is known from the texts themselves, so that such a page is looked for part by
    part, in the list's order, until it is full.
    """
    if not stale:
        rows = (await session.scalars(query(wanted, after, limit))).all()
        return rows, await locale_states(session, rows)
    translated = exists().where(
        ArticleLocale.article_id == Article.id, ArticleLocale.locale != Article.source_locale
    )
    found: list[Article] = []
    known: dict[UUID, list[LocaleState]] = {}
    while len(found) < limit:
        rows = (await session.scalars(query(wanted, after, PART).where(translated))).all()
        for row, states in _behind(rows, await locale_states(session, rows)):
            found.append(row)
            known[row.id] = states
        if len(rows) < PART:
            break
        after = rows[-1].updated_at, rows[-1].id
    return found[:limit], known


def _behind(
    rows: Sequence[Article], states: dict[UUID, list[LocaleState]]
) -> Iterator[tuple[Article, list[LocaleState]]]:
    for row in rows:
        known = states.get(row.id, [])
        if any(one.stale for one in known):
            yield row, known


async def locale_states(
    session: AsyncSession, articles: Sequence[Article]
) -> dict[UUID, list[LocaleState]]:
    """Every language of these articles, with how stale it is. Two statements."""
    if not articles:
        return {}
    by_id = {article.id: article for article in articles}
    rows = (
        await session.execute(
            select(ArticleLocale, ArticleVersion)
            .join(ArticleVersion, ArticleVersion.id == ArticleLocale.head_id)
            .where(ArticleLocale.article_id.in_(list(by_id)))
            .order_by(ArticleLocale.locale)
        )
    ).all()
    sources = await _sources(session, by_id, [row for row, _ in rows])
    result: dict[UUID, list[LocaleState]] = {}
    for row, head in rows:
        wanted = (
            ()
            if row.locale == by_id[row.article_id].source_locale
            else sources.get(row.article_id, ())
        )
        stale = sum(digest not in row.stamps for digest in wanted)
        result.setdefault(row.article_id, []).append(
            LocaleState(row, head.title, head.summary, head.number, stale)
        )
    return result


async def _sources(
    session: AsyncSession, by_id: dict[UUID, Article], rows: Sequence[ArticleLocale]
) -> dict[UUID, list[str]]:
    """The hashes of each article's source paragraphs."""
    ids = {
        row.published_id or row.head_id: row.article_id
        for row in rows
        if row.locale == by_id[row.article_id].source_locale
    }
    versions = await session.scalars(select(ArticleVersion).where(ArticleVersion.id.in_(list(ids))))
    return {
        ids[version.id]: [
            digest
            for digest in paragraphs.digests(
                paragraphs.units(version.title, version.summary, version.body)
            )
            if digest
        ]
        for version in versions
    }
