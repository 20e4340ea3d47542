"""How agents, teams and sessions look from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from desk.agents.models import Agent
from desk.agents.permissions import Role


class AgentOut(msgspec.Struct):
    """An agent."""

    id: UUID
    name: str
    email: str
    role: Role
    locale: str
    timezone: str
    active: bool
    online: bool
    team_ids: list[UUID]


class AgentList(msgspec.Struct):
    """All agents, by name."""

    items: list[AgentOut]


class TeamOut(msgspec.Struct):
    """A team and who is in it."""

    id: UUID
    name: str
    agent_ids: list[UUID]


class TeamList(msgspec.Struct):
    """All teams, by name."""

    items: list[TeamOut]


class DeskOut(msgspec.Struct):
    """The desk itself, as its pages need to know it."""

    name: str
    version: str
    demo: bool
    locales: list[str]


class SessionOut(msgspec.Struct):
    """A signed-in session. `csrf_token` goes into `X-CSRF-Token` of every change."""

    agent: AgentOut
    csrf_token: str
    permissions: list[str]
    expires_at: datetime | None
    desk: DeskOut


def agent_out(agent: Agent, team_ids: Sequence[UUID], now: datetime) -> AgentOut:
    """The agent as others see them."""
    return AgentOut(
        id=agent.id,
        name=agent.name,
        email=agent.email,
        role=cast("Role", agent.role),  # the service lets no other in
        locale=agent.locale,
        timezone=agent.timezone,
        active=agent.active,
        online=agent.online_until is not None and agent.online_until > now,
        team_ids=list(team_ids),
    )
