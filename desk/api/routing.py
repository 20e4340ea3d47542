"""`/api/v1/routing`: the settings, a try-it box, schedules and absences, and the undo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta
from sqlalchemy import select

from desk.agents import repository as people
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.errors import Invalid
from desk.triage import options, routing, schedules, staff
from desk.triage.cover import MOST_HOURS, cover
from desk.triage.models import AgentWork
from desk.triage.options import RoutingData
from desk.triage.schedules import WorkData
from sla.people import Demand
from sla.routing import decide

Text = Annotated[str, Meta(max_length=100)]


class RoutingOut(msgspec.Struct):
    """The settings as they stand."""

    version: int
    settings: RoutingData


class RoutingIn(msgspec.Struct, forbid_unknown_fields=True):
    """New settings; `version` is the one that was changed."""

    version: int
    settings: RoutingData


class TrialIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A ticket that might be, under settings that might be (those in force, if not given)."""

    settings: RoutingData | None = None
    language: Text = ""
    channel: Text = "email"
    priority: Text = "normal"
    team_id: UUID | None = None
    zone: Text = ""
    skills: Annotated[list[Text], Meta(max_length=20)] = []
    segments: Annotated[list[Text], Meta(max_length=20)] = []
    tags: Annotated[list[Text], Meta(max_length=50)] = []
    due_at: datetime | None = None
    at: datetime | None = None


class RankedOut(msgspec.Struct):
    """A candidate: points, and how much of each part they earned, 0 to 1."""

    agent_id: UUID
    name: str
    score: float
    factors: dict[str, float]


class TrialOut(msgspec.Struct):
    """Who would get it and why; `left_out` names those a rule kept out, by rule."""

    at: datetime
    chosen: UUID | None
    sentence: str
    reasons: list[dict[str, Any]]
    ranking: list[RankedOut]
    left_out: dict[str, list[str]]
    retry_at: datetime | None


class WorkOut(msgspec.Struct, kw_only=True):
    """An agent's work, and whether they are on shift now."""

    agent_id: UUID
    name: str
    timezone: str
    team_ids: list[UUID]
    work: WorkData
    on_shift: bool
    presence: str
    used: float


class WorkList(msgspec.Struct):
    """Everybody who answers tickets."""

    items: list[WorkOut]


class ShiftOut(msgspec.Struct, kw_only=True):
    """When an agent works; `away` is when they would but for an absence."""

    agent_id: UUID
    name: str
    team_ids: list[UUID]
    spans: list[tuple[datetime, datetime]]
    away: list[tuple[datetime, datetime]]


class CoverOut(msgspec.Struct):
    """Who is at work when from `start` to `end`; in `gaps` nobody is."""

    start: datetime
    end: datetime
    shifts: list[ShiftOut]
    gaps: list[tuple[datetime, datetime]]


class AbsenceIn(msgspec.Struct, forbid_unknown_fields=True):
    """An agent will be away."""

    agent_id: UUID
    begins: datetime
    ends: datetime
    note: Annotated[str, Meta(max_length=200)] = ""


class AbsenceOut(msgspec.Struct):
    """An absence."""

    id: UUID
    agent_id: UUID
    begins: datetime
    ends: datetime
    note: str


class AbsenceList(msgspec.Struct):
    """Absences that are not over."""

    items: list[AbsenceOut]


