"""Points: what speaks for a candidate, each part 0 to 1, times a weight that a lead can change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from sla.offsets import DAY, duration_micros, to_micros
from sla.people import LEVELS, Candidate, Demand, level_in
from sla.reasons import Reason, span
from sla.shifts import Shift, Shifts, waking_hours

REMEMBERED: Final = timedelta(days=90)
TRANSLATED: Final = 0.2  # an answer by way of translated drafts
HEAVIEST: Final = 100
_ENDLESS: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Weights:
    """The points a candidate can earn for each part; the highest sum gets the ticket."""

    language: float = 30
    sticky: float = 25
    load: float = 20
    skill: float = 15
    slack: float = 20
    hours: float = 10
    turn: float = 5

    def __post_init__(self) -> None:
        """ValueError when a weight is out of range or none counts."""
        for name, weight in zip(COMPONENTS, self.values(), strict=True):
            if not 0 <= weight <= HEAVIEST:
                raise ValueError(f"the weight of {name} is {weight}; it must be 0 to {HEAVIEST}")
        if not any(self.values()):
            raise ValueError("every weight is 0, so nothing would tell the candidates apart")

    def values(self) -> tuple[float, ...]:
        """The weights in the order of COMPONENTS."""
        return tuple(getattr(self, part.name) for part in fields(self))


COMPONENTS: Final = tuple(part.name for part in fields(Weights))
Factors = tuple[float, ...]  # in the order of COMPONENTS


class Scorer:
    """Scores candidates for one demand at one moment; all of them have passed the hard rules."""

    def __init__(self, demand: Demand, candidates: Sequence[Candidate], shifts: Shifts) -> None:
        self._demand = demand
        self._shifts = shifts
        self._spoken = sum(sure for _, sure in demand.languages)
        self._skills = sorted(demand.skills)
        self._now = shifts.micros
        due = demand.due_at
        self._slack = None if due is None else to_micros(due) - self._now
        theirs = demand.hours or (waking_hours(demand.zone) if demand.zone else None)
        self._customer = shifts.of(theirs) if theirs is not None else None
        day = self._customer.stretches if self._customer is not None else []
        self._customer_open = sum(end - start for start, end in day)
        now = shifts.now
        waits = {c.agent: now - c.assigned_at for c in candidates if c.assigned_at is not None}
        self._waits = {a: max(duration_micros(waited), 0) for a, waited in waits.items()}
        self._longest = max(self._waits.values(), default=0)

    def factors(self, candidate: Candidate) -> Factors:
        """What speaks for a candidate."""
        shift = self._shifts.of(candidate.calendar)
        return (
            self._language(candidate),
            self._sticky(candidate),
            self._load(candidate),
            self._skill(candidate),
            self._in_time(candidate, shift),
            self._hours(shift),
            self._turn(candidate),
        )

    def waited(self, agent: str) -> float:
        """How long an agent has had no new ticket; endless for who never had one."""
        return self._waits.get(agent, _ENDLESS)

    def _language(self, candidate: Candidate) -> float:
        if not self._spoken:
            return 0.0
        worth = 0.0
        for code, sure in self._demand.languages:
            worth += sure * LEVELS.get(level_in(candidate, code), TRANSLATED)
        return worth / self._spoken

    def _sticky(self, candidate: Candidate) -> float:
        """1 for who answered last, less for who answered before, fading over three months."""
        agent = candidate.agent
        if agent == self._demand.last_agent:
            return 1.0
        met = self._demand.knows.get(agent)
        if met is None:
            return 0.0
        ago = max(self._now - to_micros(met), 0)
        return max(0.0, 0.8 * (1 - ago / duration_micros(REMEMBERED)))

    def _load(self, candidate: Candidate) -> float:
        slots = candidate.capacity.slots
        if slots <= 0:
            return 0.0
        return min(max(1 - candidate.capacity.used(candidate.load) / slots, 0.0), 1.0)

    def _skill(self, candidate: Candidate) -> float:
        wanted = self._skills
        if not wanted:
            return 0.0
        return sum([min(candidate.skills.get(skill, 0.0), 1.0) for skill in wanted]) / len(wanted)

    def _in_time(self, candidate: Candidate, shift: Shift) -> float:
        """1 when their usual pace fits twice into the time left; a shift that ends sooner waits."""
        pace = duration_micros(candidate.pace) or 1
        wait: int | None = 0
        if shift.left < min(pace, DAY):
            wait = self._shifts.back_in(candidate.calendar)
        if wait is None:
            return 0.0
        if self._slack is None:
            return 0.5 if wait else 1.0
        return min(max((self._slack - wait) / pace / 2, 0.0), 1.0)

    def _hours(self, shift: Shift) -> float:
        """The share of the customer's next day in which the candidate works."""
        if self._customer is None or not self._customer_open:
            return 0.0
        return self._shifts.shared(shift, self._customer) / self._customer_open

    def _turn(self, candidate: Candidate) -> float:
        waited = self._waits.get(candidate.agent)
        return waited / self._longest if waited is not None and self._longest else 1.0


