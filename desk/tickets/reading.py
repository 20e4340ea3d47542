"""Who has read how far: agents in a ticket, visitors in their chat. Marks never move back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from desk.errors import NotFound
from desk.events import Kind
from desk.tickets import repository
from desk.tickets.models import Message, Ticket, TicketRead
from desk.tickets.states import set_state
from desk.unit_of_work import UnitOfWork

LIVE: Final = frozenset({"webchat"})
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite_insert, "postgresql": postgres_insert}


async def mark_read(work: UnitOfWork, ticket_id: UUID, agent_id: UUID, seq: int) -> None:
    """The agent has read up to `seq`; never moves back. Raises NotFound."""
    ticket = await repository.get(work.session, ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    seen = min(seq, ticket.last_seq)
    advanced = await mark(work, ticket_id, agent_id, seen)
    if advanced and ticket.channel in LIVE:  # the visitor sees that somebody is reading
        work.touch(ticket.id, ticket)
        work.record(Kind.TICKET_READ, ticket_id=ticket.id, data={"seq": seen})


async def mark(work: UnitOfWork, ticket_id: UUID, agent_id: UUID | None, seq: int) -> bool:
    """Move an agent's mark forward; whether it moved. Two browser tabs may do so at once."""
    if agent_id is None:
        return False
    new = _INSERT[work.session.get_bind().dialect.name](TicketRead).values(
        ticket_id=ticket_id, agent_id=agent_id, seq=seq
    )
    moved = await work.session.execute(
        new.on_conflict_do_update(
            index_elements=["ticket_id", "agent_id"],
            set_={"seq": new.excluded.seq},
            where=TicketRead.seq < new.excluded.seq,
        )
        .returning(TicketRead.seq)
        .execution_options(populate_existing=True)
    )
    return moved.first() is not None


async def visitor_read(work: UnitOfWork, ticket: Ticket, seq: int, state: str) -> Sequence[Message]:
    """The visitor's widget got (or showed) everything up to `seq`."""
    earlier = ("sent",) if state == "delivered" else ("sent", "delivered")
    rows = (
        await work.session.scalars(
            select(Message)
            .where(
                Message.ticket_id == ticket.id,
                Message.kind == "reply",
                Message.seq <= seq,
                Message.state.in_(earlier),
            )
            .order_by(Message.seq)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).all()
    for row in rows:
        work.touch(row.id, row)
        await set_state(work, row, state, "")
    if state == "read" and seq > ticket.visitor_read_seq:
        await work.session.execute(
            update(Ticket)
            .where(Ticket.id == ticket.id, Ticket.visitor_read_seq < seq)
            .values(visitor_read_seq=min(seq, ticket.last_seq))
            .execution_options(synchronize_session=False)
        )
    return rows
