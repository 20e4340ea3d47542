"""What the providers' stand-ins share: a small ASGI app, what was sent to it, and planned faults.

Each emulator has `app` (ASGI, for uvicorn), `sent` (what the desk handed over) and
`async say(...)` (a customer writes: a signed webhook goes to the callback URL).
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final, Self
from urllib.parse import parse_qs, parse_qsl, unquote

import httpx

from channels.contract import Attachment

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
WEBHOOK_SECONDS: Final = 15.0
STEP_SECONDS: Final = 0.05  # between the statuses of a message
WIRE: Final = 100  # exchanges that are remembered


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the desk handed over."""

    id: str
    to: str
    text: str
    kind: str = "text"
    key: str = ""  # the desk's idempotency key, where the provider takes one
    media: tuple[str | Attachment, ...] = ()  # links, or the files themselves
    raw: Mapping[str, Any] = field(default_factory=dict)  # the request as it came
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the desk."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    def form(self) -> dict[str, list[str]]:
        """The fields of a form body."""
        return parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True)

    def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        """The body. Raises ValueError."""
        return json.loads(self.body)

    def parts(self) -> dict[str, str | Attachment]:
        """The fields and files of a multipart body."""
        head = f"content-type: {self.headers.get('content-type', '')}\r\n\r\n".encode()
        found: dict[str, str | Attachment] = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + self.body).iter_parts():
            name = str(part.get_param("name", "", "content-disposition"))
            data = part.get_payload(decode=True)
            content = data if isinstance(data, bytes) else b""
            filename = part.get_filename()
            found[name] = (
                content.decode() if filename is None
                else Attachment(filename, part.get_content_type(), content)
            )  # fmt: skip
        return found

    def basic(self) -> tuple[str, str]:
        """User and password; empty when there are none."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return user, password


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider answers."""

    body: Any = None  # bytes as they are, anything else as JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call as it went over the wire: of the desk ("api"), or to it ("webhook")."""

    way: str
    method: str
    url: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    status: int
    answer: bytes
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Fault:
    """How one call is to go wrong. `after`: it is carried out, but the answer gets lost."""

    answer: Answer
    after: bool = False
    delay: float = 0.0  # seconds before the answer


Handler = Callable[[Request, re.Match[str]], Answer]


class Emulator:
    """The common part. Subclasses fill `routes` with (method, path pattern, handler)."""

    def __init__(self, callback: str = "") -> None:
        self.callback = callback
        self.sent: list[Sent] = []
        self.requests: list[Request] = []
        self.wire: deque[Exchange] = deque(maxlen=WIRE)
        self.told: dict[str, list[str]] = {}  # statuses by the id of our message
        self.faults: deque[Fault] = deque()
        self.routes: Sequence[tuple[str, str, Handler]] = ()
        self._numbers = itertools.count(1)
        self._running: set[asyncio.Task[None]] = set()

    def number(self) -> int:
        """The next of the numbers that ids are made of."""
        return next(self._numbers)

    def count_from(self, first: int) -> None:
        """Begin elsewhere: what remembers the ids of an earlier run must not meet them again."""
        self._numbers = itertools.count(first)

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after the answer; `settle` waits for all of it."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def settle(self) -> None:
        """Wait until everything that was to follow has happened. Raises what went wrong in it."""
        while self._running:
            await asyncio.gather(*self._running)

    def fail(self, status: int, body: object = None, *, times: int = 1, after: bool = False,
             headers: Mapping[str, str] | None = None, delay: float = 0.0) -> None:  # fmt: skip
        """Let the next calls fail."""
        fault = Fault(Answer(body, status, headers or {}), after, delay)
        self.faults.extend(itertools.repeat(fault, times))

    @property
    def app(self) -> Self:
        """The provider's API, as an ASGI application."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        request = await _read(scope, receive)
        answer = await self._answer(request)
        plain = isinstance(answer.body, bytes)
        body = answer.body if plain else json.dumps(answer.body).encode()
        kind = "application/octet-stream" if plain else "application/json"
        headers = {"content-type": kind, **answer.headers}
        self.wire.append(
            Exchange("api", request.method, request.path, request.headers, request.body,
                     answer.status, body)
        )  # fmt: skip
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, request: Request) -> Answer:
        self.requests.append(request)
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            if fault.after:
                self.handle(request)
            await asyncio.sleep(fault.delay)
            return fault.answer
        return self.handle(request)

    def handle(self, request: Request) -> Answer:
        """Carry out one call."""
        for method, pattern, handler in self.routes:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return handler(request, found)
        return self.unknown(request)

    def unknown(self, request: Request) -> Answer:
        """A call that the provider does not have."""
        return Answer({"message": f"no such resource: {request.method} {request.path}"}, 404)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Call the desk, as the provider does."""
        async with httpx.AsyncClient(timeout=WEBHOOK_SECONDS, trust_env=False) as client:
            answer = await client.post(url, content=body, headers=dict(headers))
        self.wire.append(
            Exchange("webhook", "POST", url, headers, body, answer.status_code, answer.content)
        )
        return answer


async def _read(scope: Scope, receive: Receive) -> Request:
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if event["type"] == "http.disconnect" or not event.get("more_body"):
            break
    return Request(
        method=scope["method"],
        path=unquote(scope["path"]),
        query=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
        body=body,
    )
