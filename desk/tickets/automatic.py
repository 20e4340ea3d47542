"""What the desk itself writes into a thread: texts sent by a rule, and echoes from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from desk.events import Actor, Kind
from desk.tickets import lifecycle, reading, service
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


async def bot_says(
    work: UnitOfWork,
    ticket: Ticket,
    *,
    inbox_id: UUID,
    channel: str,
    text: str,
    client_id: UUID,
    extra: dict[str, Any] | None = None,
    hands_over: datetime | None = None,
) -> Message:
    """What the bot says on a locked ticket. `hands_over`: since when the customer waits for us."""
    changes: dict[str, tuple[Any, Any]] = {}
    state = service.state_of(ticket)
    service.apply_state(
        ticket,
        lifecycle.bot_replied(state)
        if hands_over is None
        else lifecycle.handed_over(state, hands_over),
        changes,
    )
    live = channel in reading.LIVE
    row = new_message(
        work,
        ticket,
        kind="reply",
        direction="out",
        author=work.actor,
        text=text,
        fresh=text,
        state="sent" if live else "queued",
    )
    row.inbox_id = inbox_id
    row.channel = channel
    row.client_id = client_id
    row.subject = ticket.subject
    row.extra = extra
    if live:
        row.sent_at = work.now
    await store(work, row)
    if changes:
        work.record(
            Kind.TICKET_CHANGED,
            reason="the bot answered" if hands_over is None else "the bot handed over",
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            changes=changes,
        )
    work.record(
        Kind.MESSAGE_QUEUED,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        message_id=row.id,
        data={"seq": row.seq, "channel": row.channel, "state": row.state, "hold_until": None},
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
