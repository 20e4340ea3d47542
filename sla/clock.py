"""One promise on one ticket as a clock, and how all of a ticket's clocks stand; pure.

A clock counts the time it uses in the calendar that holds at the time, so what was counted stays
counted when team, calendar, priority or policy change; the deadline follows from what is left.
All of it in whole microseconds (see `sla.offsets`). `sla.replay` drives it from the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sla.calendar import BusinessCalendar
from sla.offsets import from_micros, to_micros
from sla.policy import Metric, Step

State = Literal["running", "paused", "breached", "met", "untracked", "void"]


@dataclass(slots=True)
class Clock:
    """One promise on one ticket: its time used, its deadline, its outcome.

    `cycle` counts the clocks of a kind: every question that follows has its own next response.
    Treat it as read-only.
    """

    metric: Metric
    cycle: int
    started: int
    team: str = ""
    since: int | None = None  # running from here on
    idle: int | None = None  # paused from here on
    used: int = 0
    paused: int = 0
    base: int = 0  # used before the present target began to count
    limit: int | None = None  # all that may be used; None: nothing is promised
    business: bool = True
    due: int | None = None
    breached: int | None = None
    ended: int | None = None
    ended_by: str = ""
    reached: dict[str, int] = field(default_factory=dict)  # step: when
    calendar: BusinessCalendar | None = field(default=None, repr=False, compare=False)
    steps: tuple[Step, ...] = field(default=(), repr=False, compare=False)
    points: tuple[tuple[int, str], ...] = field(default=(), repr=False, compare=False)

    @property
    def key(self) -> str:
        """The clock's name within its ticket, for ever."""
        return f"{self.metric}{':' + self.team if self.team else ''}:{self.cycle}"

    @property
    def live(self) -> bool:
        """Neither ended nor dropped."""
        return self.ended is None

    @property
    def due_at(self) -> datetime | None:
        """The deadline; None when paused, ended or when nothing is promised."""
        return from_micros(self.due) if self.due is not None and self.ended is None else None

    @property
    def breached_at(self) -> datetime | None:
        """When the promise was broken, as far as the ledger was read; see `breach`."""
        return from_micros(self.breached) if self.breached is not None else None

    def breach(self, now: datetime) -> datetime | None:
        """When the promise was broken, as seen at `now`; the deadline itself is in time."""
        if self.breached is None and self.ended is None and self.due is not None:
            return from_micros(self.due) if to_micros(now) > self.due else None
        return self.breached_at

    def state(self, now: datetime) -> State:
        """Where the clock stands at `now`, which is not before the last entry."""
        if self.ended_by == "merged":
            return "void"
        if self.limit is None:
            return "untracked" if self.live else "void"
        if self.breach(now) is not None:
            return "breached"
        if self.ended is not None:
            return "met"
        return "running" if self.since is not None else "paused"

    def elapsed(self, now: datetime) -> timedelta:
        """The time used so far, in the clock's own kind of time."""
        return timedelta(microseconds=self.used_at(to_micros(now)))

    def remaining(self, now: datetime) -> timedelta | None:
        """What is left of the target, negative when overdrawn; None: nothing is promised."""
        if self.limit is None:
            return None
        return timedelta(microseconds=self.limit - self.used_at(to_micros(now)))

    def share_left(self, now: datetime) -> float | None:
        """What is left as a share of the target, 1 to 0 and below; for the chip's colour."""
        if self.limit is None:
            return None
        return (self.limit - self.used_at(to_micros(now))) / max(self.limit - self.base, 1)

    def used_at(self, instant: int) -> int:
        """`elapsed` in microseconds."""
        if self.since is None or instant <= self.since:
            return self.used
        return self.used + self.measure(self.since, instant)

    def measure(self, first: int, last: int) -> int:
        """The clock's own time between two instants."""
        if self.business and self.calendar is not None:
            return self.calendar.measure(first, last)
        return last - first

    def reach(self, begin: int, duration: int) -> int | None:
        """When so much of the clock's own time has passed; None: never."""
        if duration <= 0:
            return begin
        if self.business and self.calendar is not None:
            return self.calendar.reach(begin, duration)
        return begin + duration

    def plan(self) -> None:
        """Lay out at how much time used each step comes; after any change to target or steps."""
        base, limit = self.base, self.limit
        if limit is None:
            self.points = ()
        else:
            self.points = tuple(sorted((step.point(base, limit), step.id) for step in self.steps))

    def settle(self, at: int) -> None:
        """Count up to an instant: time used or paused, a breach, steps that were reached."""
        if self.since is None:
            if self.idle is not None:
                self.paused += self.measure(self.idle, at)
                self.idle = at
            return
        used = self.used + self.measure(self.since, at)
        if self.due is not None and self.breached is None and at > self.due:
            self.breached = self.due
        for point, step_id in self.points:
            if point > used:
                break
            if step_id not in self.reached:
                when = self.reach(self.since, point - self.used)
                if when is not None and when < at:
                    self.reached[step_id] = when
        self.used, self.since = used, at

    def run(self, at: int) -> None:
        """Run from an instant, which it was settled to."""
        self.since, self.idle = at, None
        self.due = None if self.limit is None else self.reach(at, self.limit - self.used)

    def pause(self, at: int) -> None:
        """Stand still from an instant, which it was settled to."""
        self.since, self.idle, self.due = None, at, None

    def end(self, at: int, by: str) -> None:
        """Stop for good (or until reopened)."""
        self.settle(at)
        self.ended, self.ended_by = at, by
        self.since = self.idle = self.due = None


@dataclass(slots=True)
class Standing:
    """How a ticket stands after its entries so far. Treat it as read-only."""

    at: int
    seq: int
    status: str
    priority: str
    policy: str
    calendars: str
    team: str
    zone: str
    held: bool = False
    bot: bool = False  # a bot still has the word
    answered: bool = False  # the first response is done, or was never owed
    responded: bool = False  # we wrote to the customer at least once
    merged: bool = False
    asked: int | None = None  # the customer wrote and has had no answer since
    clocks: list[Clock] = field(default_factory=list)

    def live(self) -> list[Clock]:
        """The clocks that have not ended."""
        return [clock for clock in self.clocks if clock.ended is None]

    def find(self, metric: Metric) -> Clock | None:
        """The newest clock of a kind."""
        return next((c for c in reversed(self.clocks) if c.metric == metric), None)

    def next_due(self) -> Clock | None:
        """The running clock with the soonest deadline: what a list sorts by and a chip shows."""
        running = [clock for clock in self.clocks if clock.due is not None]
        return min(running, key=lambda clock: (clock.due, clock.key), default=None)
