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

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.bot import service
from desk.bot.models import BotModel, BotSetting, BotTraining
from desk.errors import NotFound
from desk.triage import bot_funnel, bot_train


class SettingIn(Struct, forbid_unknown_fields=True):
    """How the bot behaves in an inbox."""

    enabled: bool
    name: Annotated[str, Meta(max_length=80)] = ""
    engine: str = "embedded"
    forms: Annotated[list[dict[str, Any]], Meta(max_length=50)] = msgspec.field(
        default_factory=list
    )


class SettingOut(Struct, kw_only=True):
    """The same, as stored."""

    inbox_id: UUID
    enabled: bool
    name: str
    engine: str
    forms: list[dict[str, Any]]


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
            return SettingOut(
                inbox_id=inbox_id, enabled=False, name="", engine="embedded", forms=[]
            )
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
            )
            return _setting(row)

    @get("/funnel", summary="What the bot took off people")
    async def funnel(
        self,
        core: InjectedCore,
        days: Annotated[int, QueryParameter(ge=1, le=366)] = 30,
        within: Annotated[int, QueryParameter(ge=1, le=30)] = 3,
    ) -> FunnelOut:
        """Deflected: answered, no person involved, and the customer did not write again."""
        now = core.units.clock()
        since = now - timedelta(days=days)
        async with core.units.read() as session:
            found = await bot_funnel.funnel(session, since, now, timedelta(days=within))
        return FunnelOut(
            since=since,
            within_days=within,
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
    async def use(self, model_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> ModelOut:
        """Also the way back to a former one; from the next question on."""
        async with core.units.write(caller.actor) as work:
            if not await bot_train.put_in_force(work, model_id):
                raise NotFound("There is no such model.")
            return _model(await work.session.get_one(BotModel, model_id))


def _setting(row: BotSetting) -> SettingOut:
    return SettingOut(
        inbox_id=row.inbox_id,
        enabled=row.enabled,
        name=row.name,
        engine=row.engine,
        forms=row.forms,
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
