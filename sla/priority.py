"""What priority a ticket should have, and why: rules, segment, the words, the bot's intent.

Points add up to a priority; a rule of the lead's decides outright. Every point has its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sla.conditions import PRIORITIES, Condition, Facts, holds
from sla.reasons import Reason
from sla.tone import Tone, hear


@dataclass(frozen=True, slots=True)
class PriorityRule:
    """Where the condition holds: set this priority, or make it at least or at most this."""

    name: str
    condition: Condition
    priority: str
    how: Literal["set", "at_least", "at_most"] = "set"

    def __post_init__(self) -> None:
        """ValueError for a priority that does not exist."""
        _known(self.priority, f"rule {self.name}")


@dataclass(frozen=True, slots=True)
class PrioritySettings:
    """The points a lead can change, and the points from which a priority is reached.

    `segments` and `intents` give points by name. 0 points is `base`.
    """

    base: str = "normal"
    rules: tuple[PriorityRule, ...] = ()
    segments: Mapping[str, int] = field(default_factory=lambda: {"vip": 2})
    intents: Mapping[str, int] = field(default_factory=dict)
    urgent_word: int = 3
    angry_word: int = 2
    shouting: int = 1
    exclaiming: int = 1
    raise_at: tuple[int, ...] = (3, 5)  # one priority up from 3 points, two from 5
    lower_at: int = -2

    def __post_init__(self) -> None:
        """ValueError when the settings cannot be applied."""
        _known(self.base, "base")
        if list(self.raise_at) != sorted(self.raise_at) or any(at <= 0 for at in self.raise_at):
            raise ValueError("`raise_at` must be positive and rising")
        if self.lower_at >= 0:
            raise ValueError("`lower_at` must be negative")


@dataclass(frozen=True, slots=True)
class Assessment:
    """The priority, its points and where they come from, in order of weight."""

    priority: str
    points: int
    reasons: tuple[Reason, ...]
    tone: Tone


_TOLD: Final[dict[str, str]] = {
    "urgent": "It says {words}",
    "angry": "It sounds angry: {words}",
    "shouting": "It is written in capitals",
    "exclaiming": "It has several exclamation marks in a row",
}


def assess(
    text: str,
    language: str,
    facts: Facts,
    settings: PrioritySettings | None = None,
    intent: str = "",
) -> Assessment:
    """Assess a message (with its subject) of a ticket that `facts` describes."""
    settings = settings or PrioritySettings()
    tone = hear(text, language)
    given = [*_by_tone(tone, settings), *_by_facts(facts, intent, settings)]
    points = sum(worth for worth, _ in given)
    reasons = [reason for _, reason in sorted(given, key=lambda item: -abs(item[0]))]
    if tone.negated:
        words = ", ".join(f"“{word}”" for word in tone.negated)
        text = f"Negated, so not counted: {words}."
        reasons.append(Reason("priority.negated", text, {"words": list(tone.negated)}))
    priority = _reached(points, settings)
    for rule in settings.rules:
        if holds(rule.condition, facts):
            priority = _ruled(priority, rule)
            told = f"The rule “{rule.name}” makes it {priority}."
            params: dict[str, object] = {"rule": rule.name, "priority": priority}
            reasons.insert(0, Reason("priority.rule", told, params))
            if rule.how == "set":
                break
    return Assessment(priority, points, tuple(reasons), tone)


def _by_tone(tone: Tone, settings: PrioritySettings) -> list[tuple[int, Reason]]:
    loud = bool(tone.urgent or tone.angry)
    found: tuple[tuple[str, bool, int, tuple[str, ...]], ...] = (
        ("urgent", bool(tone.urgent), settings.urgent_word, tone.urgent),
        ("angry", bool(tone.angry), settings.angry_word, tone.angry),
        ("shouting", tone.shouting, settings.shouting, ()),
        # Friendly people are fond of exclamation marks; they only underline what is said.
        ("exclaiming", tone.exclaiming and loud, settings.exclaiming, ()),
    )
    return [
        (worth, _point(f"priority.{key}", _TOLD[key], worth, words))
        for key, here, worth, words in found
        if here and worth
    ]


def _by_facts(facts: Facts, intent: str, settings: PrioritySettings) -> list[tuple[int, Reason]]:
    given = []
    for segment in sorted(facts.segments):
        if worth := settings.segments.get(segment, 0):
            told = f"The customer is in the segment {segment}"
            given.append((worth, _point("priority.segment", told, worth, (segment,))))
    if worth := settings.intents.get(intent, 0):
        told = f"The bot understood: {intent}"
        given.append((worth, _point("priority.intent", told, worth, (intent,))))
    return given


def _point(key: str, told: str, worth: int, words: tuple[str, ...]) -> Reason:
    quoted = ", ".join(f"“{word}”" for word in words)
    params: dict[str, object] = {"words": list(words), "points": worth}
    return Reason(key, f"{told.format(words=quoted)} ({worth:+d}).", params)


def _reached(points: int, settings: PrioritySettings) -> str:
    steps = sum(points >= at for at in settings.raise_at) - (points <= settings.lower_at)
    rank = PRIORITIES.index(settings.base) + steps
    return PRIORITIES[min(max(rank, 0), len(PRIORITIES) - 1)]


def _ruled(priority: str, rule: PriorityRule) -> str:
    ranks = PRIORITIES.index(priority), PRIORITIES.index(rule.priority)
    match rule.how:
        case "at_least":
            return PRIORITIES[max(ranks)]
        case "at_most":
            return PRIORITIES[min(ranks)]
        case _:
            return rule.priority


def _known(priority: str, where: str) -> None:
    if priority not in PRIORITIES:
        raise ValueError(f"{where}: no priority {priority!r}; there are {', '.join(PRIORITIES)}")
