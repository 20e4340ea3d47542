"""Messages that did not go out: listed, counted, given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import TooLate
from desk.tickets import states
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import UnitOfWork

FAILED: Final = ("failed", "dead")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which ones."""

    states: Sequence[str] = field(default=FAILED)
    channel: str | None = None
    inbox_id: UUID | None = None


async def listing(
    session: AsyncSession, wanted: Filter, before: UUID | None, limit: int
) -> Sequence[Any]:
    """(message, ticket number, subject, contact's name), newest first."""
    query = (
        select(Message, Ticket.number, Ticket.subject, Ticket.contact_name)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.state.in_(wanted.states), Message.kind == "reply")
    )
    if wanted.channel:
        query = query.where(Message.channel == wanted.channel)
    if wanted.inbox_id is not None:
        query = query.where(Message.inbox_id == wanted.inbox_id)
    if before is not None:
        query = query.where(Message.id < before)
    return (await session.execute(query.order_by(Message.id.desc()).limit(limit))).all()


async def count(session: AsyncSession) -> int:
    """How many there are."""
    query = select(func.count()).where(Message.state.in_(FAILED), Message.kind == "reply")
    return await session.scalar(query) or 0


async def give_up(work: UnitOfWork, message_id: UUID) -> Message:
    """Nobody will send it again; it stays in the thread. Raises TooLate."""
    row = await states.locked_message(work, message_id)
    if row.kind != "reply" or row.state not in FAILED:
        raise TooLate("Only a message that failed can be given up.")
    reason = row.state_reason
    await states.set_state(work, row, "canceled", f"given up after: {reason}"[:1000])
    return row
