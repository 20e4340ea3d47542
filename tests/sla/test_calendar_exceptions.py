"""Single dates with hours of their own, other people's zones, and whole columns at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import numpy as np
import pytest

from sla.calendar import BusinessCalendar, NeverOpen
from sla.holidays_by_country import holidays_by_country
from sla.vectors import CalendarTable, instants
from tests.sla.cases import MINUTE, draw

OFFICE = {day: [(time(9), time(17))] for day in range(5)}
CHRISTMAS_EVE = date(2026, 12, 24)
SATURDAY = date(2026, 11, 28)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_half_day_before_christmas_and_an_extra_saturday() -> None:
    shop = BusinessCalendar(
        "Europe/Oslo",
        OFFICE,
        holidays_by_country("NO", [2026]),
        {CHRISTMAS_EVE: [(time(9), time(12))], SATURDAY: [(time(10), time(14))]},
    )
    assert shop.between(utc("2026-12-24T00:00"), utc("2026-12-27T00:00")) == timedelta(hours=3)
    assert shop.between(utc("2026-11-28T00:00"), utc("2026-11-30T00:00")) == timedelta(hours=4)
    # An hour before noon on the 24th, two hours of work: the second is after the holidays.
    assert shop.add(utc("2026-12-24T10:00"), timedelta(hours=2)) == utc("2026-12-28T09:00")


def test_an_exception_wins_over_a_holiday_and_may_close_a_day() -> None:
    day = date(2026, 6, 1)
    span = utc("2026-06-01T00:00"), utc("2026-06-02T00:00")
    opened = BusinessCalendar("UTC", OFFICE, [day], {day: [(time(22), time(6))]})
    assert opened.between(*span) == timedelta(hours=2)
    closed = BusinessCalendar("UTC", OFFICE, (), {day: []})
    assert closed.between(*span) == timedelta(0)
    assert closed == BusinessCalendar("UTC", OFFICE, [day])


def test_a_calendar_of_single_days_only_ends() -> None:
    fair = BusinessCalendar("UTC", {}, (), {date(2026, 6, 1): [(time(9), time(17))]})
    assert fair.add(utc("2026-01-01T00:00"), timedelta(hours=8)) == utc("2026-06-01T17:00")
    assert fair.next_open(utc("2026-01-01T00:00")) == utc("2026-06-01T09:00")
    with pytest.raises(NeverOpen):
        fair.add(utc("2026-01-01T00:00"), timedelta(hours=9))
    with pytest.raises(NeverOpen):
        fair.next_open(utc("2026-06-01T17:00"))


def test_an_exception_on_a_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match=r"exception .* is not a plain date"):
        BusinessCalendar("UTC", OFFICE, (), {utc("2026-06-01T00:00"): []})


def test_the_same_hours_in_the_customers_zone() -> None:
    office = BusinessCalendar("Europe/Oslo", OFFICE, [date(2026, 6, 2)])
    there = office.in_zone("America/New_York")
    assert there.timezone == "America/New_York"
    assert there.next_open(utc("2026-06-01T00:00")) == utc("2026-06-01T13:00")
    assert there.next_open(utc("2026-06-01T22:00")) == utc("2026-06-03T13:00")
    assert there.in_zone("Europe/Oslo") == office


@pytest.mark.parametrize("seed", range(60))
def test_columns_get_the_answers_of_the_calendar(seed: int) -> None:
    random = Random(seed)
    case = draw(random, MINUTE)
    first = case.truth.at(0) - timedelta(days=5)
    last = case.truth.at(0) + timedelta(days=40)
    table = CalendarTable(case.calendar, first, last)
    within = int((last - first).total_seconds())
    a = [first + timedelta(seconds=random.randrange(within)) for _ in range(40)]
    b = [at + (last - at) * random.random() for at in a]
    wanted = [timedelta(minutes=random.choice((0, 1, 90, 3000))) for _ in a]
    starts, ends = instants(a), instants(b)
    measured = table.between(starts, ends)
    assert measured.tolist() == case.calendar.between_many(zip(a, b, strict=True))
    assert table.is_open(starts).tolist() == [case.calendar.is_open(at) for at in a]
    if any(case.hours.windows.values()):
        due = table.add(starts, np.array(wanted, dtype="timedelta64[us]"))
        expected = [case.calendar.add(at, w) for at, w in zip(a, wanted, strict=True)]
        assert [at.replace(tzinfo=UTC) for at in due.tolist()] == expected


def test_a_column_outside_the_table_is_refused() -> None:
    office = BusinessCalendar("UTC", OFFICE)
    table = CalendarTable(office, utc("2026-06-01T00:00"), utc("2026-06-08T00:00"))
    monday, later = instants([utc("2026-06-01T10:00")]), instants([utc("2026-07-01T10:00")])
    with pytest.raises(ValueError, match="outside the table"):
        table.between(monday, later)
    with pytest.raises(ValueError, match="before it starts"):
        table.between(monday + np.timedelta64(1, "h"), monday)
    with pytest.raises(ValueError, match="negative"):
        table.add(monday, np.array([-1], dtype="timedelta64[us]"))
    never = CalendarTable(BusinessCalendar("UTC", {}), utc("2026-06-01T00:00"), utc("2026-06-08"))
    assert never.between(monday, monday).tolist() == [timedelta(0)]
    assert never.is_open(monday).tolist() == [False]
    with pytest.raises(NeverOpen):
        never.add(monday, np.array([1], dtype="timedelta64[us]"))
