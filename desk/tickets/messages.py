"""Messages of a ticket: received, answered, noted. `seq` is given under the row lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from desk.agents.models import Agent
from desk.errors import Invalid, StaleReply
from desk.events import SYSTEM, Actor, Kind
from desk.tickets import lifecycle, reading, repository, service
from desk.tickets.models import Message, Ticket, TicketMention
from desk.tickets.storing import AwaitedFile, File, new_message, store
from desk.unit_of_work import UnitOfWork

MAX_TEXT_CHARS: Final = 200_000
LIVE: Final = reading.LIVE


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a customer (or a machine on the customer's side) wrote."""

    channel_message_id: str
    author: Actor
    text: str
    fresh: str
    inbox_id: UUID  # where it came in; not always where the ticket was opened
    channel: str
    quoted: str = ""
    html: str | None = None
    subject: str = ""
    envelope: dict[str, Any] | None = None
    automated: str | None = None
    occurred_at: datetime | None = None  # where the channel's clock is to be believed
    extra: dict[str, Any] | None = None
    nameless: str = ""  # the kind of address of somebody of whom nothing else is known
    quiet: bool = False  # the ticket's state does not move: nobody waits for an answer
    client_id: UUID | None = None
    raw_inbound_id: UUID | None = None
    files: Sequence[File] = ()
    attachment_ids: Sequence[UUID] = ()
    uploaded_by: str = ""  # whose uploads `attachment_ids` may name


@dataclass(frozen=True, slots=True)
class Outbound:
    """What an agent writes: a public reply or an internal note."""

    kind: str  # reply, note
    text: str
    client_id: UUID
    last_seen_seq: int
    html: str | None = None
    cc: Sequence[str] = ()
    attachment_ids: Sequence[UUID] = ()
    mentions: Sequence[UUID] = ()
    undo_seconds: int = 0
    status: str | None = None
    extra: dict[str, Any] | None = None  # template, buttons, reply_to_seq, tag


async def receive(work: UnitOfWork, ticket: Ticket, inbound: Inbound) -> Message:
    """Append a customer's message to a ticket whose row is locked (or new)."""
    changes: dict[str, tuple[Any, Any]] = {}
    if inbound.automated is None and not inbound.quiet:
        state = lifecycle.customer_wrote(service.state_of(ticket), work.now)
        if state is None:
            message = "a closed ticket takes no messages; open a follow-up"
            raise ValueError(message)
        service.apply_state(ticket, state, changes)
    row = new_message(
        work,
        ticket,
        kind="inbound",
        direction="in",
        author=inbound.author,
        text=inbound.text,
        fresh=inbound.fresh or inbound.text,
        state="received",
        occurred_at=inbound.occurred_at,
    )
    row.inbox_id = inbound.inbox_id
    row.channel = inbound.channel
    row.channel_message_id = inbound.channel_message_id[:998]
    row.client_id = inbound.client_id
    row.raw_inbound_id = inbound.raw_inbound_id
    row.subject = inbound.subject[:1000]
    row.quoted = inbound.quoted
    row.html = inbound.html
    row.envelope = inbound.envelope
    row.extra = inbound.extra
    row.automated = inbound.automated
    ticket.last_inbound_seq = row.seq
    await store(work, row, inbound.files, inbound.attachment_ids, inbound.uploaded_by)
    if changes:
        work.record(
            Kind.TICKET_CHANGED,
            actor=inbound.author,
            reason="the customer wrote",
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            changes=changes,
        )
    work.record(
        Kind.MESSAGE_RECEIVED,
        actor=inbound.author,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        message_id=row.id,
        data={
            "seq": row.seq,
            "channel": row.channel,
            **({"late": True} if row.late else {}),
            **({"unasked": True} if inbound.automated or inbound.quiet else {}),
            **({"awaited": True} if _awaits(inbound.files) else {}),
            **({"nameless": inbound.nameless} if inbound.nameless else {}),
        },
    )
    return row


def _awaits(files: Sequence[File]) -> bool:
    return any(isinstance(file, AwaitedFile) for file in files)


async def write(work: UnitOfWork, ticket_id: UUID, outbound: Outbound) -> tuple[Message, bool]:
    """Append a reply or a note; (message, whether it is new). Raises StaleReply, Invalid."""
    ticket = await service.locked(work, ticket_id)
    known = await repository.by_client_id(work.session, ticket_id, outbound.client_id)
    if known is not None:
        return known, False
    template = (outbound.extra or {}).get("template")
    if not outbound.text.strip() and not outbound.attachment_ids and not template:
        raise Invalid(errors=[("text", "write something or attach a file")])
    if len(outbound.text) > MAX_TEXT_CHARS:
        raise Invalid(errors=[("text", f"is longer than {MAX_TEXT_CHARS} characters")])
    if outbound.kind == "reply":
        await _refuse_stale(work, ticket, outbound)
        row = await _reply(work, ticket, outbound)
    else:
        row = await _note(work, ticket, outbound)
    if outbound.status is not None and outbound.status != ticket.status:
        await service.change(work, ticket_id, {"status": outbound.status}, reason="with the reply")
    await reading.mark(work, ticket_id, work.actor.id, row.seq)
    return row, True


