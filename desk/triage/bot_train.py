"""Training as a job: examples from the database, progress in its row, evaluation before the swap.

The new model is trained beside the one that answers. It replaces that one only when `better` finds
nothing against it; either way it stays among the models, and a person can put any of them in force.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import foreign
from bot.calibration import DEFAULT_WRONG_RATE
from bot.evaluation import Report, better, speed_of
from bot.fit import Fit, pack
from bot.nlu.embedded import EmbeddedNlu
from bot.nlu.engine import HeldOut, NluError, Parse
from bot.texts import known as spoken
from desk.bot import defaults
from desk.bot.examples import mark
from desk.bot.models import BotExample, BotIntent, BotModel, BotTraining
from desk.db.types import new_id
from desk.events import Kind
from desk.files.store import BlobStore
from desk.triage.bot_brain import Brain
from desk.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

Finish = Callable[[UnitOfWork], Awaitable[None]]
_TOLD_EVERY = 0.5  # seconds between two writes of the progress
_TIMED = 30  # questions whose understanding is timed


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of training on one set of examples."""

    model: bytes
    report: Report
    examples: int
    intents: int
    fit: bytes
    taught: list[str]  # marks of the examples


@dataclass(slots=True)
class _Progress:
    step: str = ""
    share: float = 0.0
    watch: Callable[[str, float], None] = lambda _step, _share: None

    def __call__(self, step: str, share: float) -> None:
        self.step, self.share = step, share
        self.watch(step, share)


async def ask(work: UnitOfWork, asked_by: str) -> BotTraining:
    """Ask for a training; the job follows from the event."""
    row = new(work, asked_by)
    work.record(Kind.BOT_TRAINING, data={"training_id": str(row.id)})
    return row


def new(work: UnitOfWork, asked_by: str) -> BotTraining:
    """A training's row, for whoever runs it at once."""
    row = BotTraining(
        id=new_id(),
        state="waiting",
        step="",
        share=0.0,
        verdict="",
        model_id=None,
        asked_by=asked_by[:200],
        created_at=work.now,
        finished_at=None,
    )
    work.session.add(row)
    return row


async def examples(
    session: AsyncSession,
) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    """What there is to learn: (text, intent, language), and what each intent is called."""
    rows = await session.execute(
        select(BotExample.text, BotIntent.name, BotExample.language, BotIntent.titles)
        .join(BotIntent, BotIntent.id == BotExample.intent_id)
        .where(BotIntent.enabled.is_(True))
        .order_by(BotIntent.name, BotExample.id)
    )
    found: list[tuple[str, str, str]] = []
    titles: dict[str, str] = {}
    for text, name, language, named in rows:
        found.append((text, name, language))
        if isinstance(named, Mapping) and named.get("en"):
            titles[name] = str(named["en"])
    return found, titles


async def put_in_force(work: UnitOfWork, model_id: UUID) -> bool:
    """Make a model the current one; every process loads it at its next question.

    Its thresholds are those it was fitted with last: see `desk.triage.bot_fit.refit`.
    """
    row = await work.session.get(BotModel, model_id)
    if row is None:
        return False
    await work.session.execute(
        update(BotModel).where(BotModel.current.is_(True)).values(current=False)
    )
    row.current = True
    work.record(Kind.BOT_TRAINING, data={"model_id": str(model_id)})
    return True


