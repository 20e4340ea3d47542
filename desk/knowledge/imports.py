"""Imports as people watch them: checked, started, carried out by a job, reported."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.text import storable, storable_json
from desk.db.types import new_id
from desk.errors import Conflict, Invalid, NotFound
from desk.events import Actor, Kind
from desk.knowledge.importing import Forecast, Importer, Outcome, Wishes
from desk.knowledge.models import ArticleImport
from desk.unit_of_work import UnitOfWork
from knowledge_base import origins
from knowledge_base.exchange import source
from knowledge_base.exchange.articles import Imported, ImportedArticle, ImportRefused, Problem
from knowledge_base.exchange.source import Format
from knowledge_base.exchange.tree import read_zip
from knowledge_base.locales import is_locale

MOST: Final = 1000  # entries of one list of a report; the counts are complete


async def read(data: bytes, kind: Format, locale: str) -> Imported:
    """The articles of an archive, read in a thread. Raises Invalid."""
    if not is_locale(locale):
        raise Invalid(
            errors=[("locale", f"{locale!r} is no language tag; write en, pt-BR or zh-Hant")]
        )
    try:
        return await asyncio.to_thread(lambda: source.read(read_zip(data), kind, locale))
    except ImportRefused as error:
        raise Invalid(errors=[("files", str(error))]) from error


async def check(
    importer: Importer,
    actor: Actor,
    uploads: Sequence[tuple[str, bytes]],
    kind: Format,
    locale: str,
) -> ArticleImport:
    """The dry run of an upload, kept so that it can be started. Raises Invalid."""
    if not any(data for _, data in uploads):
        raise Invalid(errors=[("files", "there is nothing in what was sent")])
    try:
        archive = await asyncio.to_thread(source.packed, uploads)
    except ImportRefused as error:
        raise Invalid(errors=[("files", str(error))]) from error
    forecast = await importer.check(await read(archive, kind, locale))
    sha256 = await asyncio.to_thread(importer.blobs.put, archive)
    names = ", ".join(storable(name) for name, _ in uploads)
    async with importer.units.write(actor) as work:
        row = ArticleImport(
            id=new_id(),
            filename=names[:255],
            sha256=sha256,
            format=kind,
            locale=locale,
            state="checked",
            publish=False,
            overwrite=[],
            done=0,
            total=0,
            report=storable_json(forecast_report(forecast)),
            error="",
            agent_id=actor.id,
            agent_name=actor.name[:200],
            created_at=work.now,
            started_at=None,
            finished_at=None,
        )
        work.session.add(row)
    return row


async def get(session: AsyncSession, import_id: UUID, *, lock: bool = False) -> ArticleImport:
    """An import. Raises NotFound."""
    row = await session.get(ArticleImport, import_id, with_for_update=lock)
    if row is None:
        raise NotFound("There is no such import.")
    return row


async def latest(session: AsyncSession, limit: int = 50) -> Sequence[ArticleImport]:
    """Imports, the newest first."""
    return (
        await session.scalars(select(ArticleImport).order_by(ArticleImport.id.desc()).limit(limit))
    ).all()


async def start(
    work: UnitOfWork, import_id: UUID, *, publish: bool, overwrite: Sequence[tuple[str, str]]
) -> ArticleImport:
    """Ask for it to be carried out; the event asks for the job. Raises Conflict, NotFound."""
    row = await get(work.session, import_id, lock=True)
    if row.state == "running":
        raise Conflict("This import is running already; watch how far it is.")
    row.state, row.error, row.publish = "running", "", publish
    row.overwrite = [storable(f"{tag}:{name}") for name, tag in overwrite]
    row.done = row.total = 0
    row.started_at, row.finished_at = work.now, None
    row.agent_id, row.agent_name = work.actor.id, work.actor.name[:200]
    _tell(work, row)
    return row


async def carry_out(importer: Importer, import_id: UUID) -> Outcome | None:
    """Import what was started; None when it is not running (any more)."""
    async with importer.units.read() as session:
        row = await session.get(ArticleImport, import_id)
    if row is None or row.state != "running":
        return None
    archive = await asyncio.to_thread(importer.blobs.get, row.sha256)
    imported = await read(archive, row.format, row.locale)  # type: ignore[arg-type]
    pairs = (one.partition(":") for one in row.overwrite)
    wishes = Wishes(row.publish, frozenset((name, tag) for tag, _, name in pairs))
    actor = Actor("agent", row.agent_id, row.agent_name)

    async def progress(work: UnitOfWork, done: int, total: int) -> None:
        await work.session.execute(
            update(ArticleImport)
            .where(ArticleImport.id == import_id)
            .values(done=done, total=total)
        )

    note = f"Imported from {row.filename}"
    return await importer.run(imported, wishes, actor, progress, note)


async def finish(work: UnitOfWork, import_id: UUID, outcome: Outcome) -> None:
    """It is done; say what came of it."""
    row = await get(work.session, import_id, lock=True)
    row.state, row.finished_at, row.done = "done", work.now, row.total
    row.report = storable_json(outcome_report(outcome))
    _tell(work, row)


async def fail(work: UnitOfWork, import_id: UUID, error: str) -> None:
    """It broke off; what was done stays, and starting it again goes on from there."""
    row = await work.session.get(ArticleImport, import_id, with_for_update=True)
    if row is not None and row.state == "running":
        row.state, row.finished_at, row.error = "failed", work.now, storable(error)[:1000]
        _tell(work, row)


async def articles(session: AsyncSession, row: ArticleImport) -> dict[str, UUID]:
    """External id -> the desk's article, of every text that the report names."""
    report = row.report
    names = {one["external_id"] for part in ("new", "changed", "conflicts") for one in report[part]}
    return {name: article.id for name, article in (await origins.articles(session, names)).items()}