async def _refuse_stale(work: UnitOfWork, ticket: Ticket, outbound: Outbound) -> None:
    if ticket.status == "closed":
        raise Invalid(
            errors=[("kind", "this ticket is closed; open a follow-up ticket to write again")]
        )
    if work.actor.id is None or outbound.last_seen_seq >= ticket.last_seq:
        return
    newer = await repository.newer_than(
        work.session, ticket.id, outbound.last_seen_seq, work.actor.id
    )
    if newer:
        for row in newer:
            work.session.expunge(row)  # the rollback would empty them
        raise StaleReply(
            "There is a newer message in this ticket. Read it, then send again if it still fits.",
            newer=list(newer),
        )


async def _reply(work: UnitOfWork, ticket: Ticket, outbound: Outbound) -> Message:
    changes: dict[str, tuple[Any, Any]] = {}
    state = lifecycle.agent_replied(service.state_of(ticket), work.now)
    waited, status = ticket.waiting_since, ticket.status
    service.apply_state(ticket, state, changes)
    live_now = ticket.channel in LIVE and outbound.undo_seconds == 0
    row = new_message(
        work,
        ticket,
        kind="reply",
        direction="out",
        author=work.actor,
        text=outbound.text,
        fresh=outbound.text,
        state="sent" if live_now else "queued",
    )
    row.client_id = outbound.client_id
    row.extra = outbound.extra
    row.html = outbound.html
    row.subject = ticket.subject
    row.envelope = {"cc": list(outbound.cc)} if outbound.cc else None
    if live_now:
        row.sent_at = work.now
    if outbound.undo_seconds:
        row.hold_until = work.now + timedelta(seconds=outbound.undo_seconds)
    await store(work, row, (), outbound.attachment_ids, f"agent:{work.actor.id}")
    if changes:
        work.record(
            Kind.TICKET_CHANGED,
            reason="a reply was written",
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            changes=changes,
        )
    work.record(
        Kind.MESSAGE_QUEUED,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        message_id=row.id,
        data={
            "seq": row.seq,
            "channel": row.channel,
            "state": row.state,
            "hold_until": row.hold_until,
            # What `undo` puts back.
            "waited_since": waited,
            "status": [status, outbound.status or ticket.status],
        },
    )
    return row


async def _note(work: UnitOfWork, ticket: Ticket, outbound: Outbound) -> Message:
    mentioned = list(dict.fromkeys(outbound.mentions))
    known = await work.session.scalar(
        select(func.count()).where(Agent.id.in_(mentioned), Agent.active.is_(True))
    )
    if known != len(mentioned):
        raise Invalid(errors=[("mentions", "name somebody who is not an agent here")])
    row = new_message(
        work,
        ticket,
        kind="note",
        direction="out",
        author=work.actor,
        text=outbound.text,
        fresh=outbound.text,
        state="sent",
    )
    row.client_id = outbound.client_id
    await store(work, row, (), outbound.attachment_ids, f"agent:{work.actor.id}")
    for agent_id in mentioned:
        mention = await work.session.get(TicketMention, (ticket.id, agent_id))
        if mention is None:
            work.session.add(TicketMention(ticket_id=ticket.id, agent_id=agent_id, seq=row.seq))
        else:
            mention.seq = row.seq
    work.record(
        Kind.NOTE_ADDED,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        message_id=row.id,
        data={"seq": row.seq, "mentions": [str(one) for one in mentioned]},
    )
    return row


async def system_line(
    work: UnitOfWork, ticket: Ticket, text: str, channel_message_id: str | None = None
) -> Message:
    """A line that the desk itself adds to the thread; customers do not see it.

    `channel_message_id` names a provider's notice, so that it stands there once.
    """
    row = new_message(
        work,
        ticket,
        kind="system",
        direction="in" if channel_message_id else "out",
        author=SYSTEM,
        text=text,
        fresh=text,
        state="sent",
    )
    row.channel_message_id = channel_message_id
    await store(work, row)
    if channel_message_id:
        work.record(
            Kind.NOTE_ADDED,
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            message_id=row.id,
            data={"seq": row.seq, "mentions": []},
        )
    return row
