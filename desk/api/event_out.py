"""How an event looks from outside: in the audit log and in a ticket's time line."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec

from desk.db.log import EventRow
from desk.events import ActorKind


class ActorOut(msgspec.Struct):
    """Who did it."""

    kind: ActorKind
    id: UUID | None
    name: str


class EventOut(msgspec.Struct):
    """One thing that happened; `changes` maps a field to what it was and what it became."""

    id: UUID
    seq: int
    kind: str
    ticket_id: UUID | None
    actor: ActorOut
    reason: str
    changes: dict[str, list[Any]]
    data: dict[str, Any]
    at: datetime


def event_out(row: EventRow) -> EventOut:
    """The event of a row."""
    return EventOut(
        id=row.id,
        seq=row.seq,
        kind=row.kind,
        ticket_id=row.ticket_id,
        actor=ActorOut(
            kind=cast("ActorKind", row.actor_kind),  # the unit of work writes no other
            id=row.actor_id,
            name=row.actor_name,
        ),
        reason=row.reason,
        changes=row.changes,
        data=row.data,
        at=row.at,
    )
