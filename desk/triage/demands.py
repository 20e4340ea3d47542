"""The tickets that wait for somebody, as routing sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.bot.models import BotConversation, BotSetting
from desk.contacts.models import Contact
from desk.tickets.models import Message, Rating, Ticket
from desk.triage.clocks import segments
from desk.triage.models import TicketRouting
from sla.people import Demand

MOST: Final = 1000  # tickets looked at in one round, the most urgent first


def waits() -> tuple[ColumnElement[bool], ...]:
    """What makes a ticket wait for somebody: the customer waits, and nobody has it, nor the bot."""
    return (
        Ticket.assignee_id.is_(None),
        Ticket.status.in_(("new", "open")),
        Ticket.waiting_since.is_not(None),
        Ticket.snoozed_until.is_(None),
        ~_with_the_bot(),
    )


def _with_the_bot() -> ColumnElement[bool]:
    """The bot has the conversation: it may answer in the inbox, and has not handed over.

    Where it works only outside the hours, a conversation is its own once it has begun.
    """
    conversation = exists().where(BotConversation.ticket_id == Ticket.id)
    answers = exists().where(
        BotSetting.inbox_id == Ticket.inbox_id,
        BotSetting.enabled.is_(True),
        or_(BotSetting.hours != "closed", conversation),
    )
    person = exists().where(
        Message.ticket_id == Ticket.id, Message.kind == "reply", Message.author_kind == "agent"
    )
    return and_(answers, ~conversation.where(BotConversation.silent.is_(True)), ~person)


async def waiting(session: AsyncSession, limit: int = MOST) -> Sequence[Ticket]:
    """The tickets that wait, those that are due first at the front."""
    due = func.coalesce(Ticket.next_due_at, Ticket.waiting_since)
    query = select(Ticket).where(*waits()).order_by(due, Ticket.id).limit(limit)
    return (await session.scalars(query)).all()


async def anybody(session: AsyncSession) -> bool:
    """Whether any ticket waits at all."""
    return await session.scalar(select(Ticket.id).where(*waits()).limit(1)) is not None


async def demands(
    session: AsyncSession, tickets: Sequence[Ticket], skills: Collection[str]
) -> list[Demand]:
    """What each ticket asks of whoever gets it; a tag that names a skill asks for the skill."""
    ids = [ticket.contact_id for ticket in tickets]
    contacts = {
        row.id: row for row in await session.scalars(select(Contact).where(Contact.id.in_(ids)))
    }
    knows = await _knows(session, ids)
    ratings = await _ratings(session, ids)
    refused = await _refused(session, [ticket.id for ticket in tickets])
    return [
        demand_of(
            ticket,
            contacts[ticket.contact_id],
            skills,
            knows=knows.get(ticket.contact_id, {}),
            rating=ratings.get(ticket.contact_id),
            refused=refused.get(ticket.id, frozenset()),
        )
        for ticket in tickets
    ]


def demand_of(
    ticket: Ticket,
    contact: Contact,
    skills: Collection[str],
    *,
    knows: Mapping[str, datetime],
    rating: int | None,
    refused: frozenset[str],
) -> Demand:
    """One ticket's demand."""
    fields: dict[str, Any] = dict(contact.fields)
    tags = frozenset(ticket.tags)
    return Demand(
        ticket=str(ticket.id),
        channel=ticket.channel,
        languages=((ticket.locale, 1.0),) if ticket.locale else (),
        priority=ticket.priority,
        segments=segments(fields),
        skills=tags & frozenset(skills),
        team="" if ticket.team_id is None else str(ticket.team_id),
        zone=contact.timezone or "",
        last_agent=max(knows, key=lambda agent: knows[agent], default=""),
        knows=knows,
        last_rating=rating,
        due_at=ticket.next_due_at,
        waiting_since=ticket.waiting_since,
        refused=refused,
        tags=tags,
        inbox=str(ticket.inbox_id),
        custom=fields,
    )


async def _knows(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, dict[str, datetime]]:
    """Who answered these contacts before, and when."""
    rows = await session.execute(
        select(Ticket.contact_id, Message.author_id, func.max(Message.created_at))
        .join(Message, Message.ticket_id == Ticket.id)
        .where(
            Ticket.contact_id.in_(ids),
            Message.kind == "reply",
            Message.author_kind == "agent",
            Message.state != "canceled",
            Message.author_id.is_not(None),
        )
        .group_by(Ticket.contact_id, Message.author_id)
    )
    result: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for contact_id, author_id, at in rows:
        result[contact_id][str(author_id)] = at
    return result


async def _ratings(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Each contact's newest rating."""
    rows = await session.execute(
        select(Ticket.contact_id, Rating.score)
        .join(Rating, Rating.ticket_id == Ticket.id)
        .where(Ticket.contact_id.in_(ids))
        .order_by(Rating.created_at)
    )
    return {row.contact_id: row.score for row in rows}


async def _refused(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    rows = await session.execute(
        select(TicketRouting.ticket_id, TicketRouting.refused).where(
            TicketRouting.ticket_id.in_(ids)
        )
    )
    return {ticket_id: frozenset(refused) for ticket_id, refused in rows}
