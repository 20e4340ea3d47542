"""The bot's engines in this process, and the model they answer with.

Which model is current is a row; every process notices another one at its next question and loads
it from the blobs. Until then, and while it loads, the former one answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.calibration import Threshold, Thresholds
from bot.nlu.embedded import EmbeddedNlu
from bot.nlu.embedding import CachedEmbedder
from bot.nlu.engine import NluEngine, NluError
from bot.nlu.fallback import FallbackNlu
from bot.nlu.rasa import RasaNlu
from desk.bot.models import BotModel
from desk.files.store import BlobStore

log = structlog.get_logger(__name__)

UNTAUGHT = Thresholds(Threshold(0.8))


@dataclass
class Brain:
    """Engines and thresholds; a test or another composition may bring its own engine."""

    blobs: BlobStore
    embedder: CachedEmbedder
    embedded: EmbeddedNlu
    rasa: RasaNlu | None = None
    thresholds: Thresholds = UNTAUGHT
    model_id: UUID | None = None
    _both: FallbackNlu | None = None
    _fitted: Mapping[str, Any] = field(default_factory=dict)  # `thresholds` as stored
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def engine(self, name: str) -> NluEngine:
        """The engine an inbox asks for; the embedded one steps in for the other."""
        if name == "rasa" and self.rasa is not None:
            self._both = self._both or FallbackNlu(self.rasa, self.embedded)
            return self._both
        return self.embedded

    async def refresh(self, session: AsyncSession) -> None:
        """Load the current model if it is another than the one in use."""
        row = (
            await session.execute(
                select(BotModel.id, BotModel.sha256, BotModel.thresholds)
                .where(BotModel.current.is_(True))
                .order_by(BotModel.created_at.desc())
                .limit(1)
            )
        ).first()
        if row is None:
            return
        async with self._loading:
            if row[0] != self.model_id:
                try:
                    await asyncio.to_thread(self.embedded.load, self.blobs.path(row[1]))
                except NluError:
                    # The former model, or none, is what the bot has; people see it on the page.
                    log.exception("bot_model_not_loaded", model_id=str(row[0]))
                    return
                self.model_id = row[0]
                self._fitted = {}
            if row[2] != self._fitted:  # another model, or another wrong-answer rate
                self.thresholds = msgspec.convert(row[2], Thresholds)
                self._fitted = row[2]
