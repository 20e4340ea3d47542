"""Named days on which clocks did odd things, with values worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla.calendar import BusinessCalendar

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
EVERY_DAY = range(7)
WORKDAYS = range(5)


def window(text: str) -> tuple[time, time]:
    """Read "09:00-17:00"."""
    start, end = text.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)


def calendar(
    timezone: str, days: range | tuple[int, ...], *windows: str, off: tuple[date, ...] = ()
) -> BusinessCalendar:
    return BusinessCalendar(timezone, {day: [window(w) for w in windows] for day in days}, off)


def hours(text: str) -> timedelta:
    """Read "7:30" or "0:07:56"."""
    h, m, s = (*map(int, text.split(":")), 0)[:3]
    return timedelta(hours=h, minutes=m, seconds=s)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(timezone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone))


# zone, weekday, window, from local date, to local date (both at 00:00), open hours
MEASURED = [
    # Clocks go forward at 02:00 to 03:00.
    ("Europe/Berlin", SUNDAY, "00:00-00:00", "2026-03-29", "2026-03-30", "23:00"),
    ("Europe/Berlin", SUNDAY, "01:00-04:00", "2026-03-29", "2026-03-30", "2:00"),
    ("Europe/Berlin", SUNDAY, "02:15-02:45", "2026-03-29", "2026-03-30", "0:00"),
    ("Europe/Berlin", SUNDAY, "01:30-02:30", "2026-03-29", "2026-03-30", "0:30"),
    ("Europe/Berlin", SATURDAY, "22:00-06:00", "2026-03-28", "2026-03-30", "7:00"),
    # And back at 03:00 to 02:00.
    ("Europe/Berlin", SUNDAY, "00:00-00:00", "2026-10-25", "2026-10-26", "25:00"),
    ("Europe/Berlin", SUNDAY, "01:00-04:00", "2026-10-25", "2026-10-26", "4:00"),
    ("Europe/Berlin", SUNDAY, "02:00-02:30", "2026-10-25", "2026-10-26", "1:00"),
    ("Europe/Berlin", SATURDAY, "22:00-02:30", "2026-10-24", "2026-10-26", "5:00"),
    # Half an hour: 02:00 back to 01:30; 02:00 on to 02:30.
    ("Australia/Lord_Howe", SUNDAY, "01:00-02:00", "2026-04-05", "2026-04-06", "1:30"),
    ("Australia/Lord_Howe", SUNDAY, "00:00-00:00", "2026-04-05", "2026-04-06", "24:30"),
    ("Australia/Lord_Howe", SUNDAY, "01:00-03:00", "2026-10-04", "2026-10-05", "1:30"),
    ("Australia/Lord_Howe", SUNDAY, "02:00-02:30", "2026-10-04", "2026-10-05", "0:00"),
    # Midnight itself is skipped: 00:00 is 01:00.
    ("America/Sao_Paulo", SUNDAY, "00:00-01:00", "2018-11-03", "2018-11-05", "0:00"),
    ("America/Sao_Paulo", SATURDAY, "22:00-02:00", "2018-11-03", "2018-11-05", "3:00"),
    ("Asia/Beirut", SUNDAY, "00:00-00:00", "2025-03-29", "2025-03-31", "23:00"),
    ("Africa/Cairo", FRIDAY, "00:00-00:00", "2026-04-23", "2026-04-25", "23:00"),
    ("Africa/Cairo", THURSDAY, "23:30-00:30", "2026-04-23", "2026-04-25", "0:30"),
    # Midnight is reached twice: 24:00 is 23:00 of the day that was ending.
    ("America/Sao_Paulo", SATURDAY, "22:00-00:00", "2018-02-17", "2018-02-19", "3:00"),
    ("Africa/Cairo", THURSDAY, "00:00-00:00", "2026-10-29", "2026-10-30", "25:00"),
    ("Africa/Cairo", THURSDAY, "23:30-00:30", "2026-10-29", "2026-10-31", "1:30"),
    # Samoa had no Friday 30 December 2011. A window that would start on it overnight is
    # open where the wall clock of the 31st lies in it.
    ("Pacific/Apia", FRIDAY, "09:00-17:00", "2011-12-29", "2012-01-01", "0:00"),
    ("Pacific/Apia", THURSDAY, "22:00-06:00", "2011-12-29", "2012-01-01", "2:00"),
    ("Pacific/Apia", FRIDAY, "22:00-06:00", "2011-12-29", "2012-01-01", "6:00"),
    ("Pacific/Apia", SATURDAY, "09:00-17:00", "2011-12-29", "2012-01-01", "8:00"),
    # Kwajalein had no Saturday 21 August 1993.
    ("Pacific/Kwajalein", SATURDAY, "00:00-00:00", "1993-08-20", "1993-08-23", "0:00"),
    ("Pacific/Kwajalein", FRIDAY, "00:00-00:00", "1993-08-20", "1993-08-23", "24:00"),
    # New York's clocks read 12:03:58 when they were set back to 12:00.
    ("America/New_York", SUNDAY, "12:00-12:03:58", "1883-11-18", "1883-11-19", "0:07:56"),
    ("America/New_York", SUNDAY, "00:00-00:00", "1883-11-18", "1883-11-19", "24:03:58"),
    # Monrovia went from -00:44:30 to 0 at midnight.
    ("Africa/Monrovia", FRIDAY, "00:00-01:00", "1972-01-06", "1972-01-08", "0:15:30"),
    # Seconds count.
    ("Asia/Kathmandu", MONDAY, "09:00:30-09:00:45", "2026-06-01", "2026-06-02", "0:00:15"),
    # A window whose end is its start is 24 hours long.
    ("UTC", MONDAY, "09:00-09:00", "2026-06-01", "2026-06-08", "24:00"),
]


@pytest.mark.parametrize(("zone", "day", "hour", "start", "end", "expected"), MEASURED)
def test_open_time_on_odd_days(
    zone: str, day: int, hour: str, start: str, end: str, expected: str
) -> None:
    measured = calendar(zone, (day,), hour).between(local(zone, start), local(zone, end))
    assert measured == hours(expected)


# zone, days, window, local start, duration, due in UTC
ADDED = [
    ("Europe/Berlin", WORKDAYS, "09:00-17:00", "2026-03-27T16:00", "2:00", "2026-03-30T08:00"),
    ("Europe/Berlin", EVERY_DAY, "00:00-00:00", "2026-03-28T12:00", "24:00", "2026-03-29T11:00"),
    ("Europe/Berlin", (SUNDAY,), "02:00-02:30", "2026-10-25T00:00", "0:45", "2026-10-25T01:15"),
    ("Australia/Lord_Howe", (SUNDAY,), "01:00-02:00", "2026-04-05", "1:30", "2026-04-04T15:30"),
    ("America/Sao_Paulo", (SATURDAY,), "22:00-02:00", "2018-11-03", "2:30", "2018-11-04T03:30"),
    ("Pacific/Apia", EVERY_DAY, "09:00-17:00", "2011-12-29T16:00", "2:00", "2011-12-30T20:00"),
    ("Pacific/Kwajalein", EVERY_DAY, "09:00-17:00", "1993-08-20T16:00", "2:00", "1993-08-21T22:00"),
    ("Asia/Kathmandu", WORKDAYS, "09:00-17:00", "2026-06-01T08:00", "0:30", "2026-06-01T03:45"),
    ("America/New_York", (MONDAY,), "09:00-17:00", "1883-11-12", "1:00", "1883-11-12T14:56:02"),
    # What just fits ends with the window, not at the next opening.
    ("UTC", WORKDAYS, "09:00-17:00", "2026-06-05T16:00", "1:00", "2026-06-05T17:00"),
    ("UTC", WORKDAYS, "09:00-17:00", "2026-06-05T16:00", "1:00:01", "2026-06-08T09:00:01"),
    ("UTC", WORKDAYS, "09:00-17:00", "2026-06-06T12:00", "0:00", "2026-06-06T12:00"),
]


@pytest.mark.parametrize(("zone", "days", "hour", "start", "duration", "due"), ADDED)
def test_due_instants_on_odd_days(
    zone: str, days: range | tuple[int, ...], hour: str, start: str, duration: str, due: str
) -> None:
    reached = calendar(zone, days, hour).add(local(zone, start), hours(duration))
    assert reached == utc(due)
    assert reached.tzinfo is UTC


def test_several_windows_a_day_leave_the_lunch_break_out() -> None:
    office = calendar("UTC", WORKDAYS, "13:00-17:00", "09:00-12:00")
    assert office.between(utc("2026-06-01T11:00"), utc("2026-06-01T14:00")) == hours("2:00")
    assert office.add(utc("2026-06-01T11:30"), hours("1:00")) == utc("2026-06-01T13:30")


def test_windows_that_overlap_count_once_even_across_days() -> None:
    both = BusinessCalendar(
        "UTC",
        {
            MONDAY: [window("20:00-10:00"), window("21:00-22:00"), window("20:00-10:00")],
            TUESDAY: [window("09:00-12:00")],
        },
        (),
    )
    assert both.between(utc("2026-06-01"), utc("2026-06-03")) == hours("16:00")
    assert both.next_close(utc("2026-06-01T21:30")) == utc("2026-06-02T12:00")


def test_a_holiday_removes_the_windows_that_start_on_it_and_no_other() -> None:
    monday, tuesday = date(2026, 6, 1), date(2026, 6, 2)
    span = utc("2026-06-01"), utc("2026-06-03")
    night = "22:00-06:00"
    assert calendar("UTC", (MONDAY,), night).between(*span) == hours("8:00")
    assert calendar("UTC", (MONDAY,), night, off=(tuesday,)).between(*span) == hours("8:00")
    assert calendar("UTC", (MONDAY,), night, off=(monday,)).between(*span) == hours("0:00")


def test_states_around_a_weekend() -> None:
    office = calendar("UTC", WORKDAYS, "09:00-17:00")
    friday, saturday = utc("2026-06-05T16:59:59.999999"), utc("2026-06-06T12:00")
    assert office.is_open(friday)
    assert not office.is_open(utc("2026-06-05T17:00"))
    assert office.next_open(friday) == friday
    assert office.next_close(friday) == utc("2026-06-05T17:00")
    assert office.next_open(utc("2026-06-05T17:00")) == utc("2026-06-08T09:00")
    assert office.next_open(saturday) == utc("2026-06-08T09:00")
    assert office.next_close(saturday) == utc("2026-06-08T17:00")


def test_open_around_the_clock_closes_only_for_a_holiday() -> None:
    always = calendar("Europe/Berlin", EVERY_DAY, "09:00-09:00")
    assert always.next_close(utc("2026-06-06T12:00")) is None
    span = utc("2020-01-01"), utc("2030-01-01")
    assert always.between(*span) == span[1] - span[0]
    but_once = calendar("Europe/Berlin", EVERY_DAY, "00:00-00:00", off=(date(2031, 12, 25),))
    assert but_once.next_close(utc("2026-06-06T12:00")) == utc("2031-12-24T23:00")
    assert but_once.next_close(utc("2031-12-26T12:00")) is None
    assert but_once.next_open(utc("2031-12-25T12:00")) == utc("2031-12-25T23:00")


def test_the_second_of_two_equal_wall_times_is_an_hour_later() -> None:
    night = calendar("Europe/Berlin", (SUNDAY,), "00:00-06:00")
    first = local("Europe/Berlin", "2026-10-25T02:30")
    second = first.replace(fold=1)
    six = local("Europe/Berlin", "2026-10-25T06:00")
    assert night.between(first, six) == hours("4:30")
    assert night.between(second, six) == hours("3:30")
