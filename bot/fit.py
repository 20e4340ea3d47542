"""The fit kept beside a model: what it said of questions it was not taught, and new thresholds.

With it the wrong-answer rate can be changed without training, and what a rate would give is known
before it is chosen. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from bot.calibration import Thresholds, evidence, fit_thresholds
from bot.evaluation import Report, evaluate, foreign_figures, together
from bot.nlu.engine import HeldOut, Parse

RATES = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.10)
_GIVEN_UP = 0.10  # share of the right answers given up at most to keep foreign questions out
_RANKED = 3  # intents kept of each question: as many as are ever offered


@dataclass(frozen=True, slots=True)
class Fit:
    """Held-out questions and foreign ones, as the model saw them."""

    held_out: tuple[HeldOut, ...]
    foreign: tuple[Parse, ...] = ()

    def report(self, wrong_rate: float) -> Report:
        """The report at a rate. Raises `ValueError` on a rate outside 0 to 1.

        Each half of the foreign questions is measured with thresholds fitted without it.
        """
        report = evaluate(self.held_out, self.thresholds(wrong_rate))
        halves = (self.foreign[::2], self.foreign[1::2])
        measured = [
            foreign_figures(half, self._fitted(wrong_rate, other))
            for half, other in (halves, halves[::-1])
            if half
        ]
        return replace(report, foreign=together(measured))

    def thresholds(self, wrong_rate: float) -> Thresholds:
        """The thresholds for a rate, above what foreign questions reach."""
        return self._fitted(wrong_rate, self.foreign)

    def _fitted(self, wrong_rate: float, foreign: Sequence[Parse]) -> Thresholds:
        right = sorted(
            evidence(one.parse) for one in self.held_out if one.parse.intent == one.intent
        )
        # A desk may well answer one of the foreign questions: no bound costs more than this.
        bound = right[int(_GIVEN_UP * len(right))] if right else 1.0
        return fit_thresholds(
            self.held_out,
            wrong_rate=wrong_rate,
            foreign=[parse for parse in foreign if evidence(parse) < bound],
        )


def pack(fit: Fit) -> bytes:
    """For a file; only what thresholds and reports need."""
    return msgspec.json.encode(
        Fit(
            tuple(replace(one, parse=_bare(one.parse)) for one in fit.held_out),
            tuple(_bare(parse) for parse in fit.foreign),
        )
    )


def unpack(data: bytes) -> Fit:
    """What `pack` wrote. Raises `msgspec.ValidationError` or `msgspec.DecodeError`."""
    return msgspec.json.decode(data, type=Fit)


def expected(fit: Fit, rates: Sequence[float] = RATES) -> tuple[Report, ...]:
    """What each of some rates would give."""
    return tuple(fit.report(rate) for rate in rates)


def _bare(parse: Parse) -> Parse:
    return replace(parse, ranking=parse.ranking[:_RANKED], neighbours=(), entities=())
