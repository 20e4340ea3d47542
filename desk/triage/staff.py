"""Agents as routing sees them: languages, hours, presence, load; in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents import repository as people
from desk.agents.models import Agent
from desk.agents.permissions import permissions
from desk.tickets.models import Ticket
from desk.triage.models import AgentAbsence, AgentWork
from sla.books import Windows, spans_of
from sla.calendar import BusinessCalendar
from sla.people import Candidate, Capacity, Presence

# A ticket that waits for the customer or for a third party takes no room.
CARRIED: Final = ("new", "open")


async def candidates(session: AsyncSession, now: datetime) -> list[Candidate]:
    """Everybody who answers tickets, as they stand at `now`."""
    agents = [one for one in await people.every(session) if _answers(one)]
    work = {row.agent_id: row for row in await session.scalars(select(AgentWork))}
    teams = await people.teams_of(session)
    away = await _absences(session, now)
    loads = await _loads(session)
    return [
        _candidate(
            agent,
            work.get(agent.id),
            now,
            teams=frozenset(str(team) for team in teams.get(agent.id, ())),
            load=loads.get(agent.id, {}),
            absent_until=away.get(agent.id),
        )
        for agent in agents
    ]


def hours(work: AgentWork | None, timezone: str) -> BusinessCalendar | None:
    """When somebody works, in their own time zone; None is around the clock."""
    if work is None or work.windows is None:
        return None
    return _calendar(timezone, msgspec.json.encode(work.windows, order="sorted"))


@lru_cache(maxsize=2048)
def _calendar(timezone: str, windows: bytes) -> BusinessCalendar:
    spans = msgspec.json.decode(windows, type=dict[str, Windows])
    return BusinessCalendar(timezone, {int(day): spans_of(some) for day, some in spans.items()})


def _candidate(
    agent: Agent,
    work: AgentWork | None,
    now: datetime,
    *,
    teams: frozenset[str],
    load: Mapping[str, int],
    absent_until: datetime | None,
) -> Candidate:
    presence, away_since = _presence(agent, work, now)
    if work is None:
        return Candidate(
            agent=str(agent.id),
            name=agent.name,
            languages={agent.locale: "native"},
            presence=presence,
            away_since=away_since,
            absent_until=absent_until,
            load=load,
            teams=teams,
        )
    return Candidate(
        agent=str(agent.id),
        name=agent.name,
        languages=work.languages or {agent.locale: "native"},
        calendar=hours(work, agent.timezone),
        presence=presence,
        away_since=away_since,
        absent_until=absent_until,
        load=load,
        capacity=Capacity(work.slots, work.costs, work.limits),
        skills=work.skills,
        teams=teams,
        assigned_at=work.assigned_at,
        pace=timedelta(minutes=work.pace_minutes),
    )


def _presence(
    agent: Agent, work: AgentWork | None, now: datetime
) -> tuple[Presence, datetime | None]:
    """Whether they are there, and since when not."""
    mode = work.presence if work is not None else "auto"
    if mode == "schedule":  # their hours decide, whether or not a page is open
        return "online", None
    if mode == "away":
        return "away", work.away_since if work is not None else None
    online = agent.online_until is not None and agent.online_until > now
    return ("online", None) if online else ("offline", agent.online_until)


async def _absences(session: AsyncSession, now: datetime) -> dict[UUID, datetime]:
    rows = await session.execute(
        select(AgentAbsence.agent_id, func.max(AgentAbsence.ends).label("ends"))
        .where(AgentAbsence.begins <= now, AgentAbsence.ends > now)
        .group_by(AgentAbsence.agent_id)
    )
    return {row.agent_id: row.ends for row in rows}


async def _loads(session: AsyncSession) -> Mapping[UUID, dict[str, int]]:
    rows = await session.execute(
        select(Ticket.assignee_id, Ticket.channel, func.count())
        .where(Ticket.assignee_id.is_not(None), Ticket.status.in_(CARRIED))
        .group_by(Ticket.assignee_id, Ticket.channel)
    )
    result: dict[UUID, dict[str, int]] = defaultdict(dict)
    for agent_id, channel, count in rows:
        if agent_id is not None:
            result[agent_id][channel] = count
    return result


def _answers(agent: Agent) -> bool:
    return agent.active and "tickets.write" in permissions(agent.role)
