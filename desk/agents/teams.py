"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from desk.agents import repository, rules
from desk.agents.models import Team
from desk.db.types import new_id
from desk.errors import Duplicate, Invalid, NotFound
from desk.events import Kind
from desk.unit_of_work import UnitOfWork


async def create(work: UnitOfWork, name: str, agent_ids: Sequence[UUID] = ()) -> Team:
    """Add a team. Raises Invalid, Duplicate."""
    name = name.strip()
    rules.check_team_name(name)
    await _need_free_name(work, name)
    team = Team(id=new_id(), name=name, created_at=work.now)
    work.session.add(team)
    await work.session.flush()
    members = await _replace_members(work, team, agent_ids)
    work.record(
        Kind.TEAM_CHANGED,
        reason="created",
        changes={"name": (None, name), "agent_ids": ([], members)},
        data={"team_id": str(team.id)},
    )
    return team


async def change(
    work: UnitOfWork,
    team_id: UUID,
    *,
    name: str | None = None,
    agent_ids: Sequence[UUID] | None = None,
) -> Team:
    """Rename a team, replace its members, or both. Raises NotFound, Invalid, Duplicate."""
    team = await _need(work, team_id)
    changes: dict[str, tuple[object, object]] = {}
    if name is not None and name.strip() != team.name:
        name = name.strip()
        rules.check_team_name(name)
        if name.lower() != team.name.lower():
            await _need_free_name(work, name)
        changes["name"] = (team.name, name)
        team.name = name
    if agent_ids is not None:
        before = _texts(await repository.members_of(work.session, team_id))
        after = await _replace_members(work, team, agent_ids)
        if after != before:
            changes["agent_ids"] = (before, after)
    if changes:
        work.record(Kind.TEAM_CHANGED, changes=changes, data={"team_id": str(team_id)})
    return team


async def delete(work: UnitOfWork, team_id: UUID) -> None:
    """Remove a team; its tickets and inboxes then belong to no team. Raises NotFound."""
    team = await _need(work, team_id)
    await work.session.delete(team)
    work.record(
        Kind.TEAM_CHANGED,
        reason="deleted",
        changes={"name": (team.name, None)},
        data={"team_id": str(team_id)},
    )


async def _need(work: UnitOfWork, team_id: UUID) -> Team:
    team = await repository.team(work.session, team_id)
    if team is None:
        raise NotFound("There is no such team.")
    return team


async def _need_free_name(work: UnitOfWork, name: str) -> None:
    if await repository.team_by_name(work.session, name) is not None:
        raise Duplicate(f"There is already a team called {name}.", field="name")


async def _replace_members(work: UnitOfWork, team: Team, agent_ids: Sequence[UUID]) -> list[str]:
    wanted = sorted(set(agent_ids))
    unknown = set(wanted) - await repository.known_agents(work.session, wanted)
    if unknown:
        raise Invalid(
            errors=[("agent_ids", f"There is no agent {agent_id}.") for agent_id in sorted(unknown)]
        )
    await repository.set_members(work.session, team.id, wanted)
    return _texts(wanted)


def _texts(ids: Sequence[UUID] | set[UUID]) -> list[str]:
    return sorted(str(one) for one in ids)
