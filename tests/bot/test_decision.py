from __future__ import annotations

import random

import pytest

from bot.calibration import Threshold, Thresholds, evidence, fit_thresholds
from bot.decision import decide
from bot.evaluation import better, evaluate
from bot.nlu.engine import HeldOut, Parse


def parse(chance: float, *, in_scope: bool = True, closeness: float = 1.0) -> Parse:
    rest = (1 - chance) / 2
    ranking = (("track", chance), ("refund", rest), ("login", rest))
    return Parse("track", chance, ranking, in_scope, 0.9, closeness)


def samples(count: int, language: str, honest: float = 1.0, seed: int = 0) -> list[HeldOut]:
    """Held-out answers that are right as often as their confidence says, times `honest`."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        chance = rng.uniform(0.4, 1)
        intent = "track" if rng.random() < chance * honest else "refund"
        found.append(HeldOut("x", intent, language, parse(chance)))
    return found


def test_wrong_answers_stay_below_the_setting_on_new_questions() -> None:
    for rate in (0.01, 0.02, 0.05):
        thresholds = fit_thresholds(samples(4000, "en"), wrong_rate=rate)
        report = evaluate(samples(4000, "en", seed=1), thresholds)
        assert report.overall.wrong <= rate * 1.25
        assert report.overall.answered > rate * 5


def test_each_language_has_its_own_threshold_once_there_is_enough_to_measure() -> None:
    held_out = samples(800, "en") + samples(800, "de", honest=0.8) + samples(10, "fr")
    thresholds = fit_thresholds(held_out)
    assert thresholds.of("de").confidence > thresholds.of("en").confidence
    assert thresholds.of("fr") == thresholds.common
    assert thresholds.of("de-AT") == thresholds.of("de")


def test_foreign_questions_raise_the_threshold() -> None:
    foreign = [parse(0.97) for _ in range(100)]
    thresholds = fit_thresholds(samples(2000, "en"), foreign=foreign, wrong_rate=0.2)
    assert evidence(foreign[0]) < thresholds.of("en").confidence


def test_a_rate_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.02"):
        fit_thresholds([], wrong_rate=2)


def test_sure_unsure_foreign_vague() -> None:
    thresholds = Thresholds(Threshold(0.8))
    assert decide(parse(0.9), thresholds).outcome == "answer"
    offer = decide(parse(0.6), thresholds)
    assert (offer.outcome, offer.intents) == ("offer", ("track", "refund", "login"))
    assert decide(parse(0.99, in_scope=False), thresholds).reason == "foreign"
    assert decide(parse(0.9, closeness=0.2), thresholds).outcome == "offer"
    vague = Parse("a", 0.05, tuple((f"i{i}", 0.05) for i in range(20)), in_scope=True)
    assert decide(vague, thresholds).reason == "vague"
    assert decide(Parse(None, 0.0), thresholds).reason == "nothing"


def test_the_report_names_confusions_and_its_curve_is_honest() -> None:
    held_out = samples(500, "en")
    report = evaluate(held_out, fit_thresholds(held_out), [parse(0.99, in_scope=False)])
    assert report.confusions[0].intent == "refund"
    assert report.confusions[0].taken_for == "track"
    assert report.curve[-1].coverage == 1.0
    assert report.curve[-1].wrong == pytest.approx(1 - report.overall.accuracy)
    assert report.calibration_error < 0.06
    assert report.foreign is not None
    assert report.foreign.answered == 0.0


def test_a_worse_model_is_not_swapped_in() -> None:
    good = evaluate(samples(500, "en"), fit_thresholds(samples(500, "en")))
    bad = evaluate(samples(500, "en", honest=0.7), good.thresholds)
    assert better(good, None)[0]
    assert better(good, good)[0]
    assert not better(bad, good)[0]
