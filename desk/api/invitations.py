"""`/api/v1/invitations`: a colleague gets a one-time link and chooses a password."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, post
from litestar.params import JSONBody
from msgspec import Meta

from desk.agents.permissions import Role
from desk.api.agents import Email, Password
from desk.api.authentication import PUBLIC
from desk.api.cookies import COOKIE, session_cookie
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.headers import cookie, header
from desk.api.people import AgentOut, SessionOut, agent_out
from desk.api.sessions import session_out
from desk.auth.service import Origin
from desk.errors import CsrfFailed
from desk.firstrun import invitations, rules, service
from desk.inboxes import repository as inboxes

Token = Annotated[str, Meta(max_length=200)]


class NewInvitation(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to invite. With `mail` the link is also sent to them, where the desk can send mail."""

    email: Email
    name: Annotated[str, Meta(max_length=200)] = ""
    role: Role = "agent"
    locale: str = "en"
    timezone: str = "UTC"
    mail: bool = True


class InvitationOut(msgspec.Struct):
    """The link, shown only now: whoever has it can become this agent, once."""

    agent: AgentOut
    url: str
    expires_at: datetime
    mailed: bool


class InvitationToken(msgspec.Struct, forbid_unknown_fields=True):
    """The secret part of the link."""

    token: Token


class Invited(msgspec.Struct):
    """Who is invited, and to which desk."""

    desk: str
    email: str
    name: str


class Acceptance(msgspec.Struct, forbid_unknown_fields=True):
    """What the invited person chooses."""

    token: Token
    password: Password
    name: Annotated[str, Meta(max_length=200)] = ""


class InvitationController(Controller):
    """Invitations."""

    path = "/invitations"
    tags = ("People",)

    @post(guards=[requires("agents.manage")], summary="Invite a colleague")
    async def invite(
        self, data: JSONBody[NewInvitation], caller: Caller, core: InjectedCore
    ) -> InvitationOut:
        """Add somebody who chooses their own password. Inviting again voids the link before."""
        async with core.units.write(caller.actor) as work:
            sends = bool(await inboxes.listing(work.session, "email", active_only=True))
            agent, row = await invitations.invite(
                work,
                email=data.email,
                name=data.name,
                role=data.role,
                locale=data.locale,
                timezone=data.timezone,
                mail=data.mail and sends,
            )
        token = rules.invitation_token(core.secret, row.id)
        return InvitationOut(
            agent=agent_out(agent, [], core.units.clock()),
            url=f"{core.settings.public_url}/app/join#{token}",
            expires_at=row.expires_at,
            mailed=data.mail and sends,
        )

    @post("/look", opt={PUBLIC: True}, status_code=200, summary="Who is invited")
    async def look(self, data: JSONBody[InvitationToken], core: InjectedCore) -> Invited:
        """For the page behind the link; the token is never part of an address."""
        invitation_id = rules.invitation_of(core.secret, data.token)
        async with core.units.read() as session:
            _, agent = await invitations.open_one(session, invitation_id, core.units.clock())
            return Invited(await service.name(session), agent.email, agent.name)

    @post("/accept", opt={PUBLIC: True}, summary="Take an invitation up")
    async def accept(
        self, request: Request[Any, Any, Any], data: JSONBody[Acceptance], core: InjectedCore
    ) -> Response[SessionOut]:
        """Choose a password and be signed in. Works once."""
        if header(request.scope, b"sec-fetch-site") == "cross-site":
            raise CsrfFailed
        invitation_id = rules.invitation_of(core.secret, data.token)
        async with core.units.read() as session:  # before a hash is computed for anybody
            await invitations.open_one(session, invitation_id, core.units.clock())
        hashed = await core.passwords.hash(data.password)
        async with core.units.write() as work:
            agent = await invitations.accept(work, invitation_id, data.name, hashed)
        signed_in = await core.sessions.sign_in(
            agent.email,
            data.password,
            Origin(
                ip=core.proxies.client_ip(request.scope),
                user_agent=header(request.scope, b"user-agent"),
            ),
            previous=cookie(request.scope, COOKIE),
        )
        return Response(
            await session_out(core, signed_in.agent),
            status_code=201,
            cookies=[session_cookie(core.settings, signed_in.token)],
        )
