"""The ticket row's copies against what they are copied from: found apart, and brought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.models import Contact
from desk.tickets.models import Message, Ticket, TicketTag
from desk.tickets.storing import preview
from desk.unit_of_work import UnitOfWork

CHUNK: Final = 500  # tickets a statement
COLUMNS: Final = (
    "last_seq",
    "last_inbound_seq",
    "last_message_at",
    "last_message_kind",
    "last_message_preview",
    "last_message_author",
    "tags",
    "contact_name",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A copy that is not what it should be."""

    ticket_id: UUID
    number: int
    column: str
    stored: Any
    actual: Any


async def differences(session: AsyncSession) -> list[Difference]:
    """Every copied column that does not say what its source says; empty when all is well."""
    found: list[Difference] = []
    after: UUID | None = None
    while True:
        query = select(Ticket.id, Ticket.number, *(getattr(Ticket, name) for name in COLUMNS))
        if after is not None:
            query = query.where(Ticket.id > after)
        rows = (await session.execute(query.order_by(Ticket.id).limit(CHUNK))).all()
        if not rows:
            return found
        actual = await _actual(session, [row.id for row in rows])
        for row in rows:
            for name in COLUMNS:
                stored, right = getattr(row, name), actual[row.id][name]
                if stored != right:
                    found.append(Difference(row.id, row.number, name, stored, right))
        after = rows[-1].id


async def rebuild(work: UnitOfWork) -> list[Difference]:
    """Put right what `differences` finds, and say what it was."""
    found = await differences(work.session)
    for item in found:
        await work.session.execute(
            update(Ticket)
            .where(Ticket.id == item.ticket_id)
            .values({item.column: item.actual})
            .execution_options(synchronize_session=False)
        )
    return found


async def _actual(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the columns should hold, by ticket."""
    result = {one: _empty() for one in ids}
    seqs = (
        select(Message.ticket_id, func.max(Message.seq))
        .where(Message.ticket_id.in_(ids))
        .group_by(Message.ticket_id)
    )
    for ticket_id, seq in await session.execute(seqs):
        result[ticket_id]["last_seq"] = seq
    place = func.row_number().over(
        partition_by=Message.ticket_id, order_by=(Message.occurred_at.desc(), Message.seq.desc())
    )
    ranked = select(Message.id, place.label("place")).where(Message.ticket_id.in_(ids)).subquery()
    last = (
        select(
            Message.ticket_id,
            Message.occurred_at,
            Message.kind,
            Message.fresh,
            Message.author_name,
        )
        .join(ranked, ranked.c.id == Message.id)
        .where(ranked.c.place == 1)
    )
    for row in await session.execute(last):
        result[row.ticket_id] |= {
            "last_message_at": row.occurred_at,
            "last_message_kind": row.kind,
            "last_message_preview": preview(row.fresh),
            "last_message_author": row.author_name,
        }
    inbound = (
        select(Message.ticket_id, func.max(Message.seq).label("seq"))
        .where(Message.ticket_id.in_(ids), Message.kind == "inbound")
        .group_by(Message.ticket_id)
    )
    for ticket_id, seq in await session.execute(inbound):
        result[ticket_id]["last_inbound_seq"] = seq
    tags = select(TicketTag.ticket_id, TicketTag.name).where(TicketTag.ticket_id.in_(ids))
    for ticket_id, tag in await session.execute(tags):
        result[ticket_id]["tags"].append(tag)
    names = select(Ticket.id, Contact.name).join(Contact, Contact.id == Ticket.contact_id)
    for ticket_id, name in await session.execute(names.where(Ticket.id.in_(ids))):
        result[ticket_id]["contact_name"] = name
    for columns in result.values():  # the order of code points, as the copy has it
        columns["tags"].sort()
    return result


def _empty() -> dict[str, Any]:
    """A ticket without messages."""
    return {
        "last_seq": 0,
        "last_inbound_seq": 0,
        "last_message_at": None,
        "last_message_kind": None,
        "last_message_preview": "",
        "last_message_author": "",
        "tags": [],
        "contact_name": "",
    }
