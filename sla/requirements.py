"""Hard rules: who cannot get a ticket, and the name of the rule. Points never outvote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from sla.conditions import ALWAYS, Condition, holds
from sla.people import LEVELS, Candidate, Demand, level_in
from sla.reasons import Reason
from sla.shifts import Shifts

Relaxable = Literal["team", "language", "skill"]

_NOTHING: Final[frozenset[Relaxable]] = frozenset()
_EPSILON: Final = 1e-9  # slots are sums of fractions


@dataclass(frozen=True, slots=True)
class Rule:
    """A lead's rule: where the condition holds, what the candidate must be or have.

    `not_after_bad_rating` keeps the ticket from the agent whose answer was rated 1 or 2.
    `alert` is a team to be told when the ticket is still unanswered `alert_after` it came.
    """

    id: str
    name: str
    condition: Condition = ALWAYS
    team: str = ""
    level: str = ""
    skill: str = ""
    not_after_bad_rating: bool = False
    alert: str = ""
    alert_after: timedelta = timedelta(minutes=5)
    enabled: bool = True

    def __post_init__(self) -> None:
        """ValueError when the rule asks for a level that does not exist."""
        if self.level and self.level not in LEVELS:
            raise ValueError(f"rule {self.name}: no level {self.level!r}; there are {_levels()}")


@dataclass(frozen=True, slots=True)
class Overflow:
    """What may be let go when nobody fits, and when: after a wait, or when the team sleeps."""

    relax: frozenset[Relaxable]
    after: timedelta = timedelta(0)
    at_once_when_asleep: bool = False


# Another team that is awake at once; another language or skill only when it has taken long.
DEFAULT_OVERFLOW: Final = (
    Overflow(frozenset({"team"}), timedelta(minutes=10), at_once_when_asleep=True),
    Overflow(frozenset({"team", "language"}), timedelta(minutes=30)),
    Overflow(frozenset({"team", "language", "skill"}), timedelta(hours=2)),
)


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that is asked of a candidate for one ticket."""

    demand: Demand
    level: str
    sure: float
    vip: bool
    vip_reserve: float
    rule_levels: tuple[str, ...] = ()
    rule_teams: frozenset[str] = frozenset()
    rule_skills: frozenset[str] = frozenset()
    barred: Mapping[str, str] = field(default_factory=dict)  # agent: the rule's name
    on_shift: bool = True


def needs_of(demand: Demand, rules: tuple[Rule, ...], base: Needs) -> tuple[Needs, list[Rule]]:
    """Add what the rules that hold ask for; also those rules, in order."""
    if not rules:
        return base, []
    facts = demand.facts()
    held = [rule for rule in rules if rule.enabled and holds(rule.condition, facts)]
    barred: dict[str, str] = {}
    bad = demand.last_rating is not None and demand.last_rating <= 2  # noqa: PLR2004 - of 5 stars
    for rule in held:
        if rule.not_after_bad_rating and bad and demand.last_agent:
            barred[demand.last_agent] = rule.name
    return replace(
        base,
        rule_levels=tuple(rule.level for rule in held if rule.level),
        rule_teams=frozenset(rule.team for rule in held if rule.team),
        rule_skills=frozenset(rule.skill for rule in held if rule.skill),
        barred=barred,
    ), held


def obstacle(candidate: Candidate, needs: Needs, shifts: Shifts) -> str:
    """The first hard rule a candidate fails; empty when they fail none."""
    demand = needs.demand
    if candidate.agent in demand.refused:
        return "refused"
    if candidate.agent in needs.barred:
        return "bad_rating"
    gone = _gone(candidate, needs, shifts)
    if gone:
        return gone
    if needs.rule_teams and not needs.rule_teams <= candidate.teams:
        return "rule_team"
    if needs.rule_skills and _lacks(candidate, needs.rule_skills):
        return "rule_skill"
    if needs.rule_levels and not all(_speaks(candidate, demand, lv) for lv in needs.rule_levels):
        return "rule_language"
    return _full(candidate, needs)


