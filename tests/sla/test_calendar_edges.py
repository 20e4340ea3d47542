"""What the calendar refuses, the ends of time, sharing between threads, and its assumption."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta, timezone
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH, available_timezones

import pytest

from sla.calendar import BusinessCalendar, NeverOpen
from sla.offsets import PROBE, SECOND

OFFICE = {day: [(time(9), time(17))] for day in range(5)}
ALWAYS = {day: [(time(0), time(0))] for day in range(7)}
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("name", ["Nope/Nowhere", "America", "", "../etc/passwd", "a\0b"])
def test_an_unknown_time_zone_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an IANA time zone"):
        BusinessCalendar(name, OFFICE, ())


@pytest.mark.parametrize(
    ("windows", "holidays", "reason"),
    [
        ({7: [(time(9), time(17))]}, (), "weekday 7 is not one of 0"),
        ({"0": [(time(9), time(17))]}, (), "weekday '0' is not one of 0"),
        ({0: [(time(9, tzinfo=UTC), time(17))]}, (), "must not carry a time zone"),
        (OFFICE, [NOON], "is not a plain date"),
        (OFFICE, ["2026-12-25"], "is not a plain date"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(
    windows: Any,
    holidays: Any,
    reason: str,
) -> None:
    with pytest.raises(ValueError, match=reason):
        BusinessCalendar("UTC", windows, holidays)


def test_naive_datetimes_are_refused_everywhere() -> None:
    office, naive = BusinessCalendar("UTC", OFFICE, ()), NOON.replace(tzinfo=None)
    for ask in (office.is_open, office.next_open, office.next_close):
        with pytest.raises(ValueError, match="has no time zone"):
            ask(naive)
    for span in ((naive, NOON), (NOON, naive)):
        with pytest.raises(ValueError, match="has no time zone"):
            office.between(*span)
    for duration in (HOUR, timedelta(0)):
        with pytest.raises(ValueError, match="has no time zone"):
            office.add(naive, duration)


def test_time_does_not_run_backwards() -> None:
    office = BusinessCalendar("UTC", OFFICE, ())
    with pytest.raises(ValueError, match="before it starts"):
        office.between(NOON, NOON - HOUR)
    with pytest.raises(ValueError, match="negative"):
        office.add(NOON, -HOUR)
    assert office.between(NOON, NOON) == timedelta(0)


@pytest.mark.parametrize("windows", [{}, {0: [], 3: ()}])
def test_a_calendar_without_windows_never_opens(windows: dict[int, Any]) -> None:
    never = BusinessCalendar("Europe/Berlin", windows, ())
    assert never.between(NOON, NOON + 1000 * HOUR) == timedelta(0)
    assert never.next_close(NOON) is None
    assert never.add(NOON, timedelta(0)) == NOON
    with pytest.raises(NeverOpen, match="0 weekly windows in Europe/Berlin"):
        never.add(NOON, HOUR)
    with pytest.raises(NeverOpen, match="no opening after 2026-06-01T12:00"):
        never.next_open(NOON)


def test_a_duration_that_takes_centuries_is_refused_not_searched_for_ever() -> None:
    rare = BusinessCalendar("UTC", {0: [(time(9), time(9, 0, 1))]}, ())
    assert rare.add(NOON, timedelta(seconds=520)).year == 2036
    with pytest.raises(NeverOpen, match="does not pass between"):
        rare.add(NOON, timedelta(days=1))
    with pytest.raises(NeverOpen):
        rare.add(NOON, timedelta.max)


@pytest.mark.parametrize("days", range(1000, 1140, 3))
def test_years_of_holidays_are_passed_over(days: int) -> None:
    first = NOON.date()
    daily = {day: [(time(9), time(17))] for day in range(7)}
    sabbatical = [first + timedelta(days=n) for n in range(days)]
    office = BusinessCalendar("UTC", daily, sabbatical)
    back = NOON.replace(hour=9) + timedelta(days=days)
    assert office.next_open(NOON) == back
    assert office.next_close(NOON) == back + 8 * HOUR
    assert office.add(NOON, HOUR) == back + HOUR


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Manila"])
def test_the_ends_of_time_hold(zone: str) -> None:
    always = BusinessCalendar(zone, ALWAYS, ())
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert always.between(first, first + 48 * HOUR) == 48 * HOUR
    assert always.between(last - 48 * HOUR, last) == 48 * HOUR
    assert always.add(first, HOUR) == first + HOUR
    assert always.add(last - HOUR, HOUR) == last
    assert always.next_open(last) == last
    assert always.next_close(last) is None
    with pytest.raises(NeverOpen):
        always.add(last, HOUR)
    office = BusinessCalendar(zone, {0: [(time(9), time(10))]}, ())
    with pytest.raises(NeverOpen):  # 9999 ends on a Friday
        office.next_open(last)
    # Friday's window closes with the calendar's last day, which is one instant too late.
    evening = BusinessCalendar("UTC", {4: [(time(9), time(0))]}, ())
    assert evening.add(last - 16 * HOUR, 14 * HOUR).hour == 23
    with pytest.raises(NeverOpen):
        evening.add(last - 16 * HOUR, 15 * HOUR)


def test_an_instant_that_utc_cannot_hold_is_refused_in_words() -> None:
    always = BusinessCalendar("UTC", ALWAYS, ())
    east, west = timezone(14 * HOUR), timezone(-12 * HOUR)
    for at in (datetime.min.replace(tzinfo=east), datetime.max.replace(tzinfo=west)):
        with pytest.raises(ValueError, match="outside the years 1 to 9999"):
            always.is_open(at)
        with pytest.raises(ValueError, match="outside the years 1 to 9999"):
            always.add(at, HOUR)


def test_a_calendar_keeps_its_own_copy_and_compares_by_value() -> None:
    windows = {0: [(time(9), time(17))]}
    office = BusinessCalendar("UTC", windows, {date(2026, 6, 8)})
    same = BusinessCalendar("UTC", {0: ((time(9), time(17)),), 1: []}, [date(2026, 6, 8)])
    windows[0].clear()
    assert office.is_open(NOON)
    assert office == same
    assert hash(office) == hash(same)
    assert office != BusinessCalendar("Europe/Berlin", OFFICE, ())


def test_threads_may_share_a_calendar() -> None:
    shared = BusinessCalendar("Europe/Berlin", OFFICE, ())
    spans = [(NOON - n * 50 * HOUR, NOON + n * 70 * HOUR) for n in range(4000)]
    alone = BusinessCalendar("Europe/Berlin", OFFICE, ()).between_many(spans)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(shared.between_many, [spans] * 8))
    assert answers == [alone] * 8


def transitions(data: bytes) -> list[int]:
    """Return the seconds at which the offset changes in a TZif file (RFC 9636), version 2+."""

    def counts(at: int) -> tuple[int, ...]:
        return struct.unpack(">6l", data[at + 20 : at + 44])

    utc, std, leap, times, types, chars = counts(0)
    second = 44 + times * 5 + types * 6 + chars + leap * 8 + std + utc
    *_, times, types, chars = counts(second)
    body = second + 44
    when = struct.unpack(f">{times}q", data[body : body + times * 8])
    kinds = data[body + times * 8 : body + times * 9]
    offsets = [struct.unpack(">l", data[body + times * 9 + 6 * k :][:4])[0] for k in kinds]
    steps = zip(when[1:], pairwise(offsets), strict=True) if when else ()
    return [second for second, (old, new) in steps if old != new]


@pytest.mark.parametrize("source", ["package", "system"])
def test_no_zone_changes_its_offset_twice_between_two_probes(source: str) -> None:
    roots = [files("tzdata") / "zoneinfo"] if source == "package" else [Path(p) for p in TZPATH]
    read = 0
    for name in available_timezones():
        for path in (root.joinpath(*name.split("/")) for root in roots):
            if path.is_file():
                read += 1
                changes = transitions(path.read_bytes())
                assert all((b - a) * SECOND > 2 * PROBE for a, b in pairwise(changes)), name
    if not read:
        pytest.skip(f"no time zone files in the {source}")
    assert read > 400
