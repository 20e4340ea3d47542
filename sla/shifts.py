"""Who works now, until when, and when next: each calendar is asked once a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache

from sla.calendar import BusinessCalendar, NeverOpen
from sla.offsets import DAY, from_micros, to_micros

Stretches = list[tuple[int, int]]

# When people read and write to a shop, as far as nothing better is known.
_WAKING = (time(8), time(20))


@lru_cache(maxsize=512)
def waking_hours(zone: str) -> BusinessCalendar | None:
    """A customer's day in a zone; None for a zone that is not known."""
    try:
        return BusinessCalendar(zone, {day: [_WAKING] for day in range(7)})
    except ValueError:
        return None


@dataclass(slots=True, eq=False)
class Shift:
    """What a calendar does in the next 24 hours; `left` is how long it stays open, 0 if closed.

    Made once a moment and then only read.
    """

    calendar: BusinessCalendar | None
    stretches: Stretches
    left: int


class Shifts:
    """The working hours of the next day, from one moment on; share it between decisions.

    Calendars are told apart by identity, so agents who share one are looked up once.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.micros = to_micros(now)
        always = [(self.micros, self.micros + DAY)]
        self._known = {id(None): Shift(None, always, DAY)}
        self._shared: dict[tuple[int, int], int] = {}

    def of(self, calendar: BusinessCalendar | None) -> Shift:
        """The next 24 hours of a calendar; None is open around the clock."""
        shift = self._known.get(id(calendar))
        if shift is None and calendar is not None:
            now = self.micros
            stretches = calendar.stretches(now, now + DAY)
            left = stretches[0][1] - now if stretches and stretches[0][0] == now else 0
            shift = self._known[id(calendar)] = Shift(calendar, stretches, left)
        return shift or self._known[id(None)]

    def shared(self, one: Shift, other: Shift) -> int:
        """How much of the next 24 hours two calendars are open together, in microseconds."""
        key = (id(one), id(other))
        known = self._shared.get(key)
        if known is None:
            known = self._shared[key] = _overlap(one.stretches, other.stretches)
        return known

    def is_open(self, calendar: BusinessCalendar | None) -> bool:
        """Whether somebody with this calendar works now."""
        return self.of(calendar).left > 0

    def back_in(self, calendar: BusinessCalendar | None) -> int | None:
        """How long until the next shift begins, in microseconds; None: never."""
        later = [start for start, _ in self.of(calendar).stretches if start > self.micros]
        if later:
            return later[0] - self.micros
        if calendar is None:
            return 0
        try:
            return to_micros(calendar.next_open(self.now + timedelta(days=1))) - self.micros
        except NeverOpen:
            return None

    def opens_at(self, calendar: BusinessCalendar | None) -> datetime | None:
        """When somebody with this calendar works next; now when they do."""
        if self.is_open(calendar):
            return self.now
        wait = self.back_in(calendar)
        return None if wait is None else from_micros(self.micros + wait)


def _overlap(one: Stretches, other: Stretches) -> int:
    shared = 0
    for start, end in one:
        for since, until in other:
            first = start if start > since else since  # noqa: FURB136 - called for every agent
            last = end if end < until else until  # noqa: FURB136 - called for every agent
            if last > first:
                shared += last - first
    return shared
