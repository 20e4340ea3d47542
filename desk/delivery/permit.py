"""Gathers what the rules of sending look at, while composing and again at sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from phonenumbers import NumberParseException, parse
from phonenumbers.timezone import time_zones_for_number
from sqlalchemy import func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import Capabilities, ChannelError
from desk.contacts import consent
from desk.contacts.models import Contact
from desk.delivery import recipient
from desk.delivery.parcel import Parcel
from desk.delivery.rules import File, Plan, Refusal, Situation, refusals
from desk.errors import Invalid
from desk.files.models import Attachment
from desk.inboxes.models import Inbox
from desk.tickets.models import Message, Ticket

# Codes of refusals that are the desk's own: they say nothing of the provider's health.
OURS: Final = frozenset(
    {
        "file-too-large",
        "file-type",
        "gone",
        "no-address",
        "no-answer",
        "no-buttons",
        "no-files",
        "no-templates",
        "not-public",
        "opted-out",
        "too-long",
        "too-many-buttons",
        "too-many-files",
        "unknown-tag",
        "unsent",
        "window-closed",
    }
)


@dataclass(frozen=True, slots=True)
class Timing:
    """When and how fast a message may go."""

    inbox_id: UUID
    channel: str
    rate: float | None  # per second, as the inbox's options say
    quiet: tuple[time, time] | None  # for what nobody asked for
    zone: ZoneInfo


def plan_of(text: str, extra: Mapping[str, Any] | None, files: Sequence[Any]) -> Plan:
    """What is to be sent, from a message's columns."""
    more = extra or {}
    return Plan(
        text=text,
        files=[File(file.filename, file.content_type, file.size) for file in files],
        template=bool(more.get("template")),
        buttons=len(more.get("buttons") or ()),
        tag=str(more.get("tag") or ""),
        reply_to=more.get("reply_to_seq") is not None,
        automatic=bool(more.get("automatic")),
        proactive=bool(more.get("proactive")),
    )


async def situation(
    session: AsyncSession,
    inbox: Inbox,
    capabilities: Capabilities,
    contact_id: UUID,
    address: str | None,
    now: datetime,
    conversation: str | None = None,
) -> Situation:
    """What is known of the one who gets it."""
    written = (
        select(func.max(Message.occurred_at))
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            Ticket.contact_id == contact_id,
            Message.inbox_id == inbox.id,
            Message.kind == "inbound",
        )
    )
    public = None
    if not capabilities.public:
        last = await session.scalar(written)
    else:  # a comment opens nothing for private messages
        begins = Ticket.conversation.startswith(capabilities.public, autoescape=True)
        private = or_(Ticket.conversation.is_(None), not_(begins))
        last = await session.scalar(written.where(private))
        if conversation and conversation.startswith(capabilities.public):
            public = await session.scalar(written.where(Ticket.conversation == conversation))
    stopped = marketing = None
    if address:
        stopped = await consent.get(session, inbox.channel, address, "support")
        marketing = await consent.get(session, inbox.channel, address, "marketing")
    withdrawn = stopped if stopped is not None and stopped.state == "withdrawn" else None
    return Situation(
        now=now,
        last_inbound_at=_utc(last, now),
        conversation=conversation or "",
        last_public_at=_utc(public, now),
        opted_out_at=withdrawn.changed_at if withdrawn else None,
        opted_out_why=withdrawn.evidence if withdrawn else "",
        marketing_withdrawn=marketing is not None and marketing.state == "withdrawn",
    )


def _utc(value: datetime | None, now: datetime) -> datetime | None:
    """An aggregate comes back without its column's type on SQLite."""
    if value is None or value.tzinfo is not None:
        return value
    return value.replace(tzinfo=now.tzinfo)


