"""A message's state: moved under its row lock, each move recorded."""

from __future__ import annotations

from uuid import UUID

from desk.errors import NotFound
from desk.events import Kind
from desk.tickets.models import Message
from desk.unit_of_work import UnitOfWork


async def locked_message(work: UnitOfWork, message_id: UUID) -> Message:
    """A message with its row locked. Raises NotFound."""
    await work.session.flush()
    row = await work.session.get(Message, message_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no such message.")
    work.touch(row.id, row)
    return row


async def set_state(work: UnitOfWork, row: Message, state: str, reason: str) -> None:
    """Move a message's state and record it; times of sending, delivery and reading are kept."""
    before = row.state
    row.state = state
    row.state_reason = reason[:1000]
    if state in {"sent", "delivered", "read"}:
        row.retry_at = None
        row.sent_at = row.sent_at or work.now
        if state in {"delivered", "read"}:
            row.delivered_at = row.delivered_at or work.now
        if state == "read":
            row.read_at = row.read_at or work.now
    work.record(
        Kind.MESSAGE_STATE,
        reason=reason,
        ticket_id=row.ticket_id,
        message_id=row.id,
        changes={"state": (before, state)},
        data={"seq": row.seq, "channel": row.channel},
    )
