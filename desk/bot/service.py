"""Setting a bot up: on or off per inbox, its intents with titles, answers and examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import delete, select

from bot.decision import MOST_OFFERED
from bot.texts import known
from desk.bot.forms import checked
from desk.bot.models import BotExample, BotIntent, BotSetting
from desk.db.types import new_id
from desk.errors import Duplicate, Invalid, NotFound
from desk.events import Kind
from desk.inboxes.models import Inbox
from desk.unit_of_work import UnitOfWork

ENGINES: Final = ("embedded", "rasa")
HOURS: Final = ("always", "closed")  # the bot answers always, or only while nobody is there
MAX_EXAMPLE: Final = 500
MAX_ANSWER: Final = 4000
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")


def unset(inbox_id: UUID) -> BotSetting:
    """The setting of an inbox in which nothing was ever set: off."""
    return BotSetting(
        inbox_id=inbox_id,
        enabled=False,
        name="",
        engine="embedded",
        forms=[],
        languages=[],
        offered=MOST_OFFERED,
        hours="always",
        greetings={},
    )


async def configure(  # noqa: PLR0913 - a keyword for each thing that can be set
    work: UnitOfWork,
    inbox_id: UUID,
    *,
    enabled: bool,
    name: str = "",
    engine: str = "embedded",
    forms: Sequence[Mapping[str, Any]] = (),
    languages: Sequence[str] = (),
    offered: int = MOST_OFFERED,
    hours: str = "always",
    greetings: Mapping[str, str] | None = None,
) -> BotSetting:
    """How the bot behaves in an inbox. Raises NotFound, Invalid."""
    if await work.session.get(Inbox, inbox_id) is None:
        raise NotFound("There is no such inbox.")
    if engine not in ENGINES:
        raise Invalid(errors=[("engine", f"is one of {', '.join(ENGINES)}")])
    if hours not in HOURS:
        raise Invalid(errors=[("hours", f"is one of {', '.join(HOURS)}")])
    if not 0 <= offered <= MOST_OFFERED:
        raise Invalid(errors=[("offered", f"is 0 to {MOST_OFFERED}")])
    for one in languages:
        if known(one) is None:
            raise Invalid(errors=[("languages", f"{one!r} is no language the bot speaks")])
    checked(forms)
    row = await work.session.get(BotSetting, inbox_id)
    before = row.enabled if row is not None else False
    if row is None:
        row = BotSetting(inbox_id=inbox_id)
        work.session.add(row)
    row.enabled, row.name, row.engine = enabled, " ".join(name.split())[:80], engine
    row.forms = [dict(form) for form in forms]
    row.languages = list(dict.fromkeys(known(one) or one for one in languages))
    row.offered, row.hours = offered, hours
    row.greetings = _texts("greetings", greetings or {}, MAX_ANSWER)
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
    await _free(work, name)
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
    name: str | None = None,
    enabled: bool | None = None,
    article_id: UUID | Literal["same"] | None = "same",
) -> BotIntent:
    """Change an intent; it is said from the next question on. Raises NotFound, Duplicate.

    A new name counts as well for the forms that the intent starts; the model in force knows the
    intent by it from the next training on.
    """
    row = await work.session.get(BotIntent, intent_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such intent.")
    if titles is not None:
        row.titles = _texts("titles", titles, 200)
    if answers is not None:
        row.answers = _texts("answers", answers, MAX_ANSWER)
    if enabled is not None:
        row.enabled = enabled
    if article_id != "same":
        row.article_id = article_id
    if name is not None and name != row.name:
        await _free(work, name)
        await _renamed(work, row.name, name)
        row.name = name
    row.updated_at = work.now
    await work.session.flush()
    work.record(Kind.BOT_CHANGED, data={"intent": row.name})
    return row


async def _free(work: UnitOfWork, name: str) -> None:
    """Raises Invalid, Duplicate."""
    if not NAME.fullmatch(name):
        raise Invalid(
            errors=[("name", "is made of small letters, digits and _, and begins with a letter")]
        )
    if await work.session.scalar(select(BotIntent.id).where(BotIntent.name == name)):
        raise Duplicate("There is an intent of this name.")


async def _renamed(work: UnitOfWork, before: str, after: str) -> None:
    for setting in await work.session.scalars(select(BotSetting)):
        if any(form.get("intent") == before for form in setting.forms):
            setting.forms = [
                {**form, "intent": after} if form.get("intent") == before else form
                for form in setting.forms
            ]


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