@dataclass(frozen=True)
class Trainer:
    """Runs trainings."""

    units: Units
    blobs: BlobStore
    brain: Brain

    async def run(
        self,
        training_id: UUID,
        finish: Finish,
        watch: Callable[[str, float], None] = lambda _step, _share: None,
    ) -> None:
        """One training, from the examples to the swap or the reason against it.

        `watch` hears of the progress beside the training's row, from a thread.
        """
        async with self.units.read() as session:
            row = await session.get(BotTraining, training_id)
            known, titles = await examples(session)
            before = await current_report(session)
            rate = await defaults.wrong_rate(session)
        if row is None or row.state in {"done", "kept", "failed"}:
            return
        progress = _Progress("reading the examples", watch=watch)
        telling = asyncio.create_task(self._tell(training_id, progress))
        try:
            trained = await asyncio.to_thread(self.learn, known, titles, progress, rate)
        except NluError as error:
            await self._end(training_id, "failed", str(error), finish)
            return
        finally:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling
        sha256 = await asyncio.to_thread(self.blobs.put, trained.model)
        fit_sha256 = await asyncio.to_thread(self.blobs.put, trained.fit)
        good, verdict = better(trained.report, before)
        async with self.units.write() as work:
            model = store(work, trained, sha256, fit_sha256)
            if good:
                await work.session.flush()
                await put_in_force(work, model.id)
            await self._ended(work, training_id, "done" if good else "kept", verdict, model.id)
            await finish(work)
        async with self.units.read() as session:
            await self.brain.refresh(session)

    def learn(
        self,
        known: list[tuple[str, str, str]],
        titles: Mapping[str, str],
        progress: Callable[[str, float], None] | None = None,
        wrong_rate: float = DEFAULT_WRONG_RATE,
    ) -> Trained:
        """Train and measure; for a thread. Raises NluError when there is nothing to learn."""
        nlu = EmbeddedNlu(self.brain.embedder)
        training = nlu.train(known, descriptions=titles, progress=progress)
        if not training.held_out:
            raise NluError("There are too few examples to measure: give each intent a few more.")
        if progress is not None:
            progress("measuring", 0.98)
        fit = Fit(training.held_out, _foreign(nlu, {language for _, _, language in known}))
        report = replace(fit.report(wrong_rate), speed=speed_of(_timed(nlu, training.held_out)))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model"
            nlu.save(path)
            model = path.read_bytes()
        taught = sorted(mark(intent, text) for text, intent, _ in known)
        return Trained(model, report, training.examples, training.intents, pack(fit), taught)

    async def failed(self, training_id: UUID, error: str) -> None:
        """Keep the reason where people see it."""

        async def nothing(_: UnitOfWork) -> None:
            return

        await self._end(training_id, "failed", error, nothing)

    async def _tell(self, training_id: UUID, progress: _Progress) -> None:
        told = ("", -1.0)
        while True:
            if (progress.step, progress.share) != told:
                told = (progress.step, progress.share)
                async with self.units.write() as work:
                    row = await work.session.get(BotTraining, training_id)
                    if row is not None:
                        row.state, row.step, row.share = "running", told[0][:200], told[1]
            await asyncio.sleep(_TOLD_EVERY)

    async def _end(self, training_id: UUID, state: str, verdict: str, finish: Finish) -> None:
        async with self.units.write() as work:
            await self._ended(work, training_id, state, verdict, None)
            await finish(work)

    @staticmethod
    async def _ended(
        work: UnitOfWork, training_id: UUID, state: str, verdict: str, model_id: UUID | None
    ) -> None:
        row = await work.session.get_one(BotTraining, training_id)
        row.state, row.verdict, row.model_id = state, verdict[:1000], model_id
        row.share, row.finished_at = 1.0, work.now
        work.record(Kind.BOT_TRAINING, data={"ended": str(training_id), "state": state})


def _foreign(nlu: EmbeddedNlu, languages: set[str]) -> tuple[Parse, ...]:
    """What the model makes of questions that no desk answers, in the languages it was taught."""
    codes = sorted({code for language in languages if (code := spoken(language))})
    return tuple(nlu.parse(text, code) for code in codes for text in foreign.QUESTIONS[code])


def _timed(nlu: EmbeddedNlu, held_out: Sequence[HeldOut]) -> list[tuple[str, float]]:
    """How long understanding takes, for some of the questions in a spelling never read before.

    CPU time of this thread: the desk answers customers meanwhile.
    """
    step = max(1, len(held_out) // _TIMED)
    found: list[tuple[str, float]] = []
    for sample in held_out[::step][:_TIMED]:
        began = time.thread_time()
        nlu.parse(f"{sample.text} ?!", sample.language)
        found.append((sample.text, time.thread_time() - began))
    return found


def store(work: UnitOfWork, trained: Trained, sha256: str, fit_sha256: str) -> BotModel:
    """Keep a model whose files are among the blobs."""
    report: dict[str, Any] = msgspec.to_builtins(trained.report)
    row = BotModel(
        id=new_id(),
        sha256=sha256,
        fit_sha256=fit_sha256,
        taught=trained.taught,
        thresholds=report["thresholds"],
        report=report,
        examples=trained.examples,
        intents=trained.intents,
        current=False,
        created_at=work.now,
    )
    work.session.add(row)
    return row


async def current_report(session: AsyncSession) -> Report | None:
    """How good the model in force was found to be."""
    stored = await session.scalar(
        select(BotModel.report)
        .where(BotModel.current.is_(True))
        .order_by(BotModel.created_at.desc())
        .limit(1)
    )
    return msgspec.convert(stored, Report) if stored else None
