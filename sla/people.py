"""What is asked for and who could do it: the demand of a ticket, and the candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

from sla.calendar import BusinessCalendar
from sla.conditions import Facts

Presence = Literal["online", "away", "offline"]

# The Common European Framework's levels, and what each is worth when somebody must be answered.
LEVELS: Final[Mapping[str, float]] = {
    "A1": 0.1,
    "A2": 0.25,
    "B1": 0.55,
    "B2": 0.7,
    "C1": 0.85,
    "C2": 0.95,
    "native": 1.0,
}


_NORWEGIAN: Final = frozenset({"no", "nb", "nn"})


@dataclass(frozen=True, slots=True)
class Demand:
    """A ticket that needs somebody.

    `languages` are BCP 47 codes with confidence, the surest first. `due_at` is the soonest
    deadline. `knows` says who answered this customer before, and when. `refused` are agents who
    are not to get it (they gave it back, say).
    """

    ticket: str
    channel: str = "email"
    languages: tuple[tuple[str, float], ...] = ()
    priority: str = "normal"
    segments: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    team: str = ""
    zone: str = ""
    hours: BusinessCalendar | None = None
    last_agent: str = ""
    knows: Mapping[str, datetime] = field(default_factory=dict)
    last_rating: int | None = None
    due_at: datetime | None = None
    waiting_since: datetime | None = None
    refused: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    inbox: str = ""
    custom: Mapping[str, object] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The surest language; empty when none is known."""
        return self.languages[0][0] if self.languages else ""

    def facts(self) -> Facts:
        """What the conditions of rules look at."""
        return Facts(
            inbox=self.inbox,
            channel=self.channel,
            segments=self.segments,
            language=self.language,
            priority=self.priority,
            team=self.team,
            tags=self.tags,
            custom=self.custom,
        )


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much an agent carries at a time: `slots`, of which a ticket takes its channel's `cost`.

    `per_channel` limits single channels by count: at most four live chats.
    """

    slots: float = 8.0
    cost: Mapping[str, float] = field(default_factory=dict)
    per_channel: Mapping[str, int] = field(default_factory=dict)

    def used(self, load: Mapping[str, int]) -> float:
        """The slots that a load takes."""
        if not self.cost:
            return float(sum(load.values()))
        cost = self.cost.get
        return sum([cost(channel, 1.0) * count for channel, count in load.items()])


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who answers. `calendar` None works around the clock.

    `languages` maps a code to a level of `LEVELS`, `skills` a skill to 0 to 1, `load` a channel
    to the number of open tickets. `pace` is how long an answer usually takes them.
    """

    agent: str
    name: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)
    calendar: BusinessCalendar | None = None
    presence: Presence = "online"
    away_since: datetime | None = None
    absent_until: datetime | None = None
    load: Mapping[str, int] = field(default_factory=dict)
    capacity: Capacity = field(default_factory=Capacity)
    skills: Mapping[str, float] = field(default_factory=dict)
    teams: frozenset[str] = frozenset()
    assigned_at: datetime | None = None
    pace: timedelta = timedelta(hours=1)

    @property
    def label(self) -> str:
        """What people call them."""
        return self.name or self.agent


def level_in(candidate: Candidate, language: str) -> str:
    """The candidate's level in a language or in a variety of it; empty for none.

    The written Norwegians read each other; so do a variety and its language.
    """
    spoken = candidate.languages
    level = spoken.get(language)
    if level is not None:
        return level
    family = _family(language)
    best, worth = "", 0.0
    for code, level in spoken.items():
        if (code in family or _base(code) in family) and LEVELS[level] > worth:
            best, worth = level, LEVELS[level]
    return best


@lru_cache(maxsize=1024)
def _base(code: str) -> str:
    return code.partition("-")[0].casefold()


@lru_cache(maxsize=1024)
def _family(language: str) -> frozenset[str]:
    base = _base(language)
    return _NORWEGIAN if base in _NORWEGIAN else frozenset({base})
