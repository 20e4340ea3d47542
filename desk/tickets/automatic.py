"""What the desk itself writes into a thread: texts sent by a rule, and echoes from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from desk.events import Actor, Kind
from desk.tickets import lifecycle, service
from desk.tickets.models import Message, Ticket
from desk.tickets.storing import File, new_message, store
from desk.unit_of_work import UnitOfWork

ELSEWHERE: Final = Actor("system", None, "Sent from elsewhere")


async def write(
    work: UnitOfWork, ticket: Ticket, inbox_id: UUID, text: str, why: str, name: str
) -> Message:
    """Send a text that no person wrote; the ticket's state does not move."""
    row = new_message(
        work,
        ticket,
        kind="reply",
        direction="out",
        author=Actor("system", None, name),
        text=text,
        fresh=text,
        state="queued",
    )
    row.inbox_id = inbox_id
    row.extra = {"automatic": why}
    await store(work, row)
    work.record(
        Kind.MESSAGE_QUEUED,
        actor=Actor("system", None, name),
        reason=f"answers {why.upper()}",
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        message_id=row.id,
        data={"seq": row.seq, "channel": row.channel, "state": "queued", "hold_until": None},
    )
    return row


async def mirror(  # noqa: PLR0913 - all by name
    work: UnitOfWork,
    ticket: Ticket,
    *,
    inbox_id: UUID,
    channel: str,
    name: str,
    text: str,
    occurred_at: datetime | None,
    extra: dict[str, Any],
    files: Sequence[File],
    raw_id: UUID | None,
) -> Message:
    """A reply that went out by other means, on a locked ticket; it tells nobody anything new."""
    changes: dict[str, tuple[Any, Any]] = {}
    when = min(occurred_at or work.now, work.now)
    if ticket.waiting_since is None or when >= ticket.waiting_since:
        service.apply_state(
            ticket, lifecycle.agent_replied(service.state_of(ticket), work.now), changes
        )
    row = new_message(
        work,
        ticket,
        kind="reply",
        direction="out",
        author=ELSEWHERE,
        text=text,
        fresh=text,
        state="sent",
        occurred_at=occurred_at,
    )
    row.inbox_id = inbox_id
    row.channel = channel
    row.channel_message_id = name[:998]
    row.extra = {**extra, "elsewhere": True}
    row.raw_inbound_id = raw_id
    row.sent_at = row.occurred_at
    await store(work, row, files)
    if changes:
        work.record(
            Kind.TICKET_CHANGED,
            actor=ELSEWHERE,
            reason="it was answered from elsewhere",
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            changes=changes,
        )
    work.record(
        Kind.MESSAGE_MIRRORED,
        actor=ELSEWHERE,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        message_id=row.id,
        data={
            "seq": row.seq,
            "channel": row.channel,
            **({"awaited": True} if row.attachment_count else {}),
        },
    )
    return row
