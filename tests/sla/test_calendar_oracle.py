"""The calendar against the brute-force oracle: 22,800 random spans and as many additions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla.calendar import BusinessCalendar
from tests.sla.agreement import check
from tests.sla.cases import MICROSECOND, MINUTE, SECOND, draw

BRUTE = settings(
    deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
seeds = st.integers(0, 2**63)


@pytest.mark.timeout(400)  # 40 s of CPU, which a busy machine stretches
@settings(BRUTE, max_examples=2500)
@given(seeds)
def test_every_minute_of_the_days_around_odd_moments(seed: int) -> None:
    random = Random(seed)
    check(draw(random, MINUTE), random)


@settings(BRUTE, max_examples=250)
@given(seeds)
def test_every_second_of_the_hours_around_odd_moments(seed: int) -> None:
    random = Random(seed)
    check(draw(random, SECOND), random)


@settings(BRUTE, max_examples=100)
@given(seeds)
def test_every_microsecond_around_a_transition(seed: int) -> None:
    random = Random(seed)
    check(draw(random, MICROSECOND), random)


@pytest.fixture(scope="module")
def calendars() -> list[BusinessCalendar]:
    random = Random(20261122)
    cases = [draw(random, MINUTE) for _ in range(60)]
    return [case.calendar for case in cases if any(case.hours.windows.values())]


picks = st.integers(0, 10_000)
# Hypothesis wants its bounds naive.
first, last = datetime(1960, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001
instants = st.datetimes(first, last, timezones=st.just(UTC))
durations = st.timedeltas(timedelta(0), timedelta(hours=30))


@settings(BRUTE, max_examples=500)
@given(picks, instants, durations)
def test_what_was_added_is_what_is_measured(
    calendars: list[BusinessCalendar], pick: int, start: datetime, duration: timedelta
) -> None:
    calendar = calendars[pick % len(calendars)]
    due = calendar.add(start, duration)
    assert calendar.between(start, due) == duration
    if duration:  # and it is the earliest such instant
        assert calendar.between(start, due - MICROSECOND) == duration - MICROSECOND


@settings(BRUTE, max_examples=500)
@given(picks, instants, durations, durations)
def test_adding_in_two_steps_is_adding_at_once(
    calendars: list[BusinessCalendar], pick: int, start: datetime, one: timedelta, two: timedelta
) -> None:
    calendar = calendars[pick % len(calendars)]
    at_once = calendar.add(start, one + two)
    assert calendar.add(start, one) <= at_once
    if one and two:
        assert calendar.add(calendar.add(start, one), two) == at_once


@settings(BRUTE, max_examples=500)
@given(picks, st.lists(instants, min_size=3, max_size=3))
def test_measures_add_up_and_never_exceed_the_time_elapsed(
    calendars: list[BusinessCalendar], pick: int, points: list[datetime]
) -> None:
    calendar = calendars[pick % len(calendars)]
    a, b, c = sorted(points)
    first, second, whole = calendar.between_many([(a, b), (b, c), (a, c)])
    assert first + second == whole
    assert timedelta(0) <= first <= b - a
    assert whole >= first
