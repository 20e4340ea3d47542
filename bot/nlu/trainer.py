"""Training of the embedded engine: examples in, a calibrated model out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bot.nlu.engine import FOREIGN_INTENTS, HeldOut, Parse, Progress
from bot.nlu.kernel import (
    Floats,
    Integers,
    fit,
    kernel,
    logistic,
    softmax,
    targets,
    unit,
    whitening,
)
from bot.nlu.lexical import Index, Lexicon, gram
from bot.nlu.model import NEAREST, Meaning, Mixture, Model, Words, familiar
from bot.nlu.spelling import Speller

Embed = Callable[[Sequence[str]], Floats | None]

# Chosen by cross-validation on the training parts of banking77 and clinc150 (`bench/nlu.py`).
WORDS_WIDTH = 1.0
MEANING_WIDTH = 1.2
RIDGE = 0.1
SHRINK = 0.85
WORDS_SHARE = 0.3
FEW = 12  # examples for each intent up to which the logistic regression counts in full
MANY = 40  # and from which on it is left out
LINEAR_SHARE = 1.2
STRENGTH = 15.0
KEPT_IN_SCOPE = 0.993  # of the held-out examples that were right: the default threshold
_MOST = 16_000  # examples: beyond, memory for training passes a gigabyte
_SAMPLE = 2_000  # examples left out in turn to calibrate
_FOLDS = 5
_BLOCK = 64  # texts embedded between two reports of progress


def train_model(
    examples: Sequence[tuple[str, str, str]],
    embed: Embed,
    descriptions: Mapping[str, str],
    progress: Progress,
) -> tuple[Model, tuple[HeldOut, ...], tuple[str, ...]]:
    """Learn. Returns the model, what it says of examples left out, and notes for the editor."""
    notes: list[str] = []
    if len(examples) > _MOST:
        notes.append(f"{len(examples)} examples: {_MOST} of them, chosen evenly, were used.")
        examples = [examples[i * len(examples) // _MOST] for i in range(_MOST)]
    intents = tuple(sorted({intent for _, intent, _ in examples}))
    number = {intent: i for i, intent in enumerate(intents)}
    named = [(text, intent) for intent in intents if (text := _name(intent, descriptions))]
    texts = [text for text, _, _ in examples] + [text for text, _ in named]
    labels = np.array(
        [number[intent] for _, intent, _ in examples] + [number[intent] for _, intent in named],
        dtype=np.int64,
    )
    vectors = _embedded(texts, embed, progress)
    progress("reading the words", 0.7)
    rng = np.random.default_rng(0)
    sample = np.sort(rng.permutation(len(examples))[:_SAMPLE])
    wanted = targets(labels, len(intents))
    lexicon, rows = Lexicon.learn(texts)
    dots = gram(rows, lexicon.size)
    near_words = _nearest(dots, sample, 1)
    words = fit(kernel(dots, WORDS_WIDTH), wanted, RIDGE, sample)
    del dots
    progress("weighing the meaning", 0.85)
    scores, close, meaning, linear_share = words.left_out, near_words, None, 0.0
    if vectors is not None:
        per_intent = len(examples) / len(intents)
        linear_share = LINEAR_SHARE * float(np.clip((MANY - per_intent) / (MANY - FEW), 0, 1))
        meaning, scores, close = _learn_meaning(
            vectors, labels, wanted, sample, linear_share, WORDS_SHARE * words.left_out
        )
    progress("calibrating", 0.97)
    sharpness = _sharpness(scores, labels[sample])
    mixture = _gated(
        Mixture(
            words_width=WORDS_WIDTH,
            meaning_width=MEANING_WIDTH,
            words_share=WORDS_SHARE,
            linear_share=linear_share,
            sharpness=sharpness,
            gate=GATE if vectors is not None else WORDS_GATE,
            threshold=0.0,
        ),
        scores,
        close,
        near_words,
        labels[sample],
        intents,
    )
    model = Model(
        intents,
        tuple(text for text, _, _ in examples),
        tuple(language for _, _, language in examples),
        labels,
        Words(lexicon, rows, Index(rows, lexicon.size), words.weights),
        meaning,
        mixture,
        Speller.learn(texts),
    )
    progress("done", 1.0)
    return model, _held_out(model, examples, sample, scores, close, near_words), tuple(notes)


# Weights of the evidence that a text is like the examples: bias, best score, cosine of the
# nearest example, and its words' similarity. The threshold is set for each model.
GATE = (-3.0, 4.0, 2.0, 0.5)
WORDS_GATE = (-3.0, 4.0, 3.0, 0.0)


def _name(intent: str, descriptions: Mapping[str, str]) -> str:
    """What an intent's name says, as one more example; "" when it is a code."""
    if intent.lower() in FOREIGN_INTENTS:
        return ""
    if intent in descriptions:
        return " ".join(descriptions[intent].split())
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", intent)
    plain = " ".join(re.sub(r"[_\-/.:?]+", " ", plain).split()).lower()
    return "" if re.search(r"\d", plain) or len(plain) < 4 else plain  # noqa: PLR2004 - "q", "id"


