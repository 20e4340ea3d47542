"""Collects the evidence that `threading.decide` weighs: tickets that a message points at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import InboundMessage
from desk.inboxes.models import Inbox
from desk.intake.threading import Candidate, Evidence
from desk.tickets.models import Delivery, Message, Ticket

MAX_REFERENCES = 50

ReadToken = Callable[[str], str | None]  # a reply token -> the ticket number it was made for


async def collect(
    session: AsyncSession,
    inbox: Inbox,
    message: InboundMessage,
    read_token: ReadToken,
    conversation: UUID | None = None,
) -> Sequence[Candidate]:
    """Every ticket that the message gives evidence for."""
    found: list[tuple[Evidence, Ticket]] = []
    if conversation is not None:
        ticket = await session.get(Ticket, conversation)
        if ticket is not None:
            found.append(("conversation", ticket))
    found.extend(await _by_references(session, inbox, message))
    if message.thread_hint:
        number = read_token(message.thread_hint)
        if number is not None and number.isdecimal():
            ticket = await session.scalar(select(Ticket).where(Ticket.number == int(number)))
            if ticket is not None:
                found.append(("reply_token", ticket))
    return [
        Candidate(
            evidence=evidence,
            ticket_id=ticket.id,
            number=ticket.number,
            status=ticket.status,
            contact_id=ticket.contact_id,
            participants=await _participants(session, ticket.id),
        )
        for evidence, ticket in found
    ]


async def _by_references(
    session: AsyncSession, inbox: Inbox, message: InboundMessage
) -> list[tuple[Evidence, Ticket]]:
    named = [message.in_reply_to, *reversed(message.references)]
    ids = list(dict.fromkeys(name for name in named if name))[:MAX_REFERENCES]
    if not ids:
        return []
    rows = (
        await session.execute(
            select(Message.channel_message_id, Message.direction, Ticket)
            .join(Ticket, Ticket.id == Message.ticket_id)
            .where(Message.channel_message_id.in_(ids), Message.channel == inbox.channel)
        )
    ).all()
    by_id = {row[0]: (row[1], row[2]) for row in rows}
    # A visitor's chat that was answered by mail: the mail's id is on the delivery, not the message.
    result: list[tuple[Evidence, Ticket]] = []
    for name in ids:
        if name in by_id:
            direction, ticket = by_id[name]
            result.append(("own_message_id" if direction == "out" else "reference", ticket))
    return result or await _by_delivery(session, ids)


async def _by_delivery(session: AsyncSession, ids: list[str]) -> list[tuple[Evidence, Ticket]]:
    rows = (
        await session.scalars(
            select(Ticket)
            .join(Message, Message.ticket_id == Ticket.id)
            .join(Delivery, Delivery.message_id == Message.id)
            .where(Delivery.external_id.in_(ids))
            .limit(1)
        )
    ).all()
    return [("own_message_id", ticket) for ticket in rows]


async def _participants(session: AsyncSession, ticket_id: UUID) -> frozenset[str]:
    """Addresses that we or the customer put on the ticket's mails."""
    envelopes = (
        await session.scalars(
            select(Message.envelope)
            .where(Message.ticket_id == ticket_id, Message.envelope.is_not(None))
            .order_by(Message.seq.desc())
            .limit(50)
        )
    ).all()
    found: set[str] = set()
    for envelope in envelopes:
        for field in ("from", "to", "cc"):
            value = (envelope or {}).get(field)
            for address in value if isinstance(value, list) else [value]:
                if isinstance(address, str) and address:
                    found.add(address.lower())
    recipients = await session.scalars(
        select(Delivery.recipient)
        .join(Message, Message.id == Delivery.message_id)
        .where(Message.ticket_id == ticket_id)
        .limit(50)
    )
    found.update(recipient.lower() for recipient in recipients if recipient)
    return frozenset(found)
