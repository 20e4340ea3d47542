"""What is promised to whom: policies with versions, their targets, and which one applies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Final, Literal, get_args, get_type_hints

import msgspec

from sla import conditions
from sla.conditions import ALWAYS, PRIORITIES, Condition, Facts, Finding
from sla.hours import Hours
from sla.offsets import duration_micros

Metric = Literal["first_response", "next_response", "update", "resolution", "team"]
Action = Literal["notify", "raise_priority", "reassign", "webhook"]
Author = Literal["agent", "bot", "auto_reply", "note"]

METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
_OF_PRIORITY: Final = METRICS[:-1]
LONGEST: Final = timedelta(days=3660)

# A customer who waits for a first word is not helped by a status; work that waits for them is.
_PAUSES: Final[Mapping[str, frozenset[str]]] = {
    "update": frozenset({"pending"}),
    "resolution": frozenset({"pending", "on_hold"}),
    "team": frozenset({"pending", "on_hold"}),
}


@dataclass(frozen=True, slots=True)
class Target:
    """How long something may take, in the hours of the policy or by the clock on the wall."""

    duration: timedelta
    business: bool = True

    def __post_init__(self) -> None:
        """ValueError for a target nobody can meet or nobody lives to see."""
        if not timedelta(0) < self.duration <= LONGEST:
            raise ValueError(f"a target of {self.duration} is not above 0 and at most ten years")


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of one priority; None promises nothing."""

    first_response: Target | None = None
    next_response: Target | None = None
    update: Target | None = None
    resolution: Target | None = None


@dataclass(frozen=True, slots=True)
class Ola:
    """How long a team may keep a ticket each time it gets it, in that team's own hours."""

    team: str
    target: Target


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do when a clock comes to a point: `at` from the deadline, or a share of it.

    `at` is negative before the deadline, in the clock's own kind of time. `share` 0.75 is when
    three quarters of the time are used; it goes before `at`. `to` is who is told (`assignee`,
    `team`, `lead`, `agent:<id>`), the priority to raise to, the team that takes over, or the
    webhook. A step that waits for hours comes when whoever it is for is at work.
    """

    id: str
    action: Action
    to: str
    at: timedelta = timedelta(0)
    share: float | None = None
    metrics: frozenset[Metric] = frozenset(METRICS)
    in_hours: bool = True

    def __post_init__(self) -> None:
        """ValueError when the step cannot be carried out."""
        if not self.id or not self.to:
            raise ValueError("an escalation step needs an id and someone or something it goes to")
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError(f"step {self.id}: a share is above 0 and at most 1, not {self.share}")
        if self.action == "raise_priority" and self.to not in PRIORITIES:
            raise ValueError(
                f"step {self.id}: no priority {self.to!r}; there are {', '.join(PRIORITIES)}"
            )

    def point(self, base: int, limit: int) -> int:
        """How much of the clock's time is used then, in microseconds."""
        if self.share is not None:
            return base + round((limit - base) * self.share)
        return max(limit + duration_micros(self.at), 0)


