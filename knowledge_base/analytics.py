"""What readers looked for and whether it helped, kept without who they are."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.models import ArticleLocale, Citation, Feedback, Search
from persistence.base import new_id

SOURCES: Final = ("help", "widget", "agent", "bot")
REASONS: Final = ("situation", "unclear", "outdated", "dislike", "other")
KEEP_VISITOR: Final = timedelta(days=1)
_MAIL: Final = re.compile(r"\S+@\S+")
_NUMBER: Final = re.compile(r"\+?\d(?:[\d\s().-]{4,}\d)")
_MARK: Final = "…"


def normalise(query: str) -> str:
    """A query as it is counted: folded, and without mail addresses and long numbers."""
    text = unicodedata.normalize("NFKC", query).casefold()
    text = _NUMBER.sub(_MARK, _MAIL.sub(_MARK, text))
    return " ".join(text.split())[:200]


async def searched(
    session: AsyncSession,
    now: datetime,
    *,
    source: str,
    locale: str,
    query: str,
    results: int,
    visitor: str = "",
) -> Search:
    """Count a search. What is typed on within a minute replaces what was typed before."""
    text = normalise(query)
    if visitor:
        last = await session.scalar(
            select(Search)
            .where(
                Search.visitor == visitor,
                Search.created_at > now - timedelta(minutes=1),
                Search.locale == locale,
                Search.clicked_id.is_(None),
            )
            .order_by(Search.id.desc())
            .limit(1)
        )
        if last is not None and (text.startswith(last.query) or last.query.startswith(text)):
            last.query, last.results = text, results
            await session.flush()
            return last
    row = Search(
        id=new_id(),
        source=source,
        locale=locale,
        query=text,
        results=results,
        clicked_id=None,
        clicked_position=None,
        escalated_at=None,
        visitor=visitor,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def clicked(session: AsyncSession, search_id: UUID, article_id: UUID, position: int) -> bool:
    """Somebody opened a result; the first one counts."""
    row = await session.get(Search, search_id)
    if row is None or row.clicked_id is not None:
        return False
    row.clicked_id, row.clicked_position = article_id, max(1, min(position, 1000))
    await session.flush()
    return True


async def escalated(session: AsyncSession, now: datetime, visitor: str) -> None:
    """Whoever searched today has asked a person after all."""
    await session.execute(
        update(Search)
        .where(Search.visitor == visitor, Search.escalated_at.is_(None), Search.visitor != "")
        .values(escalated_at=now)
    )


async def rated(
    session: AsyncSession,
    now: datetime,
    locale_id: UUID,
    number: int,
    visitor: str,
    *,
    helpful: bool,
    reason: str = "",
    text: str = "",
) -> Feedback:
    """A reader's yes or no; one a day and article, the later one counts."""
    row = await session.scalar(
        select(Feedback).where(Feedback.locale_id == locale_id, Feedback.visitor == visitor)
    )
    if row is None:
        row = Feedback(id=new_id(), locale_id=locale_id, visitor=visitor)
        session.add(row)
    row.number, row.helpful, row.created_at = number, helpful, now
    row.reason = reason if not helpful and reason in REASONS else ""
    row.text = text.strip()[:1000]
    await session.flush()
    return row


async def votes(session: AsyncSession, locale_id: UUID) -> tuple[int, int]:
    """(yes, all) for a text."""
    row = (
        await session.execute(
            select(func.coalesce(func.sum(cast(Feedback.helpful, Integer)), 0), func.count()).where(
                Feedback.locale_id == locale_id
            )
        )
    ).one()
    return int(row[0]), int(row[1])


