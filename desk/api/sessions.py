"""`/api/v1/session`: signing in and out in the browser."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.params import JSONBody

from desk.agents import repository
from desk.agents.rules import normalise_email
from desk.api.authentication import PUBLIC
from desk.api.cookies import COOKIE, session_cookie
from desk.api.core import Caller, Core, InjectedCore
from desk.api.headers import cookie, header
from desk.api.people import DeskOut, SessionOut, agent_out
from desk.auth import service
from desk.auth.principal import CurrentAgent
from desk.auth.service import Origin
from desk.auth.tokens import csrf_token
from desk.errors import CsrfFailed, NotFound
from desk.firstrun import service as firstrun


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """What an agent signs in with."""

    email: Annotated[str, msgspec.Meta(max_length=320)]
    password: Annotated[str, msgspec.Meta(max_length=1000)]


class Ended(msgspec.Struct):
    """How many sessions were ended."""

    ended: int


class SessionController(Controller):
    """The caller's session."""

    path = "/session"
    tags = ("Session",)

    @post(opt={PUBLIC: True}, summary="Sign in")
    async def sign_in(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[Credentials],
        core: InjectedCore,
    ) -> Response[SessionOut]:
        """Start a session; the answer sets the cookie. A session signed in before is ended."""
        if header(request.scope, b"sec-fetch-site") == "cross-site":
            raise CsrfFailed  # another site must not sign its visitor in as somebody
        ip = core.proxies.client_ip(request.scope)
        email = normalise_email(data.email)
        core.logins.take(ip, email)
        signed_in = await core.sessions.sign_in(
            email,
            data.password,
            Origin(ip=ip, user_agent=header(request.scope, b"user-agent")),
            previous=cookie(request.scope, COOKIE),
        )
        core.logins.succeeded(ip, email)
        return Response(
            await session_out(core, signed_in.agent),
            status_code=201,
            cookies=[session_cookie(core.settings, signed_in.token)],
        )

    @get(summary="Who is signed in")
    async def current(self, caller: Caller, core: InjectedCore) -> SessionOut:
        """The session of this cookie, or what this API token may do."""
        return await session_out(core, caller)

    @delete(summary="Sign out")
    async def sign_out(self, caller: Caller, core: InjectedCore) -> Response[None]:
        """End this session and remove its cookie."""
        if caller.session_id is not None:
            async with core.units.write(caller.actor) as work:
                await service.sign_out(work, caller.id, caller.session_id)
        return Response(None, status_code=204, cookies=[session_cookie(core.settings, "")])

    @post("/end-others", status_code=200, summary="Sign out everywhere else")
    async def end_others(self, caller: Caller, core: InjectedCore) -> Ended:
        """End the agent's other sessions."""
        async with core.units.write(caller.actor) as work:
            ended = await service.end_sessions(
                work, caller.id, keep=caller.session_id, reason="signed out from elsewhere"
            )
        return Ended(ended=ended)


async def session_out(core: Core, caller: CurrentAgent) -> SessionOut:
    """The session as its pages need it. Raises NotFound."""
    async with core.units.read() as session:
        agent = await repository.get(session, caller.id)
        teams = await repository.teams_of_one(session, caller.id)
        name = await firstrun.name(session)
    if agent is None:
        raise NotFound
    return SessionOut(
        agent=agent_out(agent, teams, core.units.clock()),
        csrf_token=csrf_token(core.secret, caller.session_id) if caller.session_id else "",
        permissions=sorted(caller.permissions),
        expires_at=caller.expires_at,
        desk=DeskOut(
            name=name,
            version=core.version,
            demo=core.settings.demo,
            locales=list(core.locales),
        ),
    )
