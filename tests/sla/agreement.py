"""Ask the calendar and the oracle the same questions; an AssertionError shows a difference."""

from __future__ import annotations

from random import Random

from tests.sla.cases import Case

SPANS_PER_CALENDAR = 8


def check(case: Case, random: Random) -> None:
    """Ask the calendar and the oracle the same questions about random spans."""
    truth, calendar = case.truth, case.calendar
    ticks = len(truth.open)
    for _ in range(SPANS_PER_CALENDAR):
        a, b = sorted((random.randint(0, ticks), random.randint(0, ticks)))
        start, end = truth.at(a), truth.at(b)
        passed = calendar.between(start, end)
        assert passed == truth.between(a, b), (case.hours, start, end)
        wanted = random.randint(0, truth.passed[-1] - truth.passed[a] + 1)
        reached = truth.add(a, wanted)
        if reached is not None:
            due = calendar.add(start, wanted * truth.tick)
            assert due == truth.at(reached), (case.hours, start, wanted * truth.tick)
        check_states(case, a)


def check_states(case: Case, tick: int) -> None:
    """Compare the state at a tick, and the next opening and closing as far as in sight."""
    truth, calendar = case.truth, case.calendar
    at = truth.at(tick)
    if tick < len(truth.open):
        assert calendar.is_open(at) == truth.open[tick], (case.hours, at)
    try:
        opens = truth.open.index(True, tick)
    except ValueError:
        return
    assert calendar.next_open(at) == truth.at(opens), (case.hours, at)
    try:
        closes = truth.open.index(False, opens)
    except ValueError:
        return
    assert calendar.next_close(at) == truth.at(closes), (case.hours, at)
