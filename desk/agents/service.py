"""Agents: create, change, deactivate. Each change leaves an event that says who made it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from desk.agents import repository, rules
from desk.agents.models import Agent
from desk.db.types import new_id
from desk.errors import Conflict, Duplicate, Invalid, NotFound
from desk.events import Kind
from desk.unit_of_work import UnitOfWork

# Ends the sessions and API tokens of an agent; `desk.auth` has it, which is above this layer.
EndAccess = Callable[[UnitOfWork, UUID, str], Awaitable[None]]

CHANGEABLE = frozenset({"email", "name", "role", "locale", "timezone", "active"})
OWN = frozenset({"name", "locale", "timezone"})
MAX_PREFERENCES_BYTES = 64 * 1024


async def create(
    work: UnitOfWork,
    *,
    email: str,
    name: str,
    role: str = "agent",
    password_hash: str | None = None,
    locale: str = "en",
    timezone: str = "UTC",
) -> Agent:
    """Add an agent. Without a hash nobody can sign in as them. Raises Invalid, Duplicate."""
    email, name = rules.normalise_email(email), name.strip()
    rules.check_agent(
        {"email": email, "name": name, "role": role, "locale": locale, "timezone": timezone}
    )
    await _need_free_email(work, email)
    agent = Agent(
        id=new_id(),
        email=email,
        name=name,
        password_hash=password_hash,
        role=role,
        locale=locale,
        timezone=timezone,
        active=True,
        preferences={},
        online_until=None,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(agent)
    await work.session.flush()
    work.record(
        Kind.AGENT_CREATED,
        data={"agent_id": str(agent.id), "name": name, "email": email, "role": role},
    )
    return agent


async def change(
    work: UnitOfWork, agent_id: UUID, fields: Mapping[str, Any], *, end_access: EndAccess
) -> Agent:
    """Set the given ones of `CHANGEABLE`; deactivation ends all access at once.

    Raises NotFound, Invalid, Duplicate; Conflict when no active admin would be left.
    """
    unknown = set(fields) - CHANGEABLE
    if unknown:
        raise Invalid(errors=[(field, "This cannot be changed.") for field in sorted(unknown)])
    agent = await need(work, agent_id)
    wanted = _tidied(fields)
    rules.check_agent(wanted)
    changes = {
        field: (getattr(agent, field), value)
        for field, value in wanted.items()
        if getattr(agent, field) != value
    }
    if not changes:
        return agent
    if "email" in changes:
        await _need_free_email(work, wanted["email"])
    if agent.role == "admin" and agent.active and ("role" in changes or "active" in changes):
        await _need_another_admin(work)
    for field, (_, value) in changes.items():
        setattr(agent, field, value)
    agent.updated_at = work.now
    work.record(Kind.AGENT_CHANGED, changes=changes, data={"agent_id": str(agent_id)})
    if changes.get("active") == (True, False):
        await end_access(work, agent_id, "the agent was deactivated")
    return agent


async def set_password(
    work: UnitOfWork, agent_id: UUID, password_hash: str, *, end_access: EndAccess
) -> None:
    """Set a new password; whoever was signed in with the old one is out. Raises NotFound."""
    agent = await need(work, agent_id)
    agent.password_hash = password_hash
    agent.updated_at = work.now
    work.record(
        Kind.AGENT_CHANGED,
        reason="new password",
        data={"agent_id": str(agent_id), "password": True},
    )
    await end_access(work, agent_id, "the password was changed")


async def set_preferences(
    work: UnitOfWork, agent_id: UUID, preferences: dict[str, Any], size: int
) -> None:
    """Keep how the agent likes the desk; `size` is that of its JSON in bytes. Raises Invalid."""
    if size > MAX_PREFERENCES_BYTES:
        raise Invalid(f"Preferences may take {MAX_PREFERENCES_BYTES} bytes; these take {size}.")
    agent = await need(work, agent_id)
    agent.preferences = preferences  # taste, not history: no event


async def need(work: UnitOfWork, agent_id: UUID) -> Agent:
    """The agent. Raises NotFound."""
    agent = await repository.get(work.session, agent_id)
    if agent is None:
        raise NotFound("There is no such agent.")
    return agent


def _tidied(fields: Mapping[str, Any]) -> dict[str, Any]:
    wanted = dict(fields)
    if "email" in wanted:
        wanted["email"] = rules.normalise_email(wanted["email"])
    if "name" in wanted:
        wanted["name"] = wanted["name"].strip()
    return wanted


async def _need_free_email(work: UnitOfWork, email: str) -> None:
    if await repository.by_email(work.session, email) is not None:
        raise Duplicate(f"There is already an agent with the address {email}.", field="email")


async def _need_another_admin(work: UnitOfWork) -> None:
    if await repository.lock_active_admins(work.session) <= 1:
        raise Conflict("This is the last active admin; make somebody else an admin first.")
