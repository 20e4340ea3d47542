"""Who calls: the session cookie or a bearer token becomes `request.user`, a CurrentAgent.

Every route needs an agent unless its handler (or a layer above it) says `opt={"public": True}`.
Sockets authenticate when they connect, not here.
"""

from __future__ import annotations

from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from desk.api.cookies import COOKIE, session_cookie
from desk.api.core import Core
from desk.api.headers import cookie, header, network_of
from desk.api.rate_limit import limited
from desk.auth.principal import CurrentAgent
from desk.auth.service import Known
from desk.auth.tokens import csrf_matches
from desk.errors import CsrfFailed, NotAuthenticated

PUBLIC = "public"  # the key in a handler's `opt`
# Pages' files, health checks and providers' webhooks come in bursts from one address.
_COUNTED = "/api/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def identify(core: Core, scope: Any) -> Known:  # noqa: ANN401 - any ASGI scope
    """Who sent this request or opened this socket. Raises NotAuthenticated."""
    authorization = header(scope, b"authorization")
    if not authorization:
        return await core.sessions.authenticate(cookie=cookie(scope, COOKIE), bearer=None)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated("Send Authorization: Bearer and an API token.")
    return await core.sessions.authenticate(cookie=None, bearer=token.strip())


class AuthenticationMiddleware:
    """Finds the agent, checks the CSRF token, and counts the request against the caller's rate."""

    def __init__(self, app: ASGIApp, core: Core) -> None:
        self.app = app
        self.core = core

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await self.app(scope, receive, send)
            return
        if scope["route_handler"].opt.get(PUBLIC):
            self._count(scope, None)
            await self.app(scope, receive, send)
            return
        try:
            known = await identify(self.core, scope)
        except NotAuthenticated:
            self._count(scope, None)  # guessing tokens is limited by address
            raise
        agent = known.agent
        scope["user"], scope["auth"] = agent, agent
        self._count(scope, agent)
        if agent.session_id is not None and scope["method"] not in _SAFE:
            self._check_csrf(scope, agent)
        if known.renewed:
            send = self._with_new_cookie(scope, send)
        await self.app(scope, receive, send)

    def _count(self, scope: Scope, agent: CurrentAgent | None) -> None:
        if not scope["path"].startswith(_COUNTED):
            return
        key = agent.caller if agent else f"ip:{network_of(self.core.proxies.client_ip(scope))}"
        wait = self.core.buckets.take(key)
        if wait:
            raise limited(wait)

    def _check_csrf(self, scope: Scope, agent: CurrentAgent) -> None:
        given = header(scope, b"x-csrf-token")
        session_id = agent.session_id
        if session_id is None or not csrf_matches(self.core.secret, session_id, given):
            raise CsrfFailed

    def _with_new_cookie(self, scope: Scope, send: Send) -> Send:
        """The server's expiry slid, so the browser's must."""
        renewed = session_cookie(self.core.settings, cookie(scope, COOKIE)).to_encoded_header()

        async def renewing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if not any(name.lower() == b"set-cookie" for name, _ in headers):
                    headers.append(renewed)
                message["headers"] = headers
            await send(message)

        return renewing
