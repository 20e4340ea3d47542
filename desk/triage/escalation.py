"""Warnings and escalations, each carried out once: the key of what was done is in its commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents.models import Agent
from desk.events import Actor, Kind
from desk.tickets import service
from desk.tickets.models import Ticket
from desk.triage import staff
from desk.triage.models import AgentWork
from desk.unit_of_work import UnitOfWork
from sla import repository
from sla.calendar import BusinessCalendar
from sla.clock import Clock, Standing
from sla.conditions import PRIORITIES
from sla.hours import Hours
from sla.models import SlaFiring, SlaStanding
from sla.offsets import from_micros
from sla.policy import PolicyVersion, Step
from sla.repository import Rulebook, Rulebooks
from sla.snapshot import parse
from sla.steps import AtWork, Firing, due_steps, next_step_at

CHUNK: Final = 100  # tickets a round
_LEAD_HOURS: Final = Hours()
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)  # whatever was not done yet is due


async def due(session: AsyncSession, now: datetime) -> list[UUID]:
    """The tickets with a step that may be due, the one that has waited longest first."""
    rows = await session.scalars(
        select(SlaStanding.ticket_id)
        .where(SlaStanding.next_step_at.is_not(None), SlaStanding.next_step_at <= now)
        .order_by(SlaStanding.next_step_at)
        .limit(CHUNK)
    )
    return list(rows)


async def carry_out(work: UnitOfWork, books: Rulebooks, ticket_id: UUID) -> list[Firing]:
    """Do what is due for one ticket, and note when to look at it next."""
    ticket = await service.locked(work, ticket_id)
    kept = await work.session.get(SlaStanding, ticket_id, populate_existing=True)
    if kept is None:
        return []
    book = await books.at(work.session)
    standing = parse(kept.data, book.rules)
    done = await repository.fired(work.session, ticket_id)
    at_work = await _at_work(work.session, ticket, book, standing)
    policy = book.rules.policy(standing.policy)
    carried: list[Firing] = []
    for clock in standing.clocks:
        firings = due_steps(clock, _EVER, work.now, at_work=at_work, fired=done)
        for firing in firings:
            await _once(work, ticket, firing)
            await _do(work, ticket, policy, clock, firing)
        carried += firings
    await work.session.flush()
    times = [next_step_at(clock, work.now, at_work) for clock in standing.live()]
    kept.next_step_at = min((at for at in times if at is not None), default=None)
    return carried


async def _once(work: UnitOfWork, ticket: Ticket, firing: Firing) -> None:
    """Keep the keys; a second unit that came this far would fail on them."""
    rows = [
        {
            "ticket_id": ticket.id,
            "key": key,
            "action": firing.step.action,
            "recipient": firing.step.to,
            "covered": key != firing.key,
            "reached_at": firing.reached_at,
            "fired_at": work.now,
        }
        for key in (firing.key, *firing.covers)
    ]
    await work.session.execute(insert(SlaFiring), rows)


async def _do(
    work: UnitOfWork, ticket: Ticket, policy: PolicyVersion, clock: Clock, firing: Firing
) -> None:
    step = firing.step
    actor = Actor(kind="rule", name=policy.name)
    breached = clock.breach(work.now) is not None
    why = _sentence(clock, breached=breached)
    work.record(
        Kind.SLA_STEP,
        actor=actor,
        reason=why,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        data={
            "key": firing.key,
            "step": step.id,
            "action": step.action,
            "to": step.to,
            "metric": clock.metric,
            "breached": breached,
            "due_at": from_micros(clock.due) if clock.due is not None else None,
            "sentence_key": "sla.broken" if breached else "sla.near",
            "params": {"metric": clock.metric},
        },
    )
    patch = _patch(ticket, step)
    if patch:
        await service.change(work, ticket.id, patch, reason=why)


def _patch(ticket: Ticket, step: Step) -> dict[str, Any]:
    """What a step changes of the ticket; priority only goes up."""
    match step.action:
        case "raise_priority":
            higher = PRIORITIES.index(step.to) > PRIORITIES.index(ticket.priority)
            return {"priority": step.to} if higher else {}
        case "reassign":
            team = UUID(step.to)
            return {} if ticket.team_id == team else {"team_id": team, "assignee_id": None}
        case _:
            return {}


def _sentence(clock: Clock, *, breached: bool) -> str:
    what = clock.metric.replace("_", " ")
    return f"The {what} is overdue." if breached else f"The {what} is due soon."


async def _at_work(
    session: AsyncSession, ticket: Ticket, book: Rulebook, standing: Standing
) -> AtWork:
    """The hours of whoever a step can be for."""
    calendars = book.rules.book(book.book)
    team = calendars.of(_LEAD_HOURS, standing.team)
    lead = calendars.of(_LEAD_HOURS)
    named = {_agent_of(step) for clock in standing.clocks for step in clock.steps}
    ids = {ticket.assignee_id, *named} - {None}
    hours = await _hours(session, [one for one in ids if one is not None])

    def find(step: Step) -> BusinessCalendar | None:
        if step.to == "assignee":
            return team if ticket.assignee_id is None else hours.get(ticket.assignee_id)
        if step.to == "lead":
            return lead
        agent_id = _agent_of(step)
        return hours.get(agent_id) if agent_id is not None else team

    return find


def _agent_of(step: Step) -> UUID | None:
    kind, _, name = step.to.partition(":")
    return UUID(name) if kind == "agent" and name else None


async def _hours(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, BusinessCalendar | None]:
    rows = await session.execute(
        select(Agent.id, Agent.timezone, AgentWork)
        .outerjoin(AgentWork, AgentWork.agent_id == Agent.id)
        .where(Agent.id.in_(ids))
    )
    return {agent_id: staff.hours(work, timezone) for agent_id, timezone, work in rows}
