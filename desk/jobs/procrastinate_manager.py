"""What the desk adds to procrastinate's job manager: lanes without pauses, and fenced endings.

The library's worker looks for work when a job is inserted and every few seconds. A lane's next job
becomes free when the one before it ends, which notifies nobody; and a notification that arrives
while a fetch is under way is forgotten. Both are mended here, through the manager's public methods.
The library ends a job by its id alone; here a worker that was given up for dead ends nothing of
the one that took its job over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback

PAUSE = 0.01  # seconds, after losing a race for a lane

_OURS = """
WHERE id = %(id)s AND status = 'doing' AND attempts = %(attempts)s AND worker_id = %(worker_id)s
"""
_UPDATE = "UPDATE procrastinate_jobs SET "
_DONE = "DELETE FROM procrastinate_jobs" + _OURS  # noqa: S608 - constants
_DEAD = _UPDATE + "status = 'failed', attempts = attempts + 1" + _OURS
_AGAIN = _UPDATE + "status = 'todo', attempts = attempts + 1, scheduled_at = %(retry_at)s" + _OURS
_RELEASE = _UPDATE + "status = 'todo', scheduled_at = NULL" + _OURS


class LaneManager(JobManager):
    """Ends jobs the way the desk's runs ask for, and tells the worker when a lane moves on."""

    settled: set[int]  # finished in the task's own unit of work, or lost: there is nothing to end
    cut: set[int]  # cancelled by our shutdown: back to the queue, not counted as an attempt

    def prepare(self) -> None:
        """Call once after construction."""
        self.settled = set()
        self.cut = set()
        self._signals = 0
        self._tell: NotificationCallback | None = None

    async def listen_for_jobs(
        self,
        *,
        on_notification: NotificationCallback,
        queues: Iterable[str] | None = None,
    ) -> None:
        """Count the notifications on their way to the worker."""

        async def tell(*, channel: str, notification: object) -> None:
            self._signals += 1
            await on_notification(channel=channel, notification=notification)  # type: ignore[arg-type]

        self._tell = tell
        await super().listen_for_jobs(on_notification=tell, queues=queues)

    async def signal(self) -> None:
        """Make this process's worker look for work."""
        if self._tell is not None:
            await self._tell(channel="", notification={"type": "job_inserted", "job_id": 0})

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Fetch, and fetch again when something happened meanwhile."""
        while True:
            seen = self._signals
            try:
                job = await super().fetch_job(queues, worker_id)
            except UniqueViolation:  # another worker started a job of the same lane just now
                await asyncio.sleep(PAUSE)
                continue
            if job is not None or seen == self._signals:
                return job

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """End the job, unless its own unit of work did."""
        del delete_job  # the desk keeps what failed and nothing else
        if job.id in self.settled:
            self.settled.discard(job.id)
        else:
            statement = _DONE if status is Status.SUCCEEDED else _DEAD
            await self.connector.execute_query_async(statement, **_run_of(job))
        await self.signal()

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put the job back; the desk never changes priority, queue or lock."""
        del priority, queue, lock
        if job.id in self.cut:
            self.cut.discard(job.id)
            await self.connector.execute_query_async(_RELEASE, **_run_of(job))
        else:
            await self.connector.execute_query_async(_AGAIN, retry_at=retry_at, **_run_of(job))
        await self.signal()


def _run_of(job: Job) -> dict[str, Any]:
    return {"id": job.id, "attempts": job.attempts, "worker_id": job.worker_id}
