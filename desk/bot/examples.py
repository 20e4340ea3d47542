"""Intents' examples: found, counted, moved, taken in and given out in bulk."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import detect
from bot.texts import known
from desk.bot import service
from desk.bot.models import BotExample, BotIntent, BotModel
from desk.errors import Invalid, NotFound
from desk.events import Kind
from desk.unit_of_work import UnitOfWork

COLUMNS: Final = ("intent", "language", "text")
MOST_ROWS: Final = 20_000
MAX_CSV: Final = 1_500_000  # characters: a body of the API has two million bytes
_FORMULA: Final = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Import:
    """What a file holds that the desk has not, and what was wrong with it."""

    added: int
    known: int  # rows that are there already
    intents: tuple[str, ...]  # new ones
    problems: tuple[tuple[int, str], ...]  # (line, what is wrong)


def mark(intent: str, text: str) -> str:
    """A short name for one example, kept with the model that was taught it. Pure."""
    return hashlib.blake2b(f"{intent}\n{text}".encode(), digest_size=6).hexdigest()


async def marks(session: AsyncSession) -> set[str]:
    """Marks of all examples that a training would use now."""
    rows = await session.execute(
        select(BotIntent.name, BotExample.text)
        .join(BotExample, BotExample.intent_id == BotIntent.id)
        .where(BotIntent.enabled.is_(True))
    )
    return {mark(name, text) for name, text in rows}


async def pending(session: AsyncSession) -> tuple[int, int] | None:
    """How many examples came and went since the model in force was trained; None without one."""
    taught = (
        await session.execute(select(BotModel.taught).where(BotModel.current.is_(True)).limit(1))
    ).first()
    if taught is None or taught[0] is None:
        return None
    now, then = await marks(session), set(taught[0])
    return len(now - then), len(then - now)


async def counts(session: AsyncSession) -> dict[UUID, dict[str, int]]:
    """Examples of each intent by language."""
    rows = await session.execute(
        select(BotExample.intent_id, BotExample.language, func.count()).group_by(
            BotExample.intent_id, BotExample.language
        )
    )
    found: dict[UUID, dict[str, int]] = {}
    for intent_id, language, count in rows:
        found.setdefault(intent_id, {})[language] = count
    return found


async def of_intent(
    session: AsyncSession, intent_id: UUID, *, language: str = "", text: str = ""
) -> list[BotExample]:
    """The examples of an intent, the newest first. Raises NotFound."""
    if await session.get(BotIntent, intent_id) is None:
        raise NotFound("There is no such intent.")
    query = select(BotExample).where(BotExample.intent_id == intent_id)
    if language:
        query = query.where(BotExample.language == language)
    if text.strip():
        query = query.where(BotExample.text.icontains(text.strip(), autoescape=True))
    return list(await session.scalars(query.order_by(BotExample.id.desc()).limit(2000)))


async def matching(session: AsyncSession, text: str) -> set[UUID]:
    """Intents one of whose examples holds this text."""
    query = (
        select(BotExample.intent_id)
        .where(BotExample.text.icontains(text.strip(), autoescape=True))
        .distinct()
    )
    return set(await session.scalars(query))


async def move(work: UnitOfWork, example_id: UUID, intent_id: UUID) -> None:
    """Put an example under another intent; where that has it already, one of the two goes."""
    row = await work.session.get(BotExample, example_id, with_for_update=True)
    target = await work.session.get(BotIntent, intent_id)
    if row is None or target is None:
        raise NotFound("There is no such example, or no such intent.")
    there = await work.session.scalar(
        select(BotExample.id).where(BotExample.intent_id == intent_id, BotExample.text == row.text)
    )
    if there is not None and there != row.id:
        await work.session.delete(row)
    else:
        row.intent_id = intent_id
    work.record(Kind.BOT_CHANGED, data={"intent": target.name, "moved": str(example_id)})


def pasted(text: str, language: str) -> list[tuple[str, str]]:
    """(language, example) of each line; without a language it is made out. Pure."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [(language or guessed(line), line) for line in lines if line]


