"""`/health/live` and `/health/ready`: for supervisors and load balancers. No secrets in them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
from litestar import Response, Router, get
from sqlalchemy import text

from desk.api.authentication import PUBLIC
from desk.db.migrate import head
from desk.jobs.port import JobQueue
from desk.unit_of_work import Units

log = structlog.get_logger(__name__)

# Answers with what is wrong, or with an empty string.
Check = Callable[[], Awaitable[str]]

_PATIENCE = 2.0  # seconds for one check


class Health(msgspec.Struct):
    """`checks` says `ok` or what is wrong."""

    status: str
    checks: dict[str, str] = {}


def core_checks(units: Units, queue: JobQueue) -> dict[str, Check]:
    """The checks that every desk has."""
    newest = head()

    async def database() -> str:
        async with units.read() as session:
            await session.execute(text("SELECT 1"))
        return ""

    async def migrations() -> str:
        async with units.read() as session:
            found = (
                await session.execute(text("SELECT version_num FROM alembic_version"))
            ).scalar_one_or_none()
        return "" if found == newest else f"the schema is at {found}, not {newest}: migrate it"

    async def jobs() -> str:
        await queue.depth()
        # Queues that run in this process say whether they do.
        return "" if getattr(queue, "running", True) else "the queue does not run"

    return {"database": database, "migrations": migrations, "queue": jobs}


def health_routes(checks: Mapping[str, Check]) -> Router:
    """The two routes."""

    @get("/live", summary="Is the process alive", operation_id="HealthLive")
    async def live() -> Health:
        """Answers as long as the event loop turns."""
        return Health(status="ok")

    @get("/ready", summary="Can it serve", operation_id="HealthReady")
    async def ready() -> Response[Health]:
        """200, or 503 with what is wrong."""
        found = dict(
            zip(checks, await asyncio.gather(*map(_outcome, checks.values())), strict=True)
        )
        wrong = {name: said for name, said in found.items() if said != "ok"}
        if wrong:
            log.warning("not_ready", **wrong)
        return Response(
            Health(status="unready" if wrong else "ok", checks=found),
            status_code=503 if wrong else 200,
        )

    return Router("/health", route_handlers=[live, ready], opt={PUBLIC: True}, tags=["Operation"])


async def _outcome(check: Check) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await check() or "ok"
    except TimeoutError:
        return f"no answer within {_PATIENCE:.0f} s"
    except Exception as error:
        log.warning("check_failed", exc_info=error)
        return f"failed: {type(error).__name__}"
