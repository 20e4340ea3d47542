"""The embedded queue: a table in the desk's own database, run by the process that serves.

One loop, the pump, takes turns: a turn is one short write unit that settles what ended since the
last one and claims up to the free slots, under a fresh fencing token and a lease. Jobs run outside
of it. The pump sleeps until something is deferred here, a job ends, the next `run_at` comes, or
`poll` has passed (other processes defer, too).

Guarantees: a job deferred in a unit of work exists exactly when the unit committed. Within a lane
one job runs at a time, in order of id; a failed one holds its lane until it is done or dead. A job
whose process died is taken over when its lease ends; what the dead process did not commit is not
there, so `JobRun.finish(work)` makes the task's effect happen exactly once.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.types import new_id
from desk.jobs import embedded_sql as sql
from desk.jobs.embedded_run import EmbeddedRun, Outcome, run_job
from desk.jobs.periodic import PeriodicTimer
from desk.jobs.port import DeadJob, Periodic, Task
from desk.unit_of_work import Clock, Units, after_commit

log = structlog.get_logger(__name__)

MOMENT = 0.05  # seconds; the shortest pause before looking again for a job that is nearly due
PAUSE_AFTER_ERROR = 2.0  # seconds


class EmbeddedQueue:
    """Fills `JobQueue` on the table `job`."""

    def __init__(
        self,
        units: Units,
        tasks: Mapping[str, Task],
        periodic: Sequence[Periodic] = (),
        *,
        concurrency: int = 8,
        clock: Clock | None = None,
        poll: timedelta = timedelta(seconds=1),
        luck: Callable[[], float] = random.random,
    ) -> None:
        self._units = units
        self._tasks = dict(tasks)
        self._clock = clock or units.clock
        self._concurrency = concurrency
        self._poll = poll.total_seconds()
        self._luck = luck
        self._defer = sql.DEFER[units.engine.dialect.name]
        self._postgres = units.engine.dialect.name == "postgresql"
        leases = {name: task.lease for name, task in self._tasks.items()}
        shortest = min(leases.values(), default=timedelta(minutes=2))
        self._claim, self._leases = sql.claim(leases, max(leases.values(), default=shortest))
        self._heartbeat = shortest.total_seconds() / 3
        self._periodic = PeriodicTimer(units, self, periodic, self._clock)
        self._running: dict[asyncio.Task[None], EmbeddedRun] = {}
        self._outcomes: list[Outcome] = []
        self._woken = asyncio.Event()
        self._stopping = False
        self._pumping: asyncio.Task[None] | None = None
        self._side: list[asyncio.Task[None]] = []

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
        row = {
            "task": self._known(task),
            "args": dict(args),
            "lane": lane,
            "dedupe_key": dedupe_key,
            "state": "ready",
            "run_at": run_at or now,
            "attempts": 0,
            "last_error": "",
            "created_at": now,
        }
        await session.execute(self._defer, row)
        after_commit(session, self.wake)

    async def defer_all(
        self,
        session: AsyncSession,
        task: str,
        jobs: Sequence[tuple[Mapping[str, Any], str | None]],
        *,
        now: datetime,
    ) -> None:
        """See `JobQueue.defer_all`. Raises LookupError for a task that does not exist."""
        common = {
            "task": self._known(task),
            "dedupe_key": None,
            "state": "ready",
            "run_at": now,
            "attempts": 0,
            "last_error": "",
            "created_at": now,
        }
        rows = [{**common, "args": dict(args), "lane": lane} for args, lane in jobs]
        if rows:
            await session.execute(self._defer, rows)
            after_commit(session, self.wake)

    def _known(self, task: str) -> str:
        if task not in self._tasks:
            raise LookupError(f"There is no task named {task}.")
        return task

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    async def start(self) -> None:
        """Start running jobs in this process."""
        if self._pumping is not None:
            return
        self._stopping = False
        self._woken.set()
        self._pumping = asyncio.create_task(self._pump(), name="jobs-pump")
        self._side = [
            asyncio.create_task(self._keep_leases(), name="jobs-leases"),
            asyncio.create_task(self._periodic.run(), name="jobs-periodic"),
        ]

    async def stop(self, grace: timedelta = timedelta(seconds=3)) -> None:
        """Let running jobs end within `grace`, then put them back; settle everything."""
        if self._pumping is None:
            return
        self._stopping = True
        self._woken.set()
        periodic = self._side.pop()
        periodic.cancel()
        await asyncio.gather(self._pumping, periodic, return_exceptions=True)
        if self._running:
            await asyncio.wait(list(self._running), timeout=grace.total_seconds())
        cut = list(self._running.items())
        for task, run in cut:
            run.cut = True
            task.cancel()
        await asyncio.gather(*(task for task, _ in cut), return_exceptions=True)
        for task in self._side:
            task.cancel()
        await asyncio.gather(*self._side, return_exceptions=True)
        self._pumping, self._side = None, []
        await self._turn(0)

    async def _pump(self) -> None:
        pause: float | None = None
        while True:
            called = await self._sleep(pause)
            if self._stopping:
                return
            try:
                free = self._concurrency - len(self._running)
                if called or self._outcomes:
                    pause = await self._turn(free)
                else:
                    pause = await self._look(free)
            except Exception:  # the database may be away for a while
                log.exception("job_turn_failed")
                pause = PAUSE_AFTER_ERROR

    async def _sleep(self, seconds: float | None) -> bool:
        """Wait to be woken, at most so long; whether somebody called."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    async def _look(self, free: int) -> float | None:
        """A cheap look for work of other processes; take a turn when there is some."""
        now = self._clock()
        async with self._units.read() as session:
            due, upcoming = (await session.execute(sql.PEEK, {"p_now": now})).one()
        return await self._turn(free) if due else self._pause(upcoming, now)

    def _pause(self, upcoming: datetime | None, now: datetime) -> float:
        if upcoming is None:
            return self._poll
        return min(max((upcoming - now).total_seconds(), MOMENT), self._poll)

    async def _turn(self, free: int) -> float | None:
        """Settle, claim, start; how long to sleep (None: until called)."""
        outcomes, self._outcomes = self._outcomes, []
        if not outcomes and free <= 0:
            return None
        token = new_id()
        try:
            async with self._units.write() as work:
                now = self._clock()
                values = {"p_now": now, "p_token": token, "p_free": free}
                for index, lease in enumerate(self._leases):
                    values[f"p_until_{index}"] = now + lease
                connection = await work.session.connection()
                rows, upcoming = await connection.run_sync(self._exchange, outcomes, values)
        except BaseException:
            self._outcomes = outcomes + self._outcomes  # settling is fenced: twice does no harm
            raise
        for row in rows:
            self._begin(
                EmbeddedRun(row.id, token, row.task, row.args, row.attempts, row.last_error, now)
            )
        return self._pause(upcoming, now) if len(rows) < free else None

    def _exchange(
        self, connection: Connection, outcomes: list[Outcome], values: dict[str, Any]
    ) -> tuple[list[Any], datetime | None]:
        """The database's part of a turn."""
        by_statement: dict[Any, list[dict[str, Any]]] = {}
        for outcome in outcomes:
            by_statement.setdefault(outcome.statement, []).append(outcome.values(values["p_now"]))
        for statement, parameters in by_statement.items():
            connection.execute(statement, parameters)
        free = values["p_free"]
        if free <= 0:
            return [], None
        if self._postgres:
            connection.execute(sql.CLAIM_LOCK)
        rows = sorted(connection.execute(self._claim, values).all(), key=lambda row: row.id)
        if len(rows) == free:
            return rows, None
        return rows, connection.execute(sql.NEXT, {"p_now": values["p_now"]}).scalar()

    def _begin(self, run: EmbeddedRun) -> None:
        task = asyncio.create_task(
            run_job(run, self._tasks.get(run.task), self._luck), name=f"job-{run.task}-{run.id}"
        )
        self._running[task] = run
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        run = self._running.pop(task)
        if run.outcome is not None and not run.finished:
            self._outcomes.append(run.outcome)
        self._woken.set()

    async def _keep_leases(self) -> None:
        """Extend the leases of jobs that run long; give up those that somebody else took over."""
        while True:
            await asyncio.sleep(self._heartbeat)
            try:
                await self._extend()
            except Exception:  # the database may be away for a while; the lease is longer
                log.exception("job_leases_not_extended")

    async def _extend(self) -> None:
        now = self._clock()
        age = timedelta(seconds=self._heartbeat / 2)
        old = [
            (task, run)
            for task, run in self._running.items()
            if not run.finishing and now - run.extended >= age
        ]
        if not old:
            return
        taken = []
        async with self._units.write() as work:
            for task, run in old:
                lease = self._tasks[run.task].lease if run.task in self._tasks else self._leases[0]
                values = {"p_id": run.id, "p_token": run.token, "p_until": now + lease}
                result: Any = await work.session.execute(sql.EXTEND, values)
                if result.rowcount:
                    run.extended = now
                elif not run.finishing:
                    taken.append((task, run))
        for task, run in taken:
            log.warning("job_lease_lost", task=run.task, job=run.id)
            run.lost = True
            task.cancel()

    async def dead(self, limit: int = 100) -> list[DeadJob]:
        """See `JobQueue.dead`."""
        async with self._units.read() as session:
            rows = (await session.execute(sql.DEAD, {"p_limit": limit})).all()
        return [DeadJob(*row) for row in rows]

    async def revive(self, job_id: int) -> bool:
        """See `JobQueue.revive`."""
        async with self._units.write() as work:
            values = {"p_id": job_id, "p_now": work.now}
            result: Any = await work.session.execute(sql.REVIVE, values)
            work.after_commit(self.wake)
        return bool(result.rowcount)

    async def depth(self) -> Mapping[str, int]:
        """See `JobQueue.depth`."""
        async with self._units.read() as session:
            rows = (await session.execute(sql.DEPTH)).all()
        return {"ready": 0, "running": 0, "dead": 0, **{row[0]: row[1] for row in rows}}
