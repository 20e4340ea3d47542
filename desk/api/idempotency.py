"""`Idempotency-Key` on every POST: a repeated request gets the first one's answer, no effect.

Only answers that say something was done (below 400) are kept: a refused request changed nothing,
so it may be mended and sent again under its key. The key is taken in the database before the
handler runs, therefore two at once, in one process or in several, never both run.

A handler with `opt={"secret_answer": True}` shows a secret; its answer is not stored, and the
repeated request is told so.
"""

from __future__ import annotations

import hashlib
from typing import Any

import structlog
from litestar import Request
from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPResponseStartEvent,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
)

from desk.api.core import Core
from desk.api.headers import header
from desk.auth import idempotency
from desk.auth.principal import CurrentAgent
from desk.errors import Duplicate, Invalid

log = structlog.get_logger(__name__)

SECRET_ANSWER = "secret_answer"  # noqa: S105 - the key in a handler's `opt`
MAX_KEY = 200
MAX_KEPT_BYTES = 512 * 1024
_OK = 400


class IdempotencyMiddleware:
    """Runs inside authentication: keys belong to their caller."""

    def __init__(self, app: ASGIApp, core: Core) -> None:
        self.app = app
        self.core = core

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        caller = scope.get("user")
        if (
            scope["method"] != "POST"
            or not isinstance(caller, CurrentAgent)
            or not (key := header(scope, b"idempotency-key"))
        ):
            await self.app(scope, receive, send)
            return
        if len(key) > MAX_KEY:
            raise Invalid(errors=[("Idempotency-Key", f"Use at most {MAX_KEY} characters.")])
        fingerprint = await _fingerprint(scope, receive)
        async with self.core.units.write(caller.actor) as work:
            held = await idempotency.reserve(work, caller.caller, key, fingerprint)
        if isinstance(held, idempotency.Answered):
            await _replay(held, send)
            return
        await self._run(scope, receive, send, held)

    async def _run(
        self, scope: HTTPScope, receive: Receive, send: Send, held: idempotency.Reserved
    ) -> None:
        answer = _Answer(send, keep=not scope["route_handler"].opt.get(SECRET_ANSWER))
        try:
            await self.app(scope, receive, answer.collect)
        except Exception:
            # Raised by what lies between us and the handler, which never began.
            await self._release(held)
            raise
        if answer.streaming or answer.status >= _OK:
            await self._release(held)
        else:
            async with self.core.units.write() as work:
                await idempotency.finish(work, held, answer.status, answer.text)
        await answer.deliver()

    async def _release(self, held: idempotency.Reserved) -> None:
        async with self.core.units.write() as work:
            await idempotency.release(work, held)


class _Answer:
    """Holds an answer back until it is stored; one too large or not JSON passes through."""

    def __init__(self, send: Send, *, keep: bool) -> None:
        self.send = send
        self.keep = keep
        self.status = 500
        self.streaming = False
        self._held: list[Message] = []
        self._body = bytearray()

    @property
    def text(self) -> str:
        """The body to store."""
        return self._body.decode() if self.keep else ""

    async def collect(self, message: Message) -> None:
        if self.streaming:
            await self.send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.streaming = not _is_storable(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            self.streaming = len(self._body) > MAX_KEPT_BYTES
        if self.streaming:
            await self.deliver()

    async def deliver(self) -> None:
        held, self._held = self._held, []
        for message in held:
            await self.send(message)


def _is_storable(start: HTTPResponseStartEvent) -> bool:
    """Text that can be kept: JSON, or no content at all."""
    headers: Any = start.get("headers", ())
    for name, value in headers:
        if name.lower() == b"content-type":
            return b"json" in value or start["status"] == 204  # noqa: PLR2004 - no content
    return True


async def _replay(answer: idempotency.Answered, send: Send) -> None:
    if not answer.body and answer.status != 204:  # noqa: PLR2004 - no content
        raise Duplicate(
            "This was done by an earlier request with the same Idempotency-Key; its answer held "
            "a secret, which is shown once only."
        )
    body = answer.body.encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"idempotency-replayed", b"true"),
    ]
    if not body:
        headers = headers[2:]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _fingerprint(scope: HTTPScope, receive: Receive) -> str:
    """What makes two requests the same: method, address and body.

    A form with files is streamed and its boundary differs each time, so its body does not count.
    """
    content_type = header(scope, b"content-type")
    parts = [scope["method"], scope["path"], scope.get("query_string", b"").decode("latin-1")]
    seen = hashlib.sha256("\n".join(parts).encode())
    if not content_type.startswith("multipart/"):
        # Reads within the route's size limit, and leaves the body where the handler finds it.
        body = await Request[Any, Any, Any](scope, receive=receive).body()
        seen.update(b"\n" + body)
    return seen.hexdigest()
