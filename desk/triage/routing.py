"""Gives waiting tickets to agents. One decision at a time over the whole desk.

A round takes the row lock of a counter before it looks at anybody's load, so that what it sees is
true until it commits: two workers never give one ticket twice, nor more to an agent than fits.
It waits for no ticket's lock: one that somebody is working on is left for the next round, so a
round never stands in a circle of locks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.log import EventRow
from desk.errors import Conflict, NotFound
from desk.events import Actor, Kind
from desk.tickets import service
from desk.tickets.models import Ticket
from desk.triage import demands, options, staff
from desk.triage.models import AgentWork, TicketRouting
from desk.unit_of_work import UnitOfWork, Units
from sla.people import Candidate, Demand
from sla.queues import Assigned, loaded, queue, reassignments
from sla.reasons import Reason
from sla.routing import Decision, decide
from sla.scoring import COMPONENTS
from sla.shifts import Shifts

ROUTER: Final = Actor(kind="rule", name="Routing")
BATCH: Final = 25  # tickets given in one unit of work
HOPELESS: Final = 400  # decisions for nobody after which a round leaves the rest for the next
SHOWN: Final = 5  # candidates kept with a decision
_LOCK: Final = text(
    "INSERT INTO counter (name, value) VALUES ('routing', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1"
)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did. `again`: there is more to give."""

    given: int = 0
    waiting: int = 0
    again: bool = False


async def drain(units: Units) -> Round:
    """Give every waiting ticket that somebody can take, the one that can wait least first."""
    async with units.read() as session:
        data, _ = await options.load(session)
        if not data.enabled or not await demands.anybody(session):
            return Round()
    total = Round()
    while True:
        async with units.write(ROUTER) as work:
            done = await _round(work)
        total = Round(total.given + done.given, done.waiting, again=False)
        if not done.again:
            return total


async def _round(work: UnitOfWork) -> Round:
    await work.session.execute(_LOCK)
    data, _ = await options.load(work.session)
    if not data.enabled:
        return Round()
    routing = options.routing_of(data)
    people = {one.agent: one for one in await staff.candidates(work.session, work.now)}
    tickets = {str(row.id): row for row in await demands.waiting(work.session)}
    skills = {skill for one in people.values() for skill in one.skills}
    asked = await demands.demands(work.session, list(tickets.values()), skills)
    shifts = Shifts(work.now)
    given = hopeless = 0
    for demand in queue(asked, work.now, routing):
        if given == BATCH:
            return Round(given, len(tickets) - given, again=True)
        decision = decide(demand, people.values(), work.now, routing, shifts)
        if decision.chosen is None:
            await _nobody(work, tickets[demand.ticket], decision)
            hopeless += 1
            if hopeless == HOPELESS:
                break
            continue
        if await _give(work, demand, decision, people):
            people[decision.chosen] = loaded(people[decision.chosen], demand.channel, work.now)
            given += 1
    return Round(given, len(tickets) - given)


