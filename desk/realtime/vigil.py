"""Keeps watch over the agents' sockets: whose session has ended is put out, who stays is online."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents.models import Agent
from desk.agents.permissions import permissions
from desk.auth.models import AgentSession, ApiToken
from desk.events import Kind, StoredEvent
from desk.realtime import rooms
from desk.realtime.agents import ONLINE_FOR, AgentNamespace
from desk.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

EVERY: Final = 15.0  # seconds; how long a session that another process ended is still served
_ENDINGS: Final = frozenset({Kind.SESSION_ENDED, Kind.TOKEN_REVOKED, Kind.AGENT_CHANGED})


class Vigil:
    """One task in each web process."""

    def __init__(self, units: Units, agents: AgentNamespace) -> None:
        self.units = units
        self.agents = agents
        self._called = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __call__(self, _work: UnitOfWork, stored: Sequence[StoredEvent]) -> None:
        """Hear of a commit; one that ends sessions is acted on at once."""
        if any(one.event.kind in _ENDINGS for one in stored):
            self._called.set()

    async def start(self, every: float = EVERY) -> None:
        """Start; `every` is in seconds."""
        self._task = asyncio.create_task(self._run(every), name="vigil")

    async def stop(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self, every: float) -> None:
        while True:
            with contextlib.suppress(TimeoutError):  # nobody called: the usual round
                async with asyncio.timeout(every):
                    await self._called.wait()
            self._called.clear()
            try:
                await self.look()
            except Exception:  # the database may be away for a while
                log.exception("vigil_failed")

    async def look(self) -> None:
        """One round."""
        present = await self.agents.present()
        if not present:
            return
        now = self.units.clock()
        async with self.units.read() as session:
            valid = await _valid(session, {agent.id for agent in present.values()}, now)
        staying = {
            sid: agent
            for sid, agent in present.items()
            if (agent.session_id or agent.token_id) in valid
        }
        for sid in present.keys() - staying.keys():
            await self.agents.disconnect(sid)
        ids = sorted({agent.id for agent in staying.values()})
        if not ids:
            return
        async with self.units.write() as work:
            returned = await work.session.scalars(
                select(Agent.id).where(
                    Agent.id.in_(ids), or_(Agent.online_until.is_(None), Agent.online_until <= now)
                )
            )
            back = list(returned)
            await work.session.execute(
                update(Agent).where(Agent.id.in_(ids)).values(online_until=now + ONLINE_FOR)
            )
        for agent_id in back:  # another process saw their last socket there go
            await self.agents.emit(
                "presence", {"agent_id": str(agent_id), "online": True}, room=rooms.AGENTS
            )


async def _valid(session: AsyncSession, agent_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """These agents' sessions and tokens that still open the namespace."""
    theirs = and_(Agent.id.in_(agent_ids), Agent.active.is_(True))
    sessions = await session.execute(
        select(AgentSession.id, Agent.role)
        .join(Agent, Agent.id == AgentSession.agent_id)
        .where(AgentSession.expires_at > now, theirs)
    )
    tokens = await session.execute(
        select(ApiToken.id, Agent.role)
        .join(Agent, Agent.id == ApiToken.agent_id)
        .where(
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
            theirs,
        )
    )
    return {row_id for row_id, role in (*sessions, *tokens) if "tickets.read" in permissions(role)}
