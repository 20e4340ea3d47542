"""Queues: which ticket is next, who drains them, and what moves when an agent goes away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla.conditions import PRIORITIES
from sla.people import Candidate, Demand
from sla.reasons import Reason, span
from sla.requirements import asleep, let_go, may_overflow, obstacle, since
from sla.routing import Decision, Routing, decide
from sla.shifts import Shifts

# What is promised nothing is treated as if it were due so long after it began to wait, so that
# it comes up at last.
UNPROMISED: Final = timedelta(hours=24)
VIP_HEAD_START: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A ticket somebody has; `waiting` says that the customer waits for an answer."""

    demand: Demand
    agent: str
    waiting: bool = True


@dataclass(frozen=True, slots=True)
class Move:
    """A ticket that leaves an agent: for `decision.chosen`, or for the queue when that is None."""

    ticket: str
    source: str
    reason: Reason
    decision: Decision


Order = tuple[datetime, int, datetime, str]


def order(demand: Demand, now: datetime, routing: Routing) -> Order:
    """What a queue is sorted by: the time left, then priority, then how long it has waited."""
    begun = demand.waiting_since or now
    due = demand.due_at if demand.due_at is not None else begun + UNPROMISED
    if routing.vip_segment in demand.segments:
        due -= VIP_HEAD_START
    rank = PRIORITIES.index(demand.priority) if demand.priority in PRIORITIES else 1
    return due, -rank, begun, demand.ticket


def queue(waiting: Iterable[Demand], now: datetime, routing: Routing | None = None) -> list[Demand]:
    """The waiting tickets, the one that can wait least first."""
    settings = routing or Routing()
    return sorted(waiting, key=lambda demand: order(demand, now, settings))


def next_for(
    candidate: Candidate,
    waiting: Iterable[Demand],
    now: datetime,
    routing: Routing | None = None,
    colleagues: Sequence[Candidate] = (),
) -> Demand | None:
    """The ticket somebody who has come free is to take: the first in the queue that fits them.

    `colleagues` tells whether a ticket's own team is awake. None: nothing that waits is for
    them.
    """
    settings = routing or Routing()
    shifts = Shifts(now)
    everyone = [candidate, *colleagues]
    return next(
        (
            demand
            for demand in queue(waiting, now, settings)
            if suits(candidate, demand, everyone, shifts, settings)
        ),
        None,
    )


def drain(
    waiting: Iterable[Demand],
    candidates: Iterable[Candidate],
    now: datetime,
    routing: Routing | None = None,
) -> list[Decision]:
    """Decide every waiting ticket in the queue's order; each assignment takes its room."""
    settings = routing or Routing()
    shifts = Shifts(now)
    staff = {candidate.agent: candidate for candidate in candidates}
    decisions = []
    for demand in queue(waiting, now, settings):
        decision = decide(demand, staff.values(), now, settings, shifts)
        if decision.chosen is not None:
            staff[decision.chosen] = loaded(staff[decision.chosen], demand.channel, now)
        decisions.append(decision)
    return decisions


def reassignments(
    assigned: Iterable[Assigned],
    candidates: Iterable[Candidate],
    now: datetime,
    routing: Routing | None = None,
) -> list[Move]:
    """The waiting tickets whose agent is gone, and where each goes; in the queue's order.

    Gone is: no longer among the candidates, absent, away or offline for `away_after`, or off
    shift until after the deadline.
    """
    settings = routing or Routing()
    shifts = Shifts(now)
    staff = {candidate.agent: candidate for candidate in candidates}
    leaving: list[tuple[Order, Assigned, Reason]] = []
    for item in assigned:
        reason = _gone(item, staff, shifts, settings) if item.waiting else None
        if reason is not None:
            leaving.append((order(item.demand, now, settings), item, reason))
    moves = []
    for _, item, reason in sorted(leaving, key=lambda entry: entry[0]):
        refused = item.demand.refused | {item.agent}
        demand = replace(item.demand, refused=refused)
        decision = decide(demand, staff.values(), now, settings, shifts)
        if decision.chosen is not None:
            staff[decision.chosen] = loaded(staff[decision.chosen], demand.channel, now)
        moves.append(Move(demand.ticket, item.agent, reason, decision))
    return moves


def loaded(candidate: Candidate, channel: str, now: datetime) -> Candidate:
    """The candidate with one more ticket of a channel, got now."""
    load: Mapping[str, int] = {**candidate.load, channel: candidate.load.get(channel, 0) + 1}
    return replace(candidate, load=load, assigned_at=now)


def suits(
    candidate: Candidate,
    demand: Demand,
    everyone: list[Candidate],
    shifts: Shifts,
    routing: Routing,
) -> bool:
    """Whether a candidate may take a ticket now; `everyone` tells whether its team is awake."""
    needs, _ = routing.needs(demand)
    if obstacle(candidate, needs, shifts):
        return False
    missing = let_go(candidate, needs)
    if not missing:
        return True
    waited = since(demand, shifts.now)
    sleeps = bool(demand.team) and asleep(demand.team, everyone, shifts)
    return any(
        missing <= step.relax and may_overflow(step, waited, sleeps) for step in routing.overflow
    )


def _gone(
    item: Assigned, staff: Mapping[str, Candidate], shifts: Shifts, routing: Routing
) -> Reason | None:
    candidate, now = staff.get(item.agent), shifts.now
    if candidate is None:
        return _reason("left", item.agent, f"{item.agent} no longer answers tickets.")
    name = candidate.label
    if candidate.absent_until is not None and candidate.absent_until > now:
        return _reason("absent", name, f"{name} is absent.")
    if candidate.presence != "online" and candidate.away_since is not None:
        away = now - candidate.away_since
        if away >= routing.away_after:
            return _reason("away", name, f"{name} has been {candidate.presence} for {span(away)}.")
    if routing.on_shift and not shifts.is_open(candidate.calendar):
        back = shifts.opens_at(candidate.calendar)
        due = item.demand.due_at
        if back is None or (due is not None and due <= back):
            return _reason("off_shift", name, f"{name} is back only after it is due.")
    return None


def _reason(code: str, agent: str, text: str) -> Reason:
    return Reason(f"routing.gone.{code}", text, {"agent": agent})