async def _give(
    work: UnitOfWork, demand: Demand, decision: Decision, people: dict[str, Candidate]
) -> bool:
    """Assign a ticket, unless somebody works on it just now or it no longer waits."""
    chosen = people[decision.chosen or ""]
    ticket = await work.session.scalar(
        select(Ticket)
        .where(Ticket.id == UUID(demand.ticket), *demands.waits())
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        return False
    patch: dict[str, Any] = {"assignee_id": UUID(chosen.agent)}
    if demand.team and demand.team not in chosen.teams and chosen.teams:
        patch["team_id"] = UUID(min(chosen.teams))  # it follows the sun: now it is theirs
    before = {name: getattr(ticket, name) for name in patch}
    why = sentence(decision, chosen)
    await service.change(work, ticket.id, patch, reason=why)
    await work.session.execute(
        update(AgentWork)
        .where(AgentWork.agent_id == UUID(chosen.agent))
        .values(assigned_at=work.now)
        .execution_options(synchronize_session=False)
    )
    await _forget_alarm(work, ticket.id)
    _tell(work, ticket, decision, "routing.assigned", why, before=before, chosen=chosen)
    return True


async def _nobody(work: UnitOfWork, ticket: Ticket, decision: Decision) -> None:
    """Remember when to look again; raise the alarm once."""
    row = await work.session.get(TicketRouting, ticket.id)
    if row is None:
        row = TicketRouting(
            ticket_id=ticket.id, refused=[], retry_at=None, alarmed_at=None, updated_at=work.now
        )
        work.session.add(row)
    if row.retry_at != decision.retry_at:
        row.retry_at = decision.retry_at
        row.updated_at = work.now
    if row.alarmed_at is None and decision.alarm is not None:
        row.alarmed_at = work.now
        _tell(work, ticket, decision, decision.alarm.key, decision.alarm.text)
        work.record(
            Kind.ALARM_RAISED,
            reason=decision.alarm.text,
            ticket_id=ticket.id,
            data={"code": "routing.nobody", **dict(decision.alarm.params)},
        )


async def _forget_alarm(work: UnitOfWork, ticket_id: UUID) -> None:
    await work.session.execute(
        update(TicketRouting)
        .where(TicketRouting.ticket_id == ticket_id)
        .values(retry_at=None, alarmed_at=None, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )


def sentence(decision: Decision, chosen: Candidate) -> str:
    """The decision in words."""
    because = " ".join(reason.text for reason in decision.reasons[:4])
    return f"{chosen.label} gets it. {because}".strip()


def _tell(
    work: UnitOfWork,
    ticket: Ticket,
    decision: Decision,
    key: str,
    why: str,
    *,
    before: dict[str, Any] | None = None,
    chosen: Candidate | None = None,
) -> None:
    work.record(
        Kind.DECISION_ROUTING,
        reason=why,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        data={
            "sentence_key": key,
            "params": {"agent": chosen.label} if chosen else _plain(decision.alarm),
            "agent_id": chosen.agent if chosen else None,
            "undo": {name: _text(value) for name, value in (before or {}).items()},
            "retry_at": decision.retry_at,
            **explained(decision),
        },
    )


def explained(decision: Decision) -> dict[str, Any]:
    """Reasons, ranking and who was left out, as data."""
    left_out: dict[str, list[str]] = {}
    for candidate, code in decision.left_out:
        left_out.setdefault(code, []).append(candidate.label)
    return {
        "reasons": [msgspec.to_builtins(reason) for reason in decision.reasons],
        "ranking": [
            {
                "agent_id": one.agent,
                "name": one.candidate.label,
                "score": round(one.score, 2),
                "factors": dict(zip(COMPONENTS, (round(f, 3) for f in one.factors), strict=True)),
            }
            for one in decision.ranking[:SHOWN]
        ],
        "left_out": {code: names[:SHOWN] for code, names in sorted(left_out.items())},
    }


async def undo(work: UnitOfWork, ticket_id: UUID) -> Ticket:
    """Take a ticket back from whom routing gave it to; it will not go to them again.

    Raises NotFound, Conflict when somebody else has it since.
    """
    last = await _last(work.session, ticket_id)
    if last is None:
        raise NotFound("Routing has not given this ticket to anybody.")
    ticket = await service.locked(work, ticket_id)
    agent_id = last["agent_id"]
    if _text(ticket.assignee_id) != agent_id:
        raise Conflict("Somebody else has this ticket by now, so there is nothing to take back.")
    await refuse(work, ticket_id, agent_id)
    back = {name: UUID(value) if value else None for name, value in last["undo"].items()}
    await service.change(work, ticket_id, back, reason="the routing was undone")
    return ticket


async def _last(session: AsyncSession, ticket_id: UUID) -> dict[str, Any] | None:
    """What routing last decided of a ticket, when it gave it to somebody."""
    rows = await session.scalars(
        select(EventRow.data)
        .where(EventRow.ticket_id == ticket_id, EventRow.kind == Kind.DECISION_ROUTING.value)
        .order_by(EventRow.seq.desc())
        .limit(10)
    )
    return next((data for data in rows if data.get("agent_id")), None)


async def refuse(work: UnitOfWork, ticket_id: UUID, agent_id: str) -> None:
    """An agent is not to get a ticket any more."""
    row = await work.session.get(TicketRouting, ticket_id)
    if row is None:
        row = TicketRouting(
            ticket_id=ticket_id, refused=[], retry_at=None, alarmed_at=None, updated_at=work.now
        )
        work.session.add(row)
    row.refused = sorted({*row.refused, agent_id})
    row.updated_at = work.now


async def move_from_absent(units: Units) -> int:
    """Take what waits from agents who are gone, and give it to others; how many moved."""
    async with units.write(ROUTER) as work:
        await work.session.execute(_LOCK)
        data, _ = await options.load(work.session)
        if not data.enabled:
            return 0
        routing = options.routing_of(data)
        people = await staff.candidates(work.session, work.now)
        held = await _held(work.session, people, work.now)
        moved = 0
        for move in reassignments(held, people, work.now, routing):
            moved += await _move(work, UUID(move.ticket), move.source, move.reason, move.decision)
        return moved


async def _held(
    session: AsyncSession, people: Sequence[Candidate], now: datetime
) -> list[Assigned]:
    """Tickets whose customers wait and whose agent may be gone."""
    shifts = Shifts(now)
    here = [
        UUID(one.agent)
        for one in people
        if one.presence == "online"
        and (one.absent_until is None or one.absent_until <= now)
        and shifts.is_open(one.calendar)
    ]
    waits = demands.waits()[1:]
    rows = (
        await session.scalars(
            select(Ticket)
            .where(Ticket.assignee_id.is_not(None), Ticket.assignee_id.not_in(here), *waits)
            .order_by(Ticket.next_due_at, Ticket.id)
            .limit(demands.MOST)
        )
    ).all()
    skills = {skill for one in people for skill in one.skills}
    asked = await demands.demands(session, rows, skills)
    return [
        Assigned(demand, _text(row.assignee_id)) for demand, row in zip(asked, rows, strict=True)
    ]


async def _move(
    work: UnitOfWork, ticket_id: UUID, source: str, reason: Reason, decision: Decision
) -> int:
    """Carry one move out; a ticket that nobody can take stays where it is."""
    if decision.chosen is None:
        return 0
    ticket = await work.session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id, Ticket.assignee_id == UUID(source))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        return 0
    chosen = decision.ranking[0].candidate
    before = {"assignee_id": ticket.assignee_id}
    why = f"{reason.text} {sentence(decision, chosen)}"
    moved = replace(decision, reasons=(reason, *decision.reasons))
    await service.change(work, ticket_id, {"assignee_id": UUID(chosen.agent)}, reason=why)
    _tell(work, ticket, moved, "routing.moved", why, before=before, chosen=chosen)
    return 1


def _plain(alarm: Reason | None) -> dict[str, Any]:
    return dict(alarm.params) if alarm else {}


def _text(value: object) -> str:
    return "" if value is None else str(value)