def guessed(text: str) -> str:
    """The language of an example, as the bot calls it. Pure."""
    found = detect(text, k=1)
    return (known(found[0][0]) or found[0][0]) if found else "en"


async def as_csv(session: AsyncSession) -> str:
    """All examples, for a spreadsheet."""
    rows = await session.execute(
        select(BotIntent.name, BotExample.language, BotExample.text)
        .join(BotExample, BotExample.intent_id == BotIntent.id)
        .order_by(BotIntent.name, BotExample.language, BotExample.id)
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for name, language, text in rows:
        # A cell that begins like a formula is one to a spreadsheet; reading takes the sign off.
        writer.writerow((name, language, f"'{text}" if text.startswith(_FORMULA) else text))
    return out.getvalue()


def from_csv(text: str) -> tuple[list[tuple[int, str, str, str]], list[tuple[int, str]]]:
    """Rows as (line, intent, language, text), and problems by line. Raises Invalid. Pure."""
    if len(text) > MAX_CSV:
        raise Invalid(errors=[("csv", f"has at most {MAX_CSV} characters")])
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        rows = list(reader)
    except csv.Error as error:
        raise Invalid(errors=[("csv", f"line {reader.line_num}: {error}")]) from error
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "intent" not in head or "text" not in head:
        wanted = ",".join(COLUMNS)
        raise Invalid(errors=[("csv", f"begins with a line of column names: {wanted}")])
    if len(rows) > MOST_ROWS:
        raise Invalid(errors=[("csv", f"has at most {MOST_ROWS} lines")])
    found: list[tuple[int, str, str, str]] = []
    problems: list[tuple[int, str]] = []
    for line, cells in enumerate(rows[1:], start=2):
        row = dict(zip(head, cells, strict=False))
        name, said = row.get("intent", "").strip(), " ".join(row.get("text", "").split())
        said = said[1:] if said[:1] == "'" and said[1:].startswith(_FORMULA) else said
        language = row.get("language", "").strip()
        if not name and not said:
            continue
        if problem := _problem(name, said):
            problems.append((line, problem))
        else:
            found.append((line, name, known(language) or language[:35] or guessed(said), said))
    return found, problems


def _problem(name: str, text: str) -> str:
    if not service.NAME.fullmatch(name):
        return f"{name!r} is no intent's name: small letters, digits and _, a letter first"
    if not text or len(text) > service.MAX_EXAMPLE:
        return f"an example has 1 to {service.MAX_EXAMPLE} characters"
    return ""


async def take_in(
    work: UnitOfWork,
    rows: Sequence[tuple[int, str, str, str]],
    problems: Iterable[tuple[int, str]] = (),
) -> Import:
    """Add rows of a file; intents that are new are made. The caller may roll back: a dry run."""
    intents = {row.name: row.id for row in await work.session.scalars(select(BotIntent))}
    new: list[str] = []
    grouped: dict[str, list[tuple[str, str]]] = {}
    for _, name, language, text in rows:
        grouped.setdefault(name, []).append((language, text))
    added = 0
    for name, examples in grouped.items():
        if name not in intents:
            made = await service.create_intent(work, name, titles={})
            intents[name] = made.id
            new.append(name)
        added += await service.add_examples(work, intents[name], examples)
    return Import(added, len(rows) - added, tuple(new), tuple(problems))


async def plan(
    session: AsyncSession,
    rows: Sequence[tuple[int, str, str, str]],
    problems: Iterable[tuple[int, str]] = (),
) -> Import:
    """What `take_in` would do with the rows."""
    there = {
        (name, text)
        for name, text in await session.execute(
            select(BotIntent.name, BotExample.text).join(
                BotExample, BotExample.intent_id == BotIntent.id
            )
        )
    }
    names = set(await session.scalars(select(BotIntent.name)))
    wanted = {(name, text) for _, name, _, text in rows}
    fresh = len(wanted - there)
    made = dict.fromkeys(name for _, name, _, _ in rows if name not in names)
    return Import(fresh, len(rows) - fresh, tuple(made), tuple(problems))
