"""Policies and calendars: made, changed by a new version, put in order, applied to open tickets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.types import new_id
from desk.errors import Conflict, Invalid, NotFound
from desk.events import SYSTEM, Kind
from desk.tickets.lifecycle import UNSOLVED
from desk.tickets.models import Ticket
from desk.triage import clocks
from desk.triage.models import TriageSetting
from desk.unit_of_work import UnitOfWork
from sla import books, repository
from sla.ledger import Entry, Rules, Start
from sla.models import SlaBook, SlaPolicy, SlaStanding
from sla.policy import PolicyVersion, choose, parse
from sla.replay import replay
from sla.repository import Rulebook, Rulebooks

CHUNK: Final = 100  # tickets a unit of work


def read(data: Mapping[str, Any], policy_id: UUID, version: int) -> PolicyVersion:
    """A policy version from what people send. Raises Invalid in words."""
    try:
        found = parse({**data, "policy": str(policy_id), "version": version})
    except (ValueError, TypeError) as error:
        message = f"This policy cannot be: {error}."
        raise Invalid(message, [(_field_of(str(error)), str(error))]) from error
    for step in found.steps:
        _check_step(step.action, step.to)
    return found


def _field_of(message: str) -> str:
    """The part of a policy that a refusal is about."""
    first = re.split(r"[.:\[ ]", message, maxsplit=1)[0]
    if first in {part.name for part in fields(PolicyVersion)}:
        return first
    words = {"step": "steps", "escalation": "steps", "target": "targets", "team": "olas"}
    return next((field for word, field in words.items() if word in message), "policy")


def _check_step(action: str, to: str) -> None:
    if action == "webhook":
        message = "Webhook steps are not carried out yet; choose notify, raise or reassign."
        raise Invalid(message, [("steps", message)])
    kind, _, name = to.partition(":")
    named = name if kind == "agent" else to if action == "reassign" else ""
    if named or kind == "agent":
        try:
            UUID(named)
        except ValueError as error:
            message = f"{to!r} is not the id of an agent or a team."
            raise Invalid(message, [("steps", message)]) from error


async def create(work: UnitOfWork, data: Mapping[str, Any], *, apply: bool = True) -> SlaPolicy:
    """A new policy, looked at last; `apply` brings open tickets under it. Raises Invalid."""
    policy_id = new_id()
    first = read(data, policy_id, 1)
    await _check_names(work.session, first)
    row = SlaPolicy(
        id=policy_id,
        name=first.name,
        position=await repository.next_position(work.session),
        active=True,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await repository.add_version(work.session, first, work.now, work.actor.id)
    await _changed(work, {"policy": (None, first.name)}, apply=apply)
    return row


async def revise(
    work: UnitOfWork,
    policy_id: UUID,
    data: Mapping[str, Any],
    version: int,
    *,
    apply: bool = False,
) -> SlaPolicy:
    """A further version; tickets that began under another one keep it until it is applied.

    Raises NotFound, Invalid, Conflict when `version` is not the present one.
    """
    row = await _need(work, policy_id)
    if row.version != version:
        raise Conflict(
            "Somebody else changed this policy; look at it again before you change it.",
            current_version=row.version,
        )
    found = read(data, policy_id, version + 1)
    await _check_names(work.session, found)
    await repository.add_version(work.session, found, work.now, work.actor.id)
    row.version, row.name, row.updated_at = version + 1, found.name, work.now
    await _changed(work, {"policy_version": (version, version + 1)}, policy=found.name, apply=apply)
    return row


async def set_active(work: UnitOfWork, policy_id: UUID, *, active: bool) -> SlaPolicy:
    """Look at a policy for new tickets, or no longer. Raises NotFound."""
    row = await _need(work, policy_id)
    if row.active != active:
        row.active, row.updated_at = active, work.now
        await _changed(work, {"active": (not active, active)}, policy=row.name)
    return row


async def arrange(work: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Put the policies in this order. Raises Invalid unless each is named once."""
    rows = {row.id: row for row in await repository.policies(work.session)}
    if sorted(ids) != sorted(rows):
        raise Invalid("Name every policy once.")
    before = [row.name for row in rows.values()]
    for position, policy_id in enumerate(ids):
        rows[policy_id].position = position
    await _changed(work, {"order": (before, [rows[one].name for one in ids])})


