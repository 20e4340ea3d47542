"""Jobs of routing and service levels: give tickets out, warn and escalate, apply new policies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from desk.events import Event, Kind
from desk.jobs.port import JobQueue, JobRun, Periodic, Task
from desk.triage import clocks, escalation, options, policies, routing
from desk.triage.clocks import Clocks
from desk.unit_of_work import UnitOfWork, Units
from sla.repository import Rulebooks

ROUTE: Final = "triage.route"
WATCH: Final = "triage.watch"
APPLY: Final = "triage.apply"
EVERY: Final = timedelta(seconds=10)

_MAY_ROUTE: Final = frozenset(
    {
        Kind.TICKET_CREATED,
        Kind.TICKET_CHANGED,
        Kind.MESSAGE_RECEIVED,
        Kind.AGENT_CHANGED,
        Kind.TEAM_CHANGED,
        Kind.TRIAGE_CHANGED,
    }
)


class TriageJobs:
    """What triage leaves for later, and the hooks that notice what happened."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.books = Rulebooks()

    def hook(self) -> Clocks:
        """The hook that keeps clocks; before the one that defers jobs."""
        return Clocks(self.books)

    def tasks(self) -> tuple[Task, ...]:
        """The jobs as the queue knows them."""
        return (
            Task(name=ROUTE, run=self.route),
            Task(name=WATCH, run=self.watch),
            Task(name=APPLY, run=self.apply, lease=timedelta(minutes=10)),
        )

    def periodic(self) -> Sequence[Periodic]:
        """When it looks by itself."""
        return (Periodic(WATCH, EVERY),)

    async def route(self, run: JobRun) -> None:
        """Give waiting tickets to whoever is free."""
        await routing.drain(self.units)
        await _finish(self.units, run)

    async def watch(self, run: JobRun) -> None:
        """Steps that are due, agents who are gone, people who came back."""
        await self.steps()
        await routing.move_from_absent(self.units)
        await routing.drain(self.units)
        await _finish(self.units, run)

    async def steps(self) -> int:
        """Carry out every step that is due; how many there were."""
        count = 0
        while True:
            async with self.units.read() as session:
                due = await escalation.due(session, self.units.clock())
            for ticket_id in due:
                async with self.units.write() as work:
                    count += len(await escalation.carry_out(work, self.books, ticket_id))
            if len(due) < escalation.CHUNK:
                return count

    async def apply(self, run: JobRun) -> None:
        """Bring open tickets under the present policies and calendars, a chunk at a time."""
        while True:
            async with self.units.write() as work:
                if not await clocks.backfill(work, self.books):
                    break
        async with self.units.write() as work:
            await policies.begin_applying(work)
        while True:
            async with self.units.write() as work:
                if not await policies.apply_some(work, self.books):
                    break
        await _finish(self.units, run)


class RoutingReactions:
    """A unit of work's hook: what happened may let somebody take a ticket."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue

    async def __call__(self, work: UnitOfWork, events: Sequence[Event]) -> None:
        """Ask for a round of routing; for one, however much happened."""
        if any(event.data.get("apply") for event in events if event.kind is Kind.SLA_CHANGED):
            await self.queue.defer(
                work.session, APPLY, {}, now=work.now, lane=APPLY, dedupe_key=APPLY
            )
            work.after_commit(self.queue.wake)
        if any(_may_route(event) for event in events) and await _enabled(work.session):
            await self.queue.defer(
                work.session, ROUTE, {}, now=work.now, lane=ROUTE, dedupe_key=ROUTE
            )
            work.after_commit(self.queue.wake)


async def _enabled(session: AsyncSession) -> bool:
    data, _ = await options.load(session)
    return data.enabled


def _may_route(event: Event) -> bool:
    if event.kind is Kind.TICKET_CHANGED and event.actor == routing.ROUTER:
        return False
    return event.kind in _MAY_ROUTE


async def _finish(units: Units, run: JobRun) -> None:
    async with units.write() as work:
        await run.finish(work)
