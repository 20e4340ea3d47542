"""Signing in and out, and finding out who calls.

`sign_in` and `authenticate` open their own units: the first because hashing must stay outside of
the write transaction, the second because it almost never writes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from desk.agents import repository as agents
from desk.agents.models import Agent
from desk.agents.permissions import permissions
from desk.agents.rules import normalise_email
from desk.auth import repository
from desk.auth.models import AgentSession
from desk.auth.passwords import Passwords
from desk.auth.principal import CurrentAgent
from desk.auth.repository import Found
from desk.auth.tokens import digest, looks_like_token, new_token
from desk.db.types import new_id
from desk.errors import BadCredentials, NotAuthenticated, SessionExpired
from desk.events import Actor, Kind
from desk.unit_of_work import UnitOfWork, Units

TOUCH_EVERY = timedelta(minutes=5)  # a session in use costs one write in this time


class Origin(msgspec.Struct, frozen=True):
    """Where a sign-in comes from, for the audit log."""

    ip: str = ""
    user_agent: str = ""


class SignedIn(msgspec.Struct, frozen=True):
    """A new session: the cookie's value, never stored, and who it stands for."""

    token: str
    agent: CurrentAgent


class Known(msgspec.Struct, frozen=True):
    """Who calls, and whether the session's expiry was slid just now."""

    agent: CurrentAgent
    renewed: bool = False


class Sessions:
    """Sessions and API tokens as proof of who calls."""

    def __init__(self, units: Units, passwords: Passwords, lifetime: timedelta) -> None:
        self.units = units
        self.passwords = passwords
        self.lifetime = lifetime

    async def sign_in(
        self, email: str, password: str, origin: Origin, *, previous: str = ""
    ) -> SignedIn:
        """Start a session; the one of the cookie `previous` is ended.

        Raises BadCredentials, with the same answer in the same time for every cause.
        """
        email = normalise_email(email)
        async with self.units.read() as session:
            account = await agents.by_email(session, email)
        usable = account if account is not None and account.active else None
        verdict = await self.passwords.verify(usable.password_hash if usable else None, password)
        if usable is None or not verdict.ok:
            async with self.units.write(_actor(account)) as work:
                _record_failure(work, email, origin)
            raise BadCredentials
        token = new_token()
        async with self.units.write(_actor(usable)) as work:
            agent = await agents.get(work.session, usable.id)
            if agent is None or not agent.active or agent.password_hash != usable.password_hash:
                raise BadCredentials  # changed while the password was checked
            if verdict.rehash:
                agent.password_hash = verdict.rehash
            await _end_previous(work, previous)
            current = _start(work, agent, token, origin, self.lifetime)
        return SignedIn(token=token, agent=current)

    async def authenticate(self, *, cookie: str | None, bearer: str | None) -> Known:
        """Who calls; a bearer token goes before a cookie. Raises NotAuthenticated."""
        if bearer is not None:
            return Known(await self._by_token(bearer))
        if cookie:
            return await self._by_session(cookie)
        raise NotAuthenticated

    async def _by_session(self, cookie: str) -> Known:
        if not looks_like_token(cookie):
            raise SessionExpired
        now = self.units.clock()
        async with self.units.read() as session:
            row = await repository.session_by_digest(session, digest(cookie))
        if row is None or row.expires_at <= now or not row.active:
            raise SessionExpired
        expires_at = row.expires_at
        renew = now - row.last_seen_at >= TOUCH_EVERY
        if renew:
            expires_at = max(now + self.lifetime, expires_at)
            async with self.units.write() as work:
                await repository.touch_session(work.session, row.session_id, now, expires_at)
        known = _current(row, session_id=row.session_id, expires_at=expires_at)
        return Known(known, renewed=renew)

    async def _by_token(self, token: str) -> CurrentAgent:
        problem = NotAuthenticated("This API token is unknown, revoked or expired.")
        if not looks_like_token(token):
            raise problem
        now = self.units.clock()
        async with self.units.read() as session:
            row = await repository.token_by_digest(session, digest(token))
        if row is None or row.revoked_at is not None or not row.active:
            raise problem
        if row.expires_at is not None and row.expires_at <= now:
            raise problem
        if row.last_used_at is None or now - row.last_used_at >= TOUCH_EVERY:
            async with self.units.write() as work:
                await repository.touch_token(work.session, row.token_id, now)
        return _current(row, token_id=row.token_id, scopes=row.scopes, expires_at=row.expires_at)


async def sign_out(work: UnitOfWork, agent_id: UUID, session_id: UUID) -> None:
    """End one session."""
    for ended in await repository.end_sessions(work.session, agent_id, only=session_id):
        work.record(Kind.SESSION_ENDED, reason="signed out", data=_ended(agent_id, ended))


async def end_sessions(
    work: UnitOfWork, agent_id: UUID, *, keep: UUID | None = None, reason: str
) -> int:
    """End the agent's sessions, but for `keep`; answers with how many."""
    ended = await repository.end_sessions(work.session, agent_id, keep=keep)
    for session_id in ended:
        work.record(Kind.SESSION_ENDED, reason=reason, data=_ended(agent_id, session_id))
    return len(ended)


async def prune_sessions(work: UnitOfWork) -> int:
    """Delete sessions that ran out; answers with how many. For a periodic job."""
    return await repository.prune_sessions(work.session, work.now)


async def _end_previous(work: UnitOfWork, cookie: str) -> None:
    """A browser that signs in again gives up the session it had, whoever's it was."""
    if not looks_like_token(cookie):
        return
    row = await repository.session_by_digest(work.session, digest(cookie))
    if row is not None:
        await sign_out(work, row.id, row.session_id)


def _start(
    work: UnitOfWork, agent: Agent, token: str, origin: Origin, lifetime: timedelta
) -> CurrentAgent:
    row = AgentSession(
        id=new_id(),
        agent_id=agent.id,
        token_sha256=digest(token),
        created_at=work.now,
        last_seen_at=work.now,
        expires_at=work.now + lifetime,
        ip=origin.ip[:64],
        user_agent=origin.user_agent[:300],
    )
    work.session.add(row)
    work.record(
        Kind.SESSION_STARTED,
        data={"session_id": str(row.id), "agent_id": str(agent.id), "ip": row.ip},
    )
    return _current(agent, session_id=row.id, expires_at=row.expires_at)


def _current(source: Found | Agent, **how: Any) -> CurrentAgent:  # noqa: ANN401 - passed on
    return CurrentAgent(
        id=source.id,
        name=source.name,
        email=source.email,
        role=source.role,
        locale=source.locale,
        timezone=source.timezone,
        permissions=permissions(source.role, how.pop("scopes", ())),
        **how,
    )


def _actor(agent: Agent | None) -> Actor:
    if agent is None:
        return Actor(kind="system", name="Somebody unknown")
    return Actor(kind="agent", id=agent.id, name=agent.name)


def _record_failure(work: UnitOfWork, email: str, origin: Origin) -> None:
    # People type their password into the wrong field: keep only what looks like an address.
    shown = email[:320] if "@" in email else ""
    work.record(
        Kind.SESSION_FAILED, reason="bad credentials", data={"email": shown, "ip": origin.ip[:64]}
    )


def _ended(agent_id: UUID, session_id: UUID) -> dict[str, str]:
    return {"session_id": str(session_id), "agent_id": str(agent_id)}
