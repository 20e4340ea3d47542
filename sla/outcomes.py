"""What came of a simulated span, and how two of them compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sla.clock import Standing


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of promise: how many were given and how many broken."""

    promised: int
    broken: int

    @property
    def share_met(self) -> float | None:
        """The share that was kept; None when nothing was promised."""
        return (self.promised - self.broken) / self.promised if self.promised else None


@dataclass(frozen=True, slots=True)
class Load:
    """One agent: answers, time at work on them, and time on shift."""

    answered: int
    busy: timedelta
    shift: timedelta

    @property
    def share_busy(self) -> float:
        """Work as a share of the shift."""
        return self.busy / self.shift if self.shift else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """A plan's outcome. Response times are by the clock on the wall."""

    plan: str
    tickets: int
    closed: int
    unanswered: int
    promises: Mapping[str, Kept]
    first_p50: timedelta | None
    first_p90: timedelta | None
    response_p50: timedelta | None
    response_p90: timedelta | None
    agents: Mapping[str, Load]
    longest_queue: int

    @property
    def broken(self) -> int:
        """All promises that were broken."""
        return sum(kept.broken for kept in self.promises.values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans over the same tickets; differences are after minus before."""

    before: Report
    after: Report

    @property
    def broken(self) -> Mapping[str, int]:
        """How many more promises are broken, by kind."""
        kinds = sorted({*self.before.promises, *self.after.promises})
        none = Kept(0, 0)
        return {
            kind: self.after.promises.get(kind, none).broken
            - self.before.promises.get(kind, none).broken
            for kind in kinds
        }

    @property
    def first_p90(self) -> timedelta | None:
        """How much longer nine in ten wait at most for a first answer."""
        before, after = self.before.first_p90, self.after.first_p90
        return after - before if before is not None and after is not None else None

    @property
    def busiest(self) -> int:
        """How many more answers the busiest agent gives."""
        return max((load.answered for load in self.after.agents.values()), default=0) - max(
            (load.answered for load in self.before.agents.values()), default=0
        )


def compare(before: Report, after: Report) -> Comparison:
    """Compare two plans; ValueError when they did not run over the same tickets."""
    if before.tickets != after.tickets:
        raise ValueError(
            f"{before.plan} ran over {before.tickets} tickets and {after.plan} over "
            f"{after.tickets}; compare plans over the same span"
        )
    return Comparison(before, after)


@dataclass(slots=True)
class Tally:
    """Counts while a simulation runs."""

    first: list[timedelta] = field(default_factory=list)
    every: list[timedelta] = field(default_factory=list)
    promised: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    agents: dict[str, Load] = field(default_factory=dict)
    longest: int = 0
    unanswered: int = 0

    def answer(self, waited: timedelta, *, first: bool) -> None:
        """An answer, and how long the customer waited for it."""
        self.every.append(waited)
        if first:
            self.first.append(waited)

    def queued(self, length: int) -> None:
        """The queue is this long."""
        self.longest = max(self.longest, length)

    def judge(self, standing: Standing, end: datetime) -> None:
        """The promises of one ticket."""
        for clock in standing.clocks:
            state = clock.state(end)
            if state not in {"untracked", "void"}:
                metric = clock.metric
                self.promised[metric] = self.promised.get(metric, 0) + 1
                self.broken[metric] = self.broken.get(metric, 0) + (state == "breached")

    def agent(self, name: str, answered: int, busy: timedelta, shift: timedelta) -> None:
        """An agent's load."""
        self.agents[name] = Load(answered, busy, shift)

    def report(self, plan: str, tickets: int, closed: int) -> Report:
        """Everything counted."""
        return Report(
            plan=plan,
            tickets=tickets,
            closed=closed,
            unanswered=self.unanswered,
            promises={m: Kept(n, self.broken[m]) for m, n in sorted(self.promised.items())},
            first_p50=percentile(self.first, 50),
            first_p90=percentile(self.first, 90),
            response_p50=percentile(self.every, 50),
            response_p90=percentile(self.every, 90),
            agents=dict(sorted(self.agents.items())),
            longest_queue=self.longest,
        )


def percentile(values: list[timedelta], percent: int) -> timedelta | None:
    """The smallest value that so many percent do not exceed; None for no values."""
    if not values:
        return None
    return sorted(values)[max(-(-len(values) * percent // 100), 1) - 1]
