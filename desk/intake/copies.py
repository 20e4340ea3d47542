"""One mail to several of our inboxes: one message, in one ticket, that all of them show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from channels.contract import InboundMessage
from desk.events import SYSTEM, Kind
from desk.inboxes.models import Inbox
from desk.tickets.models import Message, Ticket, TicketInbox
from desk.unit_of_work import UnitOfWork

MAX_ADDRESSES: Final = 100
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite_insert, "postgresql": postgres_insert}


def _base(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


async def addressed(work: UnitOfWork, message: InboundMessage) -> Sequence[Inbox]:
    """Our mail inboxes that the mail names, those in To before those in Cc, in its order."""
    wanted = [_base(one.value) for one in (*message.to, *message.cc)][:MAX_ADDRESSES]
    if not wanted:
        return ()
    found = await work.session.scalars(
        select(Inbox).where(
            Inbox.channel == "email", Inbox.active.is_(True), Inbox.address.in_(wanted)
        )
    )
    by_address = {inbox.address: inbox for inbox in found}
    return [by_address[one] for one in dict.fromkeys(wanted) if one in by_address]


async def from_elsewhere(work: UnitOfWork, message: InboundMessage) -> InboundMessage:
    """The message, told apart from our own: another desk of our kind marks its mail as we do."""
    if message.automated != "loop":
        return message
    name = str(message.extra.get("desk") or "")
    known = re.fullmatch(r"[0-9a-f-]{36}", name) is not None and await work.session.scalar(
        select(Inbox.id).where(Inbox.id == UUID(name))
    )
    other = message.extra.get("automated_otherwise")
    if known:
        return message
    return replace(message, automated="auto_reply" if other else None)


async def home(work: UnitOfWork, inbox: Inbox, message: InboundMessage) -> Inbox:
    """The inbox that the mail belongs to: the first one it names, whichever copy came first."""
    named = await addressed(work, message)
    return named[0] if named else inbox


async def twin(work: UnitOfWork, inbox: Inbox, message: InboundMessage) -> Message | None:
    """The message that another copy of this mail became.

    The same Message-ID is not enough, since anybody can repeat one: author and text count, too.
    """
    if message.message_id is None:
        return None
    found = await work.session.scalars(
        select(Message)
        .where(
            Message.channel_message_id == message.external_id[:998],
            Message.direction == "in",
            Message.channel == "email",
            Message.inbox_id != inbox.id,
        )
        .order_by(Message.id)
        .limit(10)
    )
    for row in found:
        author = (row.envelope or {}).get("from")
        if author == message.sender.value and row.text.split() == message.text.split():
            return row
    return None


async def show_in(work: UnitOfWork, ticket: Ticket, inbox: Inbox) -> None:
    """Let another inbox show the ticket as well. Again changes nothing."""
    if ticket.inbox_id == inbox.id:
        return
    dialect = work.session.get_bind().dialect.name
    added = await work.session.scalar(
        _INSERT[dialect](TicketInbox)
        .values(ticket_id=ticket.id, inbox_id=inbox.id)
        .on_conflict_do_nothing(index_elements=["ticket_id", "inbox_id"])
        .returning(TicketInbox.inbox_id)
    )
    if added is None:
        return
    work.record(
        Kind.DECISION_THREADING,
        actor=SYSTEM,
        reason=f"The same mail was sent to {inbox.address} as well; it is one ticket for both.",
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        data={"sentence_key": "threading.same_mail", "params": {"address": inbox.address}},
    )


def warn_of_forgery(work: UnitOfWork, ticket: Ticket, message: InboundMessage) -> None:
    """Say it in the ticket when the author's domain disowns the mail: somebody else may write."""
    if message.auth_results.get("dmarc") != "fail":
        return
    work.record(
        Kind.DECISION_IDENTITY,
        actor=SYSTEM,
        reason=f"{message.sender.value} may be forged: the mail failed its domain's check (DMARC).",
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        data={"sentence_key": "identity.forged", "params": {"sender": message.sender.value}},
    )
