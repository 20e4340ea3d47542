"""Random calendars and spans of time around the moments at which clocks did odd things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sla.calendar import BusinessCalendar
from tests.sla.oracle import Counted, Hours, count

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)

# (zone, an instant in UTC within a day of the oddity)
MOMENTS = [
    ("Europe/Berlin", datetime(2026, 3, 29, 1)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1)),
    ("America/New_York", datetime(2026, 3, 8, 7)),
    ("America/New_York", datetime(2026, 11, 1, 6)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15)),  # back by half an hour
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30)),  # forward by half an hour
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3)),  # no midnight
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2)),  # two midnights
    ("Asia/Beirut", datetime(2025, 3, 29, 22)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22)),
    ("Africa/Cairo", datetime(2026, 10, 29, 21)),
    ("America/Havana", datetime(2026, 3, 8, 5)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10)),  # no 30 December
    ("Pacific/Kwajalein", datetime(1993, 8, 21, 12)),  # no 21 August
    ("Pacific/Kwajalein", datetime(1969, 9, 30, 13)),  # 23 hours twice
    ("Asia/Kathmandu", datetime(1985, 12, 31, 18, 30)),  # +5:30 to +5:45
    ("Asia/Kathmandu", datetime(2026, 6, 1)),
    ("Africa/Casablanca", datetime(2026, 2, 15, 2)),  # Ramadan
    ("Antarctica/Troll", datetime(2026, 3, 29, 1)),  # by two hours
    ("America/Caracas", datetime(2007, 12, 9, 7)),
    ("Asia/Pyongyang", datetime(2018, 5, 4, 15)),
    ("Europe/Dublin", datetime(2026, 10, 25, 1)),  # negative summer time
    ("America/St_Johns", datetime(2006, 10, 29, 2)),  # at one minute past midnight
    ("Africa/Juba", datetime(2021, 1, 31, 21)),
    ("Europe/Istanbul", datetime(2016, 9, 6, 21)),
    ("America/Los_Angeles", datetime(2087, 3, 9, 10)),  # by rule, beyond any table
    ("UTC", datetime(2026, 1, 1)),
]

# Offsets of odd seconds, and the moments they ended.
MOMENTS_IN_SECONDS = [
    ("Europe/Amsterdam", datetime(1937, 6, 30, 22, 40)),  # +0:19:32 to +0:20
    ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 30)),  # -0:44:30 to 0
    ("America/New_York", datetime(1883, 11, 18, 17)),
    ("Asia/Kolkata", datetime(1905, 12, 31, 18, 38)),
    ("Europe/Paris", datetime(1911, 3, 10, 23, 51)),
    ("Asia/Singapore", datetime(1901, 1, 1)),
    ("Africa/Nairobi", datetime(1900, 6, 1)),  # local mean time
    ("America/Juneau", datetime(1867, 10, 19)),  # a day twice
    ("Asia/Manila", datetime(1844, 12, 31)),  # no 31 December
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
    zone, moment = random.choice(MOMENTS if tick == MINUTE else MOMENTS_IN_SECONDS)
    middle = change_near(zone, moment.replace(tzinfo=UTC))
    if random.random() < 0.15:
        middle += timedelta(days=random.randint(0, 3000))
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
    hours = Hours(zone, windows, holidays)
    calendar = BusinessCalendar(zone, windows, holidays)
    return Case(hours, calendar, count(hours, origin, tick, ticks))


def change_near(zone: str, moment: datetime) -> datetime:
    """Return the second at which the offset changes within a day; `moment` when it does not."""

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(ZoneInfo(zone)).utcoffset()

    before, after = moment - timedelta(days=1), moment + timedelta(days=1)
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
