"""One message with all that is needed to send it, in the channel's form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import Address, Attachment, Button, ChannelError, OutboundMessage, Template
from desk.contacts.models import Contact, Identity
from desk.files.models import Attachment as StoredAttachment
from desk.files.store import BlobStore
from desk.inboxes.models import Inbox
from desk.tickets.models import Message, Ticket

MAX_REFERENCES: Final = 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything needed to send one message."""

    message: Message
    ticket: Ticket
    inbox: Inbox
    contact: Contact
    to: Identity | None
    files: tuple[StoredAttachment, ...]
    in_reply_to: str | None
    references: tuple[str, ...]
    reply_to: str | None = None  # the provider's name of the message that this one answers


async def load(
    session: AsyncSession, message_id: UUID, identity_kind: str | None, inbox_id: UUID | None = None
) -> Parcel | None:
    """The message with what surrounds it; `inbox_id` sends it from another inbox."""
    message = await session.get(Message, message_id)
    if message is None:
        return None
    ticket = await session.get_one(Ticket, message.ticket_id)
    inbox = await session.get_one(Inbox, inbox_id or message.inbox_id)
    contact = await session.get_one(Contact, ticket.contact_id)
    kind = identity_kind or inbox.channel
    to = await _recipient(session, ticket, kind)
    files = tuple(
        (
            await session.scalars(
                select(StoredAttachment)
                .where(StoredAttachment.message_id == message_id)
                .order_by(StoredAttachment.position)
            )
        ).all()
    )
    chain = (
        await session.execute(
            select(Message.channel_message_id, Message.direction)
            .where(
                Message.ticket_id == ticket.id,
                Message.seq < message.seq,
                Message.channel_message_id.is_not(None),
                Message.channel == "email",
            )
            .order_by(Message.seq.desc())
            .limit(MAX_REFERENCES)
        )
    ).all()
    named = [(row[0], row[1]) for row in chain if row[0] is not None and "@" in row[0]]
    ids = [name for name, _ in named]
    inbound = next((name for name, direction in named if direction == "in"), None)
    return Parcel(
        message=message,
        ticket=ticket,
        inbox=inbox,
        contact=contact,
        to=to,
        files=files,
        in_reply_to=inbound or (ids[0] if ids else None),
        references=tuple(reversed(ids)),
        reply_to=await _reply_to(session, message),
    )


async def _reply_to(session: AsyncSession, message: Message) -> str | None:
    seq = (message.extra or {}).get("reply_to_seq")
    if not isinstance(seq, int):
        return None
    return await session.scalar(
        select(Message.channel_message_id).where(
            Message.ticket_id == message.ticket_id, Message.seq == seq
        )
    )


async def _recipient(session: AsyncSession, ticket: Ticket, kind: str) -> Identity | None:
    """Where the answer goes: the address the customer last wrote from, else the newest one."""
    last = await session.scalar(
        select(Message.envelope)
        .where(
            Message.ticket_id == ticket.id,
            Message.kind == "inbound",
            Message.author_id == ticket.contact_id,
            Message.automated.is_(None),
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    known = (
        await session.scalars(
            select(Identity)
            .where(Identity.contact_id == ticket.contact_id, Identity.kind == kind)
            .order_by(Identity.undeliverable_at.is_not(None), Identity.id.desc())
        )
    ).all()
    written = str((last or {}).get("from", "")).lower()
    if known:
        alive = (i for i in known if i.value == written and i.undeliverable_at is None)
        return next(alive, known[0])
    contact = await session.get_one(Contact, ticket.contact_id)
    claimed = contact.fields.get("email") if kind == "email" else None
    if not isinstance(claimed, str):
        return None
    # A visitor's own word for where to answer; not an identity, since it was never proved.
    return Identity(contact_id=contact.id, kind="email", value=claimed)


def outbound(
    parcel: Parcel,
    blobs: BlobStore,
    *,
    message_id: str | None,
    reply_token: str,
    key: str | None = None,
    subject: str | None = None,
    text: str | None = None,
) -> OutboundMessage:
    """The parcel in the channel's form. Reads the attachments' content."""
    message = parcel.message
    to = parcel.to
    if to is None:
        raise ChannelError(
            f"{parcel.contact.name or 'This contact'} has no address on this channel; add one "
            "to the contact or answer on another channel.",
            retryable=False,
            code="no-address",
        )
    cc = (message.envelope or {}).get("cc", [])
    return OutboundMessage(
        key=key or str(message.id),
        to=Address(to.kind, to.value, parcel.contact.name),
        text=text if text is not None else message.text,
        html=message.html if text is None else None,
        subject=subject if subject is not None else _subject(parcel),
        cc=tuple(Address("email", value) for value in cc),
        attachments=tuple(
            Attachment(
                filename=file.filename,
                content_type=file.content_type,
                data=blobs.get(file.sha256),
                inline=file.inline,
                content_id=file.content_id,
            )
            for file in parcel.files
        ),
        message_id=message_id,
        in_reply_to=parcel.in_reply_to,
        references=parcel.references,
        reply_token=reply_token or None,
        author_name=message.author_name,
        automated=message.author_kind in {"bot", "system", "rule"},
        conversation=parcel.ticket.conversation or "",
        number=parcel.ticket.number,
        locale=parcel.ticket.locale,
        reply_to=parcel.reply_to,
        **_special(message.extra or {}),
    )


def _special(extra: Mapping[str, Any]) -> dict[str, Any]:
    """What only some channels can send."""
    found: dict[str, Any] = {}
    if isinstance(extra.get("template"), Mapping):
        found["template"] = template_of(extra["template"])
    if extra.get("buttons"):
        found["buttons"] = msgspec.convert(extra["buttons"], tuple[Button, ...])
    if extra.get("tag"):
        found["tag"] = str(extra["tag"])
    return found


def template_of(stored: Mapping[str, Any]) -> Template:
    """From JSON."""
    return msgspec.convert(stored, Template)


def _subject(parcel: Parcel) -> str:
    subject = parcel.ticket.subject
    first = parcel.message.seq == 1  # we write first: nothing is answered
    return subject if first or subject.lower().startswith("re:") else f"Re: {subject}"
