"""Periodic tasks: once per slot, however many processes run."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from desk.errors import ConfigurationError
from desk.jobs.periodic import PeriodicTimer, slot_of
from desk.jobs.port import JobRun, Periodic
from tests.desk.jobs.house import House, task, until_empty

MINUTE = timedelta(minutes=1)


def test_slots_are_counted_from_a_fixed_instant() -> None:
    at = datetime(2026, 3, 1, 12, 0, 59, 999_999, tzinfo=UTC)
    start = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert slot_of(at, MINUTE) == int(start.timestamp()) * 1_000_000
    assert slot_of(at, MINUTE) == slot_of(start, MINUTE)
    assert slot_of(at + timedelta(microseconds=1), MINUTE) > slot_of(at, MINUTE)


async def test_a_slot_is_deferred_once_by_several_processes(house: House) -> None:
    runs: list[int] = []

    async def run(job: JobRun) -> None:
        runs.append(job.attempt)

    queue = house.queue(task(run))
    now = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
    every = [Periodic("work", MINUTE)]
    timers = [
        PeriodicTimer(units, queue, every, lambda: now)
        for units in (house.units, house.queue(task(run), apart=True)._units)  # type: ignore[attr-defined]
    ]
    await queue.start()
    for minutes, expected in ((0, 1), (1, 2), (90, 3)):
        now = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC) + minutes * MINUTE
        for timer in timers:
            assert await timer.tick() == 30  # looked at again no later than that
            await until_empty(queue)  # the job has run and is gone; its slot is still taken
        assert len(runs) == expected, "a slot missed while nothing ran is made up for once"


async def test_a_changed_interval_takes_over(house: House) -> None:
    async def run(_job: JobRun) -> None:
        pass

    queue = house.queue(task(run))
    now = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)

    async def ready_after(every: timedelta) -> int:
        await PeriodicTimer(house.units, queue, [Periodic("work", every)], lambda: now).tick()
        return (await queue.depth())["ready"]

    assert await ready_after(timedelta(seconds=10)) == 1
    now += timedelta(hours=1)
    await queue.start()
    await until_empty(queue)
    await queue.stop()
    assert await ready_after(timedelta(hours=1)) == 1


async def test_running_queues_run_their_periodic_tasks(house: House) -> None:
    runs: list[datetime] = []

    async def run(_job: JobRun) -> None:
        runs.append(house.clock())

    second = timedelta(seconds=1)
    every = [Periodic("work", second)]
    queues = [house.queue(task(run), periodic=every, apart=True) for _ in range(2)]
    before = slot_of(house.clock(), second)
    for queue in queues:
        await queue.start()
    await asyncio.sleep(2.3)
    slots = (slot_of(house.clock(), second) - before) // 1_000_000 + 1
    assert slots - 1 <= len(runs) <= slots


async def test_an_interval_too_short_to_mean_is_refused(house: House) -> None:
    async def run(_job: JobRun) -> None:
        pass

    with pytest.raises(ConfigurationError, match="too often"):
        house.queue(task(run), periodic=[Periodic("work", timedelta())])
