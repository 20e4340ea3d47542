from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.nlu_data import few_shot, noisy
from bot.nlu.embedded import EmbeddedNlu
from bot.nlu.embedding import CachedEmbedder, Floats
from bot.nlu.engine import NluError, NotTrained
from bot.nlu.kernel import fit, kernel, targets, unit
from bot.nlu.spelling import Speller
from tests.bot.data import EXAMPLES, Letters, embedder, needs_corpora


@needs_corpora
def test_ten_examples_an_intent_are_enough_also_with_slips() -> None:
    sample, rest = few_shot("banking77", 10)
    labels = sorted({row.label for row in sample})[:20]
    sample = [row for row in sample if row.label in labels]
    rest = [row for row in rest if row.label in labels]
    engine = EmbeddedNlu(embedder())
    training = engine.train([row.example for row in sample])
    test = rest[::25]
    right = np.mean([engine.parse(row.text).intent == row.label for row in test])
    assert right >= 0.88
    # What the engine says of itself, on examples left out, is what it turns out to be.
    assert training.accuracy == pytest.approx(right, abs=0.06)
    rng = random.Random(0)
    typed = np.mean([engine.parse(noisy(row.text, rng)).intent == row.label for row in test[::2]])
    assert typed >= right - 0.12
    foreign = ["how tall is mount everest", "play some jazz", "what rhymes with orange"]
    assert not any(engine.parse(text).in_scope for text in foreign)


def test_an_untrained_engine_says_so() -> None:
    engine = EmbeddedNlu(Letters())
    assert not engine.status().ready
    with pytest.raises(NotTrained):
        engine.parse("hello")
    with pytest.raises(NluError, match="add at least one intent"):
        engine.train([(" ", "track_order", "en")])


def test_without_the_wheel_words_alone_decide_and_the_status_says_why() -> None:
    class Broken:
        def embed(self, texts: Sequence[str]) -> None:
            raise ImportError("no AVX2 here")

    engine = EmbeddedNlu(Broken())  # type: ignore[arg-type]  # it never returns
    training = engine.train(EXAMPLES)
    assert engine.parse("where is my parcel").intent == "track_order"
    assert "no AVX2 here" in engine.status().detail
    assert any("no AVX2 here" in note for note in training.notes)


def test_a_model_comes_back_from_its_file_the_same(tmp_path: Path) -> None:
    engine = EmbeddedNlu(Letters())
    engine.train(EXAMPLES)
    engine.save(tmp_path / "model")
    other = EmbeddedNlu(Letters())
    other.load(tmp_path / "model")
    for text in ("where is my parcel", "password", "xyzzy"):
        assert other.parse(text) == engine.parse(text)
    (tmp_path / "model").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(NluError, match="train again"):
        other.load(tmp_path / "model")
    assert other.parse("where is my parcel").intent == "track_order"


def test_the_old_model_answers_until_the_new_one_is_there() -> None:
    engine = EmbeddedNlu(Letters())
    engine.train(EXAMPLES)
    seen: list[str | None] = []
    engine.train(
        [(text, f"new_{intent}", language) for text, intent, language in EXAMPLES],
        progress=lambda _what, share: (
            seen.append(engine.parse("refund").intent) if share < 1 else None
        ),
    )
    assert set(seen) == {"refund"}
    assert engine.parse("refund").intent == "new_refund"


def test_examples_of_what_is_foreign_teach_what_is_out_of_scope() -> None:
    foreign = [(text, "oos", "en") for text in ("sing a song", "tell me a joke", "play chess")]
    engine = EmbeddedNlu(Letters())
    engine.train([*EXAMPLES, *foreign])
    assert not engine.parse("sing me a song").in_scope


def test_left_out_predictions_are_those_of_a_machine_trained_without() -> None:
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(40, 8)).astype(np.float32))
    labels = rng.integers(0, 3, 40)
    wanted = targets(labels, 3)
    sample = np.array([0, 7, 31])
    machine = fit(kernel(vectors @ vectors.T, 1.0), wanted, 0.1, sample)
    for row, chosen in enumerate(sample):
        rest = np.delete(np.arange(40), chosen)
        part = fit(kernel(vectors[rest] @ vectors[rest].T, 1.0), wanted[rest], 0.1, sample[:0])
        expected = kernel(vectors[chosen] @ vectors[rest].T, 1.0) @ part.weights
        assert machine.left_out[row] == pytest.approx(expected, abs=1e-4)


def test_slips_are_mended_and_other_languages_left_alone() -> None:
    speller = Speller.learn(["please deliver the parcel to my address"] * 3)
    assert speller.mend("deliverr the parcle to my adress") == "deliver the parcel to my address"
    assert speller.mend("bitte das Parcell liefern") == "bitte das Parcell liefern"


def test_vectors_are_computed_once(tmp_path: Path) -> None:
    class Counting(Letters):
        asked = 0

        def embed(self, texts: Sequence[str]) -> Floats:
            self.asked += len(texts)
            return super().embed(texts)

    model = Counting()
    cached = CachedEmbedder(model, tmp_path / "cache.sqlite")
    first = cached.embed(["one text", "another"])
    assert (cached.embed(["another", "one text"]) == first[::-1]).all()
    again = CachedEmbedder(model, tmp_path / "cache.sqlite")
    assert again.embed(["one text"]) == pytest.approx(first[:1], abs=1e-3)
    assert model.asked == 2