async def save_book(
    work: UnitOfWork, data: books.BookData, version: int, *, apply: bool = True
) -> int:
    """Keep the calendars as a new book; its number. Raises Invalid, Conflict.

    `apply`: from now on open tickets count by it, too; what was counted stays counted.
    """
    present, before = await repository.book_data(work.session)
    if version != present:
        raise Conflict(
            "Somebody else changed the calendars; look at them again before you change them.",
            current_version=present,
        )
    try:
        books.book(data, work.now.year)
    except ValueError as error:
        raise Invalid(f"These calendars cannot be: {error}.") from error
    rules = await Rulebooks().at(work.session)
    for gone in sorted(set(before.calendars) - set(data.calendars)):
        users = policies_by(rules, gone)
        if users:
            raise Conflict(
                f"The calendar {before.calendars[gone].name!r} has to stay: these policies count "
                f"by it, now or in a version that tickets began under: {', '.join(users)}.",
                used_by=users,
            )
    work.session.add(
        SlaBook(
            version=present + 1,
            data=books.as_data(data),
            created_at=work.now,
            created_by=work.actor.id,
        )
    )
    await _changed(work, {"calendars": (present, present + 1)}, apply=apply)
    return present + 1


def policies_by(rules: Rulebook, calendar: str) -> list[str]:
    """The names of the policies of which any version counts by a calendar."""
    found = {one.name for one in rules.rules.policies.values() if one.hours.calendar == calendar}
    return sorted(found)


async def apply_some(work: UnitOfWork, books_: Rulebooks, limit: int = CHUNK) -> int:
    """Bring some open tickets under the present policies and calendars; 0 when all are."""
    rules = await books_.at(work.session)
    progress = await work.session.get(TriageSetting, "apply", with_for_update=True)
    after = UUID(progress.data["after"]) if progress and progress.data["after"] else None
    query = select(Ticket, SlaStanding).join(SlaStanding, SlaStanding.ticket_id == Ticket.id)
    query = query.where(Ticket.status.in_(UNSOLVED))
    if after is not None:
        query = query.where(Ticket.id > after)
    rows = (
        await work.session.execute(query.order_by(Ticket.id).limit(limit).with_for_update())
    ).all()
    for ticket, kept in rows:
        work.touch(ticket.id, ticket)
        await _apply(work, rules, ticket, kept)
    if progress is not None:
        done = progress.data["done"] + len(rows)
        last = str(rows[-1][0].id) if rows else ""
        progress.data = {**progress.data, "after": last, "done": done, "over": not rows}
        progress.updated_at = work.now
    return len(rows)


async def _apply(work: UnitOfWork, rules: Rulebook, ticket: Ticket, kept: SlaStanding) -> None:
    choice = choose(rules.current, await clocks.facts(work.session, ticket))
    key = choice.policy.key if choice.policy else ""
    news: dict[str, Any] = {}
    if key != kept.policy:
        news["policy"] = key
    if kept.data["calendars"] != rules.book:
        news["calendars"] = rules.book
    if not news:
        return
    name = choice.policy.name if choice.policy else ""
    work.record(
        Kind.DECISION_SLA,
        actor=SYSTEM,
        reason=f"{choice.sentence()} It was applied to open tickets.",
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        data={**news, "name": name, "sentence_key": "sla.applied", "params": {"policy": name}},
    )


async def begin_applying(work: UnitOfWork) -> None:
    """Set the progress of applying to nothing done."""
    total = await _open(work.session)
    row = await work.session.get(TriageSetting, "apply")
    data = {"after": "", "done": 0, "total": total, "over": False}
    if row is None:
        work.session.add(TriageSetting(name="apply", data=data, version=1, updated_at=work.now))
    else:
        row.data, row.version, row.updated_at = data, row.version + 1, work.now


async def _open(session: AsyncSession) -> int:
    query = select(func.count()).select_from(Ticket).where(Ticket.status.in_(UNSOLVED))
    return await session.scalar(query) or 0


def preview(
    rules: Rulebook, version: PolicyVersion, start: Start, at: datetime
) -> list[dict[str, Any]]:
    """What a ticket opened at `at` would be promised: each clock with its deadline."""
    with_it = Rules({**rules.rules.policies, version.key: version}, rules.rules.books)
    standing = replay([Entry(1, at, "started", start=start)], with_it)
    return [
        {"metric": clock.metric, "due_at": clock.due_at, "paused": clock.due is None}
        for clock in standing.clocks
        if clock.limit is not None
    ]


async def _check_names(session: AsyncSession, version: PolicyVersion) -> None:
    _, present = await repository.book_data(session)
    name = version.hours.calendar
    if name and name not in present.calendars:
        known = ", ".join(sorted(present.calendars))
        message = f"There is no calendar {name!r}; there are {known}."
        raise Invalid(message, [("hours", message)])


async def _need(work: UnitOfWork, policy_id: UUID) -> SlaPolicy:
    row = await work.session.get(SlaPolicy, policy_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such policy.")
    return row


async def _changed(
    work: UnitOfWork,
    changes: dict[str, tuple[Any, Any]],
    *,
    policy: str = "",
    apply: bool = False,
) -> None:
    await work.session.flush()
    await repository.changed(work.session)
    data: dict[str, Any] = {"policy": policy} if policy else {}
    work.record(Kind.SLA_CHANGED, changes=changes, data=data | ({"apply": True} if apply else {}))
