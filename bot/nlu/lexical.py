"""TF-IDF over words and character n-grams, in numpy: features, vectors, similarities.

A feature is the CRC-32 of its text, so that a vocabulary is an array of numbers: small, quick to
load and free of code. Two features of a model meeting in one number happens about once in ten
models and costs nothing that one could measure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]

_TOKEN = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿豈-﫿฀-๿]")
_CHARACTERS = (2, 5)  # n of the n-grams inside a word
_MOST_CHARACTERS = 2000
_COMMON = 40  # a feature is common when more than a 40th of the rows have it
_ROWS = 512


def normalise(text: str) -> str:
    """Case, width and accents written one way; every number the same."""
    text = unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).casefold()
    return _DIGITS.sub("0", text.replace("’", "'"))


def tokens(text: str) -> list[str]:
    """The words of a normalised text; scripts without spaces come as single characters."""
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if _UNSPACED.search(token):
            found.extend(_UNSPACED.sub(lambda match: f" {match[0]} ", token).split())
        else:
            found.append(token)
    return found


def _features(text: str) -> tuple[Counter[int], Counter[int]]:
    """Counts of word features (1 and 2 words) and of character n-grams."""
    words = tokens(normalise(text))
    word_features = Counter(crc32(f"w{word}".encode()) for word in words)
    word_features.update(crc32(f"w{first} {second}".encode()) for first, second in pairwise(words))
    low, high = _CHARACTERS
    character_features: Counter[int] = Counter()
    for word in _runs(words):
        padded = f" {word} "
        for n in range(low, high + 1):
            character_features.update(
                crc32(f"c{padded[i : i + n]}".encode()) for i in range(len(padded) - n + 1)
            )
            if len(padded) <= n:
                break
    return word_features, character_features


def _runs(words: Sequence[str]) -> list[str]:
    """Words, with neighbouring single characters of unspaced scripts joined again."""
    runs: list[str] = []
    joined = False
    for word in words:
        unspaced = len(word) == 1 and bool(_UNSPACED.match(word))
        if unspaced and joined:
            runs[-1] += word
        else:
            runs.append(word)
        joined = unspaced
    return runs


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of a sparse matrix: row i has `columns` and `values` at [starts[i], starts[i + 1])."""

    starts: NDArray[np.int64]
    columns: Integers
    values: Floats


@dataclass(frozen=True)
class Lexicon:
    """A vocabulary with its inverse document frequencies, and vectors made with it."""

    words: NDArray[np.uint32]  # sorted
    word_idf: Floats
    characters: NDArray[np.uint32]  # sorted
    character_idf: Floats

    @classmethod
    def learn(cls, texts: Sequence[str]) -> tuple[Lexicon, Sparse]:
        """The vocabulary of `texts`, and their vectors."""
        counted = [_features(text) for text in texts]
        parts: list[NDArray[np.uint32] | Floats] = []
        for side in (0, 1):
            frequencies: Counter[int] = Counter()
            for pair in counted:
                frequencies.update(pair[side].keys())
            names = np.array(sorted(frequencies), dtype=np.uint32)
            counts = np.array([frequencies[int(name)] for name in names], dtype=np.float32)
            parts += [names, (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)]
        lexicon = cls(*parts)  # type: ignore[arg-type]  # names and weights alternate
        return lexicon, lexicon._rows(counted)

    def vectors(self, texts: Sequence[str]) -> Sparse:
        """TF-IDF vectors of unit length; both kinds of features weigh the same."""
        return self._rows([_features(text) for text in texts])

    def _rows(self, counted: Sequence[tuple[Counter[int], Counter[int]]]) -> Sparse:
        starts, columns, values = [0], [], []
        for words, characters in counted:
            size = 0
            for counts, names, weights, offset in (
                (words, self.words, self.word_idf, 0),
                (characters, self.characters, self.character_idf, len(self.words)),
            ):
                found, value = _weigh(counts, names, weights)
                columns.append((found + offset).astype(np.int32))
                values.append(value)
                size += len(found)
            starts.append(starts[-1] + size)
        return Sparse(
            np.array(starts, dtype=np.int64),
            np.concatenate(columns) if columns else np.zeros(0, np.int32),
            np.concatenate(values) if values else np.zeros(0, np.float32),
        )

    @property
    def size(self) -> int:
        """How many features there are."""
        return len(self.words) + len(self.characters)


def _weigh(
    counts: Counter[int], names: NDArray[np.uint32], weights: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """The known features of a text and their values, of length sqrt(1/2) together."""
    if not counts or not len(names):
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    features = np.fromiter(counts.keys(), np.uint32, len(counts))
    times = np.fromiter(counts.values(), np.float32, len(counts))
    at = np.minimum(np.searchsorted(names, features), len(names) - 1)
    known = names[at] == features
    at = at[known]
    value = (1 + np.log(times[known])) * weights[at]
    length = float(np.sqrt(np.square(value).sum()))
    if length == 0:
        return at, value
    return at, (value / length * np.sqrt(0.5)).astype(np.float32)


class Index:
    """Vectors to compare with, stored by feature: dot products with all of them at once."""

    def __init__(self, rows: Sparse, features: int) -> None:
        self.count = len(rows.starts) - 1
        owners = np.repeat(np.arange(self.count, dtype=np.int32), np.diff(rows.starts))
        order = np.argsort(rows.columns, kind="stable")
        self.owners: Integers = owners[order]
        self.values: Floats = rows.values[order]
        sizes = np.bincount(rows.columns, minlength=features)
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def similarities(self, row: Sparse) -> Floats:
        """Dot products of one vector with each stored one."""
        spans = [
            slice(self.starts[column], self.starts[column + 1]) for column in row.columns.tolist()
        ]
        if not spans:
            return np.zeros(self.count, np.float32)
        owners = np.concatenate([self.owners[span] for span in spans])
        weights = np.concatenate(
            [self.values[span] * value for span, value in zip(spans, row.values, strict=True)]
        )
        return np.bincount(owners, weights, minlength=self.count).astype(np.float32)


def gram(rows: Sparse, features: int) -> Floats:
    """Dot products of all rows with each other, dense.

    Features that many rows have go through a dense product: what costs in a sparse one is the
    square of their number.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - only for training

    count = len(rows.starts) - 1
    matrix = csr_array((rows.values, rows.columns, rows.starts), shape=(count, features))
    frequency = np.bincount(rows.columns, minlength=features)
    common = np.flatnonzero(frequency > max(64, count // _COMMON))
    rare = np.flatnonzero(frequency <= max(64, count // _COMMON))
    dense = matrix[:, common].toarray()
    result = np.asarray(dense @ dense.T, dtype=np.float32)
    del dense
    few = matrix[:, rare]
    other = few.T.tocsr()
    for start in range(0, count, _ROWS):
        result[start : start + _ROWS] += (few[start : start + _ROWS] @ other).toarray()
    return result
