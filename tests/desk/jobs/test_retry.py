"""The rules for failed jobs, without a queue."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.jobs.port import GiveUp, JobRun, RetryLater, Task
from desk.jobs.retry import (
    BURIALS,
    ERROR_LENGTH,
    Again,
    Dead,
    after_failed_burial,
    after_failure,
    attempts_of,
    describe,
)


async def _run(_job: JobRun) -> None:
    pass


TASK = Task("work", _run, schedule=(timedelta(seconds=2), timedelta(minutes=1)))
ERROR = ConnectionError("no route")


def test_waits_follow_the_schedule_then_the_job_is_dead() -> None:
    assert after_failure(TASK, 1, ERROR, 0) == Again(
        timedelta(seconds=2), "ConnectionError: no route"
    )
    assert after_failure(TASK, 2, ERROR, 0) == Again(
        timedelta(minutes=1), "ConnectionError: no route"
    )
    assert after_failure(TASK, 3, ERROR, 0) == Dead("ConnectionError: no route")


@given(st.floats(0, 1, exclude_max=True))
def test_luck_only_ever_lengthens_a_wait_by_a_fifth(luck: float) -> None:
    fate = after_failure(TASK, 1, ERROR, luck)
    assert isinstance(fate, Again)
    assert timedelta(seconds=2) <= fate.after <= timedelta(seconds=2.4)


def test_a_wait_that_the_task_names_is_kept_to_the_letter() -> None:
    later = RetryLater("429", timedelta(seconds=7))
    assert after_failure(TASK, 1, later, 0.9) == Again(timedelta(seconds=7), "429")
    assert after_failure(TASK, 3, later, 0.9) == Dead("429")


def test_giving_up_ends_it_at_once() -> None:
    assert after_failure(TASK, 1, GiveUp("gone"), 0) == Dead("gone")


def test_a_failing_burial_is_tried_a_few_times() -> None:
    first = attempts_of(TASK)
    for attempt in range(first, first + BURIALS):
        fate = after_failed_burial(TASK, attempt, "gone", ERROR)
        assert isinstance(fate, Again)
        assert fate.error == "gone"
    last = after_failed_burial(TASK, first + BURIALS, "gone", ERROR)
    assert last == Dead("gone; and then on_dead: ConnectionError: no route")


@given(st.text())
def test_every_error_can_be_stored(text: str) -> None:
    kept = describe(ValueError(text * 50))
    assert len(kept) <= ERROR_LENGTH
    assert "\x00" not in kept
    assert kept.encode()
