"""Business time: how much of it lies between two instants, and when so much has passed.

An instant is open when its local wall time lies in a window. So an hour that the clocks repeat
counts twice and one they skip not at all, and windows that overlap count once. All of it is
exact to the microsecond; nothing here reads a clock.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType

from sla.offsets import DAY, END, duration_micros, from_micros, load_zone, to_micros
from sla.schedule import PAGE, PAGES, WEEK, Page, Schedule, checked_schedule

# How far ahead `add` looks: four hundred Gregorian years.
HORIZON = 146_097 * DAY

# Whether a state (open, closed) still comes is known this long after the last holiday: from
# there on every week is alike but for clock changes, which never hit the same hour four times.
SETTLED = 4 * WEEK * DAY

PAGES_KEPT = 128  # about 45 years, some 30 kB each at two windows a day


class NeverOpen(Exception):
    """The calendar does not open (often enough) for the question to have an answer."""


class BusinessCalendar:
    """The opening hours of a team or a contract, in its own time zone; immutable.

    `timezone` is an IANA name. `windows` maps a weekday, 0 for Monday, to its windows of wall
    time. A window whose end is not after its start runs overnight and belongs to the day it
    starts on, so 09:00-09:00 is 24 hours and 00:00-00:00 the whole day. A holiday removes the
    windows that start on it. `exceptions` gives single dates windows of their own, in place of
    those of the weekday and whether or not it is a holiday; no windows is a closed day.
    ValueError when a part is not valid.

    Questions cost a bisection: the open stretches are laid out on first use, a page of days at
    a time, and a bounded number of pages is kept. Threads may share a calendar.
    """

    def __init__(
        self,
        timezone: str,
        windows: Mapping[int, Sequence[tuple[time, time]]],
        holidays: Collection[date] = (),
        exceptions: Mapping[date, Sequence[tuple[time, time]]] = MappingProxyType({}),
    ) -> None:
        """Check the parts and keep a copy of them; nothing is laid out yet."""
        self._set_up(checked_schedule(load_zone(timezone), windows, holidays, exceptions))

    def _set_up(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._settled = (schedule.last_odd_day + 2) * DAY + SETTLED
        # Nothing opens after this: the weeks are empty and the odd days are over.
        self._over = END - 1 if any(schedule.week) else self._settled
        self._page = lru_cache(PAGES_KEPT)(schedule.page)
        self._total = lru_cache(PAGES)(self._open_on_page)

    @property
    def timezone(self) -> str:
        """The IANA name of the time zone."""
        return self._schedule.zone.key

    def __eq__(self, other: object) -> bool:
        """Calendars are equal when they have the same hours in the same zone."""
        if not isinstance(other, BusinessCalendar):
            return NotImplemented
        return self._schedule == other._schedule

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self._schedule)

    def in_zone(self, timezone: str) -> BusinessCalendar:
        """Return the same hours by the wall clock of another zone (a customer's, say)."""
        other = object.__new__(BusinessCalendar)
        other._set_up(self._schedule.in_zone(load_zone(timezone)))
        return other

    def between(self, a: datetime, b: datetime) -> timedelta:
        """Return the open time in [a, b); ValueError when b is before a or one is naive."""
        first, last = to_micros(a), to_micros(b)
        if last < first:
            message = f"the span ends ({b.isoformat()}) before it starts ({a.isoformat()})"
            raise ValueError(message)
        return timedelta(microseconds=self.measure(first, last))

    def measure(self, first: int, last: int) -> int:
        """`between` on whole microseconds (see `sla.offsets`), for `first` <= `last`."""
        number, final = first // PAGE, last // PAGE
        passed = _passed(self._page(final), last) - _passed(self._page(number), first)
        if number != final:
            passed += sum(map(self._total, range(number, final)))
        return passed

    def between_many(self, spans: Iterable[tuple[datetime, datetime]]) -> list[timedelta]:
        """Return `between` of every span (a, b), in order."""
        return [self.between(a, b) for a, b in spans]

    def add(self, start: datetime, business_duration: timedelta) -> datetime:
        """Return, in UTC, the earliest instant at which so much open time has passed.

        That is `start` itself for a zero duration, and the moment of closing, not the next
        opening, for one that just fits. ValueError when the duration is negative or `start` is
        naive; NeverOpen when it does not pass within 400 years of `start`, or before 10000.
        """
        if business_duration < timedelta(0):
            message = f"cannot add a negative business duration ({business_duration})"
            raise ValueError(message)
        begin = to_micros(start)
        if not business_duration:
            return start.astimezone(UTC)
        reached = self.reach(begin, duration_micros(business_duration))
        if reached is not None:
            return from_micros(reached)
        message = (
            f"{business_duration} of open time does not pass between {start.isoformat()} "
            f"and {from_micros(_horizon(begin)).isoformat()} in {self._describe()}"
        )
        raise NeverOpen(message)

    def reach(self, begin: int, duration: int) -> int | None:
        """`add` on whole microseconds (see `sla.offsets`); None where `add` raises NeverOpen."""
        if not duration:
            return begin
        if not self._schedule.opens:
            return None
        limit = min(_horizon(begin), self._over)
        number = begin // PAGE
        due = duration + _passed(self._page(number), begin)  # counted from the start of the page
        while number * PAGE <= limit and due > (total := self._total(number)):
            due -= total
            number += 1
        if number * PAGE > limit:
            return None
        page = self._page(number)
        stretch = bisect_left(page.before, due) - 1
        reached = page.starts[stretch] + due - page.before[stretch]
        return reached if reached <= limit else None

    def stretches(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the open (start, end) within [first, last), whole microseconds, in order.

        One that runs over the end of a page comes in two.
        """
        found: list[tuple[int, int]] = []
        for number in range(first // PAGE, (last - 1) // PAGE + 1):
            page = self._page(number)
            low, high = bisect_right(page.ends, first), bisect_left(page.starts, last)
            found += zip(page.starts[low:high], page.ends[low:high], strict=True)
        if found:
            found[0] = (max(found[0][0], first), found[0][1])
            found[-1] = (found[-1][0], min(found[-1][1], last))
        return found

    def is_open(self, at: datetime) -> bool:
        """Return whether the calendar is open at an aware instant."""
        instant = to_micros(at)
        page = self._page(instant // PAGE)
        stretch = bisect_right(page.starts, instant) - 1
        return stretch >= 0 and instant < page.ends[stretch]

    def next_open(self, at: datetime) -> datetime:
        """Return, in UTC, the first open instant from `at` on: `at` itself when open.

        NeverOpen when there is none before the year 10000.
        """
        found = self._stretch_from(to_micros(at))
        if found is None:
            message = f"there is no opening after {at.isoformat()} in {self._describe()}"
            raise NeverOpen(message)
        return from_micros(found[0])

    def next_close(self, at: datetime) -> datetime | None:
        """Return, in UTC, the end of the open stretch that covers `at`, or else of the next.

        None when no closing lies ahead: the calendar is open around the clock, or never.
        """
        instant = to_micros(at)
        found = self._stretch_from(instant)
        if found is None:
            return None
        closes = found[1]
        limit = max(closes, self._settled) + SETTLED
        while closes % PAGE == 0 and closes < END:  # does it go on, on the next page?
            if closes > limit:
                return None
            page = self._page(closes // PAGE)
            if not page.starts or page.starts[0] != closes:
                break
            closes = page.ends[0]
        return from_micros(closes) if closes < END else None

    def _stretch_from(self, instant: int) -> tuple[int, int] | None:
        """Return the first (start, end) of open time from `instant` on, cut at a page's end."""
        if not self._schedule.opens:
            return None
        limit = min(max(instant, self._settled) + SETTLED, END - 1)
        for number in range(instant // PAGE, limit // PAGE + 1):
            page = self._page(number)
            stretch = bisect_right(page.ends, instant)
            if stretch < len(page.ends):
                return max(instant, page.starts[stretch]), page.ends[stretch]
        return None

    def _open_on_page(self, number: int) -> int:
        return self._page(number).before[-1]

    def _describe(self) -> str:
        count = sum(map(len, self._schedule.week))
        return f"a calendar of {count} weekly windows in {self.timezone}"


def _horizon(begin: int) -> int:
    """How far `add` looks from an instant."""
    return min(begin + HORIZON, END - 1)


def _passed(page: Page, instant: int) -> int:
    """Return the open microseconds from the start of the page to an instant on it."""
    stretch = bisect_right(page.starts, instant) - 1
    if stretch < 0:
        return 0
    return page.before[stretch] + min(instant, page.ends[stretch]) - page.starts[stretch]
