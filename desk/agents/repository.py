"""Agents and teams in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents.models import Agent, Team, TeamMember


async def get(session: AsyncSession, agent_id: UUID) -> Agent | None:
    """One agent."""
    return await session.get(Agent, agent_id)


async def by_email(session: AsyncSession, email: str) -> Agent | None:
    """The agent with this normalised address."""
    return (await session.execute(select(Agent).where(Agent.email == email))).scalar_one_or_none()


async def every(session: AsyncSession) -> Sequence[Agent]:
    """All agents by name; a desk has hundreds at most."""
    return (await session.execute(select(Agent).order_by(Agent.name, Agent.id))).scalars().all()


async def lock_active_admins(session: AsyncSession) -> int:
    """How many active admins there are; their rows are locked until the commit."""
    statement = select(Agent.id).where(Agent.role == "admin", Agent.active.is_(True))
    return len((await session.execute(statement.order_by(Agent.id).with_for_update())).all())


async def team(session: AsyncSession, team_id: UUID) -> Team | None:
    """One team."""
    return await session.get(Team, team_id)


async def team_by_name(session: AsyncSession, name: str) -> Team | None:
    """The team with this name, in whichever case."""
    statement = select(Team).where(func.lower(Team.name) == name.lower())
    return (await session.execute(statement)).scalars().first()


async def teams(session: AsyncSession) -> Sequence[Team]:
    """All teams by name."""
    return (await session.execute(select(Team).order_by(Team.name, Team.id))).scalars().all()


async def teams_of(session: AsyncSession) -> Mapping[UUID, list[UUID]]:
    """Which teams each agent is in."""
    result: dict[UUID, list[UUID]] = defaultdict(list)
    for member in await _members(session):
        result[member.agent_id].append(member.team_id)
    return result


async def teams_of_one(session: AsyncSession, agent_id: UUID) -> list[UUID]:
    """The teams of one agent."""
    statement = select(TeamMember.team_id).where(TeamMember.agent_id == agent_id)
    return list((await session.execute(statement.order_by(TeamMember.team_id))).scalars())


async def members(session: AsyncSession) -> Mapping[UUID, list[UUID]]:
    """Which agents each team has."""
    result: dict[UUID, list[UUID]] = defaultdict(list)
    for member in await _members(session):
        result[member.team_id].append(member.agent_id)
    return result


async def members_of(session: AsyncSession, team_id: UUID) -> set[UUID]:
    """The agents of one team."""
    statement = select(TeamMember.agent_id).where(TeamMember.team_id == team_id)
    return set((await session.execute(statement)).scalars())


async def known_agents(session: AsyncSession, ids: Sequence[UUID]) -> set[UUID]:
    """Which of the ids are agents."""
    return set((await session.execute(select(Agent.id).where(Agent.id.in_(ids)))).scalars())


async def set_members(session: AsyncSession, team_id: UUID, ids: Sequence[UUID]) -> None:
    """Replace a team's members."""
    await session.execute(delete(TeamMember).where(TeamMember.team_id == team_id))
    if ids:
        await session.execute(
            insert(TeamMember), [{"team_id": team_id, "agent_id": agent_id} for agent_id in ids]
        )


async def _members(session: AsyncSession) -> Sequence[TeamMember]:
    statement = select(TeamMember).order_by(TeamMember.team_id, TeamMember.agent_id)
    return (await session.execute(statement)).scalars().all()
