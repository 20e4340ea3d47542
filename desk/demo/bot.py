"""The demo shop's bot: what customers ask, in ten languages, and the articles that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from desk.bot import service
from desk.demo.articles import LOCALES, read
from desk.inboxes.models import Inbox
from desk.triage import bot_train
from desk.unit_of_work import UnitOfWork, Units

FILE: Final = Path(__file__).parent / "data" / "intents.json"
NAME: Final = "Fjellbot"


async def teach(work: UnitOfWork, articles: Mapping[str, UUID], inbox: Inbox) -> int:
    """Intents with their examples, and the bot switched on in an inbox; how many examples."""
    book = msgspec.json.decode(FILE.read_bytes(), type=dict[str, dict[str, list[str]]])
    count = 0
    for key, examples in book.items():
        titles = {tag: text.title for tag in LOCALES if (text := read(key, tag))}
        intent = await service.create_intent(
            work, key.replace("-", "_"), titles=titles, article_id=articles[key]
        )
        count += await service.add_examples(
            work, intent.id, [(tag, text) for tag, texts in examples.items() for text in texts]
        )
    await service.configure(work, inbox.id, enabled=True, name=NAME)
    return count


async def train(units: Units) -> None:
    """Ask for the first training; it runs beside everything else, and until then words answer."""
    async with units.write() as work:
        await bot_train.ask(work, NAME)
