"""How good the bot is on questions it was not taught: the report that the product shows. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.calibration import Thresholds, evidence
from bot.decision import decide
from bot.nlu.engine import HeldOut, Parse

_CURVE = 50  # points of the curve
_SHOWN = 30  # confusions listed
_BINS = 10


@dataclass(frozen=True, slots=True)
class Confusion:
    """One intent taken for another."""

    intent: str
    taken_for: str
    count: int
    examples: tuple[str, ...]  # up to three of the questions


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the curve: what a threshold would give."""

    threshold: float
    coverage: float  # share of the questions answered
    precision: float  # share of the answers that were right
    wrong: float  # share of the questions answered wrongly


@dataclass(frozen=True, slots=True)
class Figures:
    """What the thresholds in force give, over one language or all."""

    language: str  # "" means all
    questions: int
    accuracy: float  # the first intent was right, threshold or not
    in_scope: float  # right and recognised as known
    answered: float
    wrong: float  # answered wrongly, as a share of all questions
    offered: float
    offered_right: float  # of the offers, how many held the right intent
    handed_over: float


@dataclass(frozen=True, slots=True)
class IntentFigures:
    """One intent: how often it was found, and how often rightly."""

    intent: str
    questions: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Foreign:
    """Questions that have no answer here."""

    questions: int
    recognised: float  # not in scope
    answered: float  # the bot answered all the same


