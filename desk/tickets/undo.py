"""Taking a held reply back, with all that writing it did to its ticket; sending one again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from desk.db.log import EventRow
from desk.errors import NotFound, TooLate
from desk.events import Kind
from desk.tickets import lifecycle, service
from desk.tickets.models import Delivery, Message, Ticket
from desk.tickets.states import locked_message, set_state
from desk.tickets.storing import shown_last
from desk.unit_of_work import UnitOfWork

PARTIAL: Final = "partial"  # an adapter's code: some of a message went out


async def undo(work: UnitOfWork, message_id: UUID) -> Message:
    """Take back a reply that is still held. Raises TooLate once it is on its way."""
    ticket_id = await work.session.scalar(select(Message.ticket_id).where(Message.id == message_id))
    if ticket_id is None:
        raise NotFound("There is no such message.")
    ticket = await service.locked(work, ticket_id)  # before the message, as whoever writes does
    row = await locked_message(work, message_id)
    if row.kind != "reply" or row.state != "queued" or row.hold_until is None:
        raise TooLate("This message is already on its way and cannot be taken back.")
    if row.author_id != work.actor.id:
        raise TooLate("Only the one who wrote a message can take it back.")
    await set_state(work, row, "canceled", "taken back before it was sent")
    row.hold_until = None
    await work.session.flush()
    await _restore(work, ticket, row)
    return row


async def _restore(work: UnitOfWork, ticket: Ticket, row: Message) -> None:
    """The customer waits again, and the list row shows what is the last message now."""
    changes: dict[str, tuple[Any, Any]] = {}
    service.apply_state(ticket, await _state_before(work, ticket, row), changes)
    newest = await work.session.scalar(
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.state != "canceled")
        .order_by(Message.occurred_at.desc(), Message.seq.desc())
        .limit(1)
    )
    if newest is not None:
        shown_last(ticket, newest)
    service.touch(ticket, work.now)
    if changes:
        work.record(
            Kind.TICKET_CHANGED,
            reason="a reply was taken back",
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            changes=changes,
        )


async def _state_before(work: UnitOfWork, ticket: Ticket, row: Message) -> lifecycle.State:
    written: dict[str, Any] = (
        await work.session.scalar(
            select(EventRow.data)
            .where(
                EventRow.ticket_id == ticket.id,
                EventRow.kind == Kind.MESSAGE_QUEUED.value,
                EventRow.message_id == row.id,
            )
            .order_by(EventRow.seq)
            .limit(1)
        )
    ) or {}
    replies = select(func.min(Message.created_at)).where(
        Message.ticket_id == ticket.id, Message.kind == "reply", Message.state != "canceled"
    )
    first = await work.session.scalar(replies)
    answered_later = await work.session.scalar(replies.where(Message.seq > row.seq))
    since = written.get("waited_since")
    waited = datetime.fromisoformat(since) if since else None
    if answered_later is not None:
        waited = None
    return lifecycle.take_back(
        service.state_of(ticket), written.get("status"), waited, first_replied_at=first
    )


async def retry(work: UnitOfWork, message_id: UUID) -> Message:
    """Queue a failed message again."""
    row = await locked_message(work, message_id)
    if row.kind != "reply" or row.state not in {"failed", "dead"}:
        raise TooLate("Only a message that failed can be sent again.")
    code = await work.session.scalar(
        select(Delivery.code)
        .where(Delivery.message_id == row.id)
        .order_by(Delivery.attempt.desc())
        .limit(1)
    )
    if code == PARTIAL:
        raise TooLate(
            "A part of it was sent and would arrive twice. Send what is missing by itself."
        )
    await set_state(work, row, "queued", "")
    work.record(
        Kind.MESSAGE_QUEUED,
        reason="sent again by hand",
        ticket_id=row.ticket_id,
        message_id=row.id,
        data={"seq": row.seq, "channel": row.channel, "state": "queued", "again": True},
    )
    return row