def explain(
    demand: Demand, candidate: Candidate, now: datetime, factors: Factors, weights: Weights
) -> list[Reason]:
    """The parts that earned points, the heaviest first."""
    made: list[tuple[float, Reason]] = []
    for name, factor, weight in zip(COMPONENTS, factors, weights.values(), strict=True):
        points = factor * weight
        if points > 0:
            text, params = _WORDS[name](demand, candidate, now, factor)
            params |= {"agent": candidate.label, "points": round(points, 1)}
            made.append((points, Reason(f"routing.{name}", f"{text} (+{points:.0f}).", params)))
    return [reason for _, reason in sorted(made, key=lambda item: -item[0])]


Words = tuple[str, dict[str, object]]


def _language_words(demand: Demand, candidate: Candidate, _now: datetime, _factor: float) -> Words:
    level = level_in(candidate, demand.language)
    params: dict[str, object] = {"language": demand.language, "level": level}
    if not level:
        return f"{candidate.label} answers {demand.language} by translated drafts", params
    return f"{candidate.label} writes {demand.language} ({level})", params


def _sticky_words(demand: Demand, candidate: Candidate, _now: datetime, _factor: float) -> Words:
    when = "last" if candidate.agent == demand.last_agent else "before"
    return f"{candidate.label} answered this customer {when}", {"when": when}


def _load_words(_demand: Demand, candidate: Candidate, _now: datetime, factor: float) -> Words:
    used, slots = candidate.capacity.used(candidate.load), candidate.capacity.slots
    text = f"{used:g} of {slots:g} slots are taken"
    return text, {"used": used, "slots": slots, "free": round(factor, 3)}


def _skill_words(demand: Demand, _candidate: Candidate, _now: datetime, factor: float) -> Words:
    skills = ", ".join(sorted(demand.skills))
    return f"Skilled in {skills}", {"skills": skills, "share": round(factor, 3)}


def _slack_words(demand: Demand, candidate: Candidate, now: datetime, _factor: float) -> Words:
    usual = span(candidate.pace)
    if demand.due_at is None:
        return f"Usually answers within {usual}", {"pace": usual}
    left = span(demand.due_at - now)
    return f"{left} left, usually answers within {usual}", {"left": left, "pace": usual}


def _hours_words(demand: Demand, _candidate: Candidate, _now: datetime, factor: float) -> Words:
    share = round(factor * 100)
    return f"Works {share} % of the customer's day", {"percent": share, "zone": demand.zone}


def _turn_words(_demand: Demand, candidate: Candidate, now: datetime, _factor: float) -> Words:
    if candidate.assigned_at is None:
        return "Has had no ticket yet", {"waited": ""}
    waited = span(now - candidate.assigned_at)
    return f"Last got a ticket {waited} ago", {"waited": waited}


_WORDS: Final[dict[str, Callable[[Demand, Candidate, datetime, float], Words]]] = {
    "language": _language_words,
    "sticky": _sticky_words,
    "load": _load_words,
    "skill": _skill_words,
    "slack": _slack_words,
    "hours": _hours_words,
    "turn": _turn_words,
}
