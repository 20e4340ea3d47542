"""Thresholds fitted on held-out answers, so that the wrong-answer rate is a setting. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.nlu.engine import HeldOut, Parse

DEFAULT_WRONG_RATE = 0.02
_FEWEST = 60  # held-out examples below which a language borrows the common threshold
_CAUTIOUS = 0.80  # when nothing was measured
_CLOSE = 0.65  # closeness from which on a text counts as known
_CARE = 0.75  # standard deviations of caution against an unlucky sample


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which confidence on the bot answers, in one language."""

    confidence: float
    coverage: float = 0.0  # share of the held-out questions answered with it
    wrong: float = 0.0  # share of the held-out questions answered wrongly with it
    measured_on: int = 0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """One threshold for all languages, and those of languages with enough held-out examples."""

    common: Threshold
    by_language: Mapping[str, Threshold] = field(default_factory=dict)
    wrong_rate: float = DEFAULT_WRONG_RATE

    def of(self, language: str | None) -> Threshold:
        """The threshold for a language: `pt-BR` finds `pt`."""
        tag = language or ""
        return self.by_language.get(tag) or self.by_language.get(tag.split("-")[0]) or self.common


def evidence(parse: Parse) -> float:
    """How sure an answer is, from 0 to 1: the calibrated chance, less far from all examples."""
    return parse.confidence * max(0.0, min(1.0, parse.closeness / _CLOSE))


def fit_thresholds(
    held_out: Iterable[HeldOut],
    *,
    wrong_rate: float = DEFAULT_WRONG_RATE,
    foreign: Sequence[Parse] = (),
    foreign_rate: float = 0.01,
) -> Thresholds:
    """The lowest thresholds that keep wrong answers, as a share of all questions, in bounds.

    `foreign` are questions that have no answer here, when there are any to learn from: at most
    `foreign_rate` of them may pass. Raises `ValueError` on a rate outside 0 to 1.
    """
    if not 0 < wrong_rate < 1:
        raise ValueError("The wrong-answer rate is a share between 0 and 1, such as 0.02.")
    groups: dict[str, list[HeldOut]] = defaultdict(list)
    everything: list[HeldOut] = []
    for sample in held_out:
        everything.append(sample)
        groups[sample.language.split("-")[0]].append(sample)
    least = _foreign_bound([evidence(parse) for parse in foreign], foreign_rate)
    common = _fit(everything, wrong_rate, least)
    return Thresholds(
        common,
        {
            language: _fit(samples, wrong_rate, least)
            for language, samples in sorted(groups.items())
            if language and len(samples) >= _FEWEST
        },
        wrong_rate,
    )


def _foreign_bound(values: Sequence[float], rate: float) -> float:
    """The evidence that all but `rate` of the foreign questions stay below."""
    if not values:
        return 0.0
    ordered = sorted(values, reverse=True)
    return ordered[min(int(rate * len(ordered)), len(ordered) - 1)] + 1e-6


def _fit(samples: Sequence[HeldOut], wrong_rate: float, least: float) -> Threshold:
    if not samples:
        return Threshold(max(_CAUTIOUS, least))
    ordered = sorted(
        ((evidence(sample.parse), sample.parse.intent == sample.intent) for sample in samples),
        reverse=True,
    )
    # Allowed errors, less one standard deviation: the rate is to hold on questions yet to come.
    expected = wrong_rate * len(ordered)
    allowed = expected - _CARE * math.sqrt(expected)
    wrong, answered, errors, bound = 0, 0, 0, 1.0
    for position, (value, right) in enumerate(ordered, start=1):
        wrong += not right
        if wrong > allowed:
            break
        if value < least:
            break
        answered, errors, bound = position, wrong, value
    return Threshold(
        confidence=bound if answered else 1.0,
        coverage=answered / len(ordered),
        wrong=errors / len(ordered),
        measured_on=len(ordered),
    )
