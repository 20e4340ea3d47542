"""`/api/v1/agents`: who works here."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from desk.agents import repository, service
from desk.agents.permissions import Role
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.people import AgentList, AgentOut, agent_out
from desk.auth.access import end_access, end_sessions

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Email = Annotated[str, Meta(max_length=254)]
Password = Annotated[str, Meta(min_length=10, max_length=500)]


class NewAgent(msgspec.Struct, forbid_unknown_fields=True):
    """An agent to add. Without a password they cannot sign in yet."""

    email: Email
    name: Name
    role: Role = "agent"
    locale: str = "en"
    timezone: str = "UTC"
    password: Password | None = None


class AgentChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What an admin may change; what is left out stays."""

    email: Email | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    password: Password | UnsetType = UNSET


class OwnChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What agents may change about themselves."""

    name: Name | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET


class AgentController(Controller):
    """Agents."""

    path = "/agents"
    tags = ("People",)

    @get(guards=[requires("agents.read")], summary="List agents")
    async def every(self, core: InjectedCore) -> AgentList:
        """All agents by name, the deactivated ones too."""
        async with core.units.read() as session:
            agents = await repository.every(session)
            teams = await repository.teams_of(session)
        now = core.units.clock()
        return AgentList(items=[agent_out(agent, teams.get(agent.id, []), now) for agent in agents])

    @post(guards=[requires("agents.manage")], summary="Add an agent")
    async def create(
        self, data: JSONBody[NewAgent], caller: Caller, core: InjectedCore
    ) -> AgentOut:
        """Add somebody who can sign in with the password, if one is given."""
        hashed = await core.passwords.hash(data.password) if data.password else None
        async with core.units.write(caller.actor) as work:
            agent = await service.create(
                work,
                email=data.email,
                name=data.name,
                role=data.role,
                locale=data.locale,
                timezone=data.timezone,
                password_hash=hashed,
            )
        return agent_out(agent, [], core.units.clock())

    @patch("/me", summary="Change your own name, locale or time zone")
    async def change_own(
        self, data: JSONBody[OwnChange], caller: Caller, core: InjectedCore
    ) -> AgentOut:
        """Change what agents may change about themselves."""
        async with core.units.write(caller.actor) as work:
            agent = await service.change(work, caller.id, _given(data), end_access=end_access)
            teams = await repository.teams_of_one(work.session, caller.id)
        return agent_out(agent, teams, core.units.clock())

    @patch("/{agent_id:uuid}", guards=[requires("agents.manage")], summary="Change or deactivate")
    async def change(
        self,
        agent_id: FromPath[UUID],
        data: JSONBody[AgentChange],
        caller: Caller,
        core: InjectedCore,
    ) -> AgentOut:
        """Change an agent. `active: false` ends their sessions and API tokens at once."""
        fields = _given(data)
        password = fields.pop("password", None)
        hashed = await core.passwords.hash(str(password)) if password else None
        async with core.units.write(caller.actor) as work:
            agent = await service.change(work, agent_id, fields, end_access=end_access)
            if hashed:
                await service.set_password(work, agent_id, hashed, end_access=end_sessions)
            teams = await repository.teams_of_one(work.session, agent_id)
        return agent_out(agent, teams, core.units.clock())


def _given(data: msgspec.Struct) -> dict[str, object]:
    return {
        name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET
    }
