"""The answer that an inbox gives by itself to a new ticket: once, to people, and not too often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import func, select

from channels import templates
from channels.contract import InboundMessage
from desk.contacts.models import Contact
from desk.inboxes import repository as inboxes
from desk.inboxes.models import Inbox
from desk.tickets import automatic
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

PER_HOUR: Final = 3  # to one contact, over all inboxes
_NOBODY: Final = re.compile(
    r"^(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|notifications?|nobody)\b",
    re.IGNORECASE,
)


def wording(inbox: Inbox, locale: str | None) -> str:
    """The inbox's text in the nearest language; "" for none."""
    texts = inbox.options.get("auto_reply")
    if isinstance(texts, str):
        return texts
    if not isinstance(texts, Mapping) or not texts:
        return ""
    for wanted in (locale, (locale or "").partition("-")[0], inbox.locale):
        if wanted and wanted in texts:
            return str(texts[wanted])
    return str(next(iter(texts.values())))


def is_answered(message: InboundMessage) -> bool:
    """Whether a person wrote and will read an answer."""
    suppressed = str(message.extra.get("auto_response_suppress") or "").lower()
    if message.automated is not None or message.own or _NOBODY.match(message.sender.value):
        return False
    return not any(word in suppressed for word in ("all", "oof", "autoreply"))


def _limit(options: Mapping[str, Any]) -> int:
    value = options.get("auto_reply_per_hour")
    return int(value) if isinstance(value, int | float) and value > 0 else PER_HOUR


async def _given(work: UnitOfWork, contact: Contact) -> int:
    """How many automatic answers this contact got within the last hour."""
    count = await work.session.scalar(
        select(func.count())
        .select_from(Message)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            Ticket.contact_id == contact.id,
            Message.direction == "out",
            Message.author_kind == "system",
            Message.channel == "email",
            Message.created_at > work.now - timedelta(hours=1),
        )
    )
    return count or 0


async def answer(
    work: UnitOfWork, inbox: Inbox, ticket: Ticket, contact: Contact, message: InboundMessage
) -> Message | None:
    """Write the inbox's answer into a new ticket; None when there is none to be given."""
    text = wording(inbox, message.locale or contact.locale)
    if not text.strip() or not is_answered(message):
        return None
    if await inboxes.by_address(work.session, "email", message.sender.value) is not None:
        return None  # one of our own: two inboxes must not answer each other
    if await _given(work, contact) >= _limit(inbox.options):
        log.info("auto_reply_withheld", ticket=ticket.number, inbox=inbox.address)
        return None
    try:
        written = templates.render(
            text,
            {
                "contact": {"name": contact.name},
                "ticket": {"number": str(ticket.number), "subject": ticket.subject},
                "inbox": {"name": inbox.name, "address": inbox.address},
            },
        )
    except templates.TemplateProblem as problem:  # refused when saved; may be older than that rule
        log.warning("auto_reply_broken", inbox=inbox.address, problem=str(problem))
        return None
    return await automatic.write(work, ticket, inbox.id, written, "auto_reply", inbox.name)
