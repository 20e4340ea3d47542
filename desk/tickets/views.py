"""Tickets, messages and events as they cross the edge: HTTP answers and feed items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.views import ContactRef
from desk.db.log import EventRow
from desk.events import StoredEvent
from desk.files.models import Attachment
from desk.tickets.models import Message, Ticket


class LastMessage(msgspec.Struct, frozen=True):
    """The line of a list row that says what happened last."""

    at: datetime
    preview: str
    kind: str
    author_name: str


class TicketRow(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as a list shows it."""

    id: UUID
    number: int
    subject: str
    status: str
    priority: str
    channel: str
    inbox_id: UUID
    contact: ContactRef
    assignee_id: UUID | None
    team_id: UUID | None
    locale: str | None
    tags: list[str]
    version: int
    last_seq: int
    last_inbound_seq: int
    last_message: LastMessage | None
    waiting_since: datetime | None
    next_due_at: datetime | None
    next_due_kind: str | None
    snoozed_until: datetime | None
    unread: bool
    created_at: datetime
    updated_at: datetime


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment; `url` answers with its content once its state is `stored`.

    `pending`: it is being fetched from the provider. `failed`: it could not be, see the reason.
    """

    id: UUID
    filename: str
    content_type: str
    size: int
    url: str
    inline: bool = False
    content_id: str | None = None
    state: str = "stored"
    state_reason: str = ""


class AuthorView(msgspec.Struct, frozen=True):
    """Who wrote a message."""

    kind: str
    id: UUID | None
    name: str


class EnvelopeView(msgspec.Struct, frozen=True, kw_only=True):
    """A mail's addresses and what its checks said."""

    sender: str = msgspec.field(name="from", default="")
    to: list[str] = msgspec.field(default_factory=list)
    cc: list[str] = msgspec.field(default_factory=list)
    auth: dict[str, str] = msgspec.field(default_factory=dict)
    problems: list[str] = msgspec.field(default_factory=list)


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message or note as the thread shows it. `text` is all of it, `fresh` without quotes.

    A thread is shown by (occurred_at, seq). `late`: it arrived after what was written later.
    `extra` holds what only some channels have; `desk/tickets/extras.py` lists it.
    """

    id: UUID
    ticket_id: UUID
    seq: int
    kind: str
    author: AuthorView
    channel: str
    subject: str
    text: str
    fresh: str
    quoted: str
    html: str | None
    attachments: list[FileView]
    state: str
    state_reason: str
    hold_until: datetime | None
    retry_at: datetime | None
    automated: str | None
    envelope: EnvelopeView | None
    extra: dict[str, Any]
    client_id: UUID | None
    created_at: datetime
    occurred_at: datetime
    late: bool
    edited_at: datetime | None
    removed_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a ticket's history."""

    id: UUID
    seq: int
    kind: str
    ticket_id: UUID | None
    contact_id: UUID | None
    message_id: UUID | None
    actor: AuthorView
    reason: str
    changes: dict[str, Any]
    data: dict[str, Any]
    at: datetime


class FeedItem(EventView, frozen=True, kw_only=True):
    """An event with the row and the message it left behind, for the live feed."""

    row: TicketRow | None = None
    message: MessageView | None = None


def ticket_row(source: Ticket | Row[Any], *, read_seq: int | None = None) -> TicketRow:
    """From a model or a selected row (which brings its own `read_seq`)."""
    read = getattr(source, "read_seq", 0) if read_seq is None else read_seq
    last = (
        LastMessage(
            source.last_message_at,
            source.last_message_preview,
            source.last_message_kind or "",
            source.last_message_author,
        )
        if source.last_message_at is not None
        else None
    )
    return TicketRow(
        id=source.id,
        number=source.number,
        subject=source.subject,
        status=source.status,
        priority=source.priority,
        channel=source.channel,
        inbox_id=source.inbox_id,
        contact=ContactRef(source.contact_id, source.contact_name),
        assignee_id=source.assignee_id,
        team_id=source.team_id,
        locale=source.locale,
        tags=source.tags,
        version=source.version,
        last_seq=source.last_seq,
        last_inbound_seq=source.last_inbound_seq,
        last_message=last,
        waiting_since=source.waiting_since,
        next_due_at=source.next_due_at,
        next_due_kind=source.next_due_kind,
        snoozed_until=source.snoozed_until,
        unread=source.last_inbound_seq > read,
        created_at=source.created_at,
        updated_at=source.updated_at,
    )


