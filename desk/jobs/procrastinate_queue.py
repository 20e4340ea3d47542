"""The queue beyond one machine: procrastinate on PostgreSQL, behind the desk's port.

Guarantees: a job is deferred on the session's own connection, so it exists exactly when the unit
committed. A lane is procrastinate's `lock`: one job at a time, in order of id, and a failed one
holds its lane until it is done or dead (the fetch skips a job while an older one with its lock is
waiting, whatever that one waits for). Jobs of two transactions that were open at once may become
visible in either order, unless a row lock orders them.

Jobs of a worker whose heartbeat stopped are put back after `stalled_after`. `JobRun.finish(work)`
deletes the job in the task's own unit, fenced by worker and attempt, so such a task has its effect
exactly once here, too; without it, at least once. Retries come up to `poll` late.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.engine import dumps
from desk.jobs import procrastinate_sql as sql
from desk.jobs.fate import check_attempt, fate_of
from desk.jobs.periodic import PeriodicTimer
from desk.jobs.port import DeadJob, LostLeaseError, Periodic, Task
from desk.jobs.procrastinate_manager import LaneManager
from desk.jobs.retry import Again
from desk.unit_of_work import Clock, UnitOfWork, Units

log = structlog.get_logger(__name__)

PAUSE_AFTER_ERROR = 2.0  # seconds
NEVER = 86_400.0  # seconds between looks for requests to abort a job; the desk makes none


class _RetryAt(Exception):
    """Carries the desk's decision to procrastinate's retry strategy."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"again at {at.isoformat()}")
        self.at = at


