"""A customer's mail that an agent passes on: the ticket is the customer's, the rest is a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from channels.contract import InboundMessage
from desk.agents import repository as agents
from desk.agents.models import Agent
from desk.events import SYSTEM, Actor, Kind
from desk.inboxes import repository as inboxes
from desk.tickets import storing
from desk.tickets.models import Ticket
from desk.tickets.storing import File
from desk.unit_of_work import UnitOfWork

FAILED = frozenset({"fail", "permerror"})


@dataclass(frozen=True, slots=True)
class Forward:
    """Who passed a mail on, and what they said about it."""

    agent: Agent
    words: str


def carried(message: InboundMessage) -> InboundMessage | None:
    """The mail that this one passes on, as its channel read it."""
    inner = message.extra.get("forwarded")
    return inner if isinstance(inner, InboundMessage) else None


async def taken_over(
    work: UnitOfWork, message: InboundMessage, files: Sequence[File]
) -> tuple[InboundMessage, Sequence[File], Forward | None]:
    """The message that counts, its files, and who passed it on.

    Only an agent may speak for somebody else, and not when the domain disowns the mail. `files` are
    those of the message, then those of the mail that it carries.
    """
    inner = carried(message)
    if inner is None:
        return message, files, None
    own = len(message.attachments)
    plain = [*files[:own], *files[own + len(_more(message)) :]]
    agent = await agents.by_email(work.session, message.sender.value)
    if agent is None or not agent.active or message.auth_results.get("dmarc") in FAILED:
        return message, plain, None
    ours = await inboxes.by_address(work.session, "email", inner.sender.value)
    if ours is not None or inner.sender.value == message.sender.value:
        return message, plain, None
    words = message.extra.get("forwarder_words")
    return inner, files, Forward(agent, words if isinstance(words, str) else "")


def _more(message: InboundMessage) -> Sequence[object]:
    """The carried mail's own files, where it is an attachment of its own."""
    inner = carried(message)
    return () if inner is None else inner.attachments


def with_carried_files(message: InboundMessage) -> InboundMessage:
    """The message with the files of the mail that it carries behind its own."""
    inner = carried(message)
    if inner is None or not _more(message):
        return message
    return replace(message, attachments=(*message.attachments, *inner.attachments))


async def note(work: UnitOfWork, ticket: Ticket, forward: Forward) -> None:
    """Say who passed it on, and keep what they said where only agents read it."""
    author = Actor("agent", forward.agent.id, forward.agent.name)
    work.record(
        Kind.DECISION_THREADING,
        actor=SYSTEM,
        reason=f"{forward.agent.name} forwarded it; its author became the customer.",
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        data={"sentence_key": "threading.forwarded", "params": {"agent": forward.agent.name}},
    )
    if not forward.words.strip():
        return
    row = storing.new_message(
        work,
        ticket,
        kind="note",
        direction="out",
        author=author,
        text=forward.words,
        fresh=forward.words,
        state="sent",
    )
    await storing.store(work, row)
    work.record(
        Kind.NOTE_ADDED,
        actor=author,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        message_id=row.id,
        data={"seq": row.seq, "mentions": []},
    )