@dataclass(frozen=True, slots=True)
class Slow:
    """A question that took long to understand."""

    text: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Speed:
    """How long understanding took, on one thread, for questions never read before."""

    questions: int
    median: float  # milliseconds
    p95: float
    slowest: tuple[Slow, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation."""

    overall: Figures
    languages: tuple[Figures, ...]
    intents: tuple[IntentFigures, ...]  # the worst first
    confusions: tuple[Confusion, ...]  # the commonest first
    curve: tuple[Point, ...]
    calibration_error: float  # mean distance of confidence from accuracy, over ten bins
    foreign: Foreign | None
    thresholds: Thresholds
    speed: Speed | None = None


def evaluate(
    samples: Sequence[HeldOut], thresholds: Thresholds, foreign: Sequence[Parse] = ()
) -> Report:
    """Measure held-out questions, and foreign ones. Raises `ValueError` without any question."""
    if not samples:
        raise ValueError("There is no held-out question to measure: add examples, then train.")
    by_language: dict[str, list[HeldOut]] = defaultdict(list)
    for sample in samples:
        by_language[sample.language].append(sample)
    return Report(
        overall=_figures("", samples, thresholds),
        languages=tuple(
            _figures(language, group, thresholds)
            for language, group in sorted(by_language.items())
            if language
        ),
        intents=_by_intent(samples),
        confusions=_confusions(samples),
        curve=_curve(samples),
        calibration_error=_calibration_error(samples),
        foreign=foreign_figures(foreign, thresholds) if foreign else None,
        thresholds=thresholds,
    )


def speed_of(timed: Sequence[tuple[str, float]], *, shown: int = 5) -> Speed | None:
    """A summary of (text, seconds); None of nothing."""
    if not timed:
        return None
    slow = sorted(
        (Slow(text, round(1000 * seconds, 2)) for text, seconds in timed),
        key=lambda one: (-one.milliseconds, one.text),
    )
    return Speed(
        questions=len(slow),
        median=slow[len(slow) // 2].milliseconds,
        p95=slow[len(slow) // 20].milliseconds,
        slowest=tuple(slow[:shown]),
    )


def better(new: Report, old: Report | None) -> tuple[bool, str]:
    """Whether a new model should replace the old one, and why, for the person who decides."""
    if old is None:
        return True, "There was no model before."
    drop = old.overall.answered - new.overall.answered
    if new.overall.wrong > max(old.overall.wrong, new.thresholds.wrong_rate) + 0.005:
        return False, (
            f"Wrong answers would rise from {old.overall.wrong:.1%} to {new.overall.wrong:.1%}."
        )
    if drop > 0.03:  # noqa: PLR2004 - three points in a hundred
        return False, (
            f"Fewer questions would be answered: {new.overall.answered:.0%}, "
            f"not {old.overall.answered:.0%}."
        )
    return True, (
        f"Answers {new.overall.answered:.0%} of the questions, {new.overall.wrong:.1%} wrongly "
        f"(before: {old.overall.answered:.0%}, {old.overall.wrong:.1%})."
    )


def _figures(language: str, samples: Sequence[HeldOut], thresholds: Thresholds) -> Figures:
    counts: Counter[str] = Counter()
    for sample in samples:
        parse = sample.parse
        right = parse.intent == sample.intent
        decision = decide(parse, thresholds, sample.language)
        counts["right"] += right
        counts["in_scope"] += right and parse.in_scope
        counts[decision.outcome] += 1
        counts["wrong"] += decision.outcome == "answer" and not right
        counts["offered_right"] += decision.outcome == "offer" and sample.intent in decision.intents
    total = len(samples)
    return Figures(
        language=language,
        questions=total,
        accuracy=counts["right"] / total,
        in_scope=counts["in_scope"] / total,
        answered=counts["answer"] / total,
        wrong=counts["wrong"] / total,
        offered=counts["offer"] / total,
        offered_right=counts["offered_right"] / max(1, counts["offer"]),
        handed_over=counts["hand_over"] / total,
    )


def _by_intent(samples: Sequence[HeldOut]) -> tuple[IntentFigures, ...]:
    asked = Counter(sample.intent for sample in samples)
    said = Counter(sample.parse.intent for sample in samples)
    right = Counter(sample.intent for sample in samples if sample.parse.intent == sample.intent)
    rows = [
        IntentFigures(
            intent,
            asked[intent],
            precision=right[intent] / max(1, said[intent]),
            recall=right[intent] / asked[intent],
        )
        for intent in asked
    ]
    return tuple(sorted(rows, key=lambda row: (row.precision + row.recall, row.intent)))


def _confusions(samples: Sequence[HeldOut]) -> tuple[Confusion, ...]:
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sample in samples:
        if sample.parse.intent is not None and sample.parse.intent != sample.intent:
            pairs[sample.intent, sample.parse.intent].append(sample.text)
    ordered = sorted(pairs.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Confusion(intent, other, len(texts), tuple(texts[:3]))
        for (intent, other), texts in ordered[:_SHOWN]
    )


def _curve(samples: Sequence[HeldOut]) -> tuple[Point, ...]:
    ordered = sorted(
        ((evidence(sample.parse), sample.parse.intent == sample.intent) for sample in samples),
        reverse=True,
    )
    total, wrong, points = len(ordered), 0, []
    step = max(1, total // _CURVE)
    for position, (value, right) in enumerate(ordered, start=1):
        wrong += not right
        if position % step == 0 or position == total:
            points.append(
                Point(value, position / total, (position - wrong) / position, wrong / total)
            )
    return tuple(points)


def _calibration_error(samples: Sequence[HeldOut]) -> float:
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for sample in samples:
        place = min(_BINS - 1, int(sample.parse.confidence * _BINS))
        bins[place].append((sample.parse.confidence, sample.parse.intent == sample.intent))
    return sum(
        abs(sum(chance for chance, _ in group) - sum(right for _, right in group))
        for group in bins.values()
    ) / len(samples)


def together(parts: Sequence[Foreign]) -> Foreign | None:
    """Figures over several groups of foreign questions; None of no group."""
    total = sum(part.questions for part in parts)
    if not total:
        return None
    return Foreign(
        questions=total,
        recognised=sum(part.recognised * part.questions for part in parts) / total,
        answered=sum(part.answered * part.questions for part in parts) / total,
    )


def foreign_figures(parses: Sequence[Parse], thresholds: Thresholds) -> Foreign:
    """What becomes of questions that have no answer here."""
    decisions = [decide(parse, thresholds) for parse in parses]
    return Foreign(
        questions=len(parses),
        recognised=sum(not parse.in_scope for parse in parses) / len(parses),
        answered=sum(decision.outcome == "answer" for decision in decisions) / len(parses),
    )
