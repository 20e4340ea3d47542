"""Sessions and API tokens in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents.models import Agent
from desk.auth.models import AgentSession, ApiToken

# A row with the columns named below.
Found: TypeAlias = Row[*tuple[Any, ...]]

_AGENT = (
    Agent.id,
    Agent.name,
    Agent.email,
    Agent.role,
    Agent.locale,
    Agent.timezone,
    Agent.active,
)
# Built once: the lookup runs for every request.
_BY_SESSION = (
    select(
        AgentSession.id.label("session_id"),
        AgentSession.last_seen_at,
        AgentSession.expires_at,
        *_AGENT,
    )
    .join(Agent, Agent.id == AgentSession.agent_id)
    .where(AgentSession.token_sha256 == bindparam("digest"))
)
_BY_TOKEN = (
    select(
        ApiToken.id.label("token_id"),
        ApiToken.scopes,
        ApiToken.last_used_at,
        ApiToken.expires_at,
        ApiToken.revoked_at,
        *_AGENT,
    )
    .join(Agent, Agent.id == ApiToken.agent_id)
    .where(ApiToken.token_sha256 == bindparam("digest"))
)


async def session_by_digest(session: AsyncSession, digest: str) -> Found | None:
    """The session and its agent, expired or not."""
    return (await session.execute(_BY_SESSION, {"digest": digest})).first()


async def token_by_digest(session: AsyncSession, digest: str) -> Found | None:
    """The API token and its agent, revoked or not."""
    return (await session.execute(_BY_TOKEN, {"digest": digest})).first()


async def touch_session(
    session: AsyncSession, session_id: UUID, now: datetime, expires_at: datetime
) -> None:
    """Slide the expiry; never shortens it."""
    await session.execute(
        update(AgentSession)
        .where(AgentSession.id == session_id, AgentSession.last_seen_at < now)
        .values(last_seen_at=now, expires_at=expires_at)
    )


async def touch_token(session: AsyncSession, token_id: UUID, now: datetime) -> None:
    """Note that the token was used."""
    await session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))


async def end_sessions(
    session: AsyncSession,
    agent_id: UUID,
    *,
    only: UUID | None = None,
    keep: UUID | None = None,
) -> list[UUID]:
    """Delete the agent's sessions, or one of them, or all but one; answers with their ids."""
    statement = delete(AgentSession).where(AgentSession.agent_id == agent_id)
    if only is not None:
        statement = statement.where(AgentSession.id == only)
    if keep is not None:
        statement = statement.where(AgentSession.id != keep)
    return list((await session.execute(statement.returning(AgentSession.id))).scalars())


async def prune_sessions(session: AsyncSession, now: datetime) -> int:
    """Delete expired sessions; answers with how many."""
    gone = await session.execute(
        delete(AgentSession).where(AgentSession.expires_at <= now).returning(AgentSession.id)
    )
    return len(gone.all())


async def live_tokens(
    session: AsyncSession, now: datetime, agent_id: UUID | None = None
) -> Sequence[ApiToken]:
    """Tokens that still work, newest first; of one agent, or of all."""
    statement = select(ApiToken).where(
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
    )
    if agent_id is not None:
        statement = statement.where(ApiToken.agent_id == agent_id)
    return (await session.execute(statement.order_by(ApiToken.id.desc()))).scalars().all()


async def token(session: AsyncSession, token_id: UUID) -> ApiToken | None:
    """One API token."""
    return await session.get(ApiToken, token_id)
