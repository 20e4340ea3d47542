"""A message that will not arrive: no failure is invisible."""

from __future__ import annotations

from desk.events import Kind
from desk.tickets.models import Message
from desk.unit_of_work import UnitOfWork


def failed(work: UnitOfWork, row: Message, reason: str) -> None:
    """Raise the alarm that agents' pages and integrations listen for."""
    work.record(
        Kind.ALARM_RAISED,
        reason=reason,
        ticket_id=row.ticket_id,
        message_id=row.id,
        data={
            "code": "message.failed",
            "state": row.state,
            "channel": row.channel,
            "inbox_id": str(row.inbox_id),
            "seq": row.seq,
        },
    )
