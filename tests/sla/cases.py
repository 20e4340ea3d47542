"""Random calendars and spans of time around the moments at which clocks did odd things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo, available_timezones

from sla.calendar import BusinessCalendar
from tests.sla.oracle import Counted, Hours, count

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)

# (zone, an instant in UTC within a day of the oddity)
MOMENTS = [
    ("Europe/Berlin", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00Z"),
    ("America/New_York", "2026-03-08T07:00Z"),
    ("America/New_York", "2026-11-01T06:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),  # back by half an hour
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),  # forward by half an hour
    ("America/Sao_Paulo", "2018-11-04T03:00Z"),  # no midnight
    ("America/Sao_Paulo", "2018-02-18T02:00Z"),  # two midnights
    ("Asia/Beirut", "2025-03-29T22:00Z"),
    ("Africa/Cairo", "2026-04-23T22:00Z"),
    ("Africa/Cairo", "2026-10-29T21:00Z"),
    ("America/Havana", "2026-03-08T05:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),  # no 30 December
    ("Pacific/Kwajalein", "1993-08-21T12:00Z"),  # no 21 August
    ("Pacific/Kwajalein", "1969-09-30T13:00Z"),  # 23 hours twice
    ("Asia/Kathmandu", "1985-12-31T18:30Z"),  # +5:30 to +5:45
    ("Asia/Kathmandu", "2026-06-01T00:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00Z"),  # Ramadan
    ("Antarctica/Troll", "2026-03-29T01:00Z"),  # by two hours
    ("America/Caracas", "2007-12-09T07:00Z"),
    ("Asia/Pyongyang", "2018-05-04T15:00Z"),
    ("Europe/Dublin", "2026-10-25T01:00Z"),  # negative summer time
    ("America/St_Johns", "2006-10-29T02:00Z"),  # at one minute past midnight
    ("Africa/Juba", "2021-01-31T21:00Z"),
    ("Europe/Istanbul", "2016-09-06T21:00Z"),
    ("America/Los_Angeles", "2087-03-09T10:00Z"),  # by rule, beyond any table
    ("UTC", "2026-01-01T00:00Z"),
]

# Offsets of odd seconds, and the moments they ended.
MOMENTS_IN_SECONDS = [
    ("Europe/Amsterdam", "1937-06-30T22:40Z"),  # +0:19:32 to +0:20
    ("Africa/Monrovia", "1972-01-07T00:44:30Z"),  # -0:44:30 to 0
    ("America/New_York", "1883-11-18T17:00Z"),
    ("Asia/Kolkata", "1905-12-31T18:38Z"),
    ("Europe/Paris", "1911-03-10T23:51Z"),
    ("Asia/Singapore", "1901-01-01T00:00Z"),
    ("Africa/Nairobi", "1900-06-01T00:00Z"),  # local mean time
    ("America/Juneau", "1867-10-19T00:00Z"),  # a day twice
    ("Asia/Manila", "1844-12-31T00:00Z"),  # no 31 December
    *MOMENTS,
]


@dataclass(frozen=True)
class Case:
    """A calendar, and the truth about the days or hours around a moment."""

    hours: Hours
    calendar: BusinessCalendar
    truth: Counted


def draw(random: Random, tick: timedelta) -> Case:
    """Draw a calendar and count a span in minutes (days), seconds (hours) or microseconds.

    Window edges are multiples of the tick, so the truth is exact.
    """
    ticks = {MINUTE: 60 * 24 * random.randint(1, 4), SECOND: 5400, MICROSECOND: 800}[tick]
    zone, middle = _moment(random, whole_minutes=tick == MINUTE)
    slack = int(ticks * 0.4)
    origin = middle - (ticks // 2 + random.randint(-slack, slack)) * tick
    edges = _edges(random, zone, origin, ticks, tick)
    windows = {
        weekday: [_window(random, edges) for _ in range(random.choice((1, 1, 2, 3)))]
        for weekday in range(7)
        if random.random() < 0.75
    }
    around = [middle.date() + timedelta(days=n) for n in range(-4, 5)]
    holidays = frozenset(day for day in around if random.random() < 0.15)
    exceptions = {
        day: [_window(random, edges) for _ in range(random.choice((0, 1, 2)))]
        for day in around
        if random.random() < 0.1
    }
    hours = Hours(zone, windows, holidays, exceptions)
    calendar = BusinessCalendar(zone, windows, holidays, exceptions)
    return Case(hours, calendar, count(hours, origin, tick, ticks))


@cache
def zones() -> list[str]:
    """Return the names of all zones."""
    return sorted(available_timezones())


def _moment(random: Random, *, whole_minutes: bool) -> tuple[str, datetime]:
    """Draw a named oddity, some day after it, or any zone's change of offset."""
    kind = random.choices(("named", "after", "any"), (55, 15, 30))[0]
    if kind == "any":
        # From 1973 on every offset has been a whole number of minutes.
        first = datetime(1973 if whole_minutes else 1850, 6, 1, tzinfo=UTC)
        moment = first + timedelta(days=random.randrange((2060 - first.year) * 365))
        zone = random.choice(zones())
        return zone, change_near(zone, moment, timedelta(days=120))
    zone, text = random.choice(MOMENTS if whole_minutes else MOMENTS_IN_SECONDS)
    middle = change_near(zone, datetime.fromisoformat(text), timedelta(days=1))
    return zone, middle + timedelta(days=random.randint(0, 3000) if kind == "after" else 0)


def change_near(zone: str, moment: datetime, reach: timedelta) -> datetime:
    """Return a second within reach at which the offset changes; else `moment` itself."""

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(ZoneInfo(zone)).utcoffset()

    before, after = moment - reach, moment + reach
    if offset(before) == offset(after):
        return moment
    while after - before > SECOND:
        half = before + (after - before) // (2 * SECOND) * SECOND
        before, after = (half, after) if offset(half) == offset(before) else (before, half)
    return after


def _edges(random: Random, zone: str, origin: datetime, ticks: int, tick: timedelta) -> list[time]:
    """Wall times to begin and end windows at: some typical, some in sight of the span."""
    local = [(origin + random.randrange(ticks) * tick).astimezone(ZoneInfo(zone)) for _ in range(6)]
    near = [at.time() for at in local]
    if tick == MINUTE:
        near = [at.replace(second=0) for at in near]
    usual = [time(0), time(1), time(2, 30), time(3), time(9), time(13, 15), time(17), time(22)]
    return near + usual


def _window(random: Random, edges: list[time]) -> tuple[time, time]:
    return random.choice(edges), random.choice(edges)
