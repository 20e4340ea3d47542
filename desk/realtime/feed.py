"""The agents' live feed: committed events with the row and message they left behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.log import FEED, CounterRow, EventRow
from desk.events import StoredEvent
from desk.tickets.models import Message, Ticket
from desk.tickets.views import (
    FeedItem,
    TicketRow,
    attachments_of,
    event_view,
    feed_item,
    message_view,
    ticket_row,
)

MAX_BEHIND: Final = 500
_SHOWN: Final = (
    "ticket.",
    "message.",
    "note.",
    "contact.",
    "identity.",
    "decision.",
    "consent.",
    "alarm.",
    "bot.handed",
    "bot.given",
)
_MESSAGES: Final = ("message.", "note.")


@dataclass(frozen=True, slots=True)
class Missed:
    """What a client did not see; `reset` means it is too far behind and should fetch anew."""

    items: list[FeedItem]
    head_seq: int
    reset: bool


def is_shown(kind: str) -> bool:
    """Whether agents see the event; the others only keep their place in the sequence."""
    return kind.startswith(_SHOWN)


async def head(session: AsyncSession) -> int:
    """The newest committed seq."""
    return (await session.scalar(select(CounterRow.value).where(CounterRow.name == FEED))) or 0


async def fresh(
    session: AsyncSession | None, stored: Sequence[StoredEvent], touched: Mapping[UUID, Any]
) -> list[FeedItem]:
    """Feed items of a commit, from the rows its unit of work still knows."""
    with_files = [
        row.id for row in touched.values() if isinstance(row, Message) and row.attachment_count
    ]
    files = await attachments_of(session, with_files) if session and with_files else {}
    rows: dict[UUID, TicketRow] = {}
    items: list[FeedItem] = []
    for event in stored:
        ticket_id, message_id = event.event.ticket_id, event.event.message_id
        kind = event.event.kind.value
        if not is_shown(kind):
            items.append(masked(event.seq, event))
            continue
        ticket = touched.get(ticket_id) if ticket_id else None
        if isinstance(ticket, Ticket) and ticket.id not in rows:
            rows[ticket.id] = ticket_row(ticket, read_seq=0)
        message = touched.get(message_id) if message_id else None
        view = (
            message_view(message, files.get(message.id, ()))
            if isinstance(message, Message) and kind.startswith(_MESSAGES)
            else None
        )
        items.append(feed_item(event, rows.get(ticket_id) if ticket_id else None, view))
    return items


def masked(seq: int, stored: StoredEvent) -> FeedItem:
    """An event that is not for every agent's eyes: its place in the sequence and no more."""
    item = feed_item(stored, None, None)
    return msgspec.structs.replace(
        item,
        kind="other",
        actor=msgspec.structs.replace(item.actor, kind="system", id=None, name=""),
        reason="",
        ticket_id=None,
        contact_id=None,
        message_id=None,
        changes={},
        data={},
        seq=seq,
    )


async def since(session: AsyncSession, last_seq: int) -> Missed:
    """Everything after `last_seq`, in order, with rows as they are now."""
    newest = await head(session)
    if last_seq > newest or newest - last_seq > MAX_BEHIND:
        return Missed([], newest, reset=True)
    events = (
        await session.scalars(
            select(EventRow).where(EventRow.seq > last_seq).order_by(EventRow.seq)
        )
    ).all()
    shown = [event for event in events if is_shown(event.kind)]
    ticket_ids = {event.ticket_id for event in shown if event.ticket_id}
    tickets: dict[UUID, TicketRow] = {}
    if ticket_ids:
        found = await session.scalars(select(Ticket).where(Ticket.id.in_(ticket_ids)))
        tickets = {ticket.id: ticket_row(ticket, read_seq=0) for ticket in found}
    message_ids = {
        event.message_id for event in shown if event.message_id and event.kind.startswith(_MESSAGES)
    }
    messages: dict[UUID, Message] = {}
    if message_ids:
        found_messages = await session.scalars(select(Message).where(Message.id.in_(message_ids)))
        messages = {message.id: message for message in found_messages}
    files = await attachments_of(session, [m.id for m in messages.values() if m.attachment_count])
    items: list[FeedItem] = []
    for event in events:
        view = event_view(event)
        if not is_shown(event.kind):
            items.append(
                FeedItem(
                    id=view.id,
                    seq=view.seq,
                    kind="other",
                    ticket_id=None,
                    contact_id=None,
                    message_id=None,
                    actor=msgspec.structs.replace(view.actor, kind="system", id=None, name=""),
                    reason="",
                    changes={},
                    data={},
                    at=view.at,
                )
            )
            continue
        message = None
        if event.message_id and event.kind.startswith(_MESSAGES):
            message = messages.get(event.message_id)
        items.append(
            FeedItem(
                **{name: getattr(view, name) for name in view.__struct_fields__},
                row=tickets.get(event.ticket_id) if event.ticket_id else None,
                message=message_view(message, files.get(message.id, ())) if message else None,
            )
        )
    return Missed(items, newest, reset=False)
