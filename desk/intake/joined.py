"""Taking in a message of a conversational channel: SMS, WhatsApp, Messenger and their like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from channels.contract import InboundMessage, Unparsable
from desk.contacts.models import Contact
from desk.db.text import storable_json
from desk.events import SYSTEM, Actor, Kind
from desk.inboxes.models import Inbox
from desk.intake import afterwards, joining, keywords
from desk.intake.habits import Habits
from desk.intake.people import contact_of
from desk.tickets import automatic, messages, service
from desk.tickets.messages import Inbound
from desk.tickets.models import Message, Ticket
from desk.tickets.storing import File, preview
from desk.unit_of_work import UnitOfWork

WITHIN_THE_SECOND: Final = timedelta(microseconds=999_999)
MAX_EXTRA: Final = 32 * 1024  # bytes of an adapter's own data kept with a message


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an inbound message."""

    ticket: Ticket
    message: Message
    contact_id: UUID
    created: bool  # False when the message was here already, or changed an earlier one


async def take(
    work: UnitOfWork,
    inbox: Inbox,
    message: InboundMessage,
    habits: Habits,
    *,
    files: Sequence[File],
    raw_id: UUID | None,
) -> Accepted:
    """The contact, the ticket, the message. Raises Unparsable when nobody can be made out."""
    contact = await contact_of(work, message, _customer(message))
    author = _author(message, contact)
    about = await joining.answered(work, inbox, afterwards.target_of(message))
    if about is not None:
        await afterwards.apply(work, message, about, author)
        ticket = await work.session.get_one(Ticket, about.ticket_id)
        return Accepted(ticket, about, ticket.contact_id, created=False)
    quiet = _is_quiet(habits, message, contact)
    ticket, is_new = await _ticket(work, inbox, message, contact, habits, quiet=quiet)
    extra = await _extra(work, inbox, message, ticket)
    when = _written(message) if habits.clock else None
    if message.own:
        row = await automatic.mirror(
            work,
            ticket,
            inbox_id=inbox.id,
            channel=message.channel,
            name=message.external_id,
            text=message.text,
            occurred_at=when,
            extra=extra,
            files=files,
            raw_id=raw_id,
        )
        return Accepted(ticket, row, contact.id, created=True)
    service.heard(work, ticket, message.locale)
    row = await messages.receive(
        work,
        ticket,
        Inbound(
            channel_message_id=message.external_id,
            inbox_id=inbox.id,
            channel=message.channel,
            author=author,
            text=message.text,
            fresh=message.reply_text or message.text,
            html=message.html,
            subject=message.subject,
            envelope={"from": message.sender.value},
            automated=message.automated,
            occurred_at=when,
            extra=extra or None,
            quiet=quiet,
            raw_inbound_id=raw_id,
            files=files,
            nameless=_nameless(message, contact),
        ),
    )
    await keywords.obey(work, inbox, habits, message, contact, ticket)
    if is_new and quiet:
        await service.change(
            work, ticket.id, {"status": "resolved"}, reason="nobody waits for an answer"
        )
    return Accepted(ticket, row, contact.id, created=True)


def _written(message: InboundMessage) -> datetime | None:
    """When it was written. Most providers tell whole seconds: it was some time within that one.

    Counted from its end, an answer within the second of our question stands below it.
    """
    at = message.sent_at
    return at + WITHIN_THE_SECOND if at is not None and not at.microsecond else at


def _customer(message: InboundMessage) -> Any:  # noqa: ANN401 - an Address
    if not message.own:
        return message.sender
    if not message.to:
        raise Unparsable("It was sent from our account, but it does not say to whom.")
    return message.to[0]


def _author(message: InboundMessage, contact: Contact) -> Actor:
    if message.own:
        return automatic.ELSEWHERE
    return Actor("contact", contact.id, contact.name or message.sender.name or "Customer")


def _nameless(message: InboundMessage, contact: Contact) -> str:
    """The kind of address, when that is all we know and the provider may know more."""
    sender = message.sender
    plain = sender.kind not in {"phone", "email"} and contact.name in {"", sender.value}
    return sender.kind if plain and not sender.name else ""


def _is_quiet(habits: Habits, message: InboundMessage, contact: Contact) -> bool:
    """Whether nobody has to answer: a keyword, or a word on a message that we do not have."""
    if message.reaction is not None or message.deletes:
        return True
    return keywords.is_for_the_desk(habits, message, contact.locale or message.locale)


async def _ticket(
    work: UnitOfWork,
    inbox: Inbox,
    message: InboundMessage,
    contact: Contact,
    habits: Habits,
    *,
    quiet: bool,
) -> tuple[Ticket, bool]:
    """The ticket, locked, and whether it is new."""
    found = await joining.join(work, inbox, contact, message.conversation, habits.reopen)
    if found.ticket is not None:
        return await service.locked(work, found.ticket), False
    ticket = await service.open_ticket(
        work,
        inbox=inbox,
        contact=contact,
        subject=message.subject or preview(message.text) or inbox.name,
        locale=(message.locale or "")[:35] or None,
        actor=_author(message, contact),
        conversation=message.conversation[:400] or None,
        tags=["automated"] if message.automated or quiet else (),
    )
    if found.follow_up is not None:
        earlier = await work.session.get_one(Ticket, found.follow_up)
        await service.link(work, ticket, earlier, "follow_up")
        work.record(
            Kind.DECISION_THREADING,
            actor=SYSTEM,
            reason=f"The contact's earlier ticket, #{earlier.number}, is {earlier.status}, so it "
            "opened a follow-up.",
            ticket_id=ticket.id,
            contact_id=contact.id,
            data={
                "sentence_key": "threading.joined_follow_up",
                "params": {"number": earlier.number, "status": earlier.status},
            },
        )
    return ticket, True


async def _extra(
    work: UnitOfWork, inbox: Inbox, message: InboundMessage, ticket: Ticket
) -> dict[str, Any]:
    """The adapter's own data as far as it can be stored, and what the message answers."""
    plain = msgspec.to_builtins(dict(message.extra), str_keys=True, enc_hook=str)
    extra: dict[str, Any] = storable_json(plain)
    if len(msgspec.json.encode(extra)) > MAX_EXTRA:
        extra = {"note": "the channel's own data is too long to be kept here; see the payload"}
    for name, value in (
        ("reaction", message.reaction),
        ("edits", message.edits),
        ("deletes", message.deletes),
    ):
        if value:
            extra[name] = value
    if message.in_reply_to:
        row = await joining.answered(work, inbox, message.in_reply_to)
        if row is not None and row.ticket_id == ticket.id:
            extra["reply_to_seq"] = row.seq
        else:
            extra["reply_to"] = message.in_reply_to
    if message.problems:
        extra["problems"] = [str(problem) for problem in message.problems]
    return extra
