"""What providers report about messages that we sent. States only move forward.

A report can overtake the commit of its own message. It is kept then, and applied by whoever comes
second: the unit that stores the receipt of sending, or a job a little later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import delete, or_, select

from channels.contract import MessageState, Notice, StatusUpdate
from desk.contacts import service as contacts
from desk.contacts.models import Identity
from desk.db.text import storable
from desk.db.types import new_id
from desk.delivery import alarms
from desk.delivery.models import EarlyReceipt
from desk.delivery.service import UNCERTAIN
from desk.events import Kind
from desk.inboxes.models import Inbox
from desk.tickets import states
from desk.tickets.models import Delivery, Message, Ticket
from desk.unit_of_work import UnitOfWork

KEEP_EARLY: Final = timedelta(days=7)
_RANK: Final = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4}


async def apply(work: UnitOfWork, inbox: Inbox, kinds: Sequence[str], update: StatusUpdate) -> bool:
    """Apply a report; False when it changes nothing (yet).

    `kinds` of identity are those that the channel can write to.
    """
    if update.up_to is not None and not update.external_id:
        return await _up_to(work, inbox, kinds, update)
    row = await _message(work, inbox.id, update)
    if row is None:
        return await _keep(work, inbox.id, update)
    return await _move(work, row, kinds, update.state, _words(update), permanent=update.permanent)


async def is_ours(work: UnitOfWork, inbox: Inbox, kinds: Sequence[str], notice: Notice) -> bool:
    """Whether a notice of something written on our side, in public, tells of the desk's own answer.

    Such a notice does not carry our key. Where the provider's answer was lost, or has not been
    written down yet, the answer is known by its words, and gets its name from the notice: it is
    not sent again.
    """
    name = storable(str(notice.extra.get("comment") or ""))[:998]
    if not name or notice.extra.get("change"):
        return False
    known = await work.session.scalar(
        select(Message.id).where(
            Message.inbox_id == inbox.id,
            Message.direction == "out",
            Message.channel_message_id == name,
        )
    )
    if known is not None:
        return True
    waiting = await work.session.scalars(
        select(Message)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(
            Message.inbox_id == inbox.id,
            Message.kind == "reply",
            Message.state.in_(("sending", "queued")),
            Message.channel_message_id.is_(None),
            Ticket.conversation == storable(notice.conversation),
            or_(Delivery.state == "sending", Delivery.code.in_(UNCERTAIN)),
        )
        .order_by(Message.seq)
        .with_for_update(of=Message)
    )
    said = _plain(storable(str(notice.extra.get("said") or "")))
    for row in waiting.unique().all():
        if said and _plain(row.text) == said:
            await _name(work, row, name, "")
            await catch_up(work, row.id, kinds)
            return True
    return False


def _plain(text: str) -> str:
    return " ".join(text.split())


def _words(update: StatusUpdate) -> str:
    reason = storable(update.reason)
    if update.code and update.code not in reason:
        return f"{reason} ({storable(update.code)})".strip()
    return reason


async def _message(work: UnitOfWork, inbox_id: UUID, update: StatusUpdate) -> Message | None:
    """The message by the provider's name, or by ours where the provider gives it back."""
    found = await work.session.scalar(
        select(Message)
        .where(
            Message.inbox_id == inbox_id,
            Message.direction == "out",
            Message.channel_message_id == storable(update.external_id),
        )
        .with_for_update()
    )
    return found if found is not None else await _by_our_key(work, inbox_id, update)


async def _by_our_key(work: UnitOfWork, inbox_id: UUID, update: StatusUpdate) -> Message | None:
    """The provider has what we do not know it has: its answer was lost, or is on its way to us.

    The message gets its name from the report, so that it is not sent again.
    """
    try:
        message_id = UUID(update.key)
    except ValueError:
        return None
    row = await work.session.get(Message, message_id, with_for_update=True, populate_existing=True)
    if row is None or row.inbox_id != inbox_id or row.direction != "out":
        return None
    if row.channel_message_id is None and update.external_id:
        await _name(work, row, storable(update.external_id)[:998], update.recipient)
    return row


async def _name(work: UnitOfWork, row: Message, external_id: str, recipient: str) -> None:
    """The provider has the message, and this is what it calls it."""
    row.channel_message_id = external_id
    row.retry_at = None
    attempt = await work.session.scalar(
        select(Delivery)
        .where(Delivery.message_id == row.id)
        .order_by(Delivery.attempt.desc())
        .limit(1)
    )
    if attempt is not None:
        attempt.external_id = external_id
        attempt.recipient = attempt.recipient or storable(recipient)[:320]
        attempt.state = "sent"
        attempt.detail = "the provider's report says that it has it"
        attempt.finished_at = attempt.finished_at or work.now


