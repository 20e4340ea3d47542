"""The worker process: jobs, the mail listener and mailboxes, without HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import signal

from desk.runtime import running
from desk.settings import Settings
from desk.wiring import build


async def work(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no signal handlers in its loop; there Ctrl-C ends the process by itself.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    async with running(build(settings), web=False, worker=True):
        await stop.wait()
