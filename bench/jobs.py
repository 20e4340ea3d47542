"""CPU of the job queue: python bench/jobs.py [embedded|procrastinate] [URL] [JOBS].

Without a URL: the embedded queue on a SQLite file of its own. A URL must name a migrated database.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desk.db import migrate
from desk.db.engine import create_engine
from desk.jobs.embedded import EmbeddedQueue
from desk.jobs.port import JobRun, Task
from desk.jobs.procrastinate_queue import ProcrastinateQueue
from desk.unit_of_work import Units

LANES, UNIT, IDLE = 40, 50, 5.0  # lanes, jobs deferred in one unit, seconds of idling
MAKES: dict[str, Callable[..., Any]] = {
    "embedded": EmbeddedQueue,
    "procrastinate": ProcrastinateQueue,
}


async def measure(kind: str, url: str, jobs: int) -> None:
    units = Units(create_engine(url))
    done = asyncio.Semaphore(0)

    async def finishing(run: JobRun) -> None:
        async with units.write() as work:
            await run.finish(work)
        done.release()

    async def plain(_run: JobRun) -> None:
        done.release()

    tasks = {name: Task(name, run) for name, run in (("finishing", finishing), ("plain", plain))}
    queue = MAKES[kind](units, tasks)
    for name in tasks:
        start = time.process_time()
        for first in range(0, jobs, UNIT):
            async with units.write() as work:
                for number in range(first, first + UNIT):
                    lane = f"{number % LANES}"
                    await queue.defer(work.session, name, {"n": number}, now=work.now, lane=lane)
        deferred = time.process_time()
        await queue.start()
        for _ in range(jobs):
            await done.acquire()
        ran = time.process_time()
        await asyncio.sleep(IDLE)
        idle = (time.process_time() - ran) / IDLE
        await queue.stop()
        each = 1000 / jobs
        print(
            f"{kind} {units.engine.dialect.name} {name}: "
            f"defer {(deferred - start) * each:.2f} ms, "
            f"run {(ran - deferred) * each:.2f} ms a job; "
            f"idle {idle:.2%} of a core"
        )
        assert sum((await queue.depth()).values()) == 0
    await units.engine.dispose()


def main(kind: str = "embedded", url: str = "", jobs: str = "2000") -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = url or f"sqlite+inline:///{Path(folder) / 'desk.sqlite3'}"
        migrate.upgrade(target)
        asyncio.run(measure(kind, target, int(jobs)))


if __name__ == "__main__":
    main(*sys.argv[1:])
