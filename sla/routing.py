"""Who gets a ticket, and why: hard rules first, then points; the same answer every time.

    decide(demand, candidates, now) -> Decision(chosen, ranking, reasons)

Nobody is chosen who fails a hard rule or has no room. When nobody fits, the overflow steps say
what may be let go and when; when that does not help, the decision carries an alarm and the
moment at which it is worth trying again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter, mul
from typing import NamedTuple

from sla.people import LEVELS, Candidate, Capacity, Demand
from sla.reasons import Reason
from sla.requirements import (
    DEFAULT_OVERFLOW,
    Needs,
    Overflow,
    Relaxable,
    Rule,
    asleep,
    left_out_reason,
    let_go,
    may_overflow,
    needs_of,
    obstacle,
    since,
)
from sla.scoring import Factors, Scorer, Weights, explain
from sla.shifts import Shifts

__all__ = [
    "Candidate",
    "Capacity",
    "Decision",
    "Demand",
    "Overflow",
    "Ranked",
    "Routing",
    "Rule",
    "Shifts",
    "Weights",
    "decide",
]

_NOTHING: frozenset[Relaxable] = frozenset()


@dataclass(frozen=True, slots=True)
class Routing:
    """The settings of routing, all of which a lead can read and change.

    `level` is the least level in the customer's language, asked for when the language is known
    with at least the confidence `sure`. `vip_reserve` slots of each agent are kept for
    customers of the segment `vip_segment`. `away_after` is how long somebody may be away
    before their unanswered tickets go to others.
    """

    weights: Weights = field(default_factory=Weights)
    rules: tuple[Rule, ...] = ()
    overflow: tuple[Overflow, ...] = DEFAULT_OVERFLOW
    level: str = "B1"
    sure: float = 0.6
    vip_segment: str = "vip"
    vip_reserve: float = 0.0
    away_after: timedelta = timedelta(minutes=10)
    on_shift: bool = True

    def __post_init__(self) -> None:
        """ValueError when a setting is not possible."""
        if self.level and self.level not in LEVELS:
            raise ValueError(f"no level {self.level!r}; there are {', '.join(LEVELS)}")
        if not 0 <= self.sure <= 1 or self.vip_reserve < 0:
            raise ValueError("`sure` is 0 to 1 and `vip_reserve` at least 0")

    def needs(self, demand: Demand) -> tuple[Needs, list[Rule]]:
        """What a ticket asks of whoever gets it, and the rules that said so."""
        vip = self.vip_segment in demand.segments
        base = Needs(demand, self.level, self.sure, vip, self.vip_reserve, on_shift=self.on_shift)
        return needs_of(demand, self.rules, base)


class Ranked(NamedTuple):
    """A candidate with points, and what earned them (in the order of scoring.COMPONENTS)."""

    candidate: Candidate
    score: float
    factors: Factors

    @property
    def agent(self) -> str:
        """The candidate's agent."""
        return self.candidate.agent


@dataclass(frozen=True, slots=True)
class Decision:
    """Who gets the ticket (`chosen`, an agent, or None), and everything that led there.

    `left_out` are those that a rule kept out, each with the rule; `relaxed` is what was let go.
    """

    demand: Demand
    now: datetime
    chosen: str | None
    ranking: tuple[Ranked, ...]
    reasons: tuple[Reason, ...]
    left_out: tuple[tuple[Candidate, str], ...] = ()
    relaxed: frozenset[Relaxable] = _NOTHING
    alarm: Reason | None = None
    retry_at: datetime | None = None
    alerts: tuple[tuple[str, datetime], ...] = ()  # team, when

    def why_not(self, agent: str) -> Reason | None:
        """The rule that kept an agent out; None when none did."""
        for candidate, code in self.left_out:
            if candidate.agent == agent:
                return left_out_reason(code, candidate, self.demand)
        return None