def _embedded(texts: Sequence[str], embed: Embed, progress: Progress) -> Floats | None:
    blocks = []
    for start in range(0, len(texts), _BLOCK):
        progress("reading the meaning", 0.65 * start / len(texts))
        block = embed(texts[start : start + _BLOCK])
        if block is None:
            return None
        blocks.append(block)
    return np.concatenate(blocks)


def _nearest(dots: Floats, sample: Integers, count: int) -> Floats:
    """For each example left out, the mean of its largest dot products with others."""
    found = np.empty(len(sample), np.float32)
    count = min(count, len(dots) - 1)
    for i, chosen in enumerate(sample):
        row = dots[chosen].copy()
        row[chosen] = -1
        found[i] = np.partition(row, -count)[-count:].mean() if count else 0.0
    return found


def _learn_meaning(
    vectors: Floats,
    labels: Integers,
    wanted: Floats,
    sample: Integers,
    linear_share: float,
    words: Floats,
) -> tuple[Meaning, Floats, Floats]:
    """The machines on embeddings; scores of the examples left out, with those of the words."""
    centre = vectors.mean(axis=0)
    centred = unit(vectors - centre)
    mapping = whitening(centred, labels, SHRINK)
    placed = unit(centred @ mapping)
    dots = placed @ placed.T
    close = _nearest(dots, sample, NEAREST)
    machine = fit(kernel(dots, MEANING_WIDTH), wanted, RIDGE, sample)
    scores = machine.left_out + words
    linear = None
    if linear_share > 0:
        classes = wanted.shape[1]
        linear = logistic(placed, labels, classes, STRENGTH)
        scores = scores + linear_share * _folded(placed, labels, classes)[sample]
    return Meaning(centre, mapping, placed, machine.weights, linear), scores, close


def _folded(placed: Floats, labels: Integers, classes: int) -> Floats:
    """What the logistic regression says of each example when its fifth is left out."""
    fold = np.random.default_rng(0).permutation(len(labels)) % _FOLDS
    said = np.zeros((len(labels), classes), np.float32)
    for part in range(_FOLDS):
        rest = fold != part
        weights = logistic(placed[rest], labels[rest], classes, STRENGTH)
        said[~rest] = softmax(placed[~rest] @ weights[:-1] + weights[-1])
    return said


def _sharpness(scores: Floats, labels: Integers) -> float:
    """The inverse temperature under which the held-out labels are the likeliest."""
    best, chosen = -np.inf, 5.0
    for candidate in np.geomspace(1, 60, 40):
        chances = softmax(scores * np.float32(candidate))
        value = float(np.log(chances[np.arange(len(labels)), labels] + 1e-9).sum())
        if value > best:
            best, chosen = value, float(candidate)
    return chosen


def _gated(
    mixture: Mixture,
    scores: Floats,
    close: Floats,
    words: Floats,
    labels: Integers,
    intents: Sequence[str],
) -> Mixture:
    """The mixture with its default threshold: the held-out examples that were right pass it."""
    right = scores.argmax(axis=1) == labels
    own = np.array([intents[label].lower() not in FOREIGN_INTENTS for label in labels])
    values = np.sort(
        [
            familiar(mixture.gate, float(scores[i].max()), float(close[i]), float(words[i]))
            for i in np.flatnonzero(right & own)
        ]
    )
    threshold = float(values[int((1 - KEPT_IN_SCOPE) * len(values))]) if len(values) else 0.0
    fields = {name: getattr(mixture, name) for name in Mixture.__dataclass_fields__}
    return Mixture(**(fields | {"threshold": threshold}))


def _held_out(
    model: Model,
    examples: Sequence[tuple[str, str, str]],
    sample: Integers,
    scores: Floats,
    close: Floats,
    words: Floats,
) -> tuple[HeldOut, ...]:
    chances = softmax(scores * np.float32(model.mixture.sharpness))
    found = []
    for i, chosen in enumerate(sample):
        text, intent, language = examples[chosen]
        order = np.argsort(-chances[i], kind="stable")[:10]
        ranking = tuple((model.intents[int(j)], float(chances[i][j])) for j in order)
        familiarity = familiar(
            model.mixture.gate, float(scores[i].max()), float(close[i]), float(words[i])
        )
        in_scope = familiarity >= model.mixture.threshold
        parse = Parse(
            ranking[0][0],
            ranking[0][1],
            ranking,
            in_scope=in_scope and ranking[0][0].lower() not in FOREIGN_INTENTS,
            familiarity=familiarity,
            closeness=float(close[i]),
            engine="embedded",
        )
        found.append(HeldOut(text, intent, language, parse))
    return tuple(found)
