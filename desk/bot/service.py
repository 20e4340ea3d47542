"""Setting a bot up: on or off per inbox, its intents with titles, answers and examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import delete, select

from bot.dialogue_state import Form
from bot.texts import known
from desk.bot.models import BotExample, BotIntent, BotSetting
from desk.db.types import new_id
from desk.errors import Duplicate, Invalid, NotFound
from desk.events import Kind
from desk.inboxes.models import Inbox
from desk.unit_of_work import UnitOfWork

ENGINES: Final = ("embedded", "rasa")
MAX_EXAMPLE: Final = 500
MAX_ANSWER: Final = 4000
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")


async def configure(
    work: UnitOfWork,
    inbox_id: UUID,
    *,
    enabled: bool,
    name: str = "",
    engine: str = "embedded",
    forms: Sequence[Mapping[str, Any]] = (),
) -> BotSetting:
    """How the bot behaves in an inbox. Raises NotFound, Invalid."""
    if await work.session.get(Inbox, inbox_id) is None:
        raise NotFound("There is no such inbox.")
    if engine not in ENGINES:
        raise Invalid(errors=[("engine", f"is one of {', '.join(ENGINES)}")])
    for number, form in enumerate(forms):
        try:
            msgspec.convert(form, Form)
        except msgspec.ValidationError as error:
            raise Invalid(errors=[(f"forms.{number}", str(error))]) from error
    row = await work.session.get(BotSetting, inbox_id)
    before = row.enabled if row is not None else False
    if row is None:
        row = BotSetting(inbox_id=inbox_id)
        work.session.add(row)
    row.enabled, row.name, row.engine = enabled, " ".join(name.split())[:80], engine
    row.forms = [dict(form) for form in forms]
    row.updated_at = work.now
    work.record(
        Kind.BOT_CHANGED,
        changes={"enabled": (before, enabled)},
        data={"inbox_id": str(inbox_id)},
    )
    return row


async def create_intent(
    work: UnitOfWork,
    name: str,
    *,
    titles: Mapping[str, str],
    answers: Mapping[str, str] | None = None,
    article_id: UUID | None = None,
) -> BotIntent:
    """A new intent; `article_id` answers where no text does. Raises Duplicate, Invalid."""
    if not _NAME.fullmatch(name):
        raise Invalid(
            errors=[("name", "is made of small letters, digits and _, and begins with a letter")]
        )
    if await work.session.scalar(select(BotIntent.id).where(BotIntent.name == name)):
        raise Duplicate("There is an intent of this name.")
    row = BotIntent(
        id=new_id(),
        name=name,
        titles=_texts("titles", titles, 200),
        answers=_texts("answers", answers or {}, MAX_ANSWER),
        article_id=article_id,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.record(Kind.BOT_CHANGED, data={"intent": name})
    return row


async def change_intent(
    work: UnitOfWork,
    intent_id: UUID,
    *,
    titles: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> BotIntent:
    """Other titles or answers; they are said from the next question on. Raises NotFound."""
    row = await work.session.get(BotIntent, intent_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such intent.")
    if titles is not None:
        row.titles = _texts("titles", titles, 200)
    if answers is not None:
        row.answers = _texts("answers", answers, MAX_ANSWER)
    row.updated_at = work.now
    work.record(Kind.BOT_CHANGED, data={"intent": row.name})
    return row


async def add_examples(
    work: UnitOfWork, intent_id: UUID, examples: Iterable[tuple[str, str]]
) -> int:
    """Add (language, text) pairs; how many are new. They count from the next training on."""
    row = await work.session.get(BotIntent, intent_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such intent.")
    there = set(
        await work.session.scalars(select(BotExample.text).where(BotExample.intent_id == intent_id))
    )
    added = 0
    for language, text in examples:
        clean = " ".join(text.split())
        if not clean or len(clean) > MAX_EXAMPLE:
            raise Invalid(errors=[("text", f"an example has 1 to {MAX_EXAMPLE} characters")])
        if clean in there:
            continue
        there.add(clean)
        added += 1
        work.session.add(
            BotExample(
                id=new_id(),
                intent_id=intent_id,
                language=known(language) or language[:35],
                text=clean,
                created_at=work.now,
            )
        )
    await work.session.flush()
    work.record(Kind.BOT_CHANGED, data={"intent": row.name, "examples": added})
    return added


async def remove_example(work: UnitOfWork, example_id: UUID) -> None:
    """Forget an example. Raises NotFound."""
    row = await work.session.get(BotExample, example_id)
    if row is None:
        raise NotFound("There is no such example.")
    await work.session.delete(row)
    work.record(Kind.BOT_CHANGED, data={"example": str(example_id)})


async def remove_intent(work: UnitOfWork, intent_id: UUID) -> None:
    """Forget an intent and its examples. Raises NotFound."""
    row = await work.session.get(BotIntent, intent_id)
    if row is None:
        raise NotFound("There is no such intent.")
    await work.session.execute(delete(BotExample).where(BotExample.intent_id == intent_id))
    await work.session.delete(row)
    work.record(Kind.BOT_CHANGED, data={"intent": row.name, "removed": True})


def _texts(field: str, texts: Mapping[str, str], most: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for language, text in texts.items():
        if known(language) is None:
            raise Invalid(errors=[(field, f"{language!r} is no language the bot speaks")])
        if len(text) > most:
            raise Invalid(errors=[(field, f"a text has at most {most} characters")])
        if text.strip():
            found[known(language) or language] = text.strip()
    return found