class _AsDecided(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Retry when the run says so, or when it was cut short; otherwise the job is dead."""
        del job
        if isinstance(exception, _RetryAt):
            return RetryDecision(retry_at=exception.at)
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision()
        return None


class ProcrastinateRun:
    """Fills `JobRun`."""

    def __init__(self, job: Job, args: Mapping[str, Any]) -> None:
        self.args = args
        self.attempt = job.attempts + 1
        self.finished = False
        self.lost = False
        self._job = job

    async def finish(self, work: UnitOfWork) -> None:
        """Complete the job in this unit of work. Raises LostLeaseError when fenced off."""
        values = sql.fence(self._job)
        result: Any = await work.session.execute(sql.FINISH, values)
        if result.rowcount == 0:
            self.lost = True
            raise LostLeaseError(f"job {self._job.id} ({self._job.task_name}) is no longer ours")
        work.after_commit(self._committed)

    def _committed(self) -> None:
        self.finished = True


class ProcrastinateQueue:
    """Fills `JobQueue` on procrastinate."""

    def __init__(
        self,
        units: Units,
        tasks: Mapping[str, Task],
        periodic: Sequence[Periodic] = (),
        *,
        concurrency: int = 8,
        clock: Clock | None = None,
        poll: timedelta = timedelta(seconds=1),
        stalled_after: timedelta = timedelta(seconds=30),
        luck: Callable[[], float] = random.random,
    ) -> None:
        self._units = units
        self._tasks = dict(tasks)
        self._clock = clock or units.clock
        self._concurrency = concurrency
        self._poll = poll.total_seconds()
        self._stalled_after = stalled_after.total_seconds()
        self._luck = luck
        url = units.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._app = App(
            connector=PsycopgConnector(
                conninfo=url,
                min_size=1,
                max_size=4,
                json_dumps=dumps,
                json_loads=msgspec.json.decode,
            )
        )
        self._manager = LaneManager(self._app.connector)
        self._manager.prepare()
        self._app.job_manager = self._manager
        for task in self._tasks.values():
            self._register(task)
        self._periodic = PeriodicTimer(units, self, periodic, self._clock)
        self._worker: Worker | None = None
        self._working: asyncio.Task[None] | None = None
        self._side: list[asyncio.Task[None]] = []
        self._stopping = False

    def _register(self, task: Task) -> None:
        async def call(context: JobContext, /, **stored: Any) -> None:  # noqa: ANN401 - JSON
            await self._run(task, context.job, stored)

        decorate = self._app.task(
            name=task.name, queue=sql.QUEUE, pass_context=True, retry=_AsDecided()
        )
        decorate(call)

    async def defer(
        self,
        session: AsyncSession,
        task: str,
        args: Mapping[str, Any],
        *,
        now: datetime,
        lane: str | None = None,
        run_at: datetime | None = None,
        dedupe_key: str | None = None,
    ) -> None:
        """See `JobQueue.defer`. Raises LookupError for a task that does not exist."""
        if task not in self._tasks:
            raise LookupError(f"There is no task named {task}.")
        connection = await session.connection()
        raw = await connection.get_raw_connection()
        deferrer = self._app.configure_task(
            task,
            lock=lane,
            queueing_lock=dedupe_key,
            schedule_at=run_at if run_at is not None and run_at > now else None,
            task_kwargs={"args": dict(args), "at": now.isoformat()},
            connection=raw.driver_connection,
        )
        if dedupe_key is None:
            await deferrer.defer_async()
            return
        try:
            # A savepoint, or the refusal would end the caller's transaction. The connection's:
            # the session's own sets none before the session itself speaks to the database.
            async with connection.begin_nested():
                await deferrer.defer_async()
        except AlreadyEnqueued:
            log.debug("job_already_waiting", task=task, dedupe_key=dedupe_key)

    async def defer_all(
        self,
        session: AsyncSession,
        task: str,
        jobs: Sequence[tuple[Mapping[str, Any], str | None]],
        *,
        now: datetime,
    ) -> None:
        """See `JobQueue.defer_all`. Raises LookupError for a task that does not exist."""
        for args, lane in jobs:
            await self.defer(session, task, args, now=now, lane=lane)

    def wake(self) -> None:
        """Nothing to do: PostgreSQL notifies every worker when a job is committed."""

    async def start(self) -> None:
        """Start running jobs in this process."""
        if self._working is not None:
            return
        self._stopping = False
        await self._app.open_async()
        self._working = asyncio.create_task(self._work(), name="jobs-worker")
        self._side = [
            asyncio.create_task(self._recover(), name="jobs-recovery"),
            asyncio.create_task(self._periodic.run(), name="jobs-periodic"),
        ]

    async def stop(self, grace: timedelta = timedelta(seconds=3)) -> None:
        """Let running jobs end within `grace`, then put them back."""
        if self._working is None:
            return
        self._stopping = True
        for task in self._side:
            task.cancel()
        await asyncio.gather(*self._side, return_exceptions=True)
        while not self._working.done():
            if self._worker is not None:  # a worker that just starts forgets the first request
                self._worker.shutdown_graceful_timeout = grace.total_seconds()
                self._worker.stop()  # type: ignore[no-untyped-call]
            await asyncio.wait([self._working], timeout=0.05)
        self._working, self._worker, self._side = None, None, []
        await self._app.close_async()

    async def _work(self) -> None:
        """Keep a worker running; it ends itself when the database goes away."""
        while not self._stopping:
            self._worker = Worker(
                self._app,
                queues=[sql.QUEUE],
                name="desk",
                concurrency=self._concurrency,
                fetch_job_polling_interval=self._poll,
                abort_job_polling_interval=NEVER,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=self._stalled_after / 3,
                stalled_worker_timeout=self._stalled_after,
            )
            try:
                await self._worker.run()  # type: ignore[no-untyped-call]
            except Exception:  # whatever it is, jobs must go on
                log.exception("job_worker_ended")
            if not self._stopping:
                await asyncio.sleep(PAUSE_AFTER_ERROR)

    async def _recover(self) -> None:
        """Put back the jobs of workers that went silent."""
        while True:
            try:
                async with self._units.write() as work:
                    values = {"seconds": self._stalled_after, "queue": sql.QUEUE}
                    found = (await work.session.execute(sql.RECOVER, values)).all()
                if found:
                    log.warning("jobs_recovered", jobs=[row.id for row in found])
                    await self._manager.signal()
            except Exception:  # the database may be away for a while
                log.exception("job_recovery_failed")
            await asyncio.sleep(self._stalled_after / 2)

    async def _run(self, task: Task, job: Job, stored: Mapping[str, Any]) -> None:
        run = ProcrastinateRun(job, stored["args"])
        try:
            if job.queueing_lock is not None:  # it guards waiting jobs, and this one may wait again
                await self._write(sql.UNLOCK, sql.fence(job))
            check_attempt(task, run.attempt, stored.get("error", ""))
            await task.run(run)
        except asyncio.CancelledError:
            if not self._settled(run, job):
                self._cut(job)
                raise
        except Exception as error:
            if self._settled(run, job):
                log.warning("job_failed_late", task=task.name, job=job.id, exc_info=True)
                return
            await self._failed(task, run, job, error)
        else:
            self._settled(run, job)

    def _settled(self, run: ProcrastinateRun, job: Job) -> bool:
        """Whether the job is finished or lost; then the worker must not end it once more."""
        if (run.finished or run.lost) and job.id is not None:
            self._manager.settled.add(job.id)
        return run.finished or run.lost

    def _cut(self, job: Job) -> None:
        if job.id is not None:
            self._manager.cut.add(job.id)

    async def _failed(self, task: Task, run: ProcrastinateRun, job: Job, error: Exception) -> None:
        try:
            fate = await fate_of(task, job.id, run.attempt, run.args, error, self._luck())
        except asyncio.CancelledError:  # in on_dead; the next owner of the job calls it again
            self._cut(job)
            raise
        await self._write(sql.NOTE, {**sql.fence(job), "error": fate.error})
        if isinstance(fate, Again):
            raise _RetryAt(self._clock() + fate.after) from error
        raise error

    async def _write(self, statement: Any, values: dict[str, Any]) -> int:  # noqa: ANN401
        async with self._units.write() as work:
            result: Any = await work.session.execute(statement, values)
            return int(result.rowcount)

    async def dead(self, limit: int = 100) -> list[DeadJob]:
        """See `JobQueue.dead`."""
        async with self._units.read() as session:
            rows = (await session.execute(sql.DEAD, {"limit": limit, "queue": sql.QUEUE})).all()
        return [
            DeadJob(
                id=row.id,
                task=row.task_name,
                args=row.args["args"],
                lane=row.lock,
                attempts=row.attempts,
                last_error=row.args.get("error", ""),
                created_at=datetime.fromisoformat(row.args["at"]),
            )
            for row in rows
        ]

    async def revive(self, job_id: int) -> bool:
        """See `JobQueue.revive`."""
        return await self._write(sql.REVIVE, {"id": job_id, "queue": sql.QUEUE}) > 0

    async def depth(self) -> Mapping[str, int]:
        """See `JobQueue.depth`."""
        async with self._units.read() as session:
            rows = (await session.execute(sql.DEPTH, {"queue": sql.QUEUE})).all()
        return {"ready": 0, "running": 0, "dead": 0, **{row.state: row.jobs for row in rows}}
