"""Articles and tickets: what may help here, giving one as an answer, a draft from an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid, NotFound
from desk.knowledge import editing, finding
from desk.knowledge.finding import Result
from desk.knowledge.library import Library
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import UnitOfWork
from knowledge_base import analytics, reading, rendering
from knowledge_base.models import Article, ArticleLocale

QUESTION_CHARS: Final = 200
MAX_MESSAGES: Final = 200


@dataclass(frozen=True, slots=True)
class Insert:
    """What the composer puts into a reply."""

    title: str
    summary: str
    url: str  # "" when the customer may not read it
    text: str  # the article as plain text
    markdown: str
    citation_id: UUID


async def suggested(
    session: AsyncSession, library: Library, ticket_id: UUID, locale: str = "", limit: int = 5
) -> list[Result]:
    """Articles that may answer the customer's last message, in the ticket's language."""
    ticket = await session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    last = await session.scalar(
        select(Message)
        .where(Message.ticket_id == ticket_id, Message.direction == "in")
        .order_by(Message.seq.desc())
        .limit(1)
    )
    wanted = locale or ticket.locale or "en"
    # The subject is the shortest question; then what was written, as one.
    found: dict[UUID, Result] = {}
    for question in (ticket.subject, (last.fresh or last.text) if last is not None else ""):
        if not question.strip() or len(found) >= limit:
            continue
        results = await finding.search(
            session, library, question[:QUESTION_CHARS], wanted, reading.EVERYTHING, limit=limit
        )
        for item in results.items:
            found.setdefault(item.entry.article_id, item)
    return list(found.values())[:limit]


async def insert(
    work: UnitOfWork, ticket_id: UUID, article_id: UUID, locale: str, public_url: str
) -> Insert:
    """An article for a reply; that it was given is counted."""
    ticket = await work.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    shown = await reading.by_id(work.session, article_id, locale, reading.EVERYTHING)
    if shown is None:
        raise NotFound("There is no such published article.")
    citation = await analytics.cite(
        work.session,
        work.now,
        article_id=article_id,
        locale=shown.row.locale,
        number=shown.version.number,
        source="agent",
        ticket_id=ticket_id,
        contact_id=ticket.contact_id,
        question=ticket.subject,
    )
    internal = shown.article.audience == "internal"
    return Insert(
        title=shown.version.title,
        summary=shown.version.summary,
        url="" if internal else f"{public_url}/help/{shown.row.locale}/articles/{shown.row.slug}",
        text=rendering.plain(shown.version.body),
        markdown=shown.version.body,
        citation_id=citation.id,
    )


async def draft_from(
    work: UnitOfWork, library: Library, ticket_id: UUID, message_id: UUID | None, locale: str
) -> tuple[Article, ArticleLocale]:
    """A draft from a ticket: its subject, and an agent's reply.

    Names and addresses are for the author to take out; the draft is internal until then.
    """
    ticket = await work.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    query = select(Message).where(Message.ticket_id == ticket_id, Message.kind == "reply")
    if message_id is not None:
        query = query.where(Message.id == message_id)
    reply = await work.session.scalar(query.order_by(Message.seq.desc()).limit(1))
    if reply is None:
        raise Invalid("There is no reply in this ticket to make an article from.")
    written = editing.text(ticket.subject, "", reply.fresh or reply.text)
    return await editing.create(
        work,
        library,
        locale or (ticket.locale or "en").partition("-")[0],
        written,
        fields={"audience": "internal"},
    )
