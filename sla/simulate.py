"""What if: past tickets once more, under another policy, staffing or routing.

A discrete-event simulation. Customers write when they did: the first message at its time, each
further one as long after our answer as it was then. Agents work through what they have, one
ticket at a time, in their hours; an answer takes the handling time it took. Who gets what is
decided by `sla.routing`, what was promised and kept by the ledger. The same plan and seed give
the same report, and a ticket's handling times are the same under every plan.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from math import exp
from random import Random

from sla.calendar import NeverOpen
from sla.clock import Standing
from sla.ledger import Entry, Kind, Rules, Start
from sla.outcomes import Comparison, Report, Tally, compare
from sla.people import Candidate, Demand
from sla.queues import Order, order, suits
from sla.replay import apply, replay
from sla.routing import Routing, decide
from sla.shifts import Shifts

__all__ = ["Cancelled", "Comparison", "PastTicket", "Plan", "Report", "Turn", "compare", "simulate"]

_LOOK_UP = 200  # events between two looks at progress and cancelling
_WEEK = timedelta(days=7)


class Cancelled(Exception):
    """Whoever asked for the simulation no longer wants it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of the customer: how long after our last answer, and the work it makes."""

    handling: timedelta
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class PastTicket:
    """A ticket as it was: what it asked of people, when it came, its turns."""

    demand: Demand
    created_at: datetime
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Plan:
    """What is tried out. `policy_of` gives the key of the policy a ticket gets.

    `variation` spreads handling times (the sigma of a lognormal factor); 0 keeps them.
    """

    name: str
    staff: tuple[Candidate, ...]
    rules: Rules
    calendars: str
    policy_of: Callable[[PastTicket], str]
    routing: Routing = field(default_factory=Routing)
    variation: float = 0.0


def simulate(
    tickets: Iterable[PastTicket],
    plan: Plan,
    *,
    until: datetime | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Report:
    """Run a plan over past tickets up to `until` (a week after the last one came).

    `progress` hears of (tickets closed, tickets). Raises Cancelled.
    """
    past = sorted(tickets, key=lambda ticket: (ticket.created_at, ticket.demand.ticket))
    if not past:
        raise ValueError("there are no tickets in the span; choose a longer one")
    end = until or past[-1].created_at + _WEEK
    world = _World(past, plan, end, seed)
    steps = 0
    while world.step():
        steps += 1
        if steps % _LOOK_UP == 0:
            if cancelled is not None and cancelled():
                raise Cancelled(f"stopped after {world.closed} of {len(past)} tickets")
            if progress is not None:
                progress(world.closed, len(past))
    if progress is not None:
        progress(world.closed, len(past))
    return world.report(past[0].created_at)


@dataclass(slots=True, eq=False)
class _Case:
    """A ticket under way."""

    past: PastTicket
    standing: Standing | None = None
    turn: int = 0
    seq: int = 0
    agent: str = ""
    asked_at: datetime | None = None

    def demand(self) -> Demand:
        due = self.standing.next_due() if self.standing is not None else None
        return replace(
            self.past.demand,
            last_agent=self.agent or self.past.demand.last_agent,
            due_at=due.due_at if due is not None else None,
            waiting_since=self.asked_at,
        )


@dataclass(slots=True)
class _Desk:
    """An agent under way: what they have taken, and what they are at."""

    candidate: Candidate
    taken: list[_Case] = field(default_factory=list)
    working: _Case | None = None
    busy: timedelta = timedelta(0)
    answered: int = 0

    def take(self, case: _Case, now: datetime) -> None:
        self.taken.append(case)
        self._load(case, 1)
        self.candidate = replace(self.candidate, assigned_at=now)

    def has_room(self, shifts: Shifts) -> bool:
        its = self.candidate
        return its.capacity.used(its.load) < its.capacity.slots and shifts.is_open(its.calendar)

    def drop(self, case: _Case) -> None:
        self._load(case, -1)

    def _load(self, case: _Case, change: int) -> None:
        channel = case.past.demand.channel
        load = {**self.candidate.load, channel: self.candidate.load.get(channel, 0) + change}
        self.candidate = replace(self.candidate, load=load)


class _World:
    def __init__(self, past: Sequence[PastTicket], plan: Plan, end: datetime, seed: int) -> None:
        self._plan, self._end, self._seed = plan, end, seed
        self._cases = [_Case(ticket) for ticket in past]
        self._desks = {c.agent: _Desk(replace(c, load={})) for c in plan.staff}
        self._events: list[tuple[datetime, int, str, object]] = []
        self._numbers = count()
        self._waiting: list[tuple[Order, int, _Case]] = []
        self._retry: datetime | None = None
        self._tally = Tally()
        self.closed = 0
        for case in self._cases:
            self._at(case.past.created_at.astimezone(UTC), "ask", case)

    def step(self) -> bool:
        """Let the next thing happen; False when nothing more does."""
        if not self._events or self._events[0][0] > self._end:
            return False
        now, _, kind, subject = heappop(self._events)
        if isinstance(subject, _Case):
            self._ask(subject, now)
        elif isinstance(subject, _Desk):
            self._answer(subject, now)
        elif kind == "retry" and now == self._retry:  # else an earlier look has replaced it
            self._retry = None
            self._drain(now)
        return True

    def report(self, begin: datetime) -> Report:
        """What came of it."""
        for case in self._cases:
            if case.standing is not None:
                self._tally.judge(case.standing, self._end)
                if case.asked_at is not None:
                    self._tally.unanswered += 1
        for name, desk in self._desks.items():
            calendar = desk.candidate.calendar
            span = self._end - begin
            shift = calendar.between(begin, self._end) if calendar is not None else span
            self._tally.agent(name, desk.answered, desk.busy, shift)
        return self._tally.report(self._plan.name, len(self._cases), self.closed)

    def _at(self, when: datetime, kind: str, subject: object) -> None:
        heappush(self._events, (when, next(self._numbers), kind, subject))

    def _enter(self, case: _Case, now: datetime, kind: Kind, value: str = "") -> None:
        if case.standing is None:
            return
        case.seq += 1
        case.standing = apply(case.standing, Entry(case.seq, now, kind, value), self._plan.rules)

    def _ask(self, case: _Case, now: datetime) -> None:
        plan, demand = self._plan, case.past.demand
        case.asked_at = now
        if case.standing is None:
            start = Start(
                priority=demand.priority,
                policy=plan.policy_of(case.past),
                calendars=plan.calendars,
                team=demand.team,
                zone=demand.zone,
            )
            case.standing = replay([Entry(0, now, "started", start=start)], plan.rules)
        else:
            self._enter(case, now, "customer")
        wanted = case.demand()
        shifts = Shifts(now)
        staff = [desk.candidate for desk in self._desks.values()]
        decision = decide(wanted, staff, now, plan.routing, shifts)
        if decision.chosen is not None:
            self._give(case, self._desks[decision.chosen], now)
            return
        insort(self._waiting, (order(wanted, now, plan.routing), next(self._numbers), case))
        self._tally.queued(len(self._waiting))
        self._look_again(shifts)

    def _look_again(self, shifts: Shifts) -> None:
        """Plan a look at the queue: when a shift or an absence ends, or an overflow comes due."""
        now, times = shifts.now, []
        for desk in self._desks.values():
            absent = desk.candidate.absent_until
            times.append(absent if absent is not None and absent > now else None)
            times.append(shifts.opens_at(desk.candidate.calendar))
        if any(desk.has_room(shifts) for desk in self._desks.values()):
            for _, _, case in self._waiting:
                if case.asked_at is not None:
                    times += [case.asked_at + step.after for step in self._plan.routing.overflow]
        when = min([at for at in times if at is not None and at > now], default=None)
        if when is not None and (self._retry is None or when < self._retry):
            self._retry = when
            self._at(when, "retry", None)

    def _drain(self, now: datetime) -> None:
        shifts, routing = Shifts(now), self._plan.routing
        left: list[tuple[Order, int, _Case]] = []
        for n, place in enumerate(self._waiting):
            staff = [desk.candidate for desk in self._desks.values() if desk.has_room(shifts)]
            if not staff:
                left += self._waiting[n:]
                break
            decision = decide(place[2].demand(), staff, now, routing, shifts)
            if decision.chosen is not None:
                self._give(place[2], self._desks[decision.chosen], now)
            else:
                left.append(place)
        self._waiting = left
        if left:
            self._look_again(shifts)

    def _give(self, case: _Case, desk: _Desk, now: datetime) -> None:
        desk.take(case, now)
        if desk.working is None:
            self._begin(desk, now)

    def _begin(self, desk: _Desk, now: datetime) -> None:
        """Take up the next ticket; it is answered when its handling time has passed in hours."""
        if not desk.taken:
            desk.working = None
            return
        case = min(desk.taken, key=lambda its: order(its.demand(), now, self._plan.routing))
        desk.taken.remove(case)
        desk.working = case
        handling = self._handling(case)
        calendar = desk.candidate.calendar
        try:
            done = calendar.add(now, handling) if calendar is not None else now + handling
        except NeverOpen:  # their last shift is over: the ticket stays with them, unanswered
            return
        desk.busy += handling
        self._at(done, "answer", desk)

    def _handling(self, case: _Case) -> timedelta:
        handling = case.past.turns[case.turn].handling
        if not self._plan.variation:
            return handling
        name = f"{self._seed}/{case.past.demand.ticket}/{case.turn}"
        return handling * exp(Random(name).gauss(0, self._plan.variation))  # noqa: S311 - no secret

    def _answer(self, desk: _Desk, now: datetime) -> None:
        case = desk.working
        if case is None or case.asked_at is None:
            return
        self._tally.answer(now - case.asked_at, first=case.turn == 0)
        desk.answered += 1
        desk.drop(case)
        case.agent, case.asked_at = desk.candidate.agent, None
        case.turn += 1
        self._enter(case, now, "reply")
        if case.turn < len(case.past.turns):
            self._at(now + case.past.turns[case.turn].after, "ask", case)
        else:
            self._enter(case, now, "status", "resolved")
            self.closed += 1
        self._pull(desk, now)
        self._begin(desk, now)

    def _pull(self, desk: _Desk, now: datetime) -> None:
        """Whoever has room again takes what waits and fits, the most pressing first."""
        if not self._waiting:
            return
        shifts = Shifts(now)
        everyone = [other.candidate for other in self._desks.values()]
        for n, (_, _, case) in enumerate(self._waiting):
            if suits(desk.candidate, case.demand(), everyone, shifts, self._plan.routing):
                del self._waiting[n]
                desk.take(case, now)
                return
