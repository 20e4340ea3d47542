"""Starting and stopping what a process runs: publisher, jobs, mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from channels.connections import Connections
from desk.errors import ConfigurationError
from desk.wiring import Desk

log = structlog.get_logger(__name__)


@asynccontextmanager
async def running(desk: Desk, *, web: bool, worker: bool) -> AsyncIterator[None]:
    """Run the parts of a web process, of a worker, or of both in one."""
    async with Connections(), _parts(desk, web=web, worker=worker):
        yield


@asynccontextmanager
async def _parts(desk: Desk, *, web: bool, worker: bool) -> AsyncIterator[None]:
    try:
        if web or desk.settings.redis_url:
            await desk.publisher.start()
        if web:
            await desk.vigil.start()
        if worker:
            await desk.queue.start()
            if desk.settings.smtp_enabled:
                await _listen(desk)
            await desk.mailboxes.start()
        yield
    finally:
        if worker:
            await desk.mailboxes.stop()
            await desk.listener.stop()
            await desk.queue.stop()
            await desk.bot.meanings.stop()
        await desk.vigil.stop()
        await desk.publisher.stop()
        await desk.engine.dispose()


async def _listen(desk: Desk) -> None:
    settings = desk.settings
    try:
        host, port = await desk.listener.start(settings.smtp_host, settings.smtp_port)
    except OSError as error:
        raise ConfigurationError(
            f"The mail listener cannot use {settings.smtp_host}:{settings.smtp_port} "
            f"({error.strerror}). Set DESK_SMTP_PORT to a free port, or DESK_SMTP_ENABLED=false."
        ) from error
    log.info("mail_listener", host=host, port=port)
