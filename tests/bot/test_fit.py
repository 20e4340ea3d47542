"""The fit beside a model: thresholds for any rate, and above what foreign questions reach."""

from __future__ import annotations

from bot.fit import RATES, Fit, expected, pack, unpack
from bot.nlu.engine import HeldOut, Parse


def parse(confidence: float, intent: str = "a") -> Parse:
    ranking = ((intent, confidence), ("b", 1 - confidence))
    return Parse(intent, confidence, ranking, in_scope=True, closeness=1.0, engine="embedded")


# The surer, the likelier right: of a thousand questions those below 0.3 are often wrong.
HELD_OUT = tuple(
    HeldOut(
        f"q{i}",
        "b" if i < 300 and i % 3 == 0 else "a",
        "en" if i % 2 else "he",
        parse(i / 1000),
    )
    for i in range(1000)
)


def test_a_laxer_rate_answers_more_and_keeps_to_what_it_allows() -> None:
    reports = expected(Fit(HELD_OUT))
    answered = [report.overall.answered for report in reports]
    assert answered == sorted(answered)
    assert answered[0] < answered[-1]
    for rate, report in zip(RATES, reports, strict=True):
        assert report.overall.wrong <= rate


def test_what_foreign_questions_reach_is_not_answered() -> None:
    foreign = tuple(parse(0.05 + i / 1000) for i in range(80))
    without, within = Fit(HELD_OUT).report(0.1), Fit(HELD_OUT, foreign).report(0.1)
    assert without.thresholds.common.confidence < 0.05
    assert within.thresholds.common.confidence > 0.128
    assert within.foreign is not None
    assert within.foreign.questions == 80
    assert within.foreign.answered <= 0.02


def test_one_foreign_question_that_the_desk_answers_costs_little() -> None:
    fit = Fit(HELD_OUT, (parse(0.99), *(parse(0.31) for _ in range(20))))
    assert fit.report(0.1).overall.answered > 0.6


def test_a_fit_is_kept_and_read_without_loss() -> None:
    fit = Fit(HELD_OUT[:50], (parse(0.4),))
    assert unpack(pack(fit)).report(0.05) == fit.report(0.05)
