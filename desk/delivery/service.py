"""Outbound messages: what is to be sent, and what became of each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import Address, Attachment, ChannelError, OutboundMessage, Receipt
from desk.contacts.models import Contact, Identity
from desk.db.types import new_id
from desk.events import Kind
from desk.files.models import Attachment as StoredAttachment
from desk.files.store import BlobStore
from desk.inboxes.models import Inbox
from desk.tickets import states
from desk.tickets.models import Delivery, Message, Ticket
from desk.unit_of_work import UnitOfWork

MAX_REFERENCES: Final = 20
# Patient: a customer's mail server may be down for a day.
SCHEDULE: Final = tuple(
    timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
)


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
        automated=message.author_kind == "bot",
        conversation=str(parcel.ticket.id),
        locale=parcel.ticket.locale,
    )


def _subject(parcel: Parcel) -> str:
    subject = parcel.ticket.subject
    first = parcel.message.seq == 1  # we write first: nothing is answered
    return subject if first or subject.lower().startswith("re:") else f"Re: {subject}"


async def begin(work: UnitOfWork, message_id: UUID) -> Message | datetime | None:
    """Start an attempt.

    None when there is nothing to send any more (taken back, or sent), the end of the hold when it
    has not come: the clocks of two machines may differ.
    """
    row = await states.locked_message(work, message_id)
    if row.state not in {"queued", "sending"}:
        return None
    if row.hold_until is not None and row.hold_until > work.now:
        return row.hold_until
    attempt = await work.session.scalar(
        select(func.count()).where(Delivery.message_id == message_id)
    )
    work.session.add(
        Delivery(
            id=new_id(),
            message_id=message_id,
            attempt=(attempt or 0) + 1,
            channel=row.channel,
            recipient="",
            state="sending",
            external_id=None,
            code="",
            detail="",
            started_at=work.now,
            finished_at=None,
        )
    )
    row.hold_until = None
    row.retry_at = None
    await states.set_state(work, row, "sending", "")
    return row


async def _attempt(work: UnitOfWork, message_id: UUID) -> Delivery:
    return (
        await work.session.scalars(
            select(Delivery)
            .where(Delivery.message_id == message_id)
            .order_by(Delivery.attempt.desc())
            .limit(1)
        )
    ).one()


async def sent(work: UnitOfWork, message_id: UUID, receipt: Receipt, recipient: str) -> None:
    """The provider took it."""
    row = await states.locked_message(work, message_id)
    attempt = await _attempt(work, message_id)
    attempt.state = "sent"
    attempt.external_id = receipt.external_id
    attempt.recipient = recipient
    attempt.detail = receipt.detail[:1000]
    attempt.finished_at = work.now
    row.channel_message_id = receipt.external_id
    if row.state == "sending":
        await states.set_state(work, row, receipt.state, "")


async def failed(
    work: UnitOfWork, message_id: UUID, error: ChannelError, retry_at: datetime | None
) -> None:
    """The attempt failed; with `retry_at` another one follows.

    Without it is over: refused for good (failed), or tried as often as makes sense (dead).
    """
    row = await states.locked_message(work, message_id)
    attempt = await _attempt(work, message_id)
    attempt.state = "failed"
    attempt.code = error.code[:60]
    attempt.detail = error.reason[:1000]
    attempt.finished_at = work.now
    row.retry_at = retry_at
    over = "dead" if error.retryable else "failed"
    await states.set_state(work, row, "queued" if retry_at else over, error.reason)


async def dead(work: UnitOfWork, message_id: UUID, reason: str) -> None:
    """All attempts are used up."""
    row = await states.locked_message(work, message_id)
    if row.state in {"queued", "sending"}:
        row.retry_at = None
        await states.set_state(work, row, "dead", reason)


async def hand_over(
    work: UnitOfWork, message_id: UUID, receipt: Receipt, recipient: str, reason: str
) -> None:
    """A chat answer went out by mail too, since the visitor had left."""
    row = await states.locked_message(work, message_id)
    await _handed_over(work, row, "sent", recipient, receipt.external_id, receipt.detail)
    if row.state == "sent":
        await states.set_state(work, row, "delivered", reason)
    work.record(
        Kind.DECISION_HANDOVER,
        reason=reason,
        ticket_id=row.ticket_id,
        message_id=row.id,
        data={"sentence_key": "handover.mail", "params": {"address": recipient}},
    )


async def not_handed_over(
    work: UnitOfWork, message_id: UUID, error: ChannelError, recipient: str
) -> None:
    """The mail that was to carry a chat answer was refused; the answer waits in the chat."""
    row = await states.locked_message(work, message_id)
    await _handed_over(work, row, "failed", recipient, None, error.reason, error.code)
    work.record(
        Kind.DECISION_HANDOVER,
        reason=f"Not seen in the chat, and the mail to {recipient} failed: {error.reason}",
        ticket_id=row.ticket_id,
        message_id=row.id,
        data={"sentence_key": "handover.failed", "params": {"address": recipient}},
    )


async def _handed_over(
    work: UnitOfWork,
    row: Message,
    state: str,
    recipient: str,
    external_id: str | None,
    detail: str,
    code: str = "",
) -> None:
    message_id = row.id
    count = await work.session.scalar(select(func.count()).where(Delivery.message_id == message_id))
    work.session.add(
        Delivery(
            id=new_id(),
            message_id=message_id,
            attempt=(count or 0) + 1,
            channel="email",
            recipient=recipient,
            state=state,
            external_id=external_id,
            code=code[:60],
            detail=detail[:1000],
            started_at=work.now,
            finished_at=work.now,
        )
    )
