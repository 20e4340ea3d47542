"""The agents' search keeps up with the event log between searches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desk.jobs.port import JobRun, Periodic, Task
from desk.search import keeping
from desk.unit_of_work import Units

TASK = "search.follow"
AT_ONCE = 5000  # events of one run: a desk with a long history goes on in the next one


class Following:
    """One task every few seconds, in one process at a time."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def task(self) -> Task:
        """The job as the queue knows it."""
        return Task(name=TASK, run=self.run, lease=timedelta(minutes=10))

    def periodic(self) -> Sequence[Periodic]:
        """When it runs."""
        return (Periodic(TASK, timedelta(seconds=15)),)

    async def run(self, run: JobRun) -> None:
        """Take in what is new."""
        await keeping.follow(self.units, AT_ONCE)
        async with self.units.write() as work:
            await run.finish(work)
