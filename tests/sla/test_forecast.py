"""Breaches ahead: worlds whose outcome is known, and the forecast's own accuracy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from random import Random

import pytest

from sla.backtest import Answered, backtest, breaches_between
from sla.forecast import Outlook, Rates, Waiting, forecast, learn

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEN = timedelta(minutes=10)
NOON = MONDAY + timedelta(days=70, hours=12)


def quiet() -> Rates:
    return learn([], MONDAY, MONDAY + timedelta(weeks=8), "UTC")


def outlook(rates: Rates, staff: float, *, seed: int = 0) -> Outlook:
    return Outlook(rates, [TEN], lambda _: staff, lambda at: at + HOUR, seed=seed)


def every_hour(count: int) -> Rates:
    """So many arrivals in each hour of eight weeks."""
    hours = [MONDAY + hour * HOUR for hour in range(8 * 168)]
    created = [hour + n * timedelta(minutes=1) for hour in hours for n in range(count)]
    return learn(created, MONDAY, MONDAY + timedelta(weeks=8), "UTC")


def test_with_nobody_there_everything_that_waits_is_late_when_it_is_due() -> None:
    waiting = [Waiting(NOON + timedelta(minutes=m)) for m in (-30, 5, 50, 70, 400)]
    hours = forecast(waiting, outlook(quiet(), 0), NOON)
    assert [hour.breaches for hour in hours] == [2, 1, 0, 0]
    assert [(hour.low, hour.high) for hour in hours] == [(2, 2), (1, 1), (0, 0), (0, 0)]
    assert hours[0].start == NOON


def test_enough_people_keep_every_promise_and_too_few_do_not() -> None:
    rates = every_hour(12)  # two hours of work an hour
    assert all(hour.breaches < 0.1 for hour in forecast([], outlook(rates, 4), NOON))
    late = forecast([], outlook(rates, 1), NOON)
    assert late[0].breaches < 0.5  # nothing is due yet
    assert late[3].breaches > 3
    assert late[3].low <= late[3].breaches <= late[3].high
    assert late[0].arrivals == pytest.approx(12, rel=0.05)


def test_more_people_mean_fewer_breaches() -> None:
    rates = every_hour(12)
    totals = [
        sum(hour.breaches for hour in forecast([], outlook(rates, staff), NOON))
        for staff in (0, 1, 2, 3)
    ]
    assert totals == sorted(totals, reverse=True)


def test_the_same_seed_gives_the_same_forecast() -> None:
    rates = every_hour(6)
    first = forecast([], outlook(rates, 1), NOON)
    assert forecast([], outlook(rates, 1), NOON) == first
    assert forecast([], outlook(rates, 1, seed=1), NOON) != first


def test_rates_follow_the_local_hour_and_few_weeks_are_not_believed_whole() -> None:
    nine = [MONDAY + timedelta(days=day, hours=7) for day in range(28)]  # 09:00 in Oslo
    rates = learn(nine, MONDAY, MONDAY + timedelta(weeks=4), "Europe/Oslo")
    assert rates.expected(MONDAY + timedelta(hours=7)) == pytest.approx(1.0)
    assert rates.expected(MONDAY + timedelta(hours=8)) == 0.0
    # Once, on one of eight Mondays at three: hardly ever again.
    once = learn([*nine, MONDAY + timedelta(hours=15)], MONDAY, MONDAY + timedelta(weeks=8), "UTC")
    assert 0.0 < once.expected(MONDAY + timedelta(hours=15)) < 0.15


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(ValueError, match="at least a week"):
        learn([], MONDAY, MONDAY + timedelta(days=3), "UTC")
    with pytest.raises(ValueError, match="one past handling time"):
        Outlook(quiet(), [], lambda _: 1, lambda at: at)
    with pytest.raises(ValueError, match="no moment"):
        backtest([Answered(MONDAY, NOON, None)], outlook(quiet(), 1), [])


def staff_at(at: datetime) -> float:
    return 2.0 if 8 <= at.hour < 20 else 0.5


def world(weeks: int, seed: int) -> list[Answered]:
    """Arrivals that swing with the day, answered by a few people, the most pressing first."""
    random = Random(seed)
    arrivals: list[datetime] = []
    for minute in range(weeks * 7 * 1440):
        at = MONDAY + timedelta(minutes=minute)
        busy = 14 if 9 <= at.hour < 17 and at.weekday() < 5 else 2
        if random.random() < busy / 60:
            arrivals.append(at)
    answered: dict[datetime, datetime] = {}
    queue: list[datetime] = []
    work, pending = 0.0, iter(arrivals)
    following = next(pending, None)
    for minute in range(weeks * 7 * 1440):
        at = MONDAY + timedelta(minutes=minute)
        while following is not None and following <= at:
            heappush(queue, following)
            following = next(pending, None)
        work = min(work + staff_at(at), 10.0 if queue else 0.0)
        if queue and work >= 10:
            work -= 10
            answered[heappop(queue)] = at
    return [Answered(at, at + HOUR, answered.get(at)) for at in arrivals]


def test_the_forecast_beats_last_week_and_its_interval_holds() -> None:
    past = world(8, seed=5)
    assert breaches_between(past, MONDAY, MONDAY + timedelta(weeks=8)) > 100
    random = Random(9)
    moments = [MONDAY + timedelta(weeks=6, hours=random.randrange(14 * 24 - 5)) for _ in range(80)]
    view = Outlook(quiet(), [TEN], staff_at, lambda at: at + HOUR, runs=100)
    accuracy = backtest(past, view, moments)
    assert accuracy.hours == 320
    assert accuracy.error < 0.9 * accuracy.plain_error
    assert 0.85 <= accuracy.coverage < 1.0
    assert abs(accuracy.bias) < 0.5
