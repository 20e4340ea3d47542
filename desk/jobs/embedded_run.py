"""One run of an embedded job: the task is called, and what came of it is noted for the pump."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import UpdateBase

from desk.jobs import embedded_sql as sql
from desk.jobs.fate import UNKNOWN, check_attempt, fate_of, known
from desk.jobs.port import LostLeaseError, Task
from desk.jobs.retry import Again
from desk.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the pump writes about a run; fenced by its token."""

    statement: UpdateBase
    id: int
    token: UUID
    after: timedelta | None = None
    error: str | None = None

    def values(self, now: datetime) -> dict[str, Any]:
        """The statement's parameters; waits count from `now`."""
        values: dict[str, Any] = {"p_id": self.id, "p_token": self.token}
        if self.statement is sql.RELEASE:
            values["p_now"] = now
        if self.after is not None:
            values["p_run_at"] = now + self.after
        if self.error is not None:
            values["p_error"] = self.error
        return values


class EmbeddedRun:
    """Fills `JobRun`."""

    def __init__(
        self,
        job: int,
        token: UUID,
        task: str,
        args: Mapping[str, Any],
        attempt: int,
        last_error: str,
        claimed: datetime,
    ) -> None:
        self.id = job
        self.token = token
        self.task = task
        self.args = args
        self.attempt = attempt
        self.last_error = last_error
        self.extended = claimed  # when the lease was last set
        self.finishing = False  # finish() was called; its unit may still be rolled back
        self.finished = False  # its unit committed: the row is gone
        self.lost = False  # somebody else took the job over
        self.cut = False  # we are shutting down
        self.outcome: Outcome | None = None

    async def finish(self, work: UnitOfWork) -> None:
        """Complete the job in this unit of work. Raises LostLeaseError when fenced off."""
        self.finishing = True
        result: Any = await work.session.execute(
            sql.FINISH, {"p_id": self.id, "p_token": self.token}
        )
        if result.rowcount == 0:
            self.lost = True
            raise LostLeaseError(f"job {self.id} ({self.task}) is no longer ours")
        work.after_commit(self._committed)

    def _committed(self) -> None:
        self.finished = True

    def settle(self, statement: UpdateBase, after: timedelta | None, error: str | None) -> None:
        """Note what the pump is to write."""
        self.outcome = Outcome(statement, self.id, self.token, after, error)


async def run_job(run: EmbeddedRun, task: Task | None, luck: Callable[[], float]) -> None:
    """Run the task. Leaves `run.outcome`, or none when the job is finished or no longer ours."""
    try:
        task = known(task, run.task)
        check_attempt(task, run.attempt, run.last_error)
        await task.run(run)
    except asyncio.CancelledError:
        if run.lost or run.finished:
            return
        if run.cut:
            run.settle(sql.RELEASE, None, None)
            return
        await _failed(run, task, RuntimeError("the task was cancelled from within"), luck())
    except Exception as error:
        if run.lost or run.finished:
            log.warning("job_failed_late", task=run.task, job=run.id, exc_info=True)
        else:
            await _failed(run, task, error, luck())
    else:
        if not (run.lost or run.finished):
            run.settle(sql.FINISH, None, None)


async def _failed(run: EmbeddedRun, task: Task | None, error: Exception, luck: float) -> None:
    task = task or UNKNOWN
    try:
        fate = await fate_of(task, run.id, run.attempt, run.args, error, luck)
    except asyncio.CancelledError:  # in on_dead; the next owner of the job calls it again
        run.settle(sql.RELEASE, None, None)
        return
    if isinstance(fate, Again):
        run.settle(sql.AGAIN, fate.after, fate.error)
    else:
        run.settle(sql.BURY, None, fate.error)
