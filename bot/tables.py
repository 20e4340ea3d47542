"""The evaluation of the bot as tables of text, for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.evaluation import Report

CONFUSIONS = 10
POINTS = 10


def tables(report: Report) -> Iterator[str]:
    """The lines, one table after the other."""
    rate = report.thresholds.wrong_rate
    yield f"Questions left out of the training, thresholds for {rate:.1%} wrong answers"
    yield "language  questions  right first  answered   wrong  offered  to a person  threshold"
    for row in (report.overall, *report.languages):
        bound = report.thresholds.of(row.language).confidence
        yield (
            f"{row.language or 'all':<9} {row.questions:9}  {row.accuracy:10.1%}  "
            f"{row.answered:8.1%}  {row.wrong:6.1%}  {row.offered:7.1%}  {row.handed_over:11.1%}"
            f"  {bound:9.3f}"
        )
    if report.foreign is not None:
        yield ""
        yield (
            f"Foreign questions: {report.foreign.questions}, recognised "
            f"{report.foreign.recognised:.1%}, answered {report.foreign.answered:.1%}"
        )
    if report.speed is not None:
        yield f"Understanding: median {report.speed.median:.1f} ms, p95 {report.speed.p95:.1f} ms"
    yield ""
    yield "coverage  precision   wrong  threshold"
    step = max(1, len(report.curve) // POINTS)
    for point in report.curve[step - 1 :: step]:
        yield (
            f"{point.coverage:8.1%}  {point.precision:9.1%}  {point.wrong:6.1%}  "
            f"{point.threshold:9.3f}"
        )
    if report.confusions:
        yield ""
        yield "Mixed up"
    for one in report.confusions[:CONFUSIONS]:
        yield f"{one.count:4}  {one.intent} taken for {one.taken_for}, e.g. {one.examples[0]}"