def _tell(work: UnitOfWork, row: ArticleImport) -> None:
    work.record(
        Kind.ARTICLES_IMPORTED,
        data={"import_id": str(row.id), "state": row.state, "publish": row.publish},
    )


def forecast_report(forecast: Forecast) -> dict[str, Any]:
    """A dry run as it is kept and shown."""
    planned = forecast.plan
    return {
        "counts": {
            "new": len(planned.new),
            "changed": len(planned.changed),
            "unchanged": len(planned.unchanged),
            "waiting": len(forecast.waiting),
            "conflicts": len(planned.conflicts),
            "problems": len(planned.problems),
            "published": 0,
        },
        "new": _texts(planned.new),
        "changed": _texts(planned.changed),
        "conflicts": _texts(planned.conflicts),
        "problems": _problems(planned.problems),
    }


def outcome_report(outcome: Outcome) -> dict[str, Any]:
    """What an import did, in the same form."""
    return {
        "counts": {
            "new": outcome.created,
            "changed": outcome.changed,
            "unchanged": outcome.unchanged,
            "waiting": outcome.waiting,
            "conflicts": len(outcome.conflicts),
            "problems": len(outcome.problems),
            "published": outcome.published,
        },
        "new": _texts(outcome.new),
        "changed": _texts(outcome.rewritten),
        "conflicts": _texts(outcome.conflicts),
        "problems": _problems(outcome.problems),
    }


def _texts(texts: Sequence[ImportedArticle]) -> list[dict[str, Any]]:
    return [
        {
            "external_id": one.external_id,
            "locale": one.locale,
            "title": one.title,
            "state": one.state,
            "audience": one.audience,
            "source": one.source,
            "line": one.line,
        }
        for one in texts[:MOST]
    ]


def _problems(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [asdict(one) for one in problems[:MOST]]


def seconds(row: ArticleImport, now: datetime) -> float:
    """How long it ran, or has been running."""
    if row.started_at is None:
        return 0.0
    return max(0.0, ((row.finished_at or now) - row.started_at).total_seconds())
