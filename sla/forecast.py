"""What will be late in the next hours: arrivals, work and people, played forward many times.

Arrivals are learnt by hour and weekday. A cell has few weeks behind it, so it is drawn towards
what hour and weekday say apart (a Gamma prior worth `TRUST` weeks), and what is not known about
the rate widens the interval. Each run draws arrivals and handling times and serves the most
pressing first with the agents on shift. The same input and seed give the same forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from math import ceil, exp
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

HOUR: Final = timedelta(hours=1)
WEEK: Final = timedelta(days=7)
TRUST: Final = 2.0
_BIN: Final = timedelta(minutes=5)
_BINS: Final = HOUR // _BIN
_CELLS: Final = 168
_MANY: Final = 30.0  # from here on a Poisson draw is a rounded normal one

OnShift = Callable[[datetime], float]  # how many agents work at an instant
Due = Callable[[datetime], datetime]  # when a ticket that comes at an instant is due


@dataclass(frozen=True, slots=True)
class Rates:
    """Arrivals an hour by hour of the week in a zone, as Gamma (shape, weeks) of each cell."""

    zone: ZoneInfo
    cells: tuple[tuple[float, float], ...]

    def at(self, instant: datetime) -> tuple[float, float]:
        """The cell of an instant."""
        local = instant.astimezone(self.zone)
        return self.cells[local.weekday() * 24 + local.hour]

    def expected(self, instant: datetime) -> float:
        """Expected arrivals in the hour of an instant."""
        shape, weeks = self.at(instant)
        return shape / weeks


def learn(created: Iterable[datetime], since: datetime, until: datetime, zone: str) -> Rates:
    """Learn from the tickets that came in [since, until); ValueError for less than a week."""
    if until - since < WEEK:
        raise ValueError("a forecast needs at least a week of tickets to learn from")
    place = ZoneInfo(zone)
    counts = [0] * _CELLS
    for at in created:
        if since <= at < until:
            local = at.astimezone(place)
            counts[local.weekday() * 24 + local.hour] += 1
    weeks = (until - since) / WEEK
    total = sum(counts)
    days = [sum(counts[day * 24 : day * 24 + 24]) for day in range(7)]
    hours = [sum(counts[hour::24]) for hour in range(24)]
    cells = []
    for cell, seen in enumerate(counts):
        apart = days[cell // 24] * hours[cell % 24] / total / weeks if total else 0.0
        cells.append((seen + TRUST * apart, weeks + TRUST))
    return Rates(place, tuple(cells))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits for an answer now; `handling` None for what it usually takes."""

    due_at: datetime
    handling: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """One hour ahead: breaches expected, the interval they fall into, arrivals expected."""

    start: datetime
    breaches: float
    low: int
    high: int
    arrivals: float


@dataclass(frozen=True)
class Outlook:
    """What the forecast takes from the desk besides the tickets.

    `handling` are past handling times, drawn from as they are. `share` of the runs lie in the
    interval.
    """

    rates: Rates
    handling: Sequence[timedelta]
    on_shift: OnShift
    due: Due
    runs: int = 200
    share: float = 0.9
    seed: int = 0

    def __post_init__(self) -> None:
        """ValueError when there is nothing to draw from."""
        if not self.handling:
            raise ValueError("a forecast needs at least one past handling time")
        if not 0 < self.share < 1 or self.runs < 1:
            raise ValueError("`share` is between 0 and 1, `runs` at least 1")


def forecast(
    waiting: Sequence[Waiting], outlook: Outlook, now: datetime, hours: int = 4
) -> list[Expected]:
    """Expected breaches in each of the next hours; what is overdue already does not count."""
    start = now.astimezone(UTC)
    bins = [start + n * _BIN for n in range(hours * _BINS)]
    people = [max(outlook.on_shift(at), 0.0) for at in bins]
    cells = [outlook.rates.at(at) for at in bins]
    dues = [outlook.due(at + _BIN / 2) for at in bins]
    random = Random(outlook.seed)  # noqa: S311 - no secret
    runs = [
        _run(waiting, outlook, (bins, people, cells, dues), random) for _ in range(outlook.runs)
    ]
    found = []
    for hour in range(hours):
        drawn = sorted(run[hour] for run in runs)
        tail = (1 - outlook.share) / 2
        last = len(drawn) - 1
        found.append(
            Expected(
                start=start + hour * HOUR,
                breaches=sum(drawn) / len(drawn),
                low=drawn[int(tail * last)],
                high=drawn[ceil((1 - tail) * last)],
                arrivals=sum(shape / weeks for shape, weeks in cells[hour * _BINS :][:_BINS])
                / _BINS,
            )
        )
    return found


Ahead = tuple[list[datetime], list[float], list[tuple[float, float]], list[datetime]]


def _run(waiting: Sequence[Waiting], outlook: Outlook, ahead: Ahead, random: Random) -> list[int]:
    """Play the hours once: breaches by hour."""
    bins, people, cells, dues = ahead
    draw = random.choice
    queue = [(item.due_at, n, item.handling or draw(outlook.handling)) for n, item in _now(waiting)]
    heapify(queue)
    broken = [0] * (len(bins) // _BINS)
    number = len(queue)
    spare = timedelta(0)
    rates: dict[tuple[float, float], float] = {}
    told: set[int] = {n for due, n, _ in queue if due < bins[0]}
    for n, begin in enumerate(bins):
        cell = cells[n]
        if cell not in rates:  # a run lives in one world: what is not known is drawn once
            rates[cell] = random.gammavariate(cell[0], 1 / cell[1]) if cell[0] > 0 else 0.0
        fresh = _poisson(rates[cell] / _BINS, random)
        done = timedelta(0) - spare
        while queue and people[n] and done + queue[0][2] <= people[n] * _BIN:
            due, ticket, handling = heappop(queue)
            done += handling
            if due < begin + done / people[n] and ticket not in told:
                broken[n // _BINS] += 1
        # Work on a ticket that is not finished goes on in the next bin.
        spare = people[n] * _BIN - done if queue else timedelta(0)
        for due, ticket, _ in queue:
            if due < begin + _BIN and ticket not in told:
                told.add(ticket)
                broken[n // _BINS] += 1
        for _ in range(fresh):  # who comes within the bin is looked at from the next one on
            heappush(queue, (dues[n], number, draw(outlook.handling)))
            number += 1
    return broken


def _now(waiting: Sequence[Waiting]) -> Iterable[tuple[int, Waiting]]:
    return enumerate(sorted(waiting, key=lambda item: item.due_at))


def _poisson(mean: float, random: Random) -> int:
    if mean <= 0:
        return 0
    if mean > _MANY:
        return max(round(random.gauss(mean, mean**0.5)), 0)
    limit, product, events = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        events += 1
    return events
