"""The end of a failed run, for both queues: decides, tells `on_dead`, and writes the log line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from desk.jobs import retry
from desk.jobs.port import GiveUp, Task

log = structlog.get_logger(__name__)


def known(task: Task | None, name: str) -> Task:
    """The task. Raises LookupError when this version has none of that name."""
    if task is None:
        raise LookupError(f"There is no task named {name} in this version.")
    return task


def check_attempt(task: Task, attempt: int, last_error: str) -> None:
    """Raise GiveUp for a job whose process died in the last attempt, or in `on_dead`."""
    if attempt > retry.attempts_of(task):
        raise GiveUp(last_error or "the process ended each time it ran")


async def fate_of(
    task: Task,
    job: int | None,
    attempt: int,
    args: Mapping[str, Any],
    error: BaseException,
    luck: float,
) -> retry.Again | retry.Dead:
    """What becomes of the job; `on_dead` has been awaited when it is dead."""
    fate = retry.after_failure(task, attempt, error, luck)
    if isinstance(fate, retry.Dead) and task.on_dead is not None:
        try:
            await task.on_dead(args, fate.error)
        except Exception as burial:
            log.exception("job_on_dead_failed", task=task.name, job=job)
            fate = retry.after_failed_burial(task, attempt, fate.error, burial)
    if isinstance(fate, retry.Again):
        log.info("job_again", task=task.name, job=job, attempt=attempt, error=fate.error)
    else:
        log.error("job_dead", task=task.name, job=job, error=fate.error, exc_info=error)
    return fate


async def _nothing(_run: object) -> None:
    """Stands in for a task that this version does not know."""


# An older process meets the job of a newer one: it waits, the process may be updated meanwhile.
UNKNOWN = Task("unknown", _nothing)