def _gone(candidate: Candidate, needs: Needs, shifts: Shifts) -> str:
    if candidate.absent_until is not None and candidate.absent_until > shifts.now:
        return "absent"
    if candidate.presence != "online":
        return candidate.presence
    if needs.on_shift and not shifts.is_open(candidate.calendar):
        return "off_shift"
    return ""


def let_go(candidate: Candidate, needs: Needs) -> frozenset[Relaxable]:
    """What would have to be let go for a candidate who fails no hard rule."""
    demand = needs.demand
    missing: set[Relaxable] = set()
    known = demand.languages and demand.languages[0][1] >= needs.sure
    if demand.team and demand.team not in candidate.teams:
        missing.add("team")
    if demand.skills and _lacks(candidate, demand.skills):
        missing.add("skill")
    if needs.level and known and not _speaks(candidate, demand, needs.level):
        missing.add("language")
    return frozenset(missing) if missing else _NOTHING


def _lacks(candidate: Candidate, skills: frozenset[str]) -> bool:
    return any(candidate.skills.get(skill, 0.0) <= 0 for skill in skills)


def _speaks(candidate: Candidate, demand: Demand, least: str) -> bool:
    if not demand.language:
        return True
    level = level_in(candidate, demand.language)
    return bool(level) and LEVELS[level] >= LEVELS[least]


def _full(candidate: Candidate, needs: Needs) -> str:
    capacity, channel = candidate.capacity, needs.demand.channel
    limit = capacity.per_channel.get(channel)
    if limit is not None and candidate.load.get(channel, 0) >= limit:
        return "channel_full"
    after = capacity.used(candidate.load) + capacity.cost.get(channel, 1.0)
    if after > capacity.slots + _EPSILON:
        return "full"
    if not needs.vip and after > capacity.slots - needs.vip_reserve + _EPSILON:
        return "reserved"
    return ""


_SENTENCES: Final[dict[str, str]] = {
    "refused": "{agent} gave this ticket back.",
    "bad_rating": "{agent}'s last answer to this customer was rated badly.",
    "absent": "{agent} is absent.",
    "away": "{agent} is away.",
    "offline": "{agent} is offline.",
    "off_shift": "{agent} does not work at this hour.",
    "rule_team": "A rule gives it to a team that {agent} is not in.",
    "rule_skill": "A rule asks for a skill that {agent} does not have.",
    "rule_language": "A rule asks for more {language} than {agent} has.",
    "full": "{agent} has no free slot.",
    "channel_full": "{agent} has as many open tickets on {channel} as allowed.",
    "reserved": "{agent}'s last slots are kept for VIPs.",
    "team": "{agent} is not in the team {team}.",
    "language": "{agent} does not write {language} well enough.",
    "skill": "{agent} lacks a skill that it needs.",
}
OBSTACLES: Final = tuple(_SENTENCES)


def left_out_reason(code: str, candidate: Candidate, demand: Demand) -> Reason:
    """The rule that left a candidate out, in words."""
    params: dict[str, object] = {
        "agent": candidate.label,
        "language": demand.language,
        "channel": demand.channel,
        "team": demand.team,
    }
    return Reason(f"routing.out.{code}", _SENTENCES[code].format(**params), params)


def asleep(team: str, candidates: list[Candidate], shifts: Shifts) -> bool:
    """Whether nobody of a team works at this hour."""
    return not any(team in c.teams and shifts.is_open(c.calendar) for c in candidates)


def may_overflow(step: Overflow, waited: timedelta, team_sleeps: bool) -> bool:
    """Whether what a step lets go may be let go now."""
    return waited >= step.after or (step.at_once_when_asleep and team_sleeps)


def _levels() -> str:
    return ", ".join(LEVELS)


def since(demand: Demand, now: datetime) -> timedelta:
    """How long a ticket has waited."""
    if demand.waiting_since is None:
        return timedelta(0)
    return max(now - demand.waiting_since, timedelta(0))
