"""A desk without sockets or HTTP, a clock that the test moves, and people who write to it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from channels.contract import Address, InboundMessage
from desk.agents import service as agents
from desk.agents import teams
from desk.agents.models import Agent, Team
from desk.db.log import EventRow
from desk.events import Actor, Kind
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.intake import service as intake
from desk.settings import Settings
from desk.tickets import messages, service
from desk.tickets.models import Message, Ticket
from desk.triage import options, policies
from desk.triage.models import AgentWork
from desk.wiring import Desk, build
from sla import books, repository

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COUNT = itertools.count(1)
NINE_TO_FIVE = {str(day): [["09:00", "17:00"]] for day in range(5)}


class Clock:
    """Stands where the test puts it."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Office:
    desk: Desk
    clock: Clock
    inbox: Inbox

    async def person(self, name: str = "", *, role: str = "agent", **work: Any) -> Agent:
        """An agent who is there whenever their hours say so."""
        number = next(COUNT)
        timezone = work.pop("timezone", "UTC")
        locale = work.pop("locale", "en")
        async with self.desk.units.write() as unit:
            agent = await agents.create(
                unit,
                email=f"agent{number}@office.test",
                name=name or f"Agent {number}",
                role=role,
                timezone=timezone,
                locale=locale,
            )
            unit.session.add(
                AgentWork(
                    agent_id=agent.id,
                    updated_at=unit.now,
                    **{
                        "presence": "schedule",
                        "windows": None,
                        "away_since": None,
                        "assigned_at": None,
                        "languages": {"en": "native"},
                        "skills": {},
                        "slots": 8.0,
                        "costs": {},
                        "limits": {},
                        "pace_minutes": 60,
                        **work,
                    },
                )
            )
        return agent

    async def team(self, name: str, *members: Agent) -> Team:
        async with self.desk.units.write() as unit:
            return await teams.create(unit, name, [one.id for one in members])

    async def policy(self, name: str = "Standard", **data: Any) -> str:
        """A policy; by default a first response in one hour by the wall clock, for everybody."""
        minutes = data.pop("first", 60)
        targets = {
            one: {"first_response": {"duration": f"PT{minutes}M", "business": False}}
            for one in ("low", "normal", "high", "urgent")
        }
        async with self.desk.units.write() as unit:
            row = await policies.create(unit, {"name": name, "targets": targets, **data})
        return str(row.id)

    async def calendars(self, teams_: Mapping[str, str] | None = None, **zones: str) -> None:
        """Nine to five on weekdays in each zone; the first is the default."""
        data = books.parse(
            {
                "default": next(iter(zones)),
                "teams": dict(teams_ or {}),
                "calendars": {
                    key: {"name": key.title(), "timezone": zone, "windows": NINE_TO_FIVE}
                    for key, zone in zones.items()
                },
            }
        )
        async with self.desk.units.write() as unit:
            version, _ = await repository.book_data(unit.session)
            await policies.save_book(unit, data, version)

    async def routing(self, **settings: Any) -> None:
        data = options.RoutingData(enabled=True)
        for name, value in settings.items():
            setattr(data, name, value)
        async with self.desk.units.write() as unit:
            await options.save(unit, data)

    async def writes(self, text: str = "Hello", sender: str = "", **fields: Any) -> Ticket:
        """A customer writes."""
        message = InboundMessage(
            channel="email",
            sender=Address("email", sender or f"customer{next(COUNT)}@wrote.test"),
            external_id=f"{uuid4()}@wrote.test",
            subject=text,
            text=text,
            **fields,
        )
        async with self.desk.units.write() as unit:
            inbox = await unit.session.get(Inbox, self.inbox.id)
            assert inbox is not None
            return (await intake.accept(unit, inbox, message)).ticket

    async def answers(self, ticket: Ticket, agent: Agent, **fields: Any) -> Message:
        """An agent replies."""
        now = await self.ticket(ticket)
        outbound = messages.Outbound(
            kind=fields.pop("kind", "reply"),
            text="An answer",
            client_id=uuid4(),
            last_seen_seq=now.last_seq,
            **fields,
        )
        async with self.desk.units.write(Actor("agent", agent.id, agent.name)) as unit:
            row, _ = await messages.write(unit, ticket.id, outbound)
        return row

    async def change(self, ticket: Ticket, **patch: Any) -> Ticket:
        async with self.desk.units.write() as unit:
            return (await service.change(unit, ticket.id, patch)).ticket

    async def ticket(self, ticket: Ticket | UUID) -> Ticket:
        """As it stands in the database now."""
        ticket_id = ticket if isinstance(ticket, UUID) else ticket.id
        async with self.desk.units.read() as session:
            found = await session.get(Ticket, ticket_id)
        assert found is not None
        return found

    async def events(self, kind: Kind, ticket: Ticket | None = None) -> Sequence[EventRow]:
        query = select(EventRow).where(EventRow.kind == kind.value).order_by(EventRow.seq)
        if ticket is not None:
            query = query.where(EventRow.ticket_id == ticket.id)
        async with self.desk.units.read() as session:
            return (await session.scalars(query)).all()


def make(url: str, data: Path, clock: Clock) -> Desk:
    settings = Settings(database_url=url, data_dir=str(data), secret_key="s" * 40).completed()
    return build(settings, clock=clock, strict=True)


@asynccontextmanager
async def office(url: str, data: Path) -> AsyncIterator[Office]:
    clock = Clock()
    desk = make(url, data, clock)
    async with desk.units.write() as unit:
        inbox = await inboxes.create(
            unit, desk.shelf.box, channel="email", name="Help", address="help@office.test"
        )
    try:
        yield Office(desk, clock, inbox)
    finally:
        await desk.engine.dispose()
        await asyncio.sleep(0)
