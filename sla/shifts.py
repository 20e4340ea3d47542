"""Who works now, until when, and when next: each calendar is asked once a moment."""

from __future__ import annotations

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


class Shifts:
    """The working hours of the next day, from one moment on; share it between decisions.

    Calendars are told apart by identity, so agents who share one are looked up once.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.micros = to_micros(now)
        self._known: dict[int, tuple[BusinessCalendar, Stretches]] = {}

    def of(self, calendar: BusinessCalendar | None) -> Stretches:
        """The open stretches of the next 24 hours."""
        if calendar is None:
            return [(self.micros, self.micros + DAY)]
        known = self._known.get(id(calendar))
        if known is None:
            stretches = list(calendar.stretches(self.micros, self.micros + DAY))
            known = self._known[id(calendar)] = (calendar, stretches)
        return known[1]

    def is_open(self, calendar: BusinessCalendar | None) -> bool:
        """Whether somebody with this calendar works now."""
        stretches = self.of(calendar)
        return bool(stretches) and stretches[0][0] == self.micros

    def left(self, calendar: BusinessCalendar | None) -> int:
        """How long the present shift goes on, in microseconds; 0 outside, at most a day."""
        stretches = self.of(calendar)
        if not stretches or stretches[0][0] != self.micros:
            return 0
        return stretches[0][1] - self.micros

    def back_in(self, calendar: BusinessCalendar | None) -> int | None:
        """How long until the next shift begins, in microseconds; None: never."""
        stretches = self.of(calendar)
        later = [start for start, _ in stretches if start > self.micros]
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


def overlap(one: Stretches, other: Stretches) -> int:
    """How much two sets of stretches share, in microseconds."""
    return sum(
        max(0, min(end, until) - max(start, since)) for start, end in one for since, until in other
    )
