"""`/api/v1/bot`: the switch, trainings and models, the funnel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct
from sqlalchemy import select

from bot.evaluation import Report
from desk.api.bot_parts import InjectedWalk
from desk.api.core import Caller, Core, InjectedCore
from desk.api.guards import requires
from desk.api.parts import InjectedShelf, Shelf
from desk.bot import defaults, service
from desk.bot.models import BotModel, BotSetting, BotTraining
from desk.triage import bot_fit, bot_funnel, bot_train
from desk.triage.bot_walk import BotWalk


class SettingIn(Struct, forbid_unknown_fields=True):
    """How the bot behaves in an inbox."""

    enabled: bool
    name: Annotated[str, Meta(max_length=80)] = ""
    engine: str = "embedded"
    forms: Annotated[list[dict[str, Any]], Meta(max_length=50)] = msgspec.field(
        default_factory=list
    )
    languages: Annotated[list[str], Meta(max_length=20)] = msgspec.field(default_factory=list)
    offered: Annotated[int, Meta(ge=0, le=3)] = 3
    hours: str = "always"
    greetings: Annotated[dict[str, str], Meta(max_length=20)] = msgspec.field(default_factory=dict)


class SettingOut(Struct, kw_only=True):
    """The same, as stored."""

    inbox_id: UUID
    enabled: bool
    name: str
    engine: str
    forms: list[dict[str, Any]]
    languages: list[str]
    offered: int
    hours: str
    greetings: dict[str, str]


class DefaultsIn(Struct, forbid_unknown_fields=True):
    """What holds for the whole desk."""

    wrong_rate: Annotated[float, Meta(ge=0.001, le=0.25)]
    return_days: Annotated[int, Meta(ge=1, le=30)]


class LanguageOutlook(Struct, kw_only=True):
    """What a rate gives in one language; "" is all of them."""

    language: str
    questions: int
    answered: float
    wrong: float
    offered: float
    threshold: float


class RateOutlook(Struct, kw_only=True):
    """What a wrong-answer rate would give."""

    rate: float
    languages: list[LanguageOutlook]


class DefaultsOut(Struct, kw_only=True):
    """The same, with what other rates would give; none without a model that kept its fit."""

    wrong_rate: float
    return_days: int
    rasa: bool  # whether a Rasa server is set up
    outlook: list[RateOutlook]


class TrainingOut(Struct, kw_only=True):
    """A training: waiting, running, done (in force), kept (not better), failed."""

    id: UUID
    state: str
    step: str
    share: float
    verdict: str
    model_id: UUID | None
    asked_by: str
    created_at: datetime
    finished_at: datetime | None


class ModelOut(Struct, kw_only=True):
    """A trained model and its evaluation on questions it was not taught."""

    id: UUID
    current: bool
    examples: int
    intents: int
    report: dict[str, Any]
    created_at: datetime


class FunnelOut(Struct, kw_only=True):
    """Numbers of conversations since `since`; `deflection` is null before any is decided."""

    since: datetime
    within_days: int
    asked: int
    answered: int
    helped: int
    escalated: int
    deflected: int
    came_back: int
    undecided: int
    deflection: float | None


class BotController(Controller):
    """The bot, for those who look after it."""

    path = "/bot"
    tags = ("Bot",)
    guards = (requires("bot.manage"),)

    @get("/inboxes/{inbox_id:uuid}", summary="How the bot behaves in an inbox")
    async def setting(self, inbox_id: FromPath[UUID], core: InjectedCore) -> SettingOut:
        """Off, while nothing was ever set."""
        async with core.units.read() as session:
            row = await session.get(BotSetting, inbox_id)
        if row is None:
            row = service.unset(inbox_id)
        return _setting(row)

    @put("/inboxes/{inbox_id:uuid}", summary="Change how the bot behaves in an inbox")
    async def configure(
        self,
        inbox_id: FromPath[UUID],
        data: JSONBody[SettingIn],
        caller: Caller,
        core: InjectedCore,
    ) -> SettingOut:
        """Counts from the next message on."""
        async with core.units.write(caller.actor) as work:
            row = await service.configure(
                work,
                inbox_id,
                enabled=data.enabled,
                name=data.name,
                engine=data.engine,
                forms=data.forms,
                languages=data.languages,
                offered=data.offered,
                hours=data.hours,
                greetings=data.greetings,
            )
            return _setting(row)

    @get("/defaults", summary="What holds for the bot in the whole desk")
    async def desk_wide(
        self, core: InjectedCore, shelf: InjectedShelf, bot_walk: InjectedWalk
    ) -> DefaultsOut:
        """With the coverage that other wrong-answer rates would give."""
        return await self._defaults(core, shelf, bot_walk)

    @put("/defaults", summary="Change what holds for the whole desk")
    async def set_defaults(
        self,
        data: JSONBody[DefaultsIn],
        caller: Caller,
        core: InjectedCore,
        shelf: InjectedShelf,
        bot_walk: InjectedWalk,
    ) -> DefaultsOut:
        """A new rate changes the thresholds at once, without training."""
        await bot_fit.set_rate(
            core.units, shelf.blobs, caller.actor, rate=data.wrong_rate, days=data.return_days
        )
        return await self._defaults(core, shelf, bot_walk)

    @staticmethod
    async def _defaults(core: Core, shelf: Shelf, walk: BotWalk) -> DefaultsOut:
        async with core.units.read() as session:
            rate, days = await defaults.wrong_rate(session), await defaults.return_days(session)
        return DefaultsOut(
            wrong_rate=rate,
            return_days=days,
            rasa=walk.brain.rasa is not None,
            outlook=[_outlook(one) for one in await bot_fit.outlook(core.units, shelf.blobs)],
        )

    @get("/funnel", summary="What the bot took off people")
    async def funnel(
        self,
        core: InjectedCore,
        days: Annotated[int, QueryParameter(ge=1, le=366)] = 30,
        within: Annotated[int | None, QueryParameter(ge=1, le=30)] = None,
    ) -> FunnelOut:
        """Deflected: answered, no person involved, and the customer did not write again."""
        now = core.units.clock()
        since = now - timedelta(days=days)
        async with core.units.read() as session:
            wait = within or await defaults.return_days(session)
            found = await bot_funnel.funnel(session, since, now, timedelta(days=wait))
        return FunnelOut(
            since=since,
            within_days=wait,
            asked=found.asked,
            answered=found.answered,
            helped=found.helped,
            escalated=found.escalated,
            deflected=found.deflected,
            came_back=found.came_back,
            undecided=found.undecided,
            deflection=found.deflection,
        )

    @get("/trainings", summary="Trainings, the newest first")
    async def trainings(self, core: InjectedCore) -> list[TrainingOut]:
        """The last twenty, with their progress."""
        async with core.units.read() as session:
            rows = await session.scalars(
                select(BotTraining).order_by(BotTraining.created_at.desc()).limit(20)
            )
            return [_training(row) for row in rows]

    @post("/trainings", summary="Train the bot", status_code=202)
    async def train(self, caller: Caller, core: InjectedCore) -> TrainingOut:
        """A job; the new model answers only if it is no worse than the one in force."""
        async with core.units.write(caller.actor) as work:
            return _training(await bot_train.ask(work, caller.actor.name))

    @get("/models", summary="Models, the newest first")
    async def models(self, core: InjectedCore) -> list[ModelOut]:
        """With how they did on questions they were not taught."""
        async with core.units.read() as session:
            rows = await session.scalars(
                select(BotModel).order_by(BotModel.created_at.desc()).limit(20)
            )
            return [_model(row) for row in rows]

    @post("/models/{model_id:uuid}/use", summary="Put a model in force", status_code=200)
    async def use(
        self, model_id: FromPath[UUID], caller: Caller, core: InjectedCore, shelf: InjectedShelf
    ) -> ModelOut:
        """Also one that was found worse, and the way back to a former one; at once."""
        return _model(await bot_fit.use(core.units, shelf.blobs, caller.actor, model_id))


def _setting(row: BotSetting) -> SettingOut:
    return SettingOut(
        inbox_id=row.inbox_id,
        enabled=row.enabled,
        name=row.name,
        engine=row.engine,
        forms=row.forms,
        languages=row.languages,
        offered=row.offered,
        hours=row.hours,
        greetings=row.greetings,
    )


def _outlook(report: Report) -> RateOutlook:
    return RateOutlook(
        rate=report.thresholds.wrong_rate,
        languages=[
            LanguageOutlook(
                language=one.language,
                questions=one.questions,
                answered=one.answered,
                wrong=one.wrong,
                offered=one.offered,
                threshold=report.thresholds.of(one.language).confidence,
            )
            for one in (report.overall, *report.languages)
        ],
    )


def _training(row: BotTraining) -> TrainingOut:
    return TrainingOut(
        id=row.id,
        state=row.state,
        step=row.step,
        share=row.share,
        verdict=row.verdict,
        model_id=row.model_id,
        asked_by=row.asked_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _model(row: BotModel) -> ModelOut:
    return ModelOut(
        id=row.id,
        current=row.current,
        examples=row.examples,
        intents=row.intents,
        report=row.report,
        created_at=row.created_at,
    )
