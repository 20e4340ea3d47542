"""Outbound messages: what is to be sent, and what became of each attempt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import ChannelError, Receipt
from desk.db.types import new_id
from desk.delivery import alarms
from desk.events import Kind
from desk.tickets import states
from desk.tickets.models import Delivery, Message
from desk.unit_of_work import UnitOfWork

UNCERTAIN: Final = ("", "unanswered", "internal")  # codes after which it may have arrived
UNSENT: Final = "unsent"  # the desk failed before the provider was asked: it has not arrived
# Patient: a customer's mail server may be down for a day.
SCHEDULE: Final = tuple(
    timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
)


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
    await _drop_echo(work, row, receipt.external_id)
    row.channel_message_id = receipt.external_id
    if row.state == "sending":
        await states.set_state(work, row, receipt.state, "")


async def _drop_echo(work: UnitOfWork, row: Message, external_id: str) -> None:
    """The provider's echo of this very message may have come first: it is not another one."""
    echo = await work.session.scalar(
        select(Message)
        .where(
            Message.inbox_id == row.inbox_id,
            Message.direction == "out",
            Message.channel_message_id == external_id,
            Message.id != row.id,
        )
        .with_for_update()
    )
    if echo is not None:
        echo.channel_message_id = None
        work.touch(echo.id, echo)
        await states.set_state(work, echo, "canceled", "it is the desk's own message")
        await work.session.flush()


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
    if retry_at is None:
        alarms.failed(work, row, error.reason)


async def dead(work: UnitOfWork, message_id: UUID, reason: str) -> None:
    """All attempts are used up."""
    row = await states.locked_message(work, message_id)
    if row.state in {"queued", "sending"}:
        row.retry_at = None
        await states.set_state(work, row, "dead", reason)
        alarms.failed(work, row, reason)


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


async def uncertain_since(session: AsyncSession, message_id: UUID) -> datetime | None:
    """When an attempt before the present one began that may have arrived without our knowing.

    One that a provider refused did not; one without an end, or that ran into a timeout, may have.
    """
    newest = (
        select(func.max(Delivery.attempt)).where(Delivery.message_id == message_id)
    ).scalar_subquery()
    query = select(func.min(Delivery.started_at)).where(
        Delivery.message_id == message_id,
        Delivery.attempt < newest,
        or_(Delivery.state == "sending", Delivery.code.in_(UNCERTAIN)),
    )
    return await session.scalar(query)
