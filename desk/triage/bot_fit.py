"""The wrong-answer rate: what another one would give, and its thresholds at once in force."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.evaluation import Report
from bot.fit import Fit, expected, unpack
from desk.bot import defaults
from desk.bot.models import BotDefaults, BotModel
from desk.errors import NotFound
from desk.events import Actor, Kind
from desk.files.store import BlobStore
from desk.triage import bot_train
from desk.unit_of_work import Units

log = structlog.get_logger(__name__)


async def fit_of(blobs: BlobStore, model: BotModel) -> Fit | None:
    """The fit kept beside a model; None for one that was trained before fits were kept."""
    if not model.fit_sha256:
        return None
    try:
        return unpack(await asyncio.to_thread(blobs.get, model.fit_sha256))
    except (FileNotFoundError, msgspec.DecodeError):
        # The model still answers, at the rate it was fitted for; the page says so.
        log.exception("bot_fit_not_read", model_id=str(model.id))
        return None


async def in_force(session: AsyncSession) -> BotModel | None:
    """The model that answers."""
    found: BotModel | None = await session.scalar(
        select(BotModel)
        .where(BotModel.current.is_(True))
        .order_by(BotModel.created_at.desc())
        .limit(1)
    )
    return found


async def outlook(units: Units, blobs: BlobStore) -> tuple[Report, ...]:
    """What each rate would give with the model in force; () without a model or its fit."""
    async with units.read() as session:
        model = await in_force(session)
        fit = await fit_of(blobs, model) if model is not None else None
    return await asyncio.to_thread(expected, fit) if fit is not None else ()


async def set_rate(
    units: Units, blobs: BlobStore, actor: Actor, *, rate: float, days: int
) -> BotDefaults:
    """Change what holds for the desk; the model in force answers by it from the next question.

    Raises Invalid.
    """
    async with units.read() as session:
        model = await in_force(session)
        fit = await fit_of(blobs, model) if model is not None else None
    async with units.write(actor) as work:
        row = await defaults.change(work, rate=rate, days=days)
        if model is not None and fit is not None:
            stored = await work.session.get_one(BotModel, model.id)
            refit(stored, fit, rate)
            work.record(Kind.BOT_TRAINING, data={"model_id": str(model.id), "wrong_rate": rate})
    return row


def refit(model: BotModel, fit: Fit, rate: float) -> None:
    """Give a model the thresholds and figures of a rate."""
    former = msgspec.convert(model.report, Report)
    report = msgspec.to_builtins(replace(fit.report(rate), speed=former.speed))
    model.thresholds, model.report = report["thresholds"], report


async def use(units: Units, blobs: BlobStore, actor: Actor, model_id: UUID) -> BotModel:
    """Put a model in force, at the present wrong-answer rate. Raises NotFound."""
    async with units.read() as session:
        model = await session.get(BotModel, model_id)
        fit = await fit_of(blobs, model) if model is not None else None
    async with units.write(actor) as work:
        if not await bot_train.put_in_force(work, model_id):
            raise NotFound("There is no such model.")
        stored = await work.session.get_one(BotModel, model_id)
        if fit is not None:
            refit(stored, fit, await defaults.wrong_rate(work.session))
        return stored
