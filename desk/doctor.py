"""`desk doctor`: tries everything the desk depends on and says how to mend what fails."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from channels.contract import Check
from desk.db import migrate
from desk.inboxes import repository as inboxes
from desk.inboxes import service
from desk.settings import Settings
from desk.wiring import Desk, build


async def examine(settings: Settings) -> Sequence[Check]:
    """All checks, in the order in which to mend them."""
    desk = build(settings)
    try:
        lines = [await _database(desk)]
        if not lines[0].ok:
            return lines
        lines.append(_schema(settings))
        if lines[1].ok:
            lines.append(await _queue(desk))
            lines.extend(await _inboxes(desk))
        return lines
    finally:
        await desk.engine.dispose()


async def _database(desk: Desk) -> Check:
    try:
        async with desk.units.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as error:
        return Check(
            "database",
            ok=False,
            detail=str(error).partition("\n")[0],
            remedy="Check DESK_DATABASE_URL.",
        )
    return Check("database", ok=True, detail=desk.engine.dialect.name)


def _schema(settings: Settings) -> Check:
    found, newest = migrate.current(settings.database_url), migrate.head()
    return Check("schema", ok=found == newest, detail=str(found), remedy="Run `desk migrate`.")


async def _queue(desk: Desk) -> Check:
    depth = await desk.queue.depth()
    dead = depth.get("dead", 0)
    return Check(
        "jobs",
        ok=dead == 0,
        detail=", ".join(f"{count} {state}" for state, count in depth.items()),
        remedy="Look at the failed payloads and messages in the desk and try them again.",
    )


async def _inboxes(desk: Desk) -> list[Check]:
    async with desk.units.read() as session:
        rows = await inboxes.listing(session, active_only=True)
    lines: list[Check] = []
    for row in rows:
        config = service.config(row, desk.shelf.box, desk.settings.public_url)
        found = await desk.shelf.channels.get(row.channel).check(config)
        lines.extend(
            Check(f"{row.name}: {check.name}", check.ok, check.detail, check.remedy)
            for check in found
        )
    return lines
