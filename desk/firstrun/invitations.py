"""Invitations: an agent without a password, and a link with which they choose one, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents import repository
from desk.agents import service as people
from desk.agents.models import Agent
from desk.agents.permissions import Role
from desk.agents.rules import normalise_email
from desk.auth.access import end_sessions
from desk.db.types import new_id
from desk.errors import Duplicate, Gone, NotFound
from desk.events import Kind
from desk.firstrun.models import Invitation
from desk.unit_of_work import UnitOfWork

GOOD_FOR: Final = timedelta(days=7)


async def invite(
    work: UnitOfWork, *, email: str, name: str, role: Role, locale: str, timezone: str, mail: bool
) -> tuple[Agent, Invitation]:
    """Invite somebody, or once more; the link before is void. `mail` also sends it to them.

    Raises Invalid; Duplicate for somebody who can sign in already.
    """
    agent = await repository.by_email(work.session, normalise_email(email))
    if agent is None:
        agent = await people.create(
            work,
            email=email,
            name=name.strip() or email.partition("@")[0],
            role=role,
            locale=locale,
            timezone=timezone,
        )
    elif agent.password_hash is not None:
        raise Duplicate(f"{agent.email} works here already.", field="email")
    await work.session.execute(delete(Invitation).where(Invitation.agent_id == agent.id))
    row = Invitation(
        id=new_id(),
        agent_id=agent.id,
        created_by=work.actor.id,
        created_at=work.now,
        expires_at=work.now + GOOD_FOR,
        used_at=None,
    )
    work.session.add(row)
    await work.session.flush()
    work.record(
        Kind.AGENT_INVITED,
        data={"agent_id": str(agent.id), "invitation_id": str(row.id), "mail": mail},
    )
    return agent, row


async def open_one(
    session: AsyncSession, invitation_id: UUID, now: datetime, *, lock: bool = False
) -> tuple[Invitation, Agent]:
    """An invitation that can still be taken up. Raises NotFound, Gone."""
    row = await session.get(Invitation, invitation_id, with_for_update=lock or None)
    agent = await repository.get(session, row.agent_id) if row is not None else None
    if row is None or agent is None or not agent.active:
        raise NotFound("This invitation is not known; ask for a new one.")
    if row.used_at is not None or agent.password_hash is not None:
        raise Gone("This invitation was used already; sign in with your password.")
    if row.expires_at <= now:
        raise Gone("This invitation has run out; ask for a new one.")
    return row, agent


async def accept(work: UnitOfWork, invitation_id: UUID, name: str, password_hash: str) -> Agent:
    """Take an invitation up with a name and a password. Raises NotFound, Gone, Invalid."""
    row, agent = await open_one(work.session, invitation_id, work.now, lock=True)
    row.used_at = work.now
    await people.set_password(work, agent.id, password_hash, end_access=end_sessions)
    if name.strip():
        await people.change(work, agent.id, {"name": name}, end_access=end_sessions)
    return agent
