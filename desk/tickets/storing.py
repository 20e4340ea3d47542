"""A message's row and its files: made under the ticket's row lock, stored with one INSERT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select

from desk.db.types import Base, new_id
from desk.errors import Invalid
from desk.events import Actor
from desk.files.models import Attachment
from desk.tickets import service
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import UnitOfWork

PREVIEW_CHARS: Final = 140
_TABLE: Final = Base.metadata.tables["message"]
_INSERT: Final = insert(_TABLE)
_COLUMNS: Final = tuple(column.key for column in _TABLE.columns)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose blob is stored already."""

    filename: str
    content_type: str
    size: int
    sha256: str
    inline: bool = False
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class AwaitedFile:
    """A file that the provider keeps; `media` is what the channel needs to fetch it."""

    filename: str
    content_type: str  # as declared
    size: int  # as declared; 0 when unknown
    media: dict[str, Any]


File = StoredFile | AwaitedFile


def preview(text: str) -> str:
    """The first line's worth of a message."""
    flat = " ".join(text[: PREVIEW_CHARS * 4].split())
    return flat if len(flat) <= PREVIEW_CHARS else flat[: PREVIEW_CHARS - 1].rstrip() + "…"


def new_message(  # noqa: PLR0913 - all by name
    work: UnitOfWork,
    ticket: Ticket,
    *,
    kind: str,
    direction: str,
    author: Actor,
    text: str,
    fresh: str,
    state: str,
    occurred_at: datetime | None = None,
) -> Message:
    """The next message of a locked ticket, with the list row's copies brought up to date.

    `occurred_at` is when it was written, where that is known; one that comes after messages that
    were written later is `late`, and is not what the list row shows.
    """
    newest = ticket.last_message_at
    if occurred_at is not None:
        written = min(occurred_at, work.now)
    else:  # it stands last, even if another unit that began later had the row's lock first
        written = max(work.now, newest or work.now)
    late = newest is not None and written < newest
    ticket.last_seq += 1
    service.touch(ticket, work.now)
    row = Message(
        id=new_id(),
        ticket_id=ticket.id,
        seq=ticket.last_seq,
        inbox_id=ticket.inbox_id,
        kind=kind,
        direction=direction,
        channel=ticket.channel,
        author_kind=author.kind,
        author_id=author.id,
        author_name=author.name[:200],
        channel_message_id=None,
        client_id=None,
        raw_inbound_id=None,
        subject="",
        text=text,
        fresh=fresh,
        quoted="",
        html=None,
        envelope=None,
        extra=None,
        automated=None,
        attachment_count=0,
        state=state,
        state_reason="",
        hold_until=None,
        retry_at=None,
        created_at=work.now,
        occurred_at=written,
        late=late,
        edited_at=None,
        removed_at=None,
        sent_at=None,
        delivered_at=None,
        read_at=None,
    )
    if not late:
        shown_last(ticket, row)
    work.touch(row.id, row)
    return row


def shown_last(ticket: Ticket, row: Message) -> None:
    """Copy what the list row says of the newest message."""
    ticket.last_message_at = row.occurred_at
    ticket.last_message_kind = row.kind
    ticket.last_message_preview = preview(row.fresh)
    ticket.last_message_author = row.author_name


async def store(
    work: UnitOfWork,
    row: Message,
    files: Sequence[File] = (),
    uploaded: Sequence[UUID] = (),
    owner: str = "",
) -> None:
    """Insert a message and its attachments; `owner` (kind:id) made the uploads.

    A plain INSERT and not the session's: it is the desk's commonest write, and costs half.
    """
    wanted = list(dict.fromkeys(uploaded))
    row.attachment_count = len(files) + len(wanted)
    await work.session.execute(_INSERT, {name: getattr(row, name) for name in _COLUMNS})
    for position, file in enumerate(files):
        work.session.add(_attachment(work, row, position, file))
    if wanted:
        await _adopt(work, row, wanted, len(files), owner)
    if row.attachment_count:
        await work.session.flush()


async def _adopt(
    work: UnitOfWork, row: Message, wanted: Sequence[UUID], position: int, owner: str
) -> None:
    """Give uploads that wait to their message. Raises Invalid for somebody else's."""
    found = await work.session.scalars(
        select(Attachment).where(
            Attachment.id.in_(wanted),
            Attachment.message_id.is_(None),
            Attachment.uploaded_by == owner,
        )
    )
    by_id = {attachment.id: attachment for attachment in found}
    if len(by_id) != len(wanted):
        raise Invalid(errors=[("attachment_ids", "name a file that was not uploaded by you")])
    for offset, attachment_id in enumerate(wanted):
        by_id[attachment_id].message_id = row.id
        by_id[attachment_id].position = position + offset


def _attachment(work: UnitOfWork, row: Message, position: int, file: File) -> Attachment:
    stored = file if isinstance(file, StoredFile) else None
    return Attachment(
        id=new_id(),
        message_id=row.id,
        position=position,
        filename=file.filename,
        content_type=file.content_type,
        size=file.size,
        sha256=stored.sha256 if stored else "",
        inline=stored.inline if stored else False,
        content_id=stored.content_id if stored else None,
        state="stored" if stored else "pending",
        state_reason="",
        media=None if isinstance(file, StoredFile) else file.media,
        uploaded_by="",
        created_at=work.now,
    )
