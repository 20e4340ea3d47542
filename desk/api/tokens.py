"""`/api/v1/tokens`: API tokens for scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.idempotency import SECRET_ANSWER
from desk.auth import api_tokens, repository
from desk.auth.models import ApiToken


class NewTokenIn(msgspec.Struct, forbid_unknown_fields=True):
    """A token to make. Without scopes it may do what you may."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scopes: Annotated[list[str], Meta(max_length=50)] = []
    expires_at: datetime | None = None


class TokenOut(msgspec.Struct):
    """A token, without its secret."""

    id: UUID
    agent_id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class CreatedToken(TokenOut):
    """A token just made; `token` is the secret and is never shown again."""

    token: str


class TokenList(msgspec.Struct):
    """Tokens that work, newest first."""

    items: list[TokenOut]


class TokenController(Controller):
    """API tokens."""

    path = "/tokens"
    tags = ("API tokens",)
    guards = (requires("tokens.manage"),)

    @get(summary="List API tokens")
    async def every(
        self,
        caller: Caller,
        core: InjectedCore,
        everyone: Annotated[
            bool, QueryParameter(name="all", description="Those of all agents (admins).")
        ] = False,
    ) -> TokenList:
        """Your tokens that work; admins may ask for everybody's."""
        if everyone:
            caller.need("agents.manage")
        async with core.units.read() as session:
            rows = await repository.live_tokens(
                session, core.units.clock(), None if everyone else caller.id
            )
        return TokenList(items=[TokenOut(**_fields(row)) for row in rows])

    @post(opt={SECRET_ANSWER: True}, summary="Make an API token")
    async def create(
        self, data: JSONBody[NewTokenIn], caller: Caller, core: InjectedCore
    ) -> CreatedToken:
        """Make a token. Its secret is in this answer and nowhere else."""
        async with core.units.write(caller.actor) as work:
            new = await api_tokens.create(
                work,
                caller.id,
                caller.role,
                data.name,
                held=caller.permissions,
                scopes=data.scopes,
                expires_at=data.expires_at,
            )
        return CreatedToken(**_fields(new.row), token=new.secret)

    @delete("/{token_id:uuid}", summary="Revoke an API token")
    async def revoke(self, token_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> None:
        """Revoke a token of yours; admins may revoke anybody's."""
        owner = None if caller.may("agents.manage") else caller.id
        async with core.units.write(caller.actor) as work:
            await api_tokens.revoke(work, token_id, owner=owner)


def _fields(row: ApiToken) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TokenOut.__struct_fields__}
