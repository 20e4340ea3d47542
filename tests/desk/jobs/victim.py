"""A worker to be killed: each job adds its effect and finishes in one unit of work."""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from desk.jobs.port import JobQueue, JobRun, Task
from tests.desk.jobs.house import House, until_empty

EFFECT = text("INSERT INTO effect (n, attempt) VALUES (:n, :attempt)")
PATIENT = (timedelta(milliseconds=50),) * 20


def worker(house: House) -> JobQueue:
    """The queue whose jobs leave effects; a dead process is noticed within a second."""

    async def run(job: JobRun) -> None:
        await asyncio.sleep(random.uniform(0, 0.004))
        async with house.units.write() as work:
            await work.session.execute(EFFECT, {"n": job.args["n"], "attempt": job.attempt})
            await job.finish(work)

    task = Task("work", run, schedule=PATIENT, lease=timedelta(seconds=1))
    options: dict[str, Any] = {} if house.embedded else {"stalled_after": timedelta(seconds=1)}
    return house.queue(task, **options)


async def main(kind: str, url: str) -> None:
    house = House(kind, url)
    queue = worker(house)
    await queue.start()
    await until_empty(queue)
    await house.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
