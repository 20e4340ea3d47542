"""What has to be tidied now and then: ended sessions, kept answers, uploads without a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desk.auth import idempotency
from desk.auth.service import prune_sessions
from desk.delivery import receipts
from desk.files import service as files
from desk.jobs.port import JobRun, Periodic, Task
from desk.unit_of_work import Units
from knowledge_base import analytics

TASK = "housekeeping"


class Housekeeping:
    """One task, once an hour, in one process at a time."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def task(self) -> Task:
        """The job as the queue knows it."""
        return Task(name=TASK, run=self.run)

    def periodic(self) -> Sequence[Periodic]:
        """When it runs."""
        return (Periodic(TASK, timedelta(hours=1)),)

    async def run(self, run: JobRun) -> None:
        """Tidy up."""
        async with self.units.write() as work:
            await prune_sessions(work)
            await idempotency.prune(work)
            await files.prune(work)
            await receipts.prune(work)
            await analytics.forget_visitors(work.session, work.now)
            await run.finish(work)
