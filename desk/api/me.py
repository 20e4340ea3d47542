"""`/api/v1/me`: what belongs to the signed-in agent alone."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, put
from litestar.params import JSONBody
from msgspec import Meta

from desk.agents import repository, service
from desk.api.core import Caller, InjectedCore
from desk.auth.service import end_sessions
from desk.errors import Forbidden, Invalid
from desk.unit_of_work import UnitOfWork


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """A change of one's own password."""

    current: Annotated[str, Meta(max_length=1000)]
    new: Annotated[str, Meta(min_length=10, max_length=500)]


class MeController(Controller):
    """The signed-in agent's own things."""

    path = "/me"
    tags = ("Session",)

    @get("/preferences", summary="Your preferences")
    async def preferences(self, caller: Caller, core: InjectedCore) -> dict[str, Any]:
        """Whatever the desk's pages stored: theme, keys, panel sizes."""
        async with core.units.read() as session:
            agent = await repository.get(session, caller.id)
        return dict(agent.preferences) if agent else {}

    @put("/preferences", summary="Replace your preferences")
    async def set_preferences(
        self, data: JSONBody[dict[str, Any]], caller: Caller, core: InjectedCore
    ) -> dict[str, Any]:
        """Store them as they are, up to 64 KiB."""
        size = len(msgspec.json.encode(data))
        async with core.units.write(caller.actor) as work:
            await service.set_preferences(work, caller.id, data, size)
        return data

    @put("/password", status_code=204, summary="Change your password")
    async def set_password(
        self, data: JSONBody[NewPassword], caller: Caller, core: InjectedCore
    ) -> None:
        """Needs the current one; your other sessions end, this one stays."""
        if caller.session_id is None:
            raise Forbidden("A password is changed in the browser, not with an API token.")
        core.logins.take("password change", caller.email)
        async with core.units.read() as session:
            agent = await repository.get(session, caller.id)
        verdict = await core.passwords.verify(agent.password_hash if agent else None, data.current)
        if not verdict.ok:
            raise Invalid(errors=[("current", "This is not your current password.")])
        core.logins.succeeded("password change", caller.email)
        hashed = await core.passwords.hash(data.new)

        async def end_others(work: UnitOfWork, agent_id: UUID, reason: str) -> None:
            await end_sessions(work, agent_id, keep=caller.session_id, reason=reason)

        async with core.units.write(caller.actor) as work:
            await service.set_password(work, caller.id, hashed, end_access=end_others)