@dataclass(frozen=True)
class PolicyVersion:
    """One version of a policy; it never changes once a ledger names it.

    `responses` are the authors whose messages answer the customer. `starts` says whether a
    ticket that a bot took counts from its first message or from the handoff. `reopening` says
    whether a reopened ticket takes its resolution clock up where it stopped. `counting` says
    whether a target that changes (priority, policy) counts the time used so far.
    """

    policy: str
    version: int
    name: str
    condition: Condition = ALWAYS
    targets: Mapping[str, Targets] = field(default_factory=dict)  # by priority
    hours: Hours = field(default_factory=Hours)
    olas: tuple[Ola, ...] = ()
    responses: frozenset[Author] = frozenset({"agent"})
    starts: Literal["created", "handoff"] = "created"
    pauses: Mapping[str, frozenset[str]] = field(default_factory=lambda: dict(_PAUSES))
    reopening: Literal["resume", "restart"] = "resume"
    counting: Literal["from_start", "from_change"] = "from_start"
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        """ValueError when a part contradicts another."""
        if unknown := set(self.targets) - set(PRIORITIES):
            raise ValueError(f"no priority {min(unknown)!r}; there are {', '.join(PRIORITIES)}")
        if unknown := set(self.pauses) - set(METRICS):
            raise ValueError(f"no clock {min(unknown)!r} to pause; there are {', '.join(METRICS)}")
        if len({step.id for step in self.steps}) < len(self.steps):
            raise ValueError("two escalation steps have the same id; each needs its own")
        if len({ola.team for ola in self.olas}) < len(self.olas):
            raise ValueError("a team has two targets for its own time; keep one")
        by_metric = {m: tuple(s for s in self.steps if m in s.metrics) for m in METRICS}
        promises: dict[tuple[str, str], tuple[int, bool]] = {
            (metric, priority): (duration_micros(target.duration), target.business)
            for priority, targets in self.targets.items()
            for metric in _OF_PRIORITY
            if (target := getattr(targets, metric)) is not None
        }
        olas = {o.team: (duration_micros(o.target.duration), o.target.business) for o in self.olas}
        object.__setattr__(self, "_steps", by_metric)
        object.__setattr__(self, "_promises", promises)
        object.__setattr__(self, "_olas", olas)

    @property
    def key(self) -> str:
        """How a ledger names this version."""
        return f"{self.policy}@{self.version}"

    def promise(self, metric: Metric, priority: str, team: str = "") -> tuple[int, bool] | None:
        """A clock's target in microseconds, and whether in business time; None for no promise."""
        if metric == "team":
            olas: Mapping[str, tuple[int, bool]] = self._olas  # type: ignore[attr-defined]
            return olas.get(team)
        found: Mapping[tuple[str, str], tuple[int, bool]] = self._promises  # type: ignore[attr-defined]
        return found.get((metric, priority))

    def steps_of(self, metric: Metric) -> tuple[Step, ...]:
        """The steps that watch a clock."""
        steps: Mapping[str, tuple[Step, ...]] = self._steps  # type: ignore[attr-defined]
        return steps[metric]

    def pauses_in(self, metric: Metric, status: str) -> bool:
        """Whether a clock stands still in a status."""
        return status in self.pauses.get(metric, ())


@dataclass(frozen=True, slots=True)
class Choice:
    """Which policy applies, and what was found about each that was looked at, in order."""

    policy: PolicyVersion | None
    findings: tuple[tuple[PolicyVersion, Finding], ...]

    def sentence(self) -> str:
        """The choice in words."""
        if self.policy is None:
            return "No policy applies, so nothing is promised."
        why = "; ".join(self.findings[-1][1].decisive())
        return f"{self.policy.name} applies: {why}."


def choose(policies: Iterable[PolicyVersion], facts: Facts) -> Choice:
    """The first policy in order whose condition holds; those after it are not looked at."""
    findings: list[tuple[PolicyVersion, Finding]] = []
    for policy in policies:
        finding = conditions.explain(policy.condition, facts)
        findings.append((policy, finding))
        if finding.held:
            return Choice(policy, tuple(findings))
    return Choice(None, tuple(findings))


def as_data(policy: PolicyVersion) -> dict[str, Any]:
    """The stored form: JSON types, durations in ISO 8601."""
    data = {
        part.name: msgspec.to_builtins(getattr(policy, part.name), order="deterministic")
        for part in fields(policy)
        if part.name != "condition"
    }
    return data | {"condition": conditions.as_data(policy.condition)}


def parse(data: Mapping[str, Any]) -> PolicyVersion:
    """Read the stored form; ValueError says what is wrong and where."""
    hints = get_type_hints(PolicyVersion)
    known = {part.name: hints[part.name] for part in fields(PolicyVersion)}
    if unknown := set(data) - set(known):
        raise ValueError(f"a policy has no {', '.join(sorted(unknown))}")
    if missing := {"policy", "version", "name"} - set(data):
        raise ValueError(f"a policy needs {', '.join(sorted(missing))}")
    parts: dict[str, Any] = {}
    for name, value in data.items():
        if name == "condition":
            parts[name] = conditions.parse(value)
            continue
        try:
            parts[name] = msgspec.convert(value, known[name])
        except msgspec.ValidationError as error:
            raise ValueError(f"{name}: {error}") from error
    return PolicyVersion(**parts)
