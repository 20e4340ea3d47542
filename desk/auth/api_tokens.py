"""API tokens: made once, shown once, revoked for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from desk.agents.permissions import PERMISSIONS, Permission, permissions
from desk.auth import repository
from desk.auth.models import ApiToken
from desk.auth.tokens import digest, new_token
from desk.db.types import new_id
from desk.errors import Forbidden, Invalid, NotFound
from desk.events import Kind
from desk.unit_of_work import UnitOfWork

MAX_NAME = 200


class NewToken(msgspec.Struct, frozen=True):
    """A token just made: the only time its secret is known."""

    row: ApiToken
    secret: str


async def create(
    work: UnitOfWork,
    agent_id: UUID,
    role: str,
    name: str,
    *,
    held: frozenset[Permission] | None = None,
    scopes: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> NewToken:
    """Make a token that may do what the agent may, or only `scopes`. Raises Invalid, Forbidden.

    `held` is what the caller may do now (default: all of the role); a narrowed token cannot make
    a wider one.
    """
    name = name.strip()
    _check(name, scopes, expires_at, work.now)
    full = permissions(role)
    if held is None:
        held = full
    if not scopes and held != full:
        scopes = sorted(held)
    beyond = set(scopes) - held
    if beyond:
        raise Forbidden(
            "A token cannot do what its agent may not: " + ", ".join(sorted(beyond)) + "."
        )
    secret = new_token()
    row = ApiToken(
        id=new_id(),
        agent_id=agent_id,
        name=name,
        token_sha256=digest(secret),
        scopes=sorted(set(scopes)),
        created_at=work.now,
        last_used_at=None,
        expires_at=expires_at,
        revoked_at=None,
    )
    work.session.add(row)
    work.record(Kind.TOKEN_CREATED, data=_described(row))
    return NewToken(row=row, secret=secret)


async def revoke(work: UnitOfWork, token_id: UUID, *, owner: UUID | None = None) -> None:
    """Revoke a token; with `owner`, only that agent's own. Raises NotFound."""
    row = await repository.token(work.session, token_id)
    if row is None or row.revoked_at is not None or (owner is not None and row.agent_id != owner):
        raise NotFound("There is no such API token.")
    _revoke(work, row, "revoked")


async def revoke_all(work: UnitOfWork, agent_id: UUID, *, reason: str) -> int:
    """Revoke every live token of the agent; answers with how many."""
    rows = await repository.live_tokens(work.session, work.now, agent_id)
    for row in rows:
        _revoke(work, row, reason)
    return len(rows)


def _revoke(work: UnitOfWork, row: ApiToken, reason: str) -> None:
    row.revoked_at = work.now
    work.record(Kind.TOKEN_REVOKED, reason=reason, data=_described(row))


def _described(row: ApiToken) -> dict[str, object]:
    return {
        "token_id": str(row.id),
        "agent_id": str(row.agent_id),
        "name": row.name,
        "scopes": row.scopes,
    }


def _check(name: str, scopes: Sequence[str], expires_at: datetime | None, now: datetime) -> None:
    errors: list[tuple[str, str]] = []
    if not name or len(name) > MAX_NAME:
        errors.append(("name", f"Give the token a name of at most {MAX_NAME} characters."))
    unknown = sorted(set(scopes) - set(PERMISSIONS))
    if unknown:
        errors.append(
            ("scopes", f"{', '.join(unknown)}: no such scope. Scopes: {', '.join(PERMISSIONS)}.")
        )
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= now):
        errors.append(("expires_at", "Give an instant in the future, with its time zone."))
    if errors:
        raise Invalid(errors=errors)
