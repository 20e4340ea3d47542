"""Queues of either make on one database, and a way to wait for what they do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.db.engine import create_engine
from desk.jobs.embedded import EmbeddedQueue
from desk.jobs.port import JobQueue, JobRun, Periodic, Task
from desk.jobs.procrastinate_queue import ProcrastinateQueue
from desk.unit_of_work import Units

KINDS = ("embedded on sqlite", "embedded on postgresql", "procrastinate on postgresql")
SOON = timedelta(milliseconds=20)


class Clock:
    """The system's clock, set forward at will."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class House:
    """One database; every queue gets an engine of its own, as another process would."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind = kind
        self.url = url
        self.embedded = kind.startswith("embedded")
        self.clock = Clock()
        self.units = self.new_units()
        self._queues: list[JobQueue] = []
        self._all_units = [self.units]

    def new_units(self) -> Units:
        return Units(create_engine(self.url), clock=self.clock, strict=True)

    def queue(
        self, *tasks: Task, periodic: Sequence[Periodic] = (), apart: bool = False, **options: Any
    ) -> JobQueue:
        """A queue; `apart` as in another process."""
        units = self.units
        if apart:
            units = self.new_units()
            self._all_units.append(units)
        options.setdefault("poll", timedelta(milliseconds=100))
        options.setdefault("luck", lambda: 0.0)
        named = {task.name: task for task in tasks}
        make: Any = EmbeddedQueue if self.embedded else ProcrastinateQueue
        queue: JobQueue = make(units, named, periodic, **options)
        self._queues.append(queue)
        return queue

    async def defer(self, queue: JobQueue, task: str, *jobs: Mapping[str, Any], **how: Any) -> None:
        """Defer jobs in one unit of work."""
        async with self.units.write() as work:
            for args in jobs:
                await queue.defer(work.session, task, args, now=work.now, **how)

    async def close(self) -> None:
        for queue in self._queues:
            await queue.stop(timedelta())
        for units in self._all_units:
            await units.engine.dispose()


def task(run: Callable[[JobRun], Awaitable[None]], *, name: str = "work", **options: Any) -> Task:
    """A task that is tried three times, quickly."""
    options.setdefault("schedule", (SOON, SOON))
    return Task(name, run, **options)


async def until(condition: Callable[[], Any], seconds: float = 15) -> None:
    """Wait until the condition holds; an awaitable one is awaited."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return
        if time.monotonic() > deadline:
            raise TimeoutError("it never came true")
        await asyncio.sleep(0.01)


async def until_empty(queue: JobQueue) -> None:
    """Wait until nothing is ready or running."""

    async def empty() -> bool:
        depth = await queue.depth()
        return depth["ready"] == depth["running"] == 0

    await until(empty)
