"""The slow truth about clocks: step through the minutes of a ticket and count each one.

It shares no code with `sla`: hours come from `tests.sla.oracle`, and every minute every clock is
asked anew whether it runs and by whose hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from tests.sla.oracle import Hours

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Promise:
    """A policy in plain words: minutes, and `by_wall` for targets in calendar time."""

    minutes: Mapping[tuple[str, str], int]  # (metric, priority)
    by_wall: frozenset[str]  # priorities
    team_minutes: Mapping[str, int]
    calendar: str
    customer_zone: bool
    responses: frozenset[str]
    after_handoff: bool
    pauses: Mapping[str, frozenset[str]]
    restart: bool
    from_change: bool


@dataclass(frozen=True)
class Happening:
    """An entry: minute, kind, value."""

    minute: int
    kind: str
    value: str = ""


@dataclass
class Counted:
    """A clock as counted, in minutes since the ticket was opened."""

    metric: str
    team: str
    started: int
    used: int = 0
    paused: int = 0
    base: int = 0
    promised: int | None = None
    seen: bool = False
    breached: int | None = None
    due: int | None = None
    ended: int | None = None
    by: str = ""


@dataclass
class Ticket:
    """What is known of the ticket at a minute."""

    status: str
    priority: str
    policy: str
    team: str
    zone: str
    bot: bool
    ours: bool
    held: bool = False
    merged: bool = False
    first_done: bool = False
    spoken: bool = False
    asked: bool = False
    clocks: list[Counted] = field(default_factory=list)

    def live(self, *metrics: str) -> list[Counted]:
        return [c for c in self.clocks if c.ended is None and (not metrics or c.metric in metrics)]


def count(
    origin: datetime,
    start: Ticket,
    happenings: Sequence[Happening],
    promises: Mapping[str, Promise],
    hours: Mapping[str, Hours],
    teams: Mapping[str, str],
    minutes: int,
    until: int,
) -> list[Counted]:
    """Count `until` minutes; breaches before `minutes` are breaches, those after are deadlines."""
    openings = _openings(origin, hours)
    ticket = start
    ticket.first_done = ticket.spoken = ticket.ours
    ticket.asked = not ticket.ours
    _adjust(ticket, promises[ticket.policy], 0)
    at_the_end: list[tuple[Counted, int, int]] = []
    for minute in range(until):
        for happening in happenings:
            if happening.minute == minute:
                _hear(ticket, happening, promises[ticket.policy], minute)
                _adjust(ticket, promises[ticket.policy], minute)
        if minute == minutes:
            at_the_end = [(clock, clock.used, clock.paused) for clock in ticket.clocks]
        promise = promises[ticket.policy]
        for clock in ticket.live():
            runs = not ticket.held and ticket.status not in promise.pauses.get(clock.metric, ())
            passes = _passes(clock, ticket, promise, teams, openings, minute)
            _count_minute(clock, minute, passes, runs=runs, over=minute >= minutes)
    for clock, used, paused in at_the_end:
        clock.used, clock.paused = used, paused
    return ticket.clocks


def _count_minute(clock: Counted, minute: int, passes: int, *, runs: bool, over: bool) -> None:
    if not runs:
        clock.paused += passes
        return
    if clock.promised is not None and clock.used >= clock.base + clock.promised:
        if over and clock.due is None:
            clock.due = minute
        elif not over and clock.breached is None:
            clock.breached = minute
    clock.used += passes


def _hear(ticket: Ticket, it: Happening, promise: Promise, minute: int) -> None:  # noqa: C901 - kinds
    def end(by: str, *metrics: str) -> None:
        for clock in ticket.live(*metrics):
            clock.ended, clock.by = minute, by

    if it.kind == "customer":
        ticket.asked = True
    elif it.kind == "reply" and it.value in promise.responses:
        ticket.bot = ticket.bot and it.value != "agent"
        ticket.first_done = ticket.spoken = True
        ticket.asked = False
        end("reply", "first_response", "next_response", "update")
    elif it.kind == "handoff":
        ticket.bot = False
    elif it.kind == "team" and it.value != ticket.team:
        end("moved", "team")
        ticket.team = it.value
    elif it.kind in ("hold", "unhold"):
        ticket.held = it.kind == "hold"
    elif it.kind == "merged":
        ticket.merged = True
        end("merged")
    elif it.kind in ("status", "priority", "policy", "zone"):
        setattr(ticket, it.kind, it.value)
    if ticket.status in ("resolved", "closed") and ticket.live() and not ticket.merged:
        end("solved")
        ticket.asked, ticket.first_done = False, True


def _adjust(ticket: Ticket, promise: Promise, minute: int) -> None:
    """Start what is owed and take changed targets over."""
    solved = ticket.status in ("resolved", "closed")
    if not solved and not ticket.merged and not (ticket.bot and promise.after_handoff):
        finished = [c for c in ticket.clocks if c.metric == "resolution"]
        if finished and finished[-1].ended is not None and not promise.restart:
            finished[-1].ended, finished[-1].by = None, ""
        owed = {
            "resolution": True,
            "first_response": not ticket.first_done,
            "next_response": ticket.first_done and ticket.asked,
            "update": ticket.spoken,
            "team": bool(ticket.team),
        }
        for metric, is_owed in owed.items():
            if is_owed and not ticket.live(metric):
                team = ticket.team if metric == "team" else ""
                ticket.clocks.append(Counted(metric, team, minute))
    for clock in ticket.live():
        promised = (
            promise.team_minutes.get(clock.team)
            if clock.metric == "team"
            else promise.minutes.get((clock.metric, ticket.priority))
        )
        if promised != clock.promised and promise.from_change:
            clock.base = clock.used
        clock.promised = promised


Opening = Callable[[str, str, int], bool]


def _openings(origin: datetime, hours: Mapping[str, Hours]) -> Opening:
    @cache
    def on_clock(name: str, zone: str) -> Hours:
        there = hours[name]
        return Hours(zone or there.timezone, there.windows, there.holidays, there.exceptions)

    @cache
    def opened(name: str, zone: str, minute: int) -> bool:
        return on_clock(name, zone).is_open(origin + minute * MINUTE)

    return opened


def _passes(
    clock: Counted,
    ticket: Ticket,
    promise: Promise,
    teams: Mapping[str, str],
    opened: Opening,
    minute: int,
) -> int:
    """Whether this minute counts on the clock."""
    if clock.metric == "team":
        return int(opened(teams.get(clock.team, "main"), "", minute))
    by_wall = (clock.metric, ticket.priority) in promise.minutes and (
        ticket.priority in promise.by_wall
    )
    name = promise.calendar or teams.get(ticket.team, "main")
    zone = ticket.zone if promise.customer_zone else ""
    return int(by_wall or opened(name, zone, minute))
