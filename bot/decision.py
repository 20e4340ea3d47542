"""What to do with an understood question: answer, offer a choice, or hand over. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from bot.calibration import Thresholds, evidence
from bot.nlu.engine import FOREIGN_INTENTS, Parse

Outcome = Literal["answer", "offer", "hand_over"]

MOST_OFFERED = 3
_WORTH_OFFERING = 0.08  # chance below which an intent is no help in a list
_ENOUGH = 0.5  # chance that the right intent is in the list at all


@dataclass(frozen=True, slots=True)
class Decision:
    """What the bot does, with whom, and the reason in figures and in words."""

    outcome: Outcome
    intents: tuple[str, ...]  # the one to answer with, or up to three to offer
    evidence: float
    threshold: float
    reason: str  # one of `REASONS`


REASONS = {
    "sure": "The evidence reaches the threshold fitted for this language.",
    "unsure": "Below the threshold, but the right answer is likely among the first three.",
    "foreign": "The question is unlike everything the bot was taught.",
    "vague": "No intent is likely enough to be worth offering.",
    "nothing": "The bot knows nothing yet.",
    "off": "The intent is switched off.",
}


def decide(parse: Parse, thresholds: Thresholds, language: str | None = None) -> Decision:
    """Answer, offer up to three, or hand over."""
    threshold = thresholds.of(language)
    value = evidence(parse)
    known = [
        (intent, chance)
        for intent, chance in parse.ranking
        if intent.lower() not in FOREIGN_INTENTS
    ]
    if parse.intent is None or not known:
        return Decision("hand_over", (), value, threshold.confidence, "nothing")
    if parse.intent.lower() in FOREIGN_INTENTS or not parse.in_scope:
        return Decision("hand_over", (), value, threshold.confidence, "foreign")
    if value >= threshold.confidence:
        return Decision("answer", (parse.intent,), value, threshold.confidence, "sure")
    offered = [(i, chance) for i, chance in known[:MOST_OFFERED] if chance >= _WORTH_OFFERING]
    if offered and sum(chance for _, chance in offered) >= _ENOUGH:
        intents = tuple(intent for intent, _ in offered)
        return Decision("offer", intents, value, threshold.confidence, "unsure")
    return Decision("hand_over", (), value, threshold.confidence, "vague")


def without(decision: Decision, off: Collection[str]) -> Decision:
    """The decision without intents that an editor has switched off since the training."""
    kept = tuple(intent for intent in decision.intents if intent not in off)
    if kept == decision.intents:
        return decision
    if decision.outcome == "offer" and kept:
        return replace(decision, intents=kept)
    return replace(decision, outcome="hand_over", intents=(), reason="off")
