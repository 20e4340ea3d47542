"""Reading the event log: newest first, by keyset on `seq`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.log import EventRow


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events; a kind that ends with a dot stands for all that begin with it."""

    kinds: Sequence[str] = ()
    actor_id: UUID | None = None
    ticket_id: UUID | None = None
    contact_id: UUID | None = None


async def newest(
    session: AsyncSession, wanted: Filter, *, before_seq: int | None, limit: int
) -> Sequence[EventRow]:
    """At most `limit` events older than `before_seq`."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.kinds:
        conditions.append(or_(*(_is_kind(kind) for kind in wanted.kinds)))
    if wanted.actor_id is not None:
        conditions.append(EventRow.actor_id == wanted.actor_id)
    if wanted.ticket_id is not None:
        conditions.append(EventRow.ticket_id == wanted.ticket_id)
    if wanted.contact_id is not None:
        conditions.append(EventRow.contact_id == wanted.contact_id)
    if before_seq is not None:
        conditions.append(EventRow.seq < before_seq)
    statement = select(EventRow).where(*conditions).order_by(EventRow.seq.desc()).limit(limit)
    return (await session.execute(statement)).scalars().all()


def _is_kind(kind: str) -> ColumnElement[bool]:
    if kind.endswith("."):
        return EventRow.kind.startswith(kind, autoescape=True)
    return EventRow.kind == kind