async def cite(  # noqa: PLR0913 - all by name
    session: AsyncSession,
    now: datetime,
    *,
    article_id: UUID,
    locale: str,
    number: int,
    source: str,
    ticket_id: UUID | None = None,
    contact_id: UUID | None = None,
    question: str = "",
) -> Citation:
    """An article was given as an answer."""
    row = Citation(
        id=new_id(),
        article_id=article_id,
        locale=locale,
        number=number,
        source=source,
        ticket_id=ticket_id,
        contact_id=contact_id,
        question=normalise(question),
        helped=None,
        escalated_at=None,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def helped(session: AsyncSession, citation_id: UUID, *, yes: bool) -> None:
    """The customer says whether an answer helped."""
    await session.execute(update(Citation).where(Citation.id == citation_id).values(helped=yes))


async def asked_again(
    session: AsyncSession,
    now: datetime,
    *,
    contact_id: UUID | None = None,
    ticket_id: UUID | None = None,
    within: timedelta = timedelta(days=7),
) -> int:
    """A person was asked after these answers were given: by the same contact, or in the ticket."""
    condition = []
    if contact_id is not None:
        condition.append(Citation.contact_id == contact_id)
    if ticket_id is not None:
        condition.append(Citation.ticket_id == ticket_id)
    if not condition:
        return 0
    where = condition[0] if len(condition) == 1 else condition[0] | condition[1]
    result = await session.execute(
        update(Citation)
        .where(
            where,
            Citation.source == "bot",
            Citation.escalated_at.is_(None),
            Citation.created_at >= now - within,
        )
        .values(escalated_at=now)
        .returning(Citation.id)
    )
    return len(result.all())


async def forget_visitors(session: AsyncSession, now: datetime) -> None:
    """A day later no search can be told from another's."""
    await session.execute(
        update(Search)
        .where(Search.visitor != "", Search.created_at < now - KEEP_VISITOR)
        .values(visitor="")
    )


@dataclass(frozen=True, slots=True)
class QueryCount:
    """How often something was searched for, and what came of it."""

    locale: str
    query: str
    searches: int
    without_results: int
    without_click: int
    escalated: int
    position: float | None  # of the clicked result, on average


async def queries(
    session: AsyncSession, since: datetime, *, locale: str | None = None, limit: int = 100
) -> list[QueryCount]:
    """The searches since then, the most frequent first."""
    failed = cast(Search.results == 0, Integer)
    unclicked = cast((Search.results > 0) & Search.clicked_id.is_(None), Integer)
    asked: Any = cast(Search.escalated_at.is_not(None), Integer)
    query = (
        select(
            Search.locale,
            Search.query,
            func.count(),
            func.sum(failed),
            func.sum(unclicked),
            func.sum(asked),
            func.avg(Search.clicked_position),
        )
        .where(Search.created_at >= since, Search.query != "")
        .group_by(Search.locale, Search.query)
        .order_by(func.count().desc(), Search.query)
        .limit(limit)
    )
    if locale is not None:
        query = query.where(Search.locale == locale)
    return [
        QueryCount(tag, text, n, int(f or 0), int(u or 0), int(e or 0), float(p) if p else None)
        for tag, text, n, f, u, e, p in await session.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class ArticleCount:
    """How an article does."""

    article_id: UUID
    clicks: int
    helpful: int
    not_helpful: int
    cited: int
    escalated: int


async def per_article(session: AsyncSession, since: datetime) -> dict[UUID, ArticleCount]:
    """Clicks, votes and citations since then, of every article that has any."""
    counted: dict[UUID, dict[str, int]] = {}

    def add(article_id: UUID | None, **more: int) -> None:
        if article_id is None:
            return
        known = counted.setdefault(article_id, {})
        for name, count in more.items():
            known[name] = known.get(name, 0) + int(count or 0)

    for article_id, count in await session.execute(
        select(Search.clicked_id, func.count())
        .where(Search.created_at >= since, Search.clicked_id.is_not(None))
        .group_by(Search.clicked_id)
    ):
        add(article_id, clicks=count)
    for article_id, yes, count in await session.execute(
        select(ArticleLocale.article_id, func.sum(cast(Feedback.helpful, Integer)), func.count())
        .join(ArticleLocale, ArticleLocale.id == Feedback.locale_id)
        .where(Feedback.created_at >= since)
        .group_by(ArticleLocale.article_id)
    ):
        add(article_id, helpful=yes, not_helpful=count - int(yes or 0))
    for article_id, count, asked in await session.execute(
        select(
            Citation.article_id,
            func.count(),
            func.sum(cast(Citation.escalated_at.is_not(None), Integer)),
        )
        .where(Citation.created_at >= since)
        .group_by(Citation.article_id)
    ):
        add(article_id, cited=count, escalated=asked)
    names = ("clicks", "helpful", "not_helpful", "cited", "escalated")
    return {
        article_id: ArticleCount(article_id, *(known.get(name, 0) for name in names))
        for article_id, known in counted.items()
    }


def popularity(count: ArticleCount) -> int:
    """What the "popular" list is ordered by."""
    return count.clicks + 2 * count.helpful - count.not_helpful + count.cited
