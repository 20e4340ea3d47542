"""Warnings and escalation: which steps of a clock are to be carried out, each once.

A step is reached when the clock has used so much of its time. It is carried out then, or, where
it waits for hours, when whoever it is for is next at work. Each has a key that never changes:
whoever keeps the keys that were carried out does nothing twice, whatever was down in between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sla.calendar import BusinessCalendar, NeverOpen
from sla.clock import Clock
from sla.conditions import PRIORITIES
from sla.offsets import from_micros, to_micros
from sla.policy import Step

AtWork = Callable[[Step], BusinessCalendar | None]


@dataclass(frozen=True, slots=True)
class Firing:
    """A step to carry out; `covers` are the keys of those it stands for as well."""

    key: str
    step: Step
    reached_at: datetime
    at: datetime
    covers: tuple[str, ...] = ()


def due_steps(
    clock: Clock,
    since: datetime,
    until: datetime,
    *,
    at_work: AtWork | None = None,
    fired: Collection[str] = (),
) -> list[Firing]:
    """The steps to carry out in (since, until], in order, without those in `fired`.

    `at_work` gives the hours of whoever a step is for; without it nothing waits. After a break
    several may be due at once: of those that tell the same person something, reassign or raise,
    the last (the highest) stands for all. When the clock has ended, what would only disturb is
    left out: warnings, raising and reassigning, but not the news of a breach, and no webhook.
    """
    candidates = [
        firing
        for firing in _firings(clock, until, at_work)
        if since < firing.at <= until and firing.key not in fired and _still_matters(clock, firing)
    ]
    return _coalesced(candidates)


def next_step_at(clock: Clock, after: datetime, at_work: AtWork | None = None) -> datetime | None:
    """When the next step is to be carried out, if nothing happens before; None: none will."""
    times = [f.at for f in _firings(clock, None, at_work) if f.at > after]
    return min(times, default=None)


def _firings(clock: Clock, until: datetime | None, at_work: AtWork | None) -> Iterator[Firing]:
    limit = None if until is None else to_micros(until)
    for step in clock.steps:
        when = clock.reached.get(step.id)
        if when is None:
            when = _ahead(clock, step, limit)
        if when is None:
            continue
        reached = from_micros(when)
        calendar = at_work(step) if at_work is not None and step.in_hours else None
        yield Firing(f"{clock.key}:{step.id}", step, reached, _opening(calendar, reached))


def _ahead(clock: Clock, step: Step, until: int | None) -> int | None:
    """When a clock that runs will reach a step; None: not by `until`."""
    if clock.since is None or clock.limit is None or clock.ended is not None:
        return None
    when = clock.reach(clock.since, step.point(clock.base, clock.limit) - clock.used)
    return None if when is None or (until is not None and when > until) else when


def _opening(calendar: BusinessCalendar | None, reached: datetime) -> datetime:
    if calendar is None:
        return reached
    try:
        return calendar.next_open(reached)
    except NeverOpen:  # hours that never come must not silence the step
        return reached


def _still_matters(clock: Clock, firing: Firing) -> bool:
    if clock.ended is None or firing.step.action == "webhook":
        return True
    told_of_a_breach = (
        firing.step.action == "notify"
        and clock.breached is not None
        and to_micros(firing.reached_at) >= clock.breached
    )
    return told_of_a_breach and to_micros(firing.at) <= clock.ended and clock.ended_by != "merged"


def _coalesced(firings: Iterable[Firing]) -> list[Firing]:
    kept: dict[tuple[str, ...], Firing] = {}
    for firing in sorted(firings, key=_order):
        step = firing.step
        match step.action:
            case "notify":
                group: tuple[str, ...] = ("notify", step.to)
            case "webhook":
                group = ("webhook", firing.key)
            case _:
                group = (step.action,)
        before = kept.pop(group, None)  # the place of the last
        kept[group] = firing if before is None else _stands_for(firing, before)
    return sorted(kept.values(), key=_order)


def _stands_for(later: Firing, earlier: Firing) -> Firing:
    if later.step.action == "raise_priority":
        ranks = [PRIORITIES.index(firing.step.to) for firing in (later, earlier)]
        if ranks[1] > ranks[0]:
            later, earlier = earlier, later
    return replace(later, covers=(*earlier.covers, earlier.key, *later.covers))


def _order(firing: Firing) -> tuple[datetime, datetime, str]:
    return firing.at, firing.reached_at, firing.step.id