class RoutingController(Controller):
    """Who gets a ticket, and why."""

    path = "/routing"
    tags = ("Routing",)

    @get(guards=[requires("tickets.read")], summary="Routing's settings")
    async def settings(self, core: InjectedCore) -> RoutingOut:
        """Weights, rules, overflow."""
        async with core.units.read() as session:
            data, version = await options.load(session)
        return RoutingOut(version, data)

    @put(guards=[requires("sla.manage")], summary="Change routing")
    async def save(
        self, data: JSONBody[RoutingIn], caller: Caller, core: InjectedCore
    ) -> RoutingOut:
        """They hold from the next round on."""
        async with core.units.write(caller.actor) as work:
            version = await options.save(work, data.settings, data.version)
        return RoutingOut(version, data.settings)

    @post("/try", guards=[requires("tickets.read")], summary="Try routing", status_code=200)
    async def attempt(self, data: JSONBody[TrialIn], core: InjectedCore) -> TrialOut:
        """Who would get a ticket such as this, with the ranking and the reasons."""
        at = data.at or core.units.clock()
        async with core.units.read() as session:
            settings = data.settings or (await options.load(session))[0]
            candidates = await staff.candidates(session, at)
        demand = Demand(
            ticket="tried",
            channel=data.channel,
            languages=((data.language, 1.0),) if data.language else (),
            priority=data.priority,
            segments=frozenset(data.segments),
            skills=frozenset(data.skills),
            team=str(data.team_id) if data.team_id else "",
            zone=data.zone,
            due_at=data.due_at,
            waiting_since=at,
            tags=frozenset(data.tags),
        )
        decision = decide(demand, candidates, at, options.routing_of(settings))
        shown = routing.explained(decision)
        best = decision.ranking[0].candidate if decision.ranking else None
        return TrialOut(
            at=at,
            chosen=UUID(decision.chosen) if decision.chosen else None,
            sentence=routing.sentence(decision, best)
            if best
            else decision.alarm.text
            if decision.alarm
            else "",
            reasons=shown["reasons"],
            ranking=msgspec.convert(shown["ranking"], list[RankedOut]),
            left_out=shown["left_out"],
            retry_at=decision.retry_at,
        )

    @get("/schedules", guards=[requires("tickets.read")], summary="Agents' schedules")
    async def every(self, core: InjectedCore) -> WorkList:
        """Everybody who answers tickets, with hours, languages, skills and room."""
        now = core.units.clock()
        async with core.units.read() as session:
            rows = {row.agent_id: row for row in await session.scalars(select(AgentWork))}
            agents = {agent.id: agent for agent in await people.every(session)}
            found = await staff.candidates(session, now)
        return WorkList(
            [
                WorkOut(
                    agent_id=UUID(one.agent),
                    name=one.name,
                    timezone=agents[UUID(one.agent)].timezone,
                    team_ids=sorted(UUID(team) for team in one.teams),
                    work=schedules.data_of(rows.get(UUID(one.agent))),
                    on_shift=one.calendar is None or one.calendar.is_open(now),
                    presence="absent" if one.absent_until else one.presence,
                    used=one.capacity.used(one.load),
                )
                for one in found
            ]
        )

    @get("/cover", guards=[requires("tickets.read")], summary="Who is at work when")
    async def cover(
        self,
        core: InjectedCore,
        start: FromQuery[datetime],
        hours: FromQuery[int] = 24,
    ) -> CoverOut:
        """Everybody's hours on one line of time, absences taken out, and when nobody is there."""
        if not 1 <= hours <= MOST_HOURS:
            raise Invalid(errors=[("hours", f"look at 1 to {MOST_HOURS} hours at a time")])
        async with core.units.read() as session:
            found = await cover(session, start, hours)
        return CoverOut(
            start=start,
            end=start + timedelta(hours=hours),
            shifts=[
                ShiftOut(
                    agent_id=UUID(one.agent.agent),
                    name=one.agent.name,
                    team_ids=sorted(UUID(team) for team in one.agent.teams),
                    spans=one.spans,
                    away=one.away,
                )
                for one in found.shifts
            ],
            gaps=found.gaps,
        )

    @put("/schedules/{agent_id:uuid}", guards=[requires("sla.manage")], summary="Set a schedule")
    async def set_work(
        self, agent_id: FromPath[UUID], data: JSONBody[WorkData], caller: Caller, core: InjectedCore
    ) -> WorkData:
        """Hours, languages with level, skills, capacity."""
        async with core.units.write(caller.actor) as work:
            return schedules.data_of(await schedules.save(work, agent_id, data))

    @get("/absences", guards=[requires("tickets.read")], summary="Absences")
    async def absences(self, core: InjectedCore) -> AbsenceList:
        """Those that are not over, by their beginning."""
        async with core.units.read() as session:
            rows = await schedules.absences(session, core.units.clock())
        return AbsenceList([_absence(row) for row in rows])

    @post("/absences", guards=[requires("sla.manage")], summary="Add an absence")
    async def leave(
        self, data: JSONBody[AbsenceIn], caller: Caller, core: InjectedCore
    ) -> AbsenceOut:
        """What waits for them when it begins goes to others."""
        async with core.units.write(caller.actor) as work:
            return _absence(
                await schedules.leave(work, data.agent_id, data.begins, data.ends, data.note)
            )

    @delete("/absences/{absence_id:uuid}", guards=[requires("sla.manage")], summary="Call it off")
    async def come_back(
        self, absence_id: FromPath[UUID], caller: Caller, core: InjectedCore
    ) -> None:
        """The agent is there after all."""
        async with core.units.write(caller.actor) as work:
            await schedules.come_back(work, absence_id)

    @post(
        "/tickets/{ticket_id:uuid}/undo",
        guards=[requires("tickets.assign")],
        summary="Undo the routing",
        status_code=204,
    )
    async def undo(self, ticket_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> None:
        """The ticket waits again and does not go to the same agent."""
        async with core.units.write(caller.actor) as work:
            await routing.undo(work, ticket_id)


def _absence(row: Any) -> AbsenceOut:  # noqa: ANN401 - an AgentAbsence
    return AbsenceOut(row.id, row.agent_id, row.begins, row.ends, row.note)
