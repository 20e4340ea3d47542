"""A trained model: frozen arrays, how they read a text, and how they are stored."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.nlu.engine import FOREIGN_INTENTS, Neighbour
from bot.nlu.kernel import Floats, Integers, kernel, softmax, unit
from bot.nlu.lexical import Index, Lexicon, Sparse
from bot.nlu.spelling import Speller

FORMAT = 1
_NEIGHBOURS = 5
NEAREST = 3  # examples whose mean similarity says how close a text is


@dataclass(frozen=True)
class Words:
    """The machine that sees what is written."""

    lexicon: Lexicon
    rows: Sparse
    index: Index
    weights: Floats  # (examples, intents)


@dataclass(frozen=True)
class Meaning:
    """The machines that see what is meant."""

    centre: Floats  # mean of the examples' vectors
    mapping: Floats  # the whitening
    vectors: Floats  # the examples, centred, mapped, of unit length
    weights: Floats  # (examples, intents)
    linear: Floats | None  # (features + 1, intents) of the logistic regression; few examples only


@dataclass(frozen=True)
class Mixture:
    """How the machines' scores become a probability, and when a text is foreign."""

    words_width: float
    meaning_width: float
    words_share: float  # added to the meaning's score with this weight
    linear_share: float
    sharpness: float  # inverse temperature, fitted on held-out examples
    gate: tuple[float, float, float, float]  # bias, best score, cosine, words' similarity
    threshold: float  # familiarity from which a text is in scope


@dataclass(frozen=True)
class Reading:
    """What a model makes of a text."""

    ranking: tuple[tuple[str, float], ...]
    in_scope: bool
    familiarity: float
    closeness: float
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True)
class Model:
    """Examples, machines, mixture. Examples from `described` on are names of intents."""

    intents: tuple[str, ...]
    texts: tuple[str, ...]
    languages: tuple[str, ...]
    labels: Integers
    words: Words
    meaning: Meaning | None
    mixture: Mixture
    speller: Speller

    def read(self, text: str, vector: Floats | None) -> Reading:
        """Understand one text (mended). `vector` is its embedding, where the model has one."""
        row = self.words.lexicon.vectors([text])
        similar = self.words.index.similarities(row)
        scores, close = self._scores(similar, vector)
        chances = softmax(scores * self.mixture.sharpness)
        order = np.argsort(-scores, kind="stable")
        nearest = np.argsort(-close[: len(self.texts)], kind="stable")[:_NEIGHBOURS]
        closeness = float(close[nearest[:NEAREST]].mean())
        familiarity = familiar(
            self.mixture.gate, float(scores[order[0]]), closeness, float(similar.max())
        )
        best = self.intents[int(order[0])]
        in_scope = familiarity >= self.mixture.threshold and best.lower() not in FOREIGN_INTENTS
        return Reading(
            ranking=tuple((self.intents[int(i)], float(chances[i])) for i in order),
            in_scope=in_scope,
            familiarity=familiarity,
            closeness=closeness,
            neighbours=tuple(
                Neighbour(self.texts[int(i)], self.intents[int(self.labels[i])], float(close[i]))
                for i in nearest
            ),
        )

    def _scores(self, similar: Floats, vector: Floats | None) -> tuple[Floats, Floats]:
        """A score for each intent, and how close each example is."""
        mixture = self.mixture
        words = kernel(similar.copy(), mixture.words_width) @ self.words.weights
        if self.meaning is None or vector is None:
            return words, similar
        placed = unit(unit(vector - self.meaning.centre) @ self.meaning.mapping)
        close = self.meaning.vectors @ placed
        scores = kernel(close.copy(), mixture.meaning_width) @ self.meaning.weights
        scores = scores + mixture.words_share * words
        if self.meaning.linear is not None:
            linear = softmax(placed @ self.meaning.linear[:-1] + self.meaning.linear[-1])
            scores = scores + mixture.linear_share * linear
        return scores, close


def familiar(
    gate: tuple[float, float, float, float], score: float, cosine: float, words: float
) -> float:
    """How like the examples a text is, from 0 to 1."""
    bias, by_score, by_cosine, by_words = gate
    value = bias + by_score * score + by_cosine * cosine + by_words * words
    return float(1 / (1 + np.exp(-np.clip(value, -30, 30))))


def save(model: Model, path: Path) -> None:
    """Write to a file that is either the old or the new one, whole."""
    arrays: dict[str, NDArray[np.generic]] = {
        "labels": model.labels,
        "words.names": model.words.lexicon.words,
        "words.idf": model.words.lexicon.word_idf,
        "characters.names": model.words.lexicon.characters,
        "characters.idf": model.words.lexicon.character_idf,
        "rows.starts": model.words.rows.starts,
        "rows.columns": model.words.rows.columns,
        "rows.values": model.words.rows.values,
        "words.weights": model.words.weights,
    }
    if model.meaning is not None:
        meaning = model.meaning
        arrays |= {
            "centre": meaning.centre,
            "mapping": meaning.mapping,
            "vectors": meaning.vectors,
            "weights": meaning.weights,
        }
        if meaning.linear is not None:
            arrays["linear"] = meaning.linear
    mixture = {name: getattr(model.mixture, name) for name in Mixture.__dataclass_fields__}
    head = {
        "format": FORMAT,
        "intents": model.intents,
        "texts": model.texts,
        "languages": model.languages,
        "mixture": mixture,
        "spelling": dict(model.speller.counts),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("head.json", json.dumps(head, ensure_ascii=False))
        for key, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(f"{key}.npy", buffer.getvalue())
    Path(name).replace(path)


def load(path: Path) -> Model:
    """Read what `save` wrote. Raises `OSError`, `ValueError` or `KeyError` on anything else."""
    try:
        with zipfile.ZipFile(path) as archive:
            head = json.loads(archive.read("head.json"))
            if head["format"] != FORMAT:
                raise ValueError(f"format {head['format']}, not {FORMAT}")
            arrays = {
                name.removesuffix(".npy"): np.load(
                    io.BytesIO(archive.read(name)), allow_pickle=False
                )
                for name in archive.namelist()
                if name.endswith(".npy")
            }
    except zipfile.BadZipFile as error:
        raise ValueError(str(error)) from error
    lexicon = Lexicon(
        arrays["words.names"],
        arrays["words.idf"],
        arrays["characters.names"],
        arrays["characters.idf"],
    )
    rows = Sparse(arrays["rows.starts"], arrays["rows.columns"], arrays["rows.values"])
    words = Words(lexicon, rows, Index(rows, lexicon.size), arrays["words.weights"])
    meaning = None
    if "vectors" in arrays:
        meaning = Meaning(
            arrays["centre"],
            arrays["mapping"],
            arrays["vectors"],
            arrays["weights"],
            arrays.get("linear"),
        )
    mixture = head["mixture"] | {"gate": tuple(head["mixture"]["gate"])}
    return Model(
        tuple(head["intents"]),
        tuple(head["texts"]),
        tuple(head["languages"]),
        arrays["labels"],
        words,
        meaning,
        Mixture(**mixture),
        Speller(head["spelling"]),
    )
