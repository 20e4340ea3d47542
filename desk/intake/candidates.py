"""Looks up the tickets that a message's evidence points at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.threading import Evidence, TicketFacts
from desk.contacts.models import Identity
from desk.tickets.models import Delivery, Message, Ticket

MAX_EVIDENCE = 40


async def look_up(
    session: AsyncSession, evidence: Sequence[Evidence]
) -> dict[Evidence, TicketFacts]:
    """Facts for each piece of evidence that leads to a ticket."""
    found: dict[Evidence, Ticket] = {}
    for item in evidence[:MAX_EVIDENCE]:
        ticket = await _ticket(session, item)
        if ticket is not None:
            found[item] = ticket
    participants = {
        ticket.id: await _participants(session, ticket)
        for ticket in {ticket.id: ticket for ticket in found.values()}.values()
    }
    return {
        item: TicketFacts(
            ticket=str(ticket.id),
            number=ticket.number,
            participants=participants[ticket.id],
            closed=ticket.status == "closed",
        )
        for item, ticket in found.items()
    }


async def _ticket(session: AsyncSession, item: Evidence) -> Ticket | None:
    query = _QUERIES[item.kind](item.key)
    return (await session.scalars(query.limit(1))).first() if query is not None else None


def _by_id(key: str) -> Select[Any] | None:
    ticket_id = _uuid(key)
    return select(Ticket).where(Ticket.id == ticket_id) if ticket_id else None


def _by_number(key: str) -> Select[Any] | None:
    return select(Ticket).where(Ticket.number == int(key)) if key.isdecimal() else None


def _by_own_message(key: str) -> Select[Any] | None:
    """A Message-ID of ours names the message; that of a handed-over chat answer does too."""
    message_id = _uuid(key)
    if message_id is None:
        return None
    return (
        select(Ticket).join(Message, Message.ticket_id == Ticket.id).where(Message.id == message_id)
    )


def _by_channel_id(key: str) -> Select[Any]:
    return (
        select(Ticket)
        .join(Message, Message.ticket_id == Ticket.id)
        .where(Message.channel_message_id == key)
        .order_by(Message.id.desc())
    )


_QUERIES = {
    "conversation": _by_id,
    "own_message": _by_own_message,
    "bounced": _by_own_message,
    "reply_token": _by_number,
    "body_marker": _by_number,
    "known_message": _by_channel_id,
}


async def _participants(session: AsyncSession, ticket: Ticket) -> frozenset[str]:
    """The contact's addresses, and those that we or the customer put on the ticket's mails."""
    found: set[str] = set(
        await session.scalars(
            select(Identity.value).where(Identity.contact_id == ticket.contact_id)
        )
    )
    envelopes = await session.scalars(
        select(Message.envelope)
        .where(Message.ticket_id == ticket.id, Message.envelope.is_not(None))
        .order_by(Message.seq.desc())
        .limit(50)
    )
    for envelope in envelopes:
        for field in ("from", "to", "cc"):
            value = (envelope or {}).get(field)
            found.update(_addresses(value if isinstance(value, list) else [value]))
    found.update(
        _addresses(
            await session.scalars(
                select(Delivery.recipient)
                .join(Message, Message.id == Delivery.message_id)
                .where(Message.ticket_id == ticket.id)
                .limit(50)
            )
        )
    )
    return frozenset(found)


def _addresses(values: Iterable[object]) -> Iterable[str]:
    return (value.lower() for value in values if isinstance(value, str) and value)


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
