"""How good the forecast was: made again for past moments, and compared with what happened."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sla.forecast import HOUR, Outlook, Waiting, forecast, learn


@dataclass(frozen=True, slots=True)
class Answered:
    """A past ticket: when it came, when it was due, when it was answered (None: never)."""

    created_at: datetime
    due_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How far the forecasts were from what came, over all hours that were forecast.

    `error` is the mean absolute error in breaches an hour and `bias` the mean error (positive:
    too many expected); `coverage` is the share of hours inside the interval; `plain_error` is
    that of the plain guess that each hour will be as it was a week before.
    """

    hours: int
    error: float
    bias: float
    coverage: float
    plain_error: float


def breaches_between(past: Sequence[Answered], since: datetime, until: datetime) -> int:
    """How many became late in [since, until)."""
    return sum(
        since <= ticket.due_at < until
        and (ticket.answered_at is None or ticket.answered_at > ticket.due_at)
        for ticket in past
    )


def backtest(
    past: Sequence[Answered],
    outlook: Outlook,
    moments: Sequence[datetime],
    *,
    learn_from: timedelta = timedelta(weeks=8),
    hours: int = 4,
    cancelled: Callable[[], bool] | None = None,
) -> Accuracy:
    """Forecast at each moment with nothing but what was known then; ValueError for no moment.

    `outlook.rates` is learnt anew each time from the `learn_from` before. Stops early, with
    what it has, when cancelled.
    """
    tickets = sorted(past, key=lambda ticket: ticket.created_at)
    created = [ticket.created_at for ticket in tickets]
    errors: list[float] = []
    plain: list[float] = []
    inside = 0
    for moment in moments:
        if cancelled is not None and cancelled():
            break
        known = tickets[: bisect_left(created, moment)]
        since = max(moment - learn_from, created[0])
        rates = learn((t.created_at for t in known), since, moment, outlook.rates.zone.key)
        waiting = [
            Waiting(ticket.due_at)
            for ticket in known
            if ticket.answered_at is None or ticket.answered_at > moment
        ]
        for hour in forecast(waiting, replace(outlook, rates=rates), moment, hours):
            end = hour.start + HOUR
            actual = breaches_between(tickets, hour.start, end)
            before = breaches_between(
                tickets, hour.start - timedelta(weeks=1), end - timedelta(weeks=1)
            )
            errors.append(hour.breaches - actual)
            plain.append(abs(before - actual))
            inside += hour.low <= actual <= hour.high
    if not errors:
        raise ValueError("there is no moment to test the forecast at")
    count = len(errors)
    return Accuracy(
        hours=count,
        error=sum(map(abs, errors)) / count,
        bias=sum(errors) / count,
        coverage=inside / count,
        plain_error=sum(plain) / count,
    )
