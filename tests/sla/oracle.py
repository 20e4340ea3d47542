"""The slow truth: step through time, look at the wall clock, count what is open.

It shares nothing with `sla`: every tick of UTC is converted to local time by `zoneinfo`, and
open means that this wall time lies in a window of that day or of the day before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """The parts of a calendar, as given to it."""

    timezone: str
    windows: Mapping[int, Sequence[tuple[time, time]]]
    holidays: frozenset[date] = frozenset()
    exceptions: Mapping[date, Sequence[tuple[time, time]]] = field(default_factory=dict)
    spans: dict[date, list[tuple[datetime, datetime]]] = field(default_factory=dict, compare=False)

    def starting_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the windows that start on a day as naive wall times."""
        if day not in self.spans:
            self.spans[day] = []
            usual = () if day in self.holidays else self.windows.get(day.weekday(), ())
            for start, end in self.exceptions.get(day, usual):
                ends_on = day if end > start else day + ONE_DAY
                span = (datetime.combine(day, start), datetime.combine(ends_on, end))
                self.spans[day].append(span)
        return self.spans[day]

    def is_open(self, at: datetime) -> bool:
        """Look at the wall clock at a UTC instant."""
        wall = at.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)
        today = wall.date()
        return any(start <= wall < end for start, end in self.starting_on(today)) or any(
            start <= wall < end for start, end in self.starting_on(today - ONE_DAY)
        )


@dataclass(frozen=True)
class Counted:
    """The open ticks of a span of time, counted up: `passed[i]` lie before tick i."""

    origin: datetime  # UTC
    tick: timedelta
    open: list[bool]
    passed: list[int]

    def at(self, ticks: int) -> datetime:
        """Return the instant of a tick."""
        return self.origin + ticks * self.tick

    def between(self, a: int, b: int) -> timedelta:
        """Return the open time in ticks [a, b)."""
        return (self.passed[b] - self.passed[a]) * self.tick

    def add(self, start: int, ticks: int) -> int | None:
        """Return the first tick by which so many open ones have passed; None: not in sight."""
        for i in range(start, len(self.passed)):
            if self.passed[i] - self.passed[start] >= ticks:
                return i
        return None


def count(hours: Hours, origin: datetime, tick: timedelta, ticks: int) -> Counted:
    """Step through `ticks` ticks from `origin`; no state may change within a tick."""
    states = [hours.is_open(origin + i * tick) for i in range(ticks)]
    return Counted(origin, tick, states, list(accumulate(states, initial=0)))