def decide(
    demand: Demand,
    candidates: Iterable[Candidate],
    now: datetime,
    routing: Routing | None = None,
    shifts: Shifts | None = None,
) -> Decision:
    """Choose who gets a ticket. `shifts` of the same moment saves looking calendars up again."""
    routing = routing or Routing()
    shifts = shifts if shifts is not None and shifts.now == now else Shifts(now)
    everyone = list(candidates)
    needs, rules = routing.needs(demand)
    possible: list[tuple[Candidate, frozenset[Relaxable]]] = []
    left_out: list[tuple[Candidate, str]] = []
    for candidate in everyone:
        code = obstacle(candidate, needs, shifts)
        if code:
            left_out.append((candidate, code))
        else:
            possible.append((candidate, let_go(candidate, needs)))
    fitting, relaxed = _fitting(demand, possible, everyone, shifts, routing)
    chosen_ones = {id(candidate) for candidate in fitting}
    left_out += [
        (candidate, min(missing - relaxed))
        for candidate, missing in possible
        if id(candidate) not in chosen_ones
    ]
    left_out.sort(key=lambda item: item[0].agent)
    ranking = _ranked(demand, fitting, shifts, routing.weights)
    alerts = _alerts(demand, rules, now)
    opening = _opening_reasons(demand, rules, relaxed)
    if not ranking:
        alarm = _nobody(demand, left_out)
        retry = _retry_at(left_out, shifts)
        return Decision(
            demand=demand,
            now=now,
            chosen=None,
            ranking=(),
            reasons=(*opening, alarm),
            left_out=tuple(left_out),
            alarm=alarm,
            retry_at=retry,
            alerts=alerts,
        )
    best = ranking[0]
    why = explain(demand, best.candidate, now, best.factors, routing.weights)
    return Decision(
        demand=demand,
        now=now,
        chosen=best.agent,
        ranking=ranking,
        reasons=(*opening, *why),
        left_out=tuple(left_out),
        relaxed=relaxed,
        alerts=alerts,
    )


def _fitting(
    demand: Demand,
    possible: list[tuple[Candidate, frozenset[Relaxable]]],
    everyone: list[Candidate],
    shifts: Shifts,
    routing: Routing,
) -> tuple[list[Candidate], frozenset[Relaxable]]:
    """Those who fit, and what had to be let go: as little as possible, as late as allowed."""
    exact = [candidate for candidate, missing in possible if not missing]
    if exact or not possible:
        return exact, _NOTHING
    waited = since(demand, shifts.now)
    sleeps = bool(demand.team) and asleep(demand.team, everyone, shifts)
    for step in routing.overflow:
        if may_overflow(step, waited, sleeps):
            found = [candidate for candidate, missing in possible if missing <= step.relax]
            if found:
                return found, step.relax
    return [], _NOTHING


def _ranked(
    demand: Demand, fitting: list[Candidate], shifts: Shifts, weights: Weights
) -> tuple[Ranked, ...]:
    """By points; among equals whoever has waited longest for a ticket, then by id."""
    scorer = Scorer(demand, fitting, shifts)
    values = weights.values()
    ranked = []
    for candidate in fitting:
        factors = scorer.factors(candidate)
        points = round(sum(map(mul, values, factors)), 6)
        place = (-points, -scorer.waited(candidate.agent), candidate.agent)
        ranked.append((place, Ranked(candidate, points, factors)))
    ranked.sort(key=itemgetter(0))
    return tuple([one for _, one in ranked])


def _opening_reasons(
    demand: Demand, rules: list[Rule], relaxed: frozenset[Relaxable]
) -> list[Reason]:
    reasons = [
        Reason("routing.rule", f"The rule “{rule.name}” applies.", {"rule": rule.name})
        for rule in rules
    ]
    if relaxed:
        what = sorted(relaxed)
        params: dict[str, object] = {"relaxed": what, "team": demand.team}
        text = f"Nobody who fits is free, so these were let go: {', '.join(what)}."
        if what == ["team"]:
            text = f"Nobody in {demand.team} can take it now, so it went to another team."
        reasons.append(Reason("routing.overflow", text, params))
    return reasons


def _nobody(demand: Demand, left_out: list[tuple[Candidate, str]]) -> Reason:
    counts = dict(sorted(Counter(code for _, code in left_out).items()))
    told = ", ".join(f"{count} {code.replace('_', ' ')}" for code, count in counts.items())
    text = f"Nobody can take it: {told}." if told else "Nobody can take it: there are no agents."
    return Reason("routing.nobody", text, {"counts": counts, "team": demand.team})


def _retry_at(left_out: list[tuple[Candidate, str]], shifts: Shifts) -> datetime | None:
    """The soonest moment at which somebody who is off or absent is there again."""
    times = []
    for candidate, code in left_out:
        if code == "off_shift":
            times.append(shifts.opens_at(candidate.calendar))
        elif code == "absent":
            times.append(candidate.absent_until)
    return min((at for at in times if at is not None), default=None)


def _alerts(demand: Demand, rules: list[Rule], now: datetime) -> tuple[tuple[str, datetime], ...]:
    begun = demand.waiting_since or now
    return tuple((rule.alert, begun + rule.alert_after) for rule in rules if rule.alert)
