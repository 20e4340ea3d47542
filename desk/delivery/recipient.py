"""Where an answer goes: one of the contact's addresses that the channel can write to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.models import Contact, Identity
from desk.tickets.models import Message, Ticket


async def of_ticket(session: AsyncSession, ticket: Ticket, kinds: Sequence[str]) -> Identity | None:
    """The address the customer last wrote from, else the best one that they have.

    `kinds` as the channel's manifest has them. People without the first kind (WhatsApp lets them
    hide their number) are reached by the next.
    """
    known = await _known(session, ticket.contact_id, kinds)
    if known:
        written = await _written_from(session, ticket)
        alive = (i for i in known if i.value.lower() == written and i.undeliverable_at is None)
        return next(alive, known[0])
    contact = await session.get_one(Contact, ticket.contact_id)
    claimed = contact.fields.get("email") if "email" in kinds else None
    if not isinstance(claimed, str):
        return None
    # A visitor's own word for where to answer; not an identity, since it was never proved.
    return Identity(contact_id=contact.id, kind="email", value=claimed)


async def of_contact(
    session: AsyncSession, contact_id: UUID, kinds: Sequence[str]
) -> Identity | None:
    """The best address: one that works before others, then by kind, then the newest."""
    known = await _known(session, contact_id, kinds)
    return known[0] if known else None


async def _known(
    session: AsyncSession, contact_id: UUID, kinds: Sequence[str]
) -> Sequence[Identity]:
    rows = await session.scalars(
        select(Identity)
        .where(Identity.contact_id == contact_id, Identity.kind.in_(kinds))
        .order_by(Identity.undeliverable_at.is_not(None), Identity.id.desc())
    )
    return sorted(
        rows.all(), key=lambda one: (one.undeliverable_at is not None, kinds.index(one.kind))
    )


async def _written_from(session: AsyncSession, ticket: Ticket) -> str:
    """The address of the customer's last message in the ticket, in lower case."""
    last = await session.scalar(
        select(Message.envelope)
        .where(
            Message.ticket_id == ticket.id,
            Message.kind == "inbound",
            Message.author_id == ticket.contact_id,
            Message.automated.is_(None),
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return str((last or {}).get("from", "")).lower()