async def at_composing(
    session: AsyncSession,
    ticket: Ticket,
    inbox: Inbox,
    capabilities: Capabilities,
    plan: Plan,
    now: datetime,
    kinds: Sequence[str],
    silent_kinds: Sequence[str] = (),
) -> None:
    """Refuse what could not be sent now. Raises Invalid with `refusals`.

    `kinds` of identity are those that the channel can write to, `silent_kinds` those whose owners
    take no answers.
    """
    to = await recipient.of_ticket(session, ticket, kinds)
    address = to.value if to is not None else None
    known = await situation(
        session, inbox, capabilities, ticket.contact_id, address, now, ticket.conversation
    )
    if address is None:
        known = await with_silent_sender(session, known, ticket.contact_id, silent_kinds)
    found = refusals(plan, capabilities, known)
    if found:
        raise Invalid(
            errors=[(item.field, item.text) for item in found],
            refusals=[
                {"field": item.field, "code": item.code, "text": item.text} for item in found
            ],
        )


async def with_silent_sender(
    session: AsyncSession, known: Situation, contact_id: UUID, kinds: Sequence[str]
) -> Situation:
    """The situation, with the sender's short code or name where that is all there is."""
    silent = await recipient.of_contact(session, contact_id, kinds)
    return known if silent is None else replace(known, silent_sender=silent.value)


async def at_sending(
    session: AsyncSession, parcel: Parcel, capabilities: Capabilities, now: datetime
) -> None:
    """Refuse what may not be sent any more. Raises ChannelError."""
    address = parcel.to.value if parcel.to is not None else None
    known = await situation(
        session,
        parcel.inbox,
        capabilities,
        parcel.contact.id,
        address,
        now,
        parcel.ticket.conversation,
    )
    message = parcel.message
    found = refusals(plan_of(message.text, message.extra, parcel.files), capabilities, known)
    if found:
        first: Refusal = found[0]
        raise ChannelError(first.text, retryable=False, code=first.code)


async def files_of(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Attachment]:
    """Uploads by id; those that are not there are refused where they are adopted."""
    if not ids:
        return ()
    return (await session.scalars(select(Attachment).where(Attachment.id.in_(ids)))).all()


async def timing(session: AsyncSession, message_id: UUID) -> Timing | None:
    """When and how fast; None for a message that is gone."""
    row = (
        await session.execute(
            select(Message, Inbox, Contact)
            .join(Ticket, Ticket.id == Message.ticket_id)
            .join(Inbox, Inbox.id == Message.inbox_id)
            .join(Contact, Contact.id == Ticket.contact_id)
            .where(Message.id == message_id)
        )
    ).first()
    if row is None:
        return None
    message, inbox, contact = row
    rate = inbox.options.get("sends_per_second")
    proactive = bool((message.extra or {}).get("proactive"))
    quiet = quiet_hours(inbox.options) if proactive else None
    zone = ZoneInfo("UTC")
    if quiet is not None:
        phone = await recipient.of_contact(session, contact.id, ("phone",))
        number = phone.value if phone is not None else None
        zone = zone_of(contact.timezone, number, inbox.options.get("timezone"))
    return Timing(inbox.id, inbox.channel, float(rate) if rate else None, quiet, zone)


def quiet_hours(options: Mapping[str, Any]) -> tuple[time, time] | None:
    """The inbox's hours in which nobody is written to unasked; None when there are none."""
    stored = options.get("quiet_hours")
    if not isinstance(stored, Mapping):
        return None
    return time.fromisoformat(str(stored["from"])), time.fromisoformat(str(stored["to"]))


def zone_of(contact: str | None, phone: str | None, inbox: object) -> ZoneInfo:
    """The customer's zone: as known, else as the number's prefix says, else the inbox's."""
    if contact:
        return ZoneInfo(contact)
    if phone:
        try:
            zones = time_zones_for_number(parse(phone, None))
        except NumberParseException:
            zones = ()
        known = [ZoneInfo(zone) for zone in zones if zone in available_timezones()]
        if known and len({_clock(zone) for zone in known}) == 1:
            return known[0]
    return ZoneInfo(str(inbox or "UTC"))


def _clock(zone: ZoneInfo) -> tuple[timedelta | None, ...]:
    """How a zone's clock goes, in winter and in summer: two names of one time are one zone."""
    return tuple(datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
