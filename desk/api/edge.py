"""The outermost layer around the whole application.

Route middleware never sees unknown routes or wrong methods; this does. One pass per request: an
id, security headers, an access log line, the metrics.
"""

from __future__ import annotations

import re
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from desk.api.headers import header
from desk.api.security_headers import SecurityHeaders
from desk.db.types import new_id
from desk.observability.metrics import Metrics

log = structlog.get_logger("desk.access")

_SAFE_ID = re.compile(r"[A-Za-z0-9._:-]{8,100}")  # it is written into logs and headers
_QUIET = ("/health/", "/metrics")  # asked every few seconds
_NO_ROUTE = "(none)"  # one label for everything unknown, or scanners fill the metrics
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Edge:
    """Wraps Litestar's own ASGI handler."""

    def __init__(self, app: ASGIApp, security: SecurityHeaders, metrics: Metrics) -> None:
        self.app = app
        self.security = security
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; websockets pass through."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        given = header(scope, b"x-request-id")
        request_id = given if _SAFE_ID.fullmatch(given) else new_id().hex
        scope["state"]["request_id"] = request_id
        path = scope["path"]  # routing rewrites it for mounts
        private = path.startswith("/api/")
        status = 500

        async def complete(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers: list[Any] = list(message.get("headers", ()))
                self.security.add(headers, private=private)
                headers.append((b"x-request-id", request_id.encode()))
                message["headers"] = headers
            await send(message)

        tokens = bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, receive, complete)
        except Exception:
            log.exception("answer_broke_off", path=path)
            raise
        finally:
            seconds = time.perf_counter() - started
            self._account(scope, path, status, seconds)
            reset_contextvars(**tokens)

    def _account(self, scope: HTTPScope, path: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = scope.get("path_template") or ("/" if path == "/" else _NO_ROUTE)
        self.metrics.request(method, route, status, seconds)
        agent_id = getattr(scope.get("user"), "id", None)
        write = log.debug if path.startswith(_QUIET) else log.info
        write(
            "request",
            method=method,
            route=route,  # never the URL: a query can hold a token
            status=status,
            ms=round(seconds * 1000, 1),
            agent_id=str(agent_id) if agent_id else None,
        )
