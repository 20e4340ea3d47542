"""Which ticket a message of a conversation belongs to, where the channel has no threads of its own.

The contact's row is locked first: two first messages that arrive at the same moment see each
other's ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from desk.contacts.models import Contact
from desk.inboxes.models import Inbox
from desk.tickets.lifecycle import UNSOLVED
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import UnitOfWork

LOOK_BACK: Final = 20  # newest tickets of a contact in an inbox


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rule looks at."""

    ticket: UUID
    status: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Joined:
    """The ticket, or None for a new one that follows `follow_up`."""

    ticket: UUID | None
    follow_up: UUID | None = None


def choose(newest_first: Sequence[Candidate], now: datetime, reopen: timedelta) -> Joined:
    """The newest unsolved ticket; else the newest that was resolved within `reopen`. Pure."""
    for item in newest_first:
        if item.status in UNSOLVED:
            return Joined(item.ticket)
    for item in newest_first:
        fresh = item.resolved_at is not None and now - item.resolved_at <= reopen
        if item.status == "resolved" and fresh:
            return Joined(item.ticket)
    return Joined(None, newest_first[0].ticket if newest_first else None)


async def join(
    work: UnitOfWork, inbox: Inbox, contact: Contact, conversation: str, reopen: timedelta
) -> Joined:
    """Look the contact's tickets up, with the contact's row locked until the commit.

    A provider's conversation (a group, the comments below a post) never mixes with another.
    """
    await work.session.execute(
        select(Contact.id).where(Contact.id == contact.id).with_for_update(key_share=True)
    )
    rows = await work.session.execute(
        select(Ticket.id, Ticket.status, Ticket.resolved_at)
        .where(
            Ticket.contact_id == contact.id,
            Ticket.inbox_id == inbox.id,
            Ticket.conversation == (conversation or None)
            if conversation
            else Ticket.conversation.is_(None),
        )
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(LOOK_BACK)
    )
    return choose([Candidate(*row) for row in rows], work.now, reopen)


async def of_conversation(work: UnitOfWork, inbox: Inbox, conversation: str) -> UUID | None:
    """The ticket of a conversation in which something was said last, whoever its customer is."""
    found: UUID | None = await work.session.scalar(
        select(Ticket.id)
        .where(Ticket.inbox_id == inbox.id, Ticket.conversation == conversation)
        .order_by(Ticket.last_message_at.desc(), Ticket.id.desc())
        .limit(1)
    )
    return found


async def answered(work: UnitOfWork, inbox: Inbox, name: str | None) -> Message | None:
    """The message, ours or the customer's, that the provider knows by this name."""
    if not name:
        return None
    rows = await work.session.scalars(
        select(Message)
        .where(Message.inbox_id == inbox.id, Message.channel_message_id == name[:998])
        .limit(1)
    )
    return rows.first()
