"""`/api/v1/teams`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from desk.agents import repository, teams
from desk.agents.models import Team
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.people import TeamList, TeamOut
from desk.unit_of_work import UnitOfWork

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Members = Annotated[list[UUID], Meta(max_length=1000)]


class NewTeam(msgspec.Struct, forbid_unknown_fields=True):
    """A team to add."""

    name: Name
    agent_ids: Members = []


class TeamChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What to change; `agent_ids` replaces the members."""

    name: Name | UnsetType = UNSET
    agent_ids: Members | UnsetType = UNSET


class TeamController(Controller):
    """Teams."""

    path = "/teams"
    tags = ("People",)

    @get(guards=[requires("agents.read")], summary="List teams")
    async def every(self, core: InjectedCore) -> TeamList:
        """All teams by name, with their members."""
        async with core.units.read() as session:
            found = await repository.teams(session)
            members = await repository.members(session)
        return TeamList(
            items=[
                TeamOut(id=team.id, name=team.name, agent_ids=members.get(team.id, []))
                for team in found
            ]
        )

    @post(guards=[requires("teams.manage")], summary="Add a team")
    async def create(self, data: JSONBody[NewTeam], caller: Caller, core: InjectedCore) -> TeamOut:
        """Add a team."""
        async with core.units.write(caller.actor) as work:
            team = await teams.create(work, data.name, data.agent_ids)
            return await _out(work, team)

    @patch("/{team_id:uuid}", guards=[requires("teams.manage")], summary="Change a team")
    async def change(
        self,
        team_id: FromPath[UUID],
        data: JSONBody[TeamChange],
        caller: Caller,
        core: InjectedCore,
    ) -> TeamOut:
        """Rename a team or replace its members."""
        async with core.units.write(caller.actor) as work:
            team = await teams.change(
                work,
                team_id,
                name=None if isinstance(data.name, UnsetType) else data.name,
                agent_ids=None if isinstance(data.agent_ids, UnsetType) else data.agent_ids,
            )
            return await _out(work, team)

    @delete("/{team_id:uuid}", guards=[requires("teams.manage")], summary="Remove a team")
    async def remove(self, team_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> None:
        """Remove a team; its tickets go back to no team."""
        async with core.units.write(caller.actor) as work:
            await teams.delete(work, team_id)


async def _out(work: UnitOfWork, team: Team) -> TeamOut:
    members = await repository.members_of(work.session, team.id)
    return TeamOut(id=team.id, name=team.name, agent_ids=sorted(members))
