"""Several workers route at once, each with a loop and an engine of its own: nothing twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from desk.db.engine import create_engine
from desk.events import Kind
from desk.tickets import service
from desk.tickets.models import Ticket
from desk.triage import routing
from desk.triage.clocks import Clocks
from desk.unit_of_work import Units
from sla.repository import Rulebooks
from tests.desk.levels.office import Office

WORKERS = 4
TICKETS = 40
SLOTS = (3.0, 5.0, 7.0)


async def test_no_ticket_is_given_twice_and_no_agent_overfilled(
    here: Office, desk_database_url: str, tmp_path: Path
) -> None:
    people = [await here.person(f"Agent {n}", slots=slots) for n, slots in enumerate(SLOTS)]
    await here.routing()
    await here.policy(first=60)
    for number in range(TICKETS):
        await here.writes(f"Number {number}")

    def work(number: int) -> int:
        return asyncio.run(route(desk_database_url, here, number))

    with ThreadPoolExecutor(WORKERS) as pool:
        loop = asyncio.get_running_loop()
        given = await asyncio.gather(
            *(loop.run_in_executor(pool, work, number) for number in range(WORKERS))
        )
    told = await here.events(Kind.DECISION_ROUTING)
    assigned = [one for one in told if one.data["sentence_key"] == "routing.assigned"]
    per_ticket = Counter(one.ticket_id for one in assigned)
    assert set(per_ticket.values()) == {1}
    async with here.desk.units.read() as session:
        carried = Counter(
            (
                await session.scalars(
                    select(Ticket.assignee_id).where(
                        Ticket.assignee_id.is_not(None), Ticket.status.in_(("new", "open"))
                    )
                )
            ).all()
        )
    assert carried == {one.id: slots for one, slots in zip(people, SLOTS, strict=True)}
    assert sum(given) == len(assigned)


async def route(url: str, here: Office, number: int) -> int:
    """One worker: rounds of routing; one of them answers tickets between, which makes room."""
    engine = create_engine(url)
    units = Units(engine, clock=here.clock)
    units.before_commit.append(Clocks(Rulebooks()))
    given = 0
    try:
        for _ in range(4):
            given += (await routing.drain(units)).given
            if number == 0:
                given += await _resolve_one(units)
    finally:
        given += (await routing.drain(units)).given
        await engine.dispose()
    return given


async def _resolve_one(units: Units) -> int:
    async with units.write() as work:
        ticket = await work.session.scalar(
            select(Ticket)
            .where(Ticket.assignee_id.is_not(None), Ticket.status == "new")
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if ticket is not None:
            await service.change(work, ticket.id, {"status": "resolved"})
    return 0
