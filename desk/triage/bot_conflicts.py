"""Examples that say the same under two intents, by meaning, else by words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.learning import Conflict, conflicts
from bot.nlu.embedding import CachedEmbedder
from bot.nlu.lexical import normalise, tokens
from desk.bot.models import BotExample, BotIntent

log = structlog.get_logger(__name__)

MOST = 4000  # examples compared: the newest


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two examples."""

    example_id: UUID
    intent_id: UUID
    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A pair, and how alike the two are (1: the same)."""

    one: Side
    other: Side
    similarity: float


async def sides(session: AsyncSession) -> list[Side]:
    """The newest examples of intents that are switched on."""
    rows = await session.execute(
        select(BotExample.id, BotIntent.id, BotIntent.name, BotExample.text)
        .join(BotIntent, BotIntent.id == BotExample.intent_id)
        .where(BotIntent.enabled.is_(True))
        .order_by(BotExample.id.desc())
        .limit(MOST)
    )
    return [Side(*row) for row in rows]


async def find(known: list[Side], embedder: CachedEmbedder, most: int = 50) -> list[Clash]:
    """The closest pairs under different intents. The work is done in a thread."""
    return await asyncio.to_thread(_compare, known, embedder, most)


def _compare(known: list[Side], embedder: CachedEmbedder, most: int) -> list[Clash]:
    """By meaning; examples that nobody embedded yet are embedded, and kept for the training."""
    pairs = [(side.text, side.intent) for side in known]
    texts = [text for text, _ in pairs]
    try:
        found = conflicts(pairs, embedder.embed(texts), most=most)
    except (ImportError, OSError, RuntimeError):
        # Where the embedding does not load (the training says so, too), the same words count.
        log.warning("bot_conflicts_by_words", examples=len(texts))
        found = _same_words(pairs)[:most]
    by_name = {(side.text, side.intent): side for side in known}
    return [
        Clash(
            by_name[pair.text, pair.intent],
            by_name[pair.other_text, pair.other_intent],
            round(pair.similarity, 3),
        )
        for pair in found
    ]


def _same_words(pairs: list[tuple[str, str]]) -> tuple[Conflict, ...]:
    """Pairs that are made of the same words under different intents."""
    first: dict[tuple[str, ...], tuple[str, str]] = {}
    found: list[Conflict] = []
    for text, intent in pairs:
        key = tuple(sorted(tokens(normalise(text))))
        other = first.setdefault(key, (text, intent))
        if other[1] != intent:
            found.append(Conflict(text, intent, *other, 1.0))
    return tuple(found)
