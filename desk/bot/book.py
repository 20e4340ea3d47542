"""The whole of what the bot is taught as one file: given out, and taken in again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.bot import service
from desk.bot.models import BotExample, BotIntent
from desk.errors import Invalid
from desk.unit_of_work import UnitOfWork


class Entry(Struct, omit_defaults=True):
    """An intent: texts and examples by language."""

    name: str
    titles: dict[str, str] = {}
    answers: dict[str, str] = {}
    article_id: UUID | None = None
    enabled: bool = True
    examples: dict[str, list[str]] = {}


class Book(Struct):
    """All intents by name."""

    intents: list[Entry]


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking a book in."""

    created: int
    changed: int
    examples: int


async def write(session: AsyncSession) -> Book:
    """Everything that there is."""
    examples: dict[UUID, dict[str, list[str]]] = {}
    rows = await session.execute(
        select(BotExample.intent_id, BotExample.language, BotExample.text).order_by(
            BotExample.language, BotExample.id
        )
    )
    for intent_id, language, text in rows:
        examples.setdefault(intent_id, {}).setdefault(language, []).append(text)
    intents = await session.scalars(select(BotIntent).order_by(BotIntent.name))
    return Book(
        [
            Entry(
                name=row.name,
                titles=row.titles,
                answers=row.answers,
                article_id=row.article_id,
                enabled=row.enabled,
                examples=examples.get(row.id, {}),
            )
            for row in intents
        ]
    )


def pack(book: Book) -> bytes:
    """As JSON that people can read and compare."""
    return msgspec.json.format(msgspec.json.encode(book), indent=2) + b"\n"


def unpack(data: bytes) -> Book:
    """A book as JSON. Raises Invalid with the place of what is wrong."""
    try:
        return msgspec.json.decode(data, type=Book)
    except msgspec.DecodeError as error:
        raise Invalid(f"This is no file of intents: {error}") from error


async def read(work: UnitOfWork, book: Book) -> Taken:
    """Make the intents that are missing, give the others these texts, and add new examples.

    Nothing is removed. Raises Invalid.
    """
    there = {row.name: row for row in await work.session.scalars(select(BotIntent))}
    created = added = 0
    for entry in book.intents:
        row = there.get(entry.name)
        if row is None:
            created += 1
            row = await service.create_intent(work, entry.name, titles={})
        await service.change_intent(
            work,
            row.id,
            titles={**row.titles, **entry.titles},
            answers={**row.answers, **entry.answers},
            article_id=entry.article_id or row.article_id,
            enabled=entry.enabled,
        )
        pairs = [(code, text) for code, texts in entry.examples.items() for text in texts]
        added += await service.add_examples(work, row.id, pairs)
    return Taken(created, len(book.intents) - created, added)