async def _move(
    work: UnitOfWork,
    row: Message,
    kinds: Sequence[str],
    state: MessageState,
    reason: str,
    *,
    permanent: bool,
) -> bool:
    if state == "failed":
        if row.state in {"delivered", "read", "failed", "dead", "canceled"}:
            return False
    elif _RANK.get(row.state, 9) >= _RANK[state]:
        return False
    work.touch(row.id, row)
    await states.set_state(work, row, state, reason)
    if state == "failed":
        alarms.failed(work, row, reason)
        if permanent:
            await _flag(work, row, kinds)
    return True


async def _flag(work: UnitOfWork, row: Message, kinds: Sequence[str]) -> None:
    """Nothing will ever reach the address: whoever writes next sees it."""
    recipient = await work.session.scalar(
        select(Delivery.recipient)
        .where(Delivery.message_id == row.id, Delivery.recipient != "")
        .order_by(Delivery.attempt.desc())
        .limit(1)
    )
    if recipient:
        for kind in kinds:
            await contacts.mark_undeliverable(work, kind, recipient)


async def _up_to(
    work: UnitOfWork, inbox: Inbox, kinds: Sequence[str], update: StatusUpdate
) -> bool:
    """A watermark: everything sent to one recipient until then is delivered, or read."""
    if update.state not in {"delivered", "read"} or update.up_to is None:
        return False
    earlier = ("sent",) if update.state == "delivered" else ("sent", "delivered")
    rows = (
        await work.session.scalars(
            select(Message)
            .join(Ticket, Ticket.id == Message.ticket_id)
            .join(Identity, Identity.contact_id == Ticket.contact_id)
            .where(
                Identity.kind.in_(kinds),
                Identity.value == update.recipient,
                Message.inbox_id == inbox.id,
                Message.kind == "reply",
                Message.state.in_(earlier),
                Message.sent_at <= update.up_to,
            )
            .order_by(Message.id)
            .with_for_update(of=Message)
        )
    ).all()
    for row in rows:
        await _move(work, row, kinds, update.state, "", permanent=False)
    return bool(rows)


async def _keep(work: UnitOfWork, inbox_id: UUID, update: StatusUpdate) -> bool:
    """The message may be a moment away from its commit."""
    if not update.external_id:
        return False
    work.session.add(
        EarlyReceipt(
            id=new_id(),
            inbox_id=inbox_id,
            external_id=storable(update.external_id)[:998],
            state=update.state,
            reason=_words(update)[:1000],
            permanent=update.permanent,
            occurred_at=update.at,
            received_at=work.now,
        )
    )
    work.record(Kind.RECEIPT_EARLY, data={"inbox_id": str(inbox_id)})
    return False


async def catch_up(work: UnitOfWork, message_id: UUID, kinds: Sequence[str]) -> None:
    """Apply what was said of a message before it was there."""
    row = await states.locked_message(work, message_id)
    if row.channel_message_id is None:
        return
    early = (
        await work.session.scalars(
            select(EarlyReceipt)
            .where(
                EarlyReceipt.inbox_id == row.inbox_id,
                EarlyReceipt.external_id == row.channel_message_id,
            )
            .order_by(EarlyReceipt.id)
        )
    ).all()
    for receipt in early:
        await _move(
            work,
            row,
            kinds,
            cast("MessageState", receipt.state),
            receipt.reason,
            permanent=receipt.permanent,
        )
        await work.session.delete(receipt)


async def settle(work: UnitOfWork, inbox: Inbox, kinds: Sequence[str]) -> int:
    """Apply whatever waits in an inbox for messages that are there by now."""
    rows = (
        (
            await work.session.scalars(
                select(Message)
                .join(
                    EarlyReceipt,
                    (EarlyReceipt.inbox_id == Message.inbox_id)
                    & (EarlyReceipt.external_id == Message.channel_message_id),
                )
                .where(EarlyReceipt.inbox_id == inbox.id, Message.direction == "out")
                .order_by(Message.id)
                .limit(500)
                .with_for_update(of=Message)
            )
        )
        .unique()
        .all()
    )
    for row in rows:
        await catch_up(work, row.id, kinds)
    return len(rows)


async def prune(work: UnitOfWork) -> None:
    """Forget reports on messages that never were ours."""
    await work.session.execute(
        delete(EarlyReceipt).where(EarlyReceipt.received_at < work.now - KEEP_EARLY)
    )
