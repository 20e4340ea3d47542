"""Mail to ticket, inbox list and ticket detail, in this process."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from bench import asgi, clock
from bench.floor import Floor
from bench.house import furnish, mail
from desk.app import create_app
from desk.tickets.models import Message, Ticket
from desk.wiring import Desk

MAILS = 200
ROUNDS = 5
TICKETS = 3000


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `target` is the highest ratio aimed for."""

    name: str
    cost: float
    unit: str
    floor: str = ""
    floor_cost: float = 0.0
    target: str = ""

    @property
    def ratio(self) -> str:
        """How many times the floor."""
        return f"{self.cost / self.floor_cost:.1f}" if self.floor_cost else ""


async def measure(folder: Path) -> list[Figure]:
    """All figures of this file."""
    floor = Floor(folder)
    await floor.start(TICKETS)
    desk, inbox_id, token = await furnish(folder / "desk")
    numbers = itertools.count(1)
    mail_cost, insert_cost = await _mail(desk, inbox_id, numbers, floor)
    await _batch(desk, inbox_id, numbers, TICKETS - next(numbers))
    list_cost, detail_cost, row_cost = await _pages(desk, token, floor)
    await desk.engine.dispose()
    await floor.engine.dispose()
    return [
        Figure("Mail to ticket", mail_cost, "ms", "insert", insert_cost, "15"),
        Figure("Inbox list of 50", list_cost, "ms", "list of 50", row_cost, "6"),
        Figure("Ticket detail with messages", detail_cost, "ms", "list of 50", row_cost, "6"),
    ]


async def _mail(
    desk: Desk, inbox_id: UUID, numbers: Iterator[int], floor: Floor
) -> tuple[float, float]:
    """CPU from a mail's bytes, through the raw store and the job, to ticket and events."""
    await _batch(desk, inbox_id, numbers, 50)
    mails: list[float] = []
    inserts: list[float] = []
    for _ in range(ROUNDS):
        mails.append(await _batch(desk, inbox_id, numbers, MAILS))
        inserts.append((await clock.per_call({"i": floor.insert}, rounds=1, calls=MAILS))["i"])
    return median(mails), median(inserts)


async def _batch(desk: Desk, inbox_id: UUID, numbers: Iterator[int], count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        await desk.mail.store(mail(next(numbers), inbox_id))
    await _drain(desk)
    return (time.process_time() - began) / count * 1000


async def _drain(desk: Desk) -> None:
    """Run the queue until it is empty."""
    await desk.queue.start()
    while True:
        depth = await desk.queue.depth()
        waiting = depth.get("ready", 0) + depth.get("running", 0)
        async with desk.units.read() as session:
            unread = await session.scalar(select(func.count()).select_from(Message))
            tickets = await session.scalar(select(func.count()).select_from(Ticket))
        if waiting <= 1 and unread == tickets:  # the housekeeping job waits for its hour
            break
        await asyncio.sleep(0.05)
    await desk.queue.stop()


async def _pages(desk: Desk, token: str, floor: Floor) -> tuple[float, float, float]:
    app = create_app(desk.settings, desk=desk)
    bearer = {"authorization": f"Bearer {token}"}
    async with floor.app.lifespan(), app.lifespan():
        status, body = await asgi.get(app, "/api/v1/tickets?limit=50", bearer)
        assert status == 200, body
        rows = msgspec.json.decode(body)["items"]
        assert len(rows) == 50
        ticket = rows[0]["id"]

        async def listing() -> None:
            await asgi.get(app, "/api/v1/tickets?limit=50", bearer)

        async def detail() -> None:
            await asgi.get(app, f"/api/v1/tickets/{ticket}", bearer)
            await asgi.get(app, f"/api/v1/tickets/{ticket}/messages", bearer)

        async def bare() -> None:
            await asgi.get(floor.app, "/rows")

        found = await clock.per_call({"list": listing, "detail": detail, "bare": bare})
    return found["list"], found["detail"], found["bare"]
