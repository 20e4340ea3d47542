"""Check the business calendar against brute force at length, and time it.

    python -m bench.sla_calendar [spans=20000] [seed=1]

Every span is measured, added to and asked for its states, by the calendar and by an oracle
that steps through time (see `tests/sla`). Then `between` and `add` are timed on the hours of
an office, beside `businesstimedelta` where that is installed: once on a new calendar, which
lays its pages out, and once more on the same one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from random import Random
from time import perf_counter, process_time
from typing import Any

from sla.calendar import BusinessCalendar
from tests.sla.agreement import SPANS_PER_CALENDAR, check
from tests.sla.cases import MICROSECOND, MINUTE, SECOND, draw

ZONE = "Europe/Berlin"
OPENS, CLOSES = time(9), time(17)
HOLIDAYS = [date(year, month, day) for year in (2025, 2026) for month, day in ((1, 1), (12, 25))]
Span = tuple[datetime, datetime]


def verify(spans: int, seed: int) -> None:
    """Compare with the oracle: nine in ten spans by the minute, the others finer."""
    began = process_time()
    random = Random(seed)
    calendars = -(-spans // SPANS_PER_CALENDAR)
    for _ in range(calendars):
        tick = random.choices((MINUTE, SECOND, MICROSECOND), (90, 7, 3))[0]
        check(draw(random, tick), random)
    print(
        f"{calendars * SPANS_PER_CALENDAR:,} spans on {calendars:,} calendars agree with the "
        f"oracle ({process_time() - began:.0f} s of CPU, seed {seed})"
    )


def draw_spans(count: int, seed: int) -> list[Span]:
    """Draw spans of up to two weeks within two years."""
    random = Random(seed)
    first = datetime(2025, 1, 1, tzinfo=UTC)
    starts = [first + timedelta(seconds=random.randrange(700 * 86_400)) for _ in range(count)]
    return [(start, start + timedelta(seconds=random.randrange(1_209_600))) for start in starts]


def pace(name: str, questions: Sequence[Any], ask: Callable[[Any], object]) -> float:
    """Print the microseconds of CPU a question takes, and return them."""
    began = process_time()
    for question in questions:
        ask(question)
    each = (process_time() - began) / len(questions) * 1e6
    print(f"  {name:<34}{each:10.2f} us")
    return each


def time_calendar(spans: list[Span]) -> None:
    """Time the calendar, cold and warm."""
    print(f"BusinessCalendar, {len(spans):,} spans of up to two weeks:")
    windows = {day: [(OPENS, CLOSES)] for day in range(5)}
    pace("new calendar, one between", spans[:200], lambda span: _new(windows).between(*span))
    calendar = _new(windows)
    pace("between, warming up", spans, lambda span: calendar.between(*span))
    pace("between", spans, lambda span: calendar.between(*span))
    pace("add 20 h", spans, lambda span: calendar.add(span[0], timedelta(hours=20)))
    began = perf_counter()
    calendar.between_many(spans)
    print(f"  {'between_many, a span':<34}{(perf_counter() - began) / len(spans) * 1e6:10.2f} us")


def _new(windows: dict[int, list[tuple[time, time]]]) -> BusinessCalendar:
    return BusinessCalendar(ZONE, windows, HOLIDAYS)


def compare(count: int) -> None:
    """Time `businesstimedelta` on the same spans and print how many times slower it is."""
    spans = draw_spans(count, 1)
    try:
        other, pytz = import_module("businesstimedelta"), import_module("pytz")
    except ImportError as error:
        print(f"No comparison: {error.name} is not installed.")
        return
    zone = pytz.timezone(ZONE)
    work = other.WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=range(5), tz=zone)
    off = other.HolidayRule(dict.fromkeys(HOLIDAYS, "holiday"), tz=zone)
    rules = other.Rules([work, off])
    calendar = _new({day: [(OPENS, CLOSES)] for day in range(5)})
    twenty = timedelta(hours=20)
    calendar.between_many(spans)  # lays its pages out
    print(f"businesstimedelta, {count:,} of the same spans:")
    theirs = (
        pace("between", spans, lambda span: rules.difference(*span)),
        pace("add 20 h", spans, lambda span: span[0] + other.BusinessTimeDelta(rules, hours=20)),
    )
    print("BusinessCalendar on the same:")
    ours = (
        pace("between", spans, lambda span: calendar.between(*span)),
        pace("add 20 h", spans, lambda span: calendar.add(span[0], twenty)),
    )
    times = [slow / fast for slow, fast in zip(theirs, ours, strict=True)]
    print(f"  faster: between {times[0]:.0f} times, add {times[1]:.0f} times (at least 50)")
    same = sum(rules.difference(*span).timedelta == calendar.between(*span) for span in spans)
    print(f"  the same answer to between for {same:,} of {count:,}")


def main(arguments: list[str]) -> None:
    """Run both parts."""
    count, seed = ([int(a) for a in arguments] + [20_000, 1][len(arguments) :])[:2]
    verify(count, seed)
    spans = draw_spans(100_000, seed)
    time_calendar(spans)
    compare(2000)


if __name__ == "__main__":
    main(sys.argv[1:])
