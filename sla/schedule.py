"""Weekly opening hours with holidays, laid out on UTC one page of days at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import accumulate
from zoneinfo import ZoneInfo

from sla.offsets import DAY, END, SECOND, stretches

WEEK = 7

# Short enough that a calendar used once answers quickly, long enough that most questions stay
# on one page.
PAGE = 128 * DAY
PAGES = -(-END // PAGE)

Window = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Page:
    """The open stretches of one page: disjoint, in order, as UTC microseconds.

    `before[i]` is the open time on this page ahead of stretch i; its last item is the total.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a calendar is open by the wall clock: per weekday (start, length), and days off.

    Days are counted from 0001-01-01, which was a Monday.
    """

    zone: ZoneInfo
    week: tuple[tuple[tuple[int, int], ...], ...]
    days_off: frozenset[int]

    @property
    def opens(self) -> bool:
        """Whether any weekday has a window at all."""
        return any(self.week)

    def page(self, number: int) -> Page:
        """Lay page `number` out on UTC: shift each stretch of one offset from wall to UTC."""
        first = number * PAGE
        last = min(first + PAGE, END)
        starts: list[int] = []
        ends: list[int] = []
        for start, end, offset in stretches(self.zone, first, last):
            for opened, closed in self._local(start + offset, end + offset):
                if ends and ends[-1] == opened - offset:
                    ends[-1] = closed - offset
                else:
                    starts.append(opened - offset)
                    ends.append(closed - offset)
        lengths = (closed - opened for opened, closed in zip(starts, ends, strict=True))
        return Page(tuple(starts), tuple(ends), tuple(accumulate(lengths, initial=0)))

    def _local(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the union of the windows within wall time [first, last), in order."""
        opened = closed = first
        # A window runs for 24 hours at most, so the day before may still be open.
        for day in range(first // DAY - 1, (last - 1) // DAY + 1):
            if day in self.days_off:
                continue
            for offset, length in self.week[day % WEEK]:
                start = day * DAY + offset
                if start > closed:
                    if opened < closed:
                        yield opened, min(closed, last)
                    opened = start
                closed = max(closed, start + length)
                if opened >= last:
                    return
        if opened < closed:
            yield opened, min(closed, last)


def checked_schedule(
    zone: ZoneInfo, windows: Mapping[int, Sequence[Window]], holidays: Collection[date]
) -> Schedule:
    """Build a `Schedule` from what a person configured; ValueError says what is wrong."""
    for weekday in windows:
        if weekday not in range(WEEK):
            message = f"weekday {weekday!r} is not one of 0 (Monday) to 6 (Sunday)"
            raise ValueError(message)
    for holiday in holidays:
        # A datetime is a date to Python, but never equal to one, so it would not match a day.
        if isinstance(holiday, datetime) or not isinstance(holiday, date):
            message = f"holiday {holiday!r} is not a plain date"
            raise ValueError(message)  # noqa: TRY004 - one kind of error for a bad calendar
    week = tuple(tuple(sorted(map(_span, windows.get(day, ())))) for day in range(WEEK))
    return Schedule(zone, week, frozenset(day.toordinal() - 1 for day in holidays))


def _span(window: Window) -> tuple[int, int]:
    """Return (start within the day, length) of a window in microseconds."""
    start, end = window
    if start.tzinfo is not None or end.tzinfo is not None:
        message = f"window {start.isoformat()}-{end.isoformat()} must not carry a time zone"
        raise ValueError(message)
    opened, closed = _of_day(start), _of_day(end)
    return opened, closed - opened + (DAY if closed <= opened else 0)


def _of_day(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * SECOND + at.microsecond
