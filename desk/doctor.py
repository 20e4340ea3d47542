"""`desk doctor`: tries everything the desk depends on and says how to mend what fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from channels.contract import Check
from desk.db import migrate
from desk.delivery import failures
from desk.errors import ConfigurationError
from desk.inboxes import repository as inboxes
from desk.inboxes import service
from desk.inboxes.models import Inbox
from desk.intake import mending
from desk.settings import Settings
from desk.wiring import Desk, build

log = structlog.get_logger(__name__)


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
            lines.extend(await _waiting(desk))
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


async def _waiting(desk: Desk) -> list[Check]:
    """What waits for a person: payloads that failed, messages that did not go out."""
    async with desk.units.read() as session:
        payloads = (await mending.counts(session))["failed"]
        messages = await failures.count(session)
    return [
        Check(
            "payloads that could not be taken in",
            ok=payloads == 0,
            detail=str(payloads),
            remedy="Mend, replay or discard them on the intake page.",
        ),
        Check(
            "messages that did not go out",
            ok=messages == 0,
            detail=str(messages),
            remedy="Send them again or give them up; each says what the provider answered.",
        ),
    ]


async def _inboxes(desk: Desk) -> list[Check]:
    async with desk.units.read() as session:
        rows = await inboxes.listing(session, active_only=True)
    lines: list[Check] = []
    for row in rows:
        lines.extend(
            Check(f"{row.name}: {check.name}", check.ok, check.detail, check.remedy)
            for check in [*await _tried(desk, row), *_seen(desk, row)]
        )
    return lines


async def _tried(desk: Desk, row: Inbox) -> Sequence[Check]:
    """The channel's own check-up; one that breaks is a line, too."""
    try:
        config = service.config(row, desk.shelf.box, desk.settings.public_url)
        return await desk.shelf.channels.get(row.channel).check(config)
    except ConfigurationError as error:
        return [Check("secrets", ok=False, detail=error.detail)]
    except Exception as error:
        log.exception("check_failed", inbox=row.name)
        told = f"the check-up itself failed: {type(error).__name__}"
        return [Check("check-up", ok=False, detail=told, remedy="See the log.")]


def _seen(desk: Desk, row: Inbox) -> Iterator[Check]:
    """What the desk itself saw: the newest webhook, and the newest failure of each direction."""
    manifest = desk.shelf.channels.manifest(row.channel)
    url = f"{desk.settings.public_url}/webhooks/{row.channel}/{row.id}"
    if manifest.webhook:
        yield Check(
            "webhook",
            ok=row.inbound_at is not None and _is_over(row.inbound_error_at, row.inbound_at),
            detail=_told(row.inbound_at, row.inbound_error_at, row.inbound_error),
            remedy=f"The provider has to call {url}; press Connect in the inbox's settings.",
        )
    if row.outbound_at is not None or row.outbound_error_at is not None:
        yield Check(
            "sending",
            ok=_is_over(row.outbound_error_at, row.outbound_at),
            detail=_told(row.outbound_at, row.outbound_error_at, row.outbound_error),
            remedy="Mend what the provider names, then send the failed messages again.",
        )


def _is_over(error_at: datetime | None, success_at: datetime | None) -> bool:
    return error_at is None or (success_at is not None and success_at > error_at)


def _told(success_at: datetime | None, error_at: datetime | None, error: str) -> str:
    parts = [f"last {success_at:%Y-%m-%d %H:%M} UTC" if success_at else "never yet"]
    if error_at is not None:
        parts.append(f"failed {error_at:%Y-%m-%d %H:%M} UTC: {error}")
    return "; ".join(parts)
