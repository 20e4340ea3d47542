"""Queries on tickets, messages and what belongs to them. Lists are in `lists.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.models import Contact
from desk.tickets.models import (
    Draft,
    Message,
    Ticket,
    TicketLink,
    TicketRead,
    TicketTag,
)

# Sort name -> columns. Tickets without a value come last; by deadline, those without one follow
# in the order in which their customers wait.
# Built once: these are the desk's commonest questions, and building one costs as much as asking.
_KNOWN: Final = select(Message.__table__.c.id).where(
    Message.__table__.c.inbox_id == bindparam("inbox"),
    Message.__table__.c.direction == bindparam("direction"),
    Message.__table__.c.channel_message_id == bindparam("name"),
)


_LOCKED: Final = (
    select(Ticket)
    .where(Ticket.id == bindparam("ticket"))
    # Ids never change: rows that point at the ticket may be written beside it. A full lock and the
    # share that a foreign key takes would wait for each other (a note and a read mark at once).
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_ID: Final = select(Ticket.id).where(Ticket.id == bindparam("ticket"))
_WITH_CONTACT: Final = (
    select(Ticket, Contact)
    .join(Contact, Contact.id == Ticket.contact_id)
    .where(Ticket.id == bindparam("ticket"))
)
_OWN: Final = (
    select(TicketRead.seq, Draft)
    .select_from(Ticket)
    .outerjoin(
        TicketRead,
        and_(TicketRead.ticket_id == Ticket.id, TicketRead.agent_id == bindparam("agent")),
    )
    .outerjoin(Draft, and_(Draft.ticket_id == Ticket.id, Draft.agent_id == bindparam("agent")))
    .where(Ticket.id == bindparam("ticket"))
)
_other = Ticket.__table__.alias("other")
_LINKS: Final = (
    select(TicketLink.kind, _other.c.id, _other.c.number, _other.c.subject)
    .join(
        _other,
        or_(
            and_(TicketLink.source_id == bindparam("ticket"), _other.c.id == TicketLink.target_id),
            and_(TicketLink.target_id == bindparam("ticket"), _other.c.id == TicketLink.source_id),
        ),
    )
    .order_by(_other.c.number)
)


async def get(session: AsyncSession, ticket_id: UUID, *, lock: bool = False) -> Ticket | None:
    """A ticket; with `lock` its row is locked until the commit, and read anew.

    One that was read before the lock may be older than what another writer has committed since.
    """
    if not lock:
        return await session.get(Ticket, ticket_id)
    await session.flush()
    return await session.scalar(_LOCKED, {"ticket": ticket_id})


async def with_contact(session: AsyncSession, ticket_id: UUID) -> tuple[Ticket, Contact] | None:
    """A ticket and whose it is."""
    row = (await session.execute(_WITH_CONTACT, {"ticket": ticket_id})).first()
    return (row[0], row[1]) if row is not None else None


async def exists_ticket(session: AsyncSession, ticket_id: UUID) -> bool:
    """Whether there is such a ticket."""
    return await session.scalar(_ID, {"ticket": ticket_id}) is not None


async def own(session: AsyncSession, ticket_id: UUID, agent_id: UUID) -> tuple[int, Draft | None]:
    """How far the agent has read the ticket, and the agent's unsent text."""
    row = (await session.execute(_OWN, {"ticket": ticket_id, "agent": agent_id})).first()
    return (row[0] or 0, row[1]) if row is not None else (0, None)


async def id_by_number(session: AsyncSession, number: int) -> UUID | None:
    """The ticket that people know by this number."""
    return await session.scalar(select(Ticket.id).where(Ticket.number == number))


async def messages(
    session: AsyncSession,
    ticket_id: UUID,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    public_only: bool = False,
) -> list[Message]:
    """Messages of a ticket: what came after a seq, what stands before it, or the newest.

    The thread stands in the order in which it was written, (occurred_at, seq). `after` is for
    whoever catches up: the order of arrival.
    """
    query = select(Message).where(Message.ticket_id == ticket_id).limit(limit)
    if public_only:
        query = query.where(public())
    if after is not None:
        query = query.where(Message.seq > after).order_by(Message.seq)
        return list((await session.scalars(query)).all())
    if before is not None:
        query = query.where(await _stands_before(session, ticket_id, before))
    newest = query.order_by(Message.occurred_at.desc(), Message.seq.desc())
    found = list((await session.scalars(newest)).all())
    found.reverse()
    return found


async def _stands_before(session: AsyncSession, ticket_id: UUID, seq: int) -> ColumnElement[bool]:
    """What the thread shows above the message with this seq; all of lesser seq if it has none."""
    at = await session.scalar(
        select(Message.occurred_at).where(Message.ticket_id == ticket_id, Message.seq == seq)
    )
    if at is None:
        return Message.seq < seq
    return tuple_(Message.occurred_at, Message.seq) < (at, seq)


def public() -> ColumnElement[bool]:
    """What customers may see: no notes, no lines of the desk, nothing held, taken back, failed."""
    return and_(
        Message.kind.in_(("inbound", "reply")),
        Message.state.not_in(("queued", "sending", "canceled", "failed", "dead")),
    )


async def by_channel_id(
    session: AsyncSession, inbox_id: UUID, direction: str, channel_message_id: str
) -> Message | None:
    """The message that the channel knows by this id."""
    known = await session.scalar(
        _KNOWN, {"inbox": inbox_id, "direction": direction, "name": channel_message_id}
    )
    return await session.get(Message, known) if known is not None else None


async def by_client_id(session: AsyncSession, ticket_id: UUID, client_id: UUID) -> Message | None:
    """The message that a client made under this id."""
    return await session.scalar(
        select(Message).where(Message.ticket_id == ticket_id, Message.client_id == client_id)
    )


async def newer_than(
    session: AsyncSession, ticket_id: UUID, seq: int, agent_id: UUID
) -> Sequence[Message]:
    """Public messages after `seq` that somebody else wrote: what a reply would not have seen."""
    return (
        await session.scalars(
            select(Message)
            .where(
                Message.ticket_id == ticket_id,
                Message.seq > seq,
                Message.kind.in_(("inbound", "reply")),
                Message.state != "canceled",
                or_(Message.author_id.is_(None), Message.author_id != agent_id),
            )
            .order_by(Message.seq)
            .limit(20)
        )
    ).all()


async def read_seq(session: AsyncSession, ticket_id: UUID, agent_id: UUID) -> int:
    """How far the agent has read."""
    row = await session.get(TicketRead, (ticket_id, agent_id))
    return row.seq if row else 0


async def furthest_read(session: AsyncSession, ticket_id: UUID) -> int:
    """How far any agent has read; 0 when nobody has."""
    query = select(func.max(TicketRead.seq)).where(TicketRead.ticket_id == ticket_id)
    return await session.scalar(query) or 0


async def draft(session: AsyncSession, ticket_id: UUID, agent_id: UUID) -> Draft | None:
    """The agent's unsent text."""
    return await session.get(Draft, (ticket_id, agent_id))


async def links(session: AsyncSession, ticket_id: UUID) -> Sequence[Any]:
    """Linked tickets as (kind, ticket id, number, subject)."""
    return (await session.execute(_LINKS, {"ticket": ticket_id})).all()


async def tag_counts(session: AsyncSession) -> Sequence[Any]:
    """Every tag with how many tickets have it."""
    return (
        await session.execute(
            select(TicketTag.name, func.count()).group_by(TicketTag.name).order_by(TicketTag.name)
        )
    ).all()
