"""Reports of failed delivery: the message that came back is marked, and its address flagged."""

from __future__ import annotations

from sqlalchemy import or_, select

from channels.contract import Bounce, InboundMessage
from desk.contacts import service as contacts
from desk.tickets import states
from desk.tickets.models import Delivery, Message
from desk.unit_of_work import UnitOfWork


async def note_bounces(work: UnitOfWork, message: InboundMessage) -> None:
    """Apply what the report says of mails that we did send; anybody can write a report."""
    reports = message.bounces or ((message.bounce,) if message.bounce is not None else ())
    for bounce in reports:
        if bounce.permanent and bounce.original_message_id:
            await _permanent(work, bounce)


async def _permanent(work: UnitOfWork, bounce: Bounce) -> None:
    """A chat answer that was handed over to mail is known by its delivery alone."""
    ours = select(Delivery.message_id).where(Delivery.external_id == bounce.original_message_id)
    row = await work.session.scalar(
        select(Message)
        .where(
            Message.direction == "out",
            or_(Message.channel_message_id == bounce.original_message_id, Message.id.in_(ours)),
        )
        .with_for_update()
    )
    if row is None:
        return
    sent_to = set(
        await work.session.scalars(select(Delivery.recipient).where(Delivery.message_id == row.id))
    )
    copied = {str(value) for value in (row.envelope or {}).get("cc", ())}
    recipient = (bounce.recipient or "").lower()
    if recipient in sent_to | copied:
        await contacts.mark_undeliverable(work, "email", recipient)
    if recipient in copied - sent_to:
        return  # the customer's own copy arrived
    if row.state not in {"failed", "dead", "canceled"}:
        reason = f"{bounce.status or ''} {bounce.diagnostic}".strip()
        work.touch(row.id, row)
        await states.set_state(work, row, "failed", reason or "it came back")
