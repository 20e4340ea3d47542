"""`/api/v1/bot/intents`, `/bot/examples`: what the bot is taught."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy import select

from desk.api.bot_parts import InjectedWalk
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.bot import examples, service
from desk.bot.models import BotExample, BotIntent
from desk.triage import bot_conflicts

Texts = Annotated[dict[str, str], Meta(max_length=20)]


class IntentIn(Struct, forbid_unknown_fields=True):
    """A new intent."""

    name: Annotated[str, Meta(max_length=80)]
    titles: Texts = {}
    answers: Texts = {}
    article_id: UUID | None = None


class IntentPatch(Struct, forbid_unknown_fields=True):
    """What to change of an intent; texts by language replace all of their kind."""

    name: Annotated[str, Meta(max_length=80)] | UnsetType = UNSET
    titles: Texts | UnsetType = UNSET
    answers: Texts | UnsetType = UNSET
    article_id: UUID | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class IntentOut(Struct, kw_only=True):
    """An intent, with the number of its examples by language."""

    id: UUID
    name: str
    titles: dict[str, str]
    answers: dict[str, str]
    article_id: UUID | None
    enabled: bool
    examples: dict[str, int]
    updated_at: datetime


class IntentList(Struct):
    """All intents by name; what changed since the model in force was trained (null: no model)."""

    items: list[IntentOut]
    added: int | None
    removed: int | None


class ExampleOut(Struct, kw_only=True):
    """One example."""

    id: UUID
    language: str
    text: str
    created_at: datetime


class ExampleList(Struct):
    """The newest first, at most 2,000."""

    items: list[ExampleOut]


class ExamplesIn(Struct, forbid_unknown_fields=True):
    """Examples, one a line; without a language each line's is made out."""

    text: Annotated[str, Meta(max_length=200_000)]
    language: Annotated[str, Meta(max_length=35)] = ""


class Added(Struct):
    """How many were new, and how many lines there were."""

    added: int
    lines: int


class MoveIn(Struct, forbid_unknown_fields=True):
    """Where an example goes."""

    intent_id: UUID


class SideOut(Struct, kw_only=True):
    """One of two examples that say the same."""

    example_id: UUID
    intent_id: UUID
    intent: str
    text: str


class ConflictOut(Struct, kw_only=True):
    """Two examples under two intents, and how alike they are (1: the same)."""

    one: SideOut
    other: SideOut
    similarity: float


class ConflictList(Struct):
    """The closest first."""

    items: list[ConflictOut]


class CsvIn(Struct, forbid_unknown_fields=True):
    """A file with the columns intent, language and text; a dry run changes nothing."""

    csv: str
    dry_run: bool = True


class CsvProblem(Struct):
    """A line that was left out, and why."""

    line: int
    problem: str


class CsvOut(Struct, kw_only=True):
    """What was (or would be) taken in."""

    added: int
    known: int
    intents: list[str]
    problems: list[CsvProblem]


