"""What the bot has before it: a message, its ticket, and how things stand between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue_state import Context, Form, Hours, Rules
from bot.texts import known
from channels.contract import Capabilities
from desk.bot.models import BotConversation, BotSetting, BotTurn
from desk.contacts.models import Contact, Identity
from desk.inboxes.models import Inbox
from desk.tickets.models import Message, Ticket
from sla.calendar import BusinessCalendar, NeverOpen


@dataclass(frozen=True, slots=True)
class Case:
    """A message that waits for the bot's turn."""

    message: Message
    ticket: Ticket
    inbox: Inbox
    setting: BotSetting
    contact: Contact
    context: Context
    proven_mail: str  # where a one-time code would go; "" for nowhere

    @property
    def text(self) -> str:
        """What the customer wrote this time."""
        return (self.message.fresh or self.message.text).strip()

    @property
    def locale(self) -> str | None:
        """The language to assume for a very short text."""
        return self.context.language or self.ticket.locale or self.contact.locale or None


async def case_of(session: AsyncSession, message_id: UUID) -> Case | None:
    """The case; None when there is no turn to take.

    That is: no bot here, its turn was taken, a machine wrote, or people have the conversation.
    """
    message = await session.get(Message, message_id)
    if message is None or message.direction != "in" or message.kind != "inbound":
        return None
    setting = await session.get(BotSetting, message.inbox_id)
    if setting is None or not setting.enabled or message.automated is not None:
        return None
    if message.removed_at is not None or await turned(session, message_id):
        return None
    ticket = await session.get_one(Ticket, message.ticket_id)
    conversation = await session.get(BotConversation, ticket.id)
    if ticket.status == "closed" or await with_people(session, ticket, conversation):
        return None
    context = remembered(conversation)
    contact = await session.get_one(Contact, ticket.contact_id)
    inbox = await session.get_one(Inbox, message.inbox_id)
    if setting.hours == "closed" and hours_of(inbox.options, message.created_at, None).open:
        return None
    mail = await proven_mail(session, contact.id, inbox) if setting.forms else ""
    return Case(message, ticket, inbox, setting, contact, context, mail)


async def turned(session: AsyncSession, message_id: UUID) -> bool:
    """Whether the message had its turn."""
    found = await session.scalar(select(BotTurn.id).where(BotTurn.message_id == message_id))
    return found is not None


async def with_people(
    session: AsyncSession, ticket: Ticket, conversation: BotConversation | None
) -> bool:
    """Whether the conversation belongs to people: handed over, assigned, or answered by one."""
    if ticket.assignee_id is not None or (conversation is not None and conversation.silent):
        return True
    if ticket.first_replied_at is None:
        return False
    since = conversation.since_seq if conversation is not None else 0
    answered = await session.scalar(
        select(func.count()).where(
            Message.ticket_id == ticket.id,
            Message.kind == "reply",
            Message.author_kind == "agent",
            Message.removed_at.is_(None),
            Message.seq > since,
        )
    )
    return bool(answered)


def remembered(conversation: BotConversation | None) -> Context:
    """What the bot remembers of the conversation."""
    if conversation is None or not conversation.context:
        return Context()
    return msgspec.convert(conversation.context, Context)


async def proven_mail(session: AsyncSession, contact_id: UUID, inbox: Inbox) -> str:
    """The address that a code may be sent to, if there is an inbox to send it from."""
    if inbox.channel != "email" and inbox.fallback_inbox_id is None:
        return ""
    found = await session.scalar(
        select(Identity.value)
        .where(
            Identity.contact_id == contact_id,
            Identity.kind == "email",
            Identity.verified_at.is_not(None),
            Identity.undeliverable_at.is_(None),
        )
        .order_by(Identity.verified_at)
        .limit(1)
    )
    return found or ""


def masked(address: str) -> str:
    """`n***@example.com`: enough to know which mailbox to look into. Pure."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***{at}{domain}" if at else ""


def rules_of(case: Case, capabilities: Capabilities, now: datetime) -> Rules:
    """How the bot behaves in this inbox, on this channel, for this customer. Pure."""
    rules = rules_in(case.inbox, case.setting, capabilities, now, case.contact.timezone)
    return replace(rules, verified_address=masked(case.proven_mail), verified=case.context.verified)


def rules_in(
    inbox: Inbox,
    setting: BotSetting,
    capabilities: Capabilities,
    now: datetime,
    timezone: str | None = None,
) -> Rules:
    """How the bot behaves in an inbox, on a channel, towards whoever writes. Pure."""
    options = inbox.options
    wanted = setting.languages or [
        inbox.locale,
        *(str(one) for one in options.get("locales") or ()),
    ]
    languages = tuple(dict.fromkeys(code for one in wanted if (code := known(one)))) or ("en",)
    forms = tuple(msgspec.convert(form, Form) for form in setting.forms)
    return Rules(
        languages=languages,
        buttons=(capabilities.max_buttons or 5) if capabilities.buttons else 0,
        hours=hours_of(options, now, timezone),
        forms={form.intent: form for form in forms},
        offered=setting.offered,
        greetings={code: str(text) for code, text in setting.greetings.items()},
    )


def hours_of(options: Mapping[str, Any], now: datetime, timezone: str | None) -> Hours:
    """Whether somebody is there, told in the customer's time. No hours set: always. Pure."""
    zone = str(options.get("timezone") or "UTC")
    spans = {
        int(day): [(time.fromisoformat(str(a)), time.fromisoformat(str(b))) for a, b in windows]
        for day, windows in (options.get("hours") or {}).items()
    }
    if not spans:
        return Hours(now=now, timezone=timezone or zone)
    calendar = BusinessCalendar(zone, spans, [])
    if calendar.is_open(now):
        return Hours(now=now, timezone=timezone or zone)
    try:
        opens = calendar.next_open(now)
    except NeverOpen:
        opens = None
    return Hours(open=False, next_open=opens, now=now, timezone=timezone or zone)
