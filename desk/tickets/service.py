"""What can be done with tickets: opened, changed, put away. Messages are in `messages.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from desk.agents.models import Agent, Team
from desk.agents.permissions import permissions
from desk.contacts.models import Contact
from desk.db.log import EventRow
from desk.db.types import new_id
from desk.errors import Conflict, Invalid, NotFound
from desk.events import SYSTEM, Actor, Kind
from desk.inboxes.models import Inbox
from desk.tickets import lifecycle, repository
from desk.tickets.models import Rating, Ticket, TicketLink, TicketTag
from desk.unit_of_work import UnitOfWork

_TAG: Final = re.compile(r"[^\s,]{1,80}")
SUBJECT_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed ticket and the patch that takes the change back."""

    ticket: Ticket
    undo: dict[str, Any]


async def open_ticket(  # noqa: PLR0913 - all by name
    work: UnitOfWork,
    *,
    inbox: Inbox,
    contact: Contact,
    subject: str,
    locale: str | None = None,
    actor: Actor | None = None,
    reason: str = "",
    tags: Iterable[str] = (),
    visitor: str | None = None,
    conversation: str | None = None,
) -> Ticket:
    """A new ticket without messages yet. It belongs to the inbox's team from the start."""
    ticket = Ticket(
        id=new_id(),
        subject=subject[:SUBJECT_CHARS],
        status="new",
        priority="normal",
        channel=inbox.channel,
        inbox_id=inbox.id,
        contact_id=contact.id,
        contact_name=contact.name,
        assignee_id=None,
        team_id=inbox.team_id,
        locale=locale or contact.locale,
        tags=[],
        version=1,
        last_seq=0,
        last_inbound_seq=0,
        visitor=visitor,
        conversation=conversation,
        visitor_read_seq=0,
        last_message_at=None,
        last_message_preview="",
        last_message_kind=None,
        last_message_author="",
        waiting_since=None,
        next_due_at=None,
        next_due_kind=None,
        snoozed_until=None,
        resolved_at=None,
        first_replied_at=None,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(ticket)
    await work.session.flush()
    names = sorted(set(tags))
    if names:
        await _store_tags(work, ticket, names)
    work.touch(ticket.id, ticket)
    work.record(
        Kind.TICKET_CREATED,
        actor=actor,
        reason=reason,
        ticket_id=ticket.id,
        contact_id=contact.id,
        data={"number": ticket.number, "channel": ticket.channel},
    )
    return ticket


async def locked(work: UnitOfWork, ticket_id: UUID) -> Ticket:
    """The ticket with its row locked. Raises NotFound."""
    ticket = await repository.get(work.session, ticket_id, lock=True)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    work.touch(ticket.id, ticket)
    return ticket


async def change(
    work: UnitOfWork,
    ticket_id: UUID,
    patch: dict[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
) -> Changed:
    """Apply a patch. Raises Conflict when `version` is not the present one, Invalid in words.

    Fields: status, priority, assignee_id, team_id, subject, snoozed_until, tags, add_tags,
    remove_tags.
    """
    ticket = await locked(work, ticket_id)
    if version is not None and version != ticket.version:
        raise Conflict(
            "Somebody else changed this ticket; look at it again before you change it.",
            current_version=ticket.version,
        )
    changes: dict[str, tuple[Any, Any]] = {}
    waited = ticket.waiting_since
    await _plain_fields(work, ticket, patch, changes)
    reopening = ticket.status == "resolved" and patch.get("status") in lifecycle.UNSOLVED
    _lifecycle(
        ticket,
        patch,
        work.now,
        changes,
        waited_since=await _waited_since(work, ticket.id) if reopening else None,
    )
    await _tags(work, ticket, patch, changes)
    if changes:
        touch(ticket, work.now)
        solved = "status" in changes and ticket.status in lifecycle.SOLVED
        work.record(
            Kind.TICKET_CHANGED,
            reason=reason,
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            changes=changes,
            data={"waited_since": waited} if solved and waited is not None else None,
        )
    return Changed(ticket, _undo(changes, work.now))


def heard(work: UnitOfWork, ticket: Ticket, locale: str | None) -> None:
    """Note the customer's language, once a message tells it."""
    if ticket.locale is not None or not locale:
        return
    ticket.locale = locale[:35]
    touch(ticket, work.now)
    work.record(
        Kind.TICKET_CHANGED,
        reason="the language of the message",
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        changes={"locale": (None, ticket.locale)},
    )


def _undo(changes: dict[str, tuple[Any, Any]], now: datetime) -> dict[str, Any]:
    """The patch that takes the changes back, as far as they can be taken back."""
    undo = {field: before for field, (before, _after) in changes.items()}
    if changes.get("status", ("", ""))[1] == "closed":
        del undo["status"]  # a closed ticket stays closed
        undo.pop("snoozed_until", None)
    until = undo.get("snoozed_until")
    if until is not None and until <= now:
        undo["snoozed_until"] = None  # it would have woken by now
    return undo


async def _waited_since(work: UnitOfWork, ticket_id: UUID) -> datetime | None:
    """Since when the customer had waited as the ticket was resolved; from the event log."""
    rows = await work.session.execute(
        select(EventRow.changes, EventRow.data)
        .where(EventRow.ticket_id == ticket_id, EventRow.kind == Kind.TICKET_CHANGED.value)
        .order_by(EventRow.seq.desc())
        .limit(100)
    )
    for changes, data in rows:
        if "status" in changes:
            since = data.get("waited_since")
            return datetime.fromisoformat(since) if since else None
    return None


def touch(ticket: Ticket, now: datetime) -> None:
    """Every change counts the version up."""
    ticket.version += 1
    ticket.updated_at = now


async def _plain_fields(
    work: UnitOfWork, ticket: Ticket, patch: dict[str, Any], changes: dict[str, tuple[Any, Any]]
) -> None:
    if "priority" in patch and patch["priority"] not in lifecycle.PRIORITIES:
        allowed = ", ".join(lifecycle.PRIORITIES)
        raise Invalid(errors=[("priority", f"is one of {allowed}")])
    if "subject" in patch:
        subject = " ".join(str(patch["subject"]).split())[:SUBJECT_CHARS]
        if not subject:
            raise Invalid(errors=[("subject", "write a subject")])
        patch = {**patch, "subject": subject}
    for field, model in (("assignee_id", Agent), ("team_id", Team)):
        target = patch.get(field)
        if target is not None:
            found = await work.session.get(model, target)
            if found is None or (isinstance(found, Agent) and not _can_work(found)):
                raise Invalid(errors=[(field, "names nobody who can take the ticket")])
    for field in ("priority", "subject", "assignee_id", "team_id"):
        if field in patch and getattr(ticket, field) != patch[field]:
            changes[field] = (getattr(ticket, field), patch[field])
            setattr(ticket, field, patch[field])


def _can_work(agent: Agent) -> bool:
    return agent.active and "tickets.write" in permissions(agent.role)


def state_of(ticket: Ticket) -> lifecycle.State:
    """The ticket as the state machine sees it."""
    return lifecycle.State(
        status=ticket.status,
        waiting_since=ticket.waiting_since,
        snoozed_until=ticket.snoozed_until,
        resolved_at=ticket.resolved_at,
        first_replied_at=ticket.first_replied_at,
    )


def apply_state(
    ticket: Ticket, state: lifecycle.State, changes: dict[str, tuple[Any, Any]]
) -> None:
    """Copy what the state machine decided; note what an agent would see as a change."""
    for field in ("status", "waiting_since", "snoozed_until", "resolved_at", "first_replied_at"):
        before, after = getattr(ticket, field), getattr(state, field)
        if before != after:
            setattr(ticket, field, after)
            if field in {"status", "snoozed_until"}:
                changes[field] = (before, after)


def _lifecycle(
    ticket: Ticket,
    patch: dict[str, Any],
    now: datetime,
    changes: dict[str, tuple[Any, Any]],
    *,
    waited_since: datetime | None,
) -> None:
    state = state_of(ticket)
    try:
        if "status" in patch:
            if patch["status"] not in lifecycle.STATUSES:
                allowed = ", ".join(lifecycle.STATUSES)
                raise Invalid(errors=[("status", f"is one of {allowed}")])
            state = lifecycle.set_status(state, patch["status"], now, waited_since)
        if "snoozed_until" in patch:
            state = lifecycle.snooze(state, patch["snoozed_until"], now)
    except lifecycle.IllegalTransitionError as error:
        raise Invalid(errors=[("status", str(error))]) from error
    except ValueError as error:
        raise Invalid(errors=[("snoozed_until", str(error))]) from error
    apply_state(ticket, state, changes)


async def _tags(
    work: UnitOfWork, ticket: Ticket, patch: dict[str, Any], changes: dict[str, tuple[Any, Any]]
) -> None:
    if not {"tags", "add_tags", "remove_tags"} & patch.keys():
        return
    wanted = list(patch["tags"]) if "tags" in patch else list(ticket.tags)
    wanted += list(patch.get("add_tags", ()))
    removed = {name.strip().lower() for name in patch.get("remove_tags", ())}
    names = sorted({name.strip().lower() for name in wanted} - removed)
    bad = [name for name in names if not _TAG.fullmatch(name)]
    if bad:
        raise Invalid(errors=[("tags", f"{bad[0]!r}: a tag is a word of up to 80 characters")])
    if names != ticket.tags:
        changes["tags"] = (ticket.tags, names)
        await _store_tags(work, ticket, names)


async def _store_tags(work: UnitOfWork, ticket: Ticket, names: list[str]) -> None:
    gone = set(ticket.tags) - set(names)
    new = set(names) - set(ticket.tags)
    if gone:
        await work.session.execute(
            delete(TicketTag).where(TicketTag.ticket_id == ticket.id, TicketTag.name.in_(gone))
        )
    if new:
        await work.session.execute(
            insert(TicketTag), [{"ticket_id": ticket.id, "name": name} for name in sorted(new)]
        )
    ticket.tags = names


async def link(work: UnitOfWork, source: Ticket, target: Ticket, kind: str) -> None:
    """Link two tickets once."""
    if await work.session.get(TicketLink, (source.id, target.id)) is None:
        work.session.add(TicketLink(source_id=source.id, target_id=target.id, kind=kind))


async def follow_visitor(work: UnitOfWork, visitor: str, contact: Contact) -> None:
    """Give the tickets a visitor opened to the contact who the visitor proved to be."""
    rows = (
        await work.session.scalars(
            select(Ticket).where(Ticket.visitor == visitor, Ticket.contact_id != contact.id)
        )
    ).all()
    for ticket in rows:
        before = ticket.contact_id
        ticket.contact_id = contact.id
        ticket.contact_name = contact.name
        touch(ticket, work.now)
        work.touch(ticket.id, ticket)
        work.record(
            Kind.TICKET_CHANGED,
            actor=SYSTEM,
            reason="the visitor signed in",
            ticket_id=ticket.id,
            contact_id=contact.id,
            changes={"contact_id": (before, contact.id)},
        )


async def rate(work: UnitOfWork, ticket_id: UUID, score: int, comment: str) -> None:
    """The customer's rating, 1 to 5; a later one replaces it."""
    ticket = await locked(work, ticket_id)
    rating = await work.session.get(Rating, ticket_id)
    before = rating.score if rating is not None else None
    if rating is None:
        rating = Rating(ticket_id=ticket_id, agent_id=ticket.assignee_id)
        work.session.add(rating)
    rating.score = score
    rating.comment = comment
    rating.created_at = work.now
    work.record(
        Kind.TICKET_RATED,
        ticket_id=ticket_id,
        contact_id=ticket.contact_id,
        changes={"score": (before, score)},
    )


async def rename_contact(work: UnitOfWork, contact: Contact) -> None:
    """Bring the list rows' copy of a contact's name up to date."""
    await work.session.execute(
        update(Ticket)
        .where(Ticket.contact_id == contact.id)
        .values(contact_name=contact.name)
        .execution_options(synchronize_session=False)
    )