class BotIntentController(Controller):
    """Intents and their examples."""

    path = "/bot"
    tags = ("Bot",)
    guards = (requires("bot.manage"),)

    @get("/intents", summary="Intents")
    async def intents(
        self,
        core: InjectedCore,
        q: Annotated[str, QueryParameter(max_length=200)] = "",
    ) -> IntentList:
        """All, or those whose name, titles or examples hold a text."""
        async with core.units.read() as session:
            rows = list(await session.scalars(select(BotIntent).order_by(BotIntent.name)))
            counts = await examples.counts(session)
            if q.strip():
                by_example = await examples.matching(session, q)
                rows = [row for row in rows if row.id in by_example or _named(row, q)]
            changed = await examples.pending(session)
        return IntentList(
            [_intent(row, counts.get(row.id, {})) for row in rows],
            changed[0] if changed else None,
            changed[1] if changed else None,
        )

    @post("/intents", summary="Make an intent")
    async def create(
        self, data: JSONBody[IntentIn], caller: Caller, core: InjectedCore
    ) -> IntentOut:
        """It is understood once it has examples and the bot was trained."""
        async with core.units.write(caller.actor) as work:
            row = await service.create_intent(
                work,
                data.name,
                titles=data.titles,
                answers=data.answers,
                article_id=data.article_id,
            )
            return _intent(row, {})

    @patch("/intents/{intent_id:uuid}", summary="Change an intent")
    async def change(
        self,
        intent_id: FromPath[UUID],
        data: JSONBody[IntentPatch],
        caller: Caller,
        core: InjectedCore,
    ) -> IntentOut:
        """Texts and the switch count from the next question on, a name from the next training."""
        changes: dict[str, Any] = {
            name: value
            for name in ("name", "titles", "answers", "article_id", "enabled")
            if (value := getattr(data, name)) is not UNSET
        }
        async with core.units.write(caller.actor) as work:
            row = await service.change_intent(work, intent_id, **changes)
            counts = await examples.counts(work.session)
            return _intent(row, counts.get(row.id, {}))

    @delete("/intents/{intent_id:uuid}", summary="Delete an intent and its examples")
    async def remove(self, intent_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> None:
        """It is gone from answers at once, from the model with the next training."""
        async with core.units.write(caller.actor) as work:
            await service.remove_intent(work, intent_id)

    @get("/intents/{intent_id:uuid}/examples", summary="Examples of an intent")
    async def of_intent(
        self,
        intent_id: FromPath[UUID],
        core: InjectedCore,
        q: Annotated[str, QueryParameter(max_length=200)] = "",
        language: Annotated[str, QueryParameter(max_length=35)] = "",
    ) -> ExampleList:
        """All, or those in a language or that hold a text."""
        async with core.units.read() as session:
            rows = await examples.of_intent(session, intent_id, language=language, text=q)
        return ExampleList([_example(row) for row in rows])

    @post("/intents/{intent_id:uuid}/examples", summary="Add examples")
    async def add(
        self,
        intent_id: FromPath[UUID],
        data: JSONBody[ExamplesIn],
        caller: Caller,
        core: InjectedCore,
    ) -> Added:
        """One a line; those that are there already are passed over."""
        lines = examples.pasted(data.text, data.language)
        async with core.units.write(caller.actor) as work:
            return Added(await service.add_examples(work, intent_id, lines), len(lines))

    @delete("/examples/{example_id:uuid}", summary="Delete an example")
    async def forget(self, example_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> None:
        """Counts from the next training on."""
        async with core.units.write(caller.actor) as work:
            await service.remove_example(work, example_id)

    @post("/examples/{example_id:uuid}/move", summary="Move an example", status_code=204)
    async def move(
        self,
        example_id: FromPath[UUID],
        data: JSONBody[MoveIn],
        caller: Caller,
        core: InjectedCore,
    ) -> None:
        """To another intent; counts from the next training on."""
        async with core.units.write(caller.actor) as work:
            await examples.move(work, example_id, data.intent_id)

    @get("/conflicts", summary="Examples that say the same under two intents")
    async def conflicts(self, core: InjectedCore, bot_walk: InjectedWalk) -> ConflictList:
        """By meaning, the closest first; at most fifty."""
        async with core.units.read() as session:
            sides = await bot_conflicts.sides(session)
        found = await bot_conflicts.find(sides, bot_walk.brain.embedder)
        return ConflictList(
            [
                ConflictOut(one=_side(one.one), other=_side(one.other), similarity=one.similarity)
                for one in found
            ]
        )

    @get("/examples.csv", summary="All examples as CSV", media_type="text/csv")
    async def export(self, core: InjectedCore) -> Response[str]:
        """The columns intent, language and text."""
        async with core.units.read() as session:
            text = await examples.as_csv(session)
        return Response(
            text,
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="bot-examples.csv"'},
        )

    @post("/examples/import", summary="Take examples in from CSV", status_code=200)
    async def take_in(self, data: JSONBody[CsvIn], caller: Caller, core: InjectedCore) -> CsvOut:
        """Lines with a problem are left out and named; intents that are new are made."""
        rows, problems = examples.from_csv(data.csv)
        if data.dry_run:
            async with core.units.read() as session:
                found = await examples.plan(session, rows, problems)
        else:
            async with core.units.write(caller.actor) as work:
                found = await examples.take_in(work, rows, problems)
        return CsvOut(
            added=found.added,
            known=found.known,
            intents=list(found.intents),
            problems=[CsvProblem(*problem) for problem in found.problems[:200]],
        )


def _named(row: BotIntent, text: str) -> bool:
    wanted = text.strip().casefold()
    return any(wanted in str(one).casefold() for one in (row.name, *row.titles.values()))


def _intent(row: BotIntent, counts: dict[str, int]) -> IntentOut:
    return IntentOut(
        id=row.id,
        name=row.name,
        titles=row.titles,
        answers=row.answers,
        article_id=row.article_id,
        enabled=row.enabled,
        examples=counts,
        updated_at=row.updated_at,
    )


def _example(row: BotExample) -> ExampleOut:
    return ExampleOut(id=row.id, language=row.language, text=row.text, created_at=row.created_at)


def _side(side: bot_conflicts.Side) -> SideOut:
    return SideOut(
        example_id=side.example_id, intent_id=side.intent_id, intent=side.intent, text=side.text
    )
