"""Public holidays feed a calendar: known days, subdivisions, and a team's own exceptions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from sla.calendar import BusinessCalendar
from sla.holidays_by_country import (
    holidays_by_country,
    named_holidays,
    subdivisions_by_country,
)

UNITY_DAY, EPIPHANY, FOUNDING = date(2025, 10, 3), date(2026, 1, 6), date(2026, 3, 11)


def test_holidays_differ_by_subdivision() -> None:
    assert EPIPHANY in holidays_by_country("DE", [2026], subdivision="BY")
    assert EPIPHANY not in holidays_by_country("DE", [2026], subdivision="BE")
    assert EPIPHANY not in holidays_by_country("DE", [2026])


def test_only_the_years_asked_for_come_back_in_order() -> None:
    names = named_holidays("US", [2027, 2026])
    assert {day.year for day in names} == {2026, 2027}
    assert list(names) == sorted(names)
    assert names[date(2026, 11, 26)] == "Thanksgiving Day"
    assert date(2027, 7, 5) in names  # in lieu of Sunday 4 July


def test_names_follow_the_language() -> None:
    assert named_holidays("DE", [2026], language="de")[date(2026, 5, 1)] == "Erster Mai"
    assert named_holidays("DE", [2026])[date(2026, 5, 1)] == "Labor Day"


def test_a_team_adds_and_removes_days() -> None:
    ours = holidays_by_country("DE", [2025], added=[FOUNDING], removed=[UNITY_DAY])
    assert FOUNDING in ours
    assert UNITY_DAY not in ours
    with pytest.raises(ValueError, match="2026-03-11 is both added and removed"):
        holidays_by_country("DE", [2025], added=[FOUNDING], removed=[FOUNDING])


@pytest.mark.parametrize("country", ["ZZ", "", "utils", "de", "DEU"])
def test_an_unknown_country_is_named(country: str) -> None:
    with pytest.raises(ValueError, match=f"for the country '{country}'"):
        holidays_by_country(country, [2026])


@pytest.mark.parametrize("subdivision", ["ZZ", ""])
def test_an_unknown_subdivision_is_named(subdivision: str) -> None:
    with pytest.raises(ValueError, match=f"for '{subdivision}' in DE"):
        holidays_by_country("DE", [2026], subdivision=subdivision)


def test_every_country_that_is_offered_can_be_asked() -> None:
    offered = subdivisions_by_country()
    assert {"DE", "US", "BR", "JP", "IL"} <= offered.keys()
    assert "BY" in offered["DE"]
    for country in offered:
        assert isinstance(holidays_by_country(country, [2026]), frozenset)


def test_a_deadline_passes_over_christmas() -> None:
    days_off = holidays_by_country("DE", range(2025, 2028), subdivision="BY")
    office = BusinessCalendar(
        "Europe/Berlin", {day: [(time(9), time(17))] for day in range(5)}, days_off
    )
    thursday_eve = datetime(2026, 12, 24, 15, tzinfo=UTC)  # 16:00 in Munich; Friday is off
    due = office.add(thursday_eve, timedelta(hours=2))
    assert due == datetime(2026, 12, 28, 9, tzinfo=UTC)
