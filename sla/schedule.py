"""Weekly opening hours with holidays, laid out on UTC one page of days at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
Spans = tuple[tuple[int, int], ...]  # (start within the day, length) in microseconds, in order


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
    """When a calendar is open by the wall clock: per weekday (start, length), and odd days.

    `odd_days` are the dates that do not follow their weekday, each with its own windows: none
    for a holiday. Days are counted from 0001-01-01, which was a Monday.
    """

    zone: ZoneInfo
    week: tuple[Spans, ...]
    odd_days: Mapping[int, Spans] = field(hash=False)

    @property
    def opens(self) -> bool:
        """Whether any day has a window at all."""
        return any(self.week) or any(self.odd_days.values())

    @property
    def last_odd_day(self) -> int:
        """The last day that does not follow its weekday; 0 when there is none."""
        return max(self.odd_days, default=0)

    def in_zone(self, zone: ZoneInfo) -> Schedule:
        """The same wall-clock hours in another zone."""
        return replace(self, zone=zone)

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
        odd_days = self.odd_days
        # A window runs for 24 hours at most, so the day before may still be open.
        for day in range(first // DAY - 1, (last - 1) // DAY + 1):
            spans = odd_days.get(day)
            for offset, length in self.week[day % WEEK] if spans is None else spans:
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
    zone: ZoneInfo,
    windows: Mapping[int, Sequence[Window]],
    holidays: Collection[date],
    exceptions: Mapping[date, Sequence[Window]],
) -> Schedule:
    """Build a `Schedule` from what a person configured; ValueError says what is wrong."""
    for weekday in windows:
        if weekday not in range(WEEK):
            message = f"weekday {weekday!r} is not one of 0 (Monday) to 6 (Sunday)"
            raise ValueError(message)
    week = tuple(_spans(windows.get(day, ())) for day in range(WEEK))
    odd_days: dict[int, Spans] = {_day(holiday, "holiday"): () for holiday in holidays}
    odd_days |= {_day(day, "exception"): _spans(given) for day, given in exceptions.items()}
    return Schedule(zone, week, odd_days)


def _day(day: date, role: str) -> int:
    # A datetime is a date to Python, but never equal to one, so it would not match a day.
    if isinstance(day, datetime) or not isinstance(day, date):
        message = f"{role} {day!r} is not a plain date"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for a bad calendar
    return day.toordinal() - 1


def _spans(windows: Sequence[Window]) -> Spans:
    return tuple(sorted(map(_span, windows)))


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
