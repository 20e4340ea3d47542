"""What editors should do next: one list from searches, votes, answers, dates and translations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.knowledge.listing import LocaleState, locale_states
from knowledge_base import analytics
from knowledge_base.analytics import ArticleCount, QueryCount
from knowledge_base.models import Article

FEW: Final = 3  # searches of the same kind before anybody is bothered
VOTES: Final = 5
POOR: Final = 0.6  # share of yes below which an article is looked at
MAX_ARTICLES: Final = 2000
WAITING: Final = timedelta(days=2)  # a review should not wait longer


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `reason` is English; `key` and `params` let a page say it in its own."""

    kind: str
    priority: int  # higher is more urgent
    reason: str
    params: dict[str, Any] = field(default_factory=dict)
    article_id: UUID | None = None
    locale: str | None = None
    title: str = ""
    query: str = ""


async def tasks(
    session: AsyncSession, now: datetime, *, days: int = 28, locales: Iterable[str] = ()
) -> list[Task]:
    """The most urgent first. `locales` are those of the help center."""
    since = now - timedelta(days=days)
    found: list[Task] = []
    for asked in await analytics.queries(session, since, limit=500):
        found += _of_query(asked)
    articles = (
        await session.scalars(
            select(Article)
            .where(Article.archived_at.is_(None))
            .order_by(Article.updated_at.desc())
            .limit(MAX_ARTICLES)
        )
    ).all()
    states = await locale_states(session, articles)
    counts = await analytics.per_article(session, since)
    for article in articles:
        count = counts.get(article.id, ArticleCount(article.id, 0, 0, 0, 0, 0))
        found += _of_article(article, states.get(article.id, []), count, now, list(locales))
    return sorted(found, key=lambda task: (-task.priority, task.kind, task.title, task.query))


def _of_query(count: QueryCount) -> Iterable[Task]:
    if count.without_results >= FEW:
        n = count.without_results
        yield Task(
            "failed_search", 40 + 4 * n, f"Searched {n} times without a result.", {"count": n},
            locale=count.locale, query=count.query,
        )  # fmt: skip
    elif count.without_click >= FEW and count.without_click * 2 > count.searches:
        n = count.without_click
        yield Task(
            "no_click", 20 + 2 * n, f"Searched {n} times, and nobody opened a result.",
            {"count": n}, locale=count.locale, query=count.query,
        )  # fmt: skip
    if count.escalated >= FEW:
        n = count.escalated
        yield Task(
            "search_escalated", 30 + 3 * n, f"{n} people asked a person after this search.",
            {"count": n}, locale=count.locale, query=count.query,
        )  # fmt: skip


def _of_article(
    article: Article,
    states: list[LocaleState],
    count: ArticleCount,
    now: datetime,
    locales: list[str],
) -> Iterable[Task]:
    source = next((s for s in states if s.row.locale == article.source_locale), None)
    title = source.title if source is not None else ""
    read = analytics.popularity(count)
    if article.review_by is not None and article.review_by < now.date():
        late = (now.date() - article.review_by).days
        yield Task(
            "overdue", 25 + min(late, 60), f"Was to be reviewed {late} days ago.",
            {"days": late}, article.id, article.source_locale, title,
        )  # fmt: skip
    votes = count.helpful + count.not_helpful
    if votes >= VOTES and count.helpful / votes < POOR:
        yield Task(
            "not_helpful", 30 + 2 * count.not_helpful,
            f"{count.not_helpful} of {votes} readers said that it did not help.",
            {"no": count.not_helpful, "votes": votes}, article.id, article.source_locale, title,
        )  # fmt: skip
    if count.escalated >= FEW and count.escalated * 4 > count.cited:
        yield Task(
            "answer_escalated", 35 + 3 * count.escalated,
            f"Given as an answer {count.cited} times; {count.escalated} then asked a person.",
            {"cited": count.cited, "escalated": count.escalated}, article.id,
            article.source_locale, title,
        )  # fmt: skip
    for state in states:
        yield from _of_text(article, state, read, now)
    live = {state.row.locale for state in states if state.row.published_id is not None}
    if live and article.audience != "internal":
        for locale in locales:
            if locale not in {state.row.locale for state in states}:
                yield Task(
                    "missing_locale", 5 + min(read, 40), "Not written in this language yet.",
                    {}, article.id, locale, title,
                )  # fmt: skip


def _of_text(article: Article, state: LocaleState, read: int, now: datetime) -> Iterable[Task]:
    row = state.row
    if row.state == "review" and row.approved_at is None and now - row.updated_at > WAITING:
        days = (now - row.updated_at).days
        yield Task(
            "waiting_review", 30 + days, f"Waits for a review since {days} days.",
            {"days": days}, article.id, row.locale, state.title,
        )  # fmt: skip
    if state.stale and row.published_id is not None:
        yield Task(
            "stale", 15 + 2 * state.stale + min(read, 40),
            f"{state.stale} paragraphs are older than the source.",
            {"paragraphs": state.stale}, article.id, row.locale, state.title,
        )  # fmt: skip
