"""A worker killed at any moment costs nothing: every effect is there, and there once."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from tests.desk.jobs import victim
from tests.desk.jobs.house import House, until

JOBS, LANES, KILLS = 200, 20, 4


async def _effects(house: House) -> Sequence[Any]:
    async with house.units.read() as session:
        return (await session.execute(text("SELECT n, attempt FROM effect ORDER BY at"))).all()


async def test_every_effect_exactly_once_through_four_kills(house: House) -> None:
    auto = "INTEGER PRIMARY KEY" if house.kind.endswith("sqlite") else "BIGSERIAL PRIMARY KEY"
    queue = victim.worker(house)
    async with house.units.write() as work:
        create = f"CREATE TABLE effect (at {auto}, n INTEGER NOT NULL, attempt INTEGER NOT NULL)"
        await work.session.execute(text(create))
        for number in range(JOBS):
            lane = f"lane {number % LANES}"
            await queue.defer(work.session, "work", {"n": number}, now=work.now, lane=lane)

    async def worker() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", victim.__name__, house.kind, house.url
        )

    for _ in range(KILLS):
        process = await worker()
        goal = len(await _effects(house)) + random.randint(1, JOBS // (KILLS + 2))

        async def reached(goal: int = goal) -> bool:
            return len(await _effects(house)) >= goal

        await until(reached, seconds=30)
        process.kill()
        await process.wait()
    left = JOBS - len(await _effects(house))
    assert left > 0
    assert await asyncio.wait_for((await worker()).wait(), 60) == 0

    effects = await _effects(house)
    assert sorted(row.n for row in effects) == list(range(JOBS))
    lanes = defaultdict(list)
    for row in effects:
        lanes[row.n % LANES].append(row.n)
    assert all(numbers == sorted(numbers) for numbers in lanes.values())
    assert any(row.attempt > 1 for row in effects), "no kill hit a running job"