def file_view(row: Attachment, base: str = "/api/v1/files") -> FileView:
    """An attachment with the address of its content."""
    return FileView(
        id=row.id,
        filename=row.filename,
        content_type=row.content_type,
        size=row.size,
        url=f"{base}/{row.id}",
        inline=row.inline,
        content_id=row.content_id,
        state=row.state,
        state_reason=row.state_reason,
    )


def message_view(row: Message, files: Sequence[Attachment] = ()) -> MessageView:
    """From a model with its attachments."""
    return MessageView(
        id=row.id,
        ticket_id=row.ticket_id,
        seq=row.seq,
        kind=row.kind,
        author=AuthorView(row.author_kind, row.author_id, row.author_name),
        channel=row.channel,
        subject=row.subject,
        text=row.text,
        fresh=row.fresh,
        quoted=row.quoted,
        html=row.html,
        attachments=[file_view(file) for file in files],
        state=row.state,
        state_reason=row.state_reason,
        hold_until=row.hold_until,
        retry_at=row.retry_at,
        automated=row.automated,
        envelope=_envelope(row.envelope),
        extra=row.extra or {},
        client_id=row.client_id,
        created_at=row.created_at,
        occurred_at=row.occurred_at,
        late=row.late,
        edited_at=row.edited_at,
        removed_at=row.removed_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        read_at=row.read_at,
    )


def _envelope(stored: Mapping[str, Any] | None) -> EnvelopeView | None:
    if stored is None:
        return None
    return EnvelopeView(
        sender=stored.get("from", ""),
        to=stored.get("to", []),
        cc=stored.get("cc", []),
        auth=stored.get("auth", {}),
        problems=stored.get("problems", []),
    )


async def message_views(session: AsyncSession, rows: Sequence[Message]) -> list[MessageView]:
    """Messages with their attachments: one more statement at most, however many there are."""
    files = await attachments_of(session, [row.id for row in rows if row.attachment_count])
    return [message_view(row, files.get(row.id, ())) for row in rows]


async def attachments_of(
    session: AsyncSession, message_ids: Iterable[UUID]
) -> dict[UUID, list[Attachment]]:
    """Attachments by message, in their order."""
    ids = list(message_ids)
    found: dict[UUID, list[Attachment]] = {}
    if not ids:
        return found
    rows = await session.scalars(
        select(Attachment)
        .where(Attachment.message_id.in_(ids))
        .order_by(Attachment.message_id, Attachment.position)
    )
    for row in rows:
        if row.message_id is not None:
            found.setdefault(row.message_id, []).append(row)
    return found


def event_view(row: EventRow) -> EventView:
    """From the log."""
    return EventView(
        id=row.id,
        seq=row.seq,
        kind=row.kind,
        ticket_id=row.ticket_id,
        contact_id=row.contact_id,
        message_id=row.message_id,
        actor=AuthorView(row.actor_kind, row.actor_id, row.actor_name),
        reason=row.reason,
        changes=row.changes,
        data=row.data,
        at=row.at,
    )


def feed_item(stored: StoredEvent, row: TicketRow | None, message: MessageView | None) -> FeedItem:
    """From an event that was just committed."""
    event = stored.event
    return FeedItem(
        id=stored.id,
        seq=stored.seq,
        kind=event.kind.value,
        ticket_id=event.ticket_id,
        contact_id=event.contact_id,
        message_id=event.message_id,
        actor=AuthorView(event.actor.kind, event.actor.id, event.actor.name),
        reason=event.reason,
        changes=dict(event.changes),
        data=event.data,
        at=stored.at,
        row=row,
        message=message,
    )
