"""Periodic tasks for either queue: each slot of time is claimed once, whoever sees it first.

The last slot of a task is a row in `counter`, moved forward in the same commit that defers the
job. A slot missed while nothing ran is made up for once, not once for every slot missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import text

from desk.errors import ConfigurationError
from desk.jobs.port import JobQueue, Periodic
from desk.unit_of_work import Clock, Units

log = structlog.get_logger(__name__)

LONGEST_SLEEP = 30.0  # seconds; a machine that was suspended notices within this
PAUSE_AFTER_ERROR = 5.0  # seconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_CLAIM = text(
    "INSERT INTO counter (name, value) VALUES (:name, :slot) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value "
    "RETURNING name"
)


def slot_of(now: datetime, every: timedelta) -> int:
    """The start of the slot that `now` lies in, in microseconds since 1970."""
    width = every // _MICROSECOND
    return (now - _EPOCH) // _MICROSECOND // width * width


class PeriodicTimer:
    """Defers each periodic task once per slot, across all processes on one database."""

    def __init__(
        self, units: Units, queue: JobQueue, periodic: Sequence[Periodic], clock: Clock
    ) -> None:
        for entry in periodic:
            if entry.every < timedelta(seconds=1):
                raise ConfigurationError(f"The periodic task {entry.task} runs too often.")
        self._units = units
        self._queue = queue
        self._periodic = tuple(periodic)
        self._clock = clock
        self._seen: dict[str, int] = {}

    async def run(self) -> None:
        """Defer what is due, for ever."""
        while self._periodic:
            try:
                pause = await self.tick()
            except Exception:  # the database may be away for a while
                log.exception("periodic_tasks_failed")
                pause = PAUSE_AFTER_ERROR
            await asyncio.sleep(pause)

    async def tick(self) -> float:
        """Defer what is due now; how many seconds until the next slot starts."""
        now = self._clock()
        slots = {entry.task: slot_of(now, entry.every) for entry in self._periodic}
        due = {task: slot for task, slot in slots.items() if self._seen.get(task) != slot}
        if due:
            async with self._units.write() as work:
                for task, slot in due.items():
                    name = f"periodic:{task}"
                    won = await work.session.execute(_CLAIM, {"name": name, "slot": slot})
                    if won.first() is not None:
                        await self._queue.defer(
                            work.session, task, {}, now=work.now, lane=name, dedupe_key=name
                        )
            self._seen.update(due)
        ends = min(slots[e.task] + e.every // _MICROSECOND for e in self._periodic)
        left = timedelta(microseconds=ends) - (now - _EPOCH)
        return min(max(left.total_seconds(), 0.001), LONGEST_SLEEP)
