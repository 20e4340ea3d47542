"""What only the embedded queue promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from desk.jobs.port import JobRun
from tests.desk.jobs.house import House, task, until, until_empty

SECOND = timedelta(seconds=1)


@pytest.fixture
async def at_home(sqlite_url: str) -> AsyncIterator[House]:
    house = House("embedded on sqlite", sqlite_url)
    yield house
    await house.close()


async def nothing(_run: JobRun) -> None:
    """A task that is done at once."""


def statements(house: House) -> list[str]:
    """Every statement from now on."""
    seen: list[str] = []

    @event.listens_for(house.units.engine.sync_engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    return seen


async def test_an_idle_queue_looks_once_a_second_and_writes_nothing(at_home: House) -> None:
    queue = at_home.queue(task(nothing), poll=SECOND)
    await queue.start()
    await asyncio.sleep(0.2)
    seen = statements(at_home)
    await asyncio.sleep(2.1)
    assert 1 <= len([s for s in seen if s != "BEGIN"]) <= 3
    assert not [s for s in seen if not s.startswith(("SELECT", "BEGIN"))]


async def test_a_batch_is_claimed_and_ended_in_few_statements(at_home: House) -> None:
    queue = at_home.queue(task(nothing), concurrency=8)
    await at_home.defer(queue, "work", *({"n": n} for n in range(80)))
    seen = statements(at_home)
    await queue.start()
    await until_empty(queue)
    claims = [s for s in seen if s.startswith("UPDATE")]
    assert len(claims) <= 80 / 8 + 2


async def test_a_full_house_takes_no_more_than_it_can_run(at_home: House) -> None:
    release = asyncio.Event()

    async def wait(_run: JobRun) -> None:
        await asyncio.wait_for(release.wait(), 10)

    queue = at_home.queue(task(wait), concurrency=2)
    await at_home.defer(queue, "work", *({} for _ in range(5)))
    await queue.start()
    await asyncio.sleep(0.3)
    assert await queue.depth() == {"ready": 3, "running": 2, "dead": 0}
    release.set()
    await until_empty(queue)


async def test_a_job_that_ends_the_process_each_time_is_dead_in_the_end(at_home: House) -> None:
    runs: list[int] = []

    async def run(job: JobRun) -> None:
        runs.append(job.attempt)

    queue = at_home.queue(task(run))  # three attempts
    await at_home.defer(queue, "work", {})
    async with at_home.units.write() as work:  # as three crashes leave it
        await work.session.execute(
            text(
                "UPDATE job SET state = 'running', attempts = 3, "
                "leased_until = '2026-01-01 00:00:00.000000', token = :token"
            ),
            {"token": "0" * 32},
        )
    await queue.start()
    await until_empty(queue)
    assert not runs
    assert [job.last_error for job in await queue.dead()] == ["the process ended each time it ran"]


async def test_the_queue_outlives_a_database_that_fails_for_a_while(
    at_home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.jobs.embedded.PAUSE_AFTER_ERROR", 0.05)
    runs: list[int] = []
    failures = ["UPDATE job", "UPDATE job", "DELETE FROM job"]  # two claims, then an ending

    async def run(job: JobRun) -> None:
        runs.append(job.attempt)

    @event.listens_for(at_home.units.engine.sync_engine, "before_cursor_execute")
    def fail(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if failures and statement.startswith(failures[0]):
            failures.pop(0)
            raise OSError("disk I/O error")

    queue = at_home.queue(task(run))
    await at_home.defer(queue, "work", {})
    await queue.start()
    await until(lambda: runs)
    await until_empty(queue)
    assert runs == [1]
    assert failures == []


async def test_a_long_lane_does_not_hold_up_the_others(at_home: House) -> None:
    release = asyncio.Event()
    done: list[str] = []

    async def run(job: JobRun) -> None:
        if job.args["lane"] == "long":
            await asyncio.wait_for(release.wait(), 10)
        done.append(job.args["lane"])

    queue = at_home.queue(task(run), concurrency=2)
    await at_home.defer(queue, "work", *({"lane": "long"} for _ in range(500)), lane="long")
    await at_home.defer(queue, "work", {"lane": "short"}, lane="short")
    await queue.start()
    await until(lambda: done == ["short"])
    release.set()
    await until(lambda: len(done) == 501)
