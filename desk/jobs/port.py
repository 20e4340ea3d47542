"""The jobs port: what the desk asks of a queue, whichever it is.

A job is written in the caller's own transaction: it exists exactly when the data that asked for
it does. Within one lane jobs run one at a time, in the order they were deferred. A job may run
more than once (a process can die after its effect); tasks are idempotent, and one that calls
`JobRun.finish(work)` in its last unit of work has that unit's effect exactly once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from desk.unit_of_work import UnitOfWork


class RetryLater(Exception):
    """A task asks to be run again; `delay` overrides the task's own schedule."""

    def __init__(self, reason: str, delay: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delay = delay


class GiveUp(Exception):
    """A task says that trying again cannot help; the job is dead at once."""


class LostLeaseError(Exception):
    """Another runner owns the job now; the unit of work must not commit."""


class JobRun(Protocol):
    """One run of a job, as the task sees it."""

    args: Mapping[str, Any]
    attempt: int  # counts from 1

    async def finish(self, work: UnitOfWork) -> None:
        """Complete the job in this unit of work. Raises LostLeaseError when fenced off."""


@dataclass(frozen=True, slots=True)
class Task:
    """A named piece of work. `schedule` holds the waits between attempts; after the last, dead."""

    name: str
    run: Callable[[JobRun], Awaitable[None]]
    schedule: tuple[timedelta, ...] = (
        timedelta(seconds=2),
        timedelta(seconds=10),
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
    )
    lease: timedelta = timedelta(minutes=2)
    on_dead: Callable[[Mapping[str, Any], str], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task that runs every so often, in one process at a time."""

    task: str
    every: timedelta


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that used up its attempts."""

    id: int
    task: str
    args: Mapping[str, Any]
    lane: str | None
    attempts: int
    last_error: str
    created_at: datetime


class JobQueue(Protocol):
    """A queue."""

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
        """Add a job in the session's transaction. A second one with a waiting job's key is none."""

    async def defer_all(
        self,
        session: AsyncSession,
        task: str,
        jobs: Sequence[tuple[Mapping[str, Any], str | None]],
        *,
        now: datetime,
    ) -> None:
        """Add jobs as (args, lane), in this order, in the session's transaction."""

    def wake(self) -> None:
        """Look for work now; called after commits that deferred something."""

    async def start(self) -> None:
        """Start running jobs in this process."""

    async def stop(self, grace: timedelta = timedelta(seconds=3)) -> None:
        """Stop taking jobs; let running ones end within `grace`, then cancel them."""

    async def dead(self, limit: int = 100) -> list[DeadJob]:
        """Jobs that used up their attempts, newest first."""

    async def revive(self, job_id: int) -> bool:
        """Run a dead job again."""

    async def depth(self) -> Mapping[str, int]:
        """How many jobs are in each state: ready, running, dead."""
