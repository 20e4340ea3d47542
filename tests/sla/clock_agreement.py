"""Compare the clocks of a ticket with the minutes that were counted."""

from __future__ import annotations

from sla.clock import Clock
from sla.offsets import to_micros
from sla.replay import replay
from tests.sla.clock_cases import TicketCase
from tests.sla.clock_oracle import Counted

MICROS = 60_000_000


def check(case: TicketCase) -> None:
    """AssertionError shows a difference."""
    standing = replay(case.entries, case.rules)
    clocks = sorted(standing.clocks, key=lambda c: (c.metric, c.team, c.started, c.cycle))
    truth = sorted(case.truth(), key=lambda c: (c.metric, c.team, c.started))
    zero = to_micros(case.origin)

    def minute(at: int | None) -> float | None:
        return None if at is None else (at - zero) / MICROS

    names = [(c.metric, c.team, minute(c.started)) for c in clocks]
    assert names == [(c.metric, c.team, c.started) for c in truth]
    for clock, counted in zip(clocks, truth, strict=True):
        breach = clock.breach(case.end)
        idle = clock.idle
        resting = clock.measure(idle, to_micros(case.end)) if idle is not None else 0
        seen = {
            "paused": (clock.paused + resting) / MICROS,
            "used": clock.used_at(to_micros(case.end)) / MICROS,
            "ended": minute(clock.ended),
            "by": clock.ended_by,
            "breached": minute(to_micros(breach) if breach is not None else None),
        }
        expected = {
            "paused": counted.paused,
            "used": counted.used,
            "ended": counted.ended,
            "by": counted.by,
            "breached": counted.breached,
        }
        assert seen == expected, (clock, counted)
        _check_due(case, clock, counted, minute(clock.due))


def _check_due(case: TicketCase, clock: Clock, counted: Counted, due: float | None) -> None:
    if counted.breached is not None or counted.ended is not None:
        return
    if counted.due is None:
        assert due is None or due >= case.until, (clock, counted)
    else:
        assert due == counted.due, (clock, counted)
