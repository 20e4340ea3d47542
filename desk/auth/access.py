"""Ending everything an agent can get in with."""

from __future__ import annotations

from uuid import UUID

from desk.auth import api_tokens, service
from desk.unit_of_work import UnitOfWork


async def end_access(work: UnitOfWork, agent_id: UUID, reason: str) -> None:
    """End the agent's sessions and revoke their API tokens."""
    await service.end_sessions(work, agent_id, reason=reason)
    await api_tokens.revoke_all(work, agent_id, reason=reason)


async def end_sessions(work: UnitOfWork, agent_id: UUID, reason: str) -> None:
    """End the agent's sessions; API tokens go on working."""
    await service.end_sessions(work, agent_id, reason=reason)
