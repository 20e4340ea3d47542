"""What becomes of a job whose run failed: again after a wait, or dead. Pure, for both queues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from desk.jobs.port import GiveUp, RetryLater, Task

SPREAD = 0.2  # a wait is stretched by up to this share, so that failures do not come back together
ERROR_LENGTH = 2000  # characters kept of an error
BURIALS = 5  # how often a failing `on_dead` is tried
BURIAL_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Again:
    """Run it again after a wait."""

    after: timedelta
    error: str


@dataclass(frozen=True, slots=True)
class Dead:
    """Keep it where a person sees it; do not run it."""

    error: str


def attempts_of(task: Task) -> int:
    """How often a job of this task is run at most."""
    return len(task.schedule) + 1


def after_failure(task: Task, attempt: int, error: BaseException, luck: float) -> Again | Dead:
    """Decide after attempt number `attempt` (from 1); `luck` in [0, 1) spreads the wait."""
    text = describe(error)
    if isinstance(error, GiveUp) or attempt >= attempts_of(task):
        return Dead(text)
    wait = task.schedule[attempt - 1] * (1 + SPREAD * luck)
    if isinstance(error, RetryLater) and error.delay is not None:
        wait = error.delay
    return Again(wait, text)


def after_failed_burial(
    task: Task, attempt: int, error: str, burial: BaseException
) -> Again | Dead:
    """Decide when `on_dead` itself failed: it is tried again some times, then the job is dead."""
    text = f"{error}; and then on_dead: {describe(burial)}"[:ERROR_LENGTH]
    if attempt >= attempts_of(task) + BURIALS:
        return Dead(text)
    return Again(BURIAL_PAUSE, error)


def describe(error: BaseException) -> str:
    """An error as it is kept with the job: in one piece, and storable on both databases."""
    text = str(error)
    if not (isinstance(error, (GiveUp, RetryLater)) and text):
        text = f"{type(error).__name__}: {text}"
    text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL stores no NUL
    return text.encode("utf-8", "replace").decode()[:ERROR_LENGTH]
