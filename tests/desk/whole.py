"""A whole desk: every part wired as in production, served by uvicorn, mail over real sockets.

Its clock is the system's, set forward at will; yielding inside a write transaction is an error.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import smtplib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import socketio
import uvicorn
from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from channels.contract import Address, InboundMessage
from channels.registry import MANIFESTS, Registry
from desk.agents import service as agents
from desk.agents.models import Agent
from desk.app import create_app
from desk.auth import api_tokens
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.intake import service as intake
from desk.jobs.models import Job
from desk.serve import listening_socket, server
from desk.settings import Settings
from desk.tickets.views import ticket_row
from desk.wiring import Desk, build
from tests.desk import pigeon
from tests.desk.sink import Sink, sinking
from tests.support.services import free_port

COUNT = itertools.count(1)
SECRET = "a secret of the tests, long enough for the desk"


class Clock:
    """The system's clock, set forward at will."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@dataclass
class Whole:
    """A running desk and ways in."""

    desk: Desk
    clock: Clock
    url: str
    sink: Sink
    smtp_port: int
    _clients: list[httpx.AsyncClient] = field(default_factory=list)
    _sockets: list[socketio.AsyncClient] = field(default_factory=list)

    async def person(self, role: str = "agent", name: str = "") -> Agent:
        """An agent of the desk; signs in with API tokens only."""
        number = next(COUNT)
        async with self.desk.units.write() as work:
            return await agents.create(
                work,
                email=f"{role}{number}@desk.test",
                name=name or f"{role.title()} {number}",
                role=role,
                password_hash=None,
            )

    async def token(self, agent: Agent, scopes: Sequence[str] = ()) -> str:
        async with self.desk.units.write() as work:
            made = await api_tokens.create(work, agent.id, agent.role, "test", scopes=scopes)
        return made.secret

    def client(self, token: str = "", **headers: str) -> httpx.AsyncClient:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        made = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)
        self._clients.append(made)
        return made

    async def agent(
        self, role: str = "agent", scopes: Sequence[str] = ()
    ) -> tuple[Agent, httpx.AsyncClient]:
        """A new agent and a client that acts for them."""
        person = await self.person(role)
        return person, self.client(await self.token(person, scopes))

    async def mail_inbox(self, **options: Any) -> Inbox:
        number = next(COUNT)
        async with self.desk.units.write() as work:
            return await inboxes.create(
                work,
                self.desk.shelf.box,
                channel="email",
                name=f"Support {number}",
                address=f"support{number}@desk.test",
                options={
                    "smtp_host": "127.0.0.1",
                    "smtp_port": self.sink.port,
                    "smtp_tls": "none",
                    **options,
                },
            )

    async def chat_inbox(self, fallback: Inbox | None = None, **options: Any) -> Inbox:
        number = next(COUNT)
        async with self.desk.units.write() as work:
            return await inboxes.create(
                work,
                self.desk.shelf.box,
                channel="webchat",
                name=f"Shop {number}",
                fallback_inbox_id=fallback.id if fallback else None,
                options={"origins": ["http://shop.test"], **options},
                secrets={"identity_secret": SECRET},
            )

    async def pigeon_inbox(self, **options: Any) -> Inbox:
        number = next(COUNT)
        async with self.desk.units.write() as work:
            return await inboxes.create(
                work,
                self.desk.shelf.box,
                channel="pigeon",
                name=f"Loft {number}",
                address=f"loft{number}",
                options=options,
                secrets={"ring": pigeon.SECRET},
            )

    @property
    def loft(self) -> pigeon.Loft:
        """The pigeons' provider."""
        channel = self.desk.shelf.channels.get("pigeon")
        assert isinstance(channel, pigeon.PigeonChannel)
        return channel.loft

    async def webhook(
        self, inbox: Inbox, *items: Mapping[str, Any], body: bytes | None = None, **headers: str
    ) -> httpx.Response:
        """The provider calls; signed as it must be unless `headers` say otherwise."""
        client = self.client()
        return await client.post(
            f"/webhooks/{inbox.channel}/{inbox.id}",
            content=json.dumps(items).encode() if body is None else body,
            headers={"x-ring": pigeon.SECRET, "content-type": "application/json", **headers},
        )

    async def flies(self, inbox: Inbox, *items: Mapping[str, Any]) -> None:
        """The provider calls, and the desk takes it all in."""
        answer = await self.webhook(inbox, *items)
        assert answer.status_code == 202, answer.text
        await self.settled()

    async def wrote(
        self, inbox: Inbox, sender: str = "", subject: str = "Hello", **fields: Any
    ) -> dict[str, Any]:
        """A customer's message taken in without the way over the network; its ticket's row."""
        number = next(COUNT)
        message = InboundMessage(
            channel=inbox.channel,
            sender=Address("email", sender or f"customer{number}@wrote.test"),
            external_id=f"{uuid4()}@wrote.test",
            subject=subject,
            **{"text": f"Message {number}", **fields},
        )
        async with self.desk.units.write() as work:
            accepted = await intake.accept(work, inbox, message)
        row: dict[str, Any] = msgspec.to_builtins(ticket_row(accepted.ticket, read_seq=0))
        return row

    async def deliver(
        self, mail: EmailMessage | bytes, to: Inbox | str | Sequence[str], sender: str = ""
    ) -> None:
        """Send a mail to the desk over SMTP, and wait until it is processed."""
        await asyncio.to_thread(self._submit, mail, to, sender)
        await self.settled()

    def _submit(self, mail: EmailMessage | bytes, to: Any, sender: str) -> None:
        if isinstance(to, Inbox):
            to = to.address
        rcpts = [to] if isinstance(to, str) else list(to)
        data = mail if isinstance(mail, bytes) else mail.as_bytes()
        if not sender and isinstance(mail, EmailMessage):
            sender = mail["From"].addresses[0].addr_spec
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=30) as client:
            client.sendmail(sender, rcpts, data)

    async def settled(self, seconds: float = 20) -> None:
        """Wait until no job is due or running."""

        async def quiet() -> bool:
            async with self.desk.units.read() as session:
                return await session.scalar(_due(self.clock())) is None

        await until(quiet, seconds)

    async def ticket_of(self, client: httpx.AsyncClient, **filters: str) -> dict[str, Any]:
        """The one ticket that the filters find."""
        answer = await client.get("/api/v1/tickets", params=filters)
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        assert len(items) == 1, items
        found: dict[str, Any] = items[0]
        return found

    async def socket(self, namespace: str, auth: Mapping[str, Any], cookie: str = "") -> Socket:
        """A connected Socket.IO client."""
        client = socketio.AsyncClient(reconnection=False)
        self._sockets.append(client)
        made = Socket(client, namespace)
        headers = {"Cookie": cookie} if cookie else {}
        await client.connect(
            self.url,
            namespaces=[namespace],
            auth=dict(auth),
            transports=["websocket"],
            headers=headers,
            wait_timeout=10,
        )
        return made

    async def close(self) -> None:
        for sock in self._sockets:
            await sock.disconnect()
        for client in self._clients:
            await client.aclose()


class Socket:
    """One namespace of one socket; keeps what it hears."""

    def __init__(self, client: socketio.AsyncClient, namespace: str) -> None:
        self.client = client
        self.namespace = namespace
        self.heard: list[tuple[str, Any]] = []
        client.on("*", self._hear, namespace=namespace)

    async def _hear(self, event: str, *args: Any) -> None:
        self.heard.append((event, args[0] if args else None))

    def all(self, event: str) -> list[Any]:
        return [data for name, data in self.heard if name == event]

    async def next(self, event: str, matches: Callable[[Any], Any] = lambda _: True) -> Any:
        """The first such event, heard already or soon."""
        await until(lambda: any(matches(data) for data in self.all(event)))
        return next(data for data in self.all(event) if matches(data))

    async def call(self, event: str, data: Any = None) -> Any:
        return await self.client.call(event, data, namespace=self.namespace, timeout=10)

    def feed(self) -> list[dict[str, Any]]:
        """Every feed item heard, in the order heard."""
        return [item for batch in self.all("feed") for item in batch]

    async def close(self) -> None:
        await self.client.disconnect()


def _due(now: datetime) -> Select[int]:
    """A job that is running, or due and at the head of its lane."""
    earlier = aliased(Job)
    held = exists().where(
        earlier.lane == Job.lane, earlier.id < Job.id, earlier.state.in_(("ready", "running"))
    )
    return (
        select(Job.id)
        .where(or_(Job.state == "running", and_(Job.state == "ready", Job.run_at <= now, ~held)))
        .limit(1)
    )


def mail(
    sender: str,
    to: str,
    subject: str = "Hello",
    text: str = "Where is my parcel?",
    **headers: str,
) -> EmailMessage:
    """A customer's mail; headers by name, with _ for -."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{uuid4()}@customer.test>"
    message["Date"] = datetime.now(UTC)
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


async def reply(
    client: httpx.AsyncClient, ticket: Mapping[str, Any], text: str, **more: Any
) -> Any:
    """Answer with the newest seq seen; the response's body."""
    answer = await client.post(
        f"/api/v1/tickets/{ticket['id']}/messages",
        json={
            "kind": "reply",
            "text": text,
            "client_id": str(uuid4()),
            "last_seen_seq": ticket["last_seq"] + 1000,
            **more,
        },
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def until(condition: Callable[[], Any | Awaitable[Any]], seconds: float = 15) -> Any:
    """Wait until the condition holds; an awaitable one is awaited."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError("it never came true")
        await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(app: Any, settings: Settings, port: int = 0) -> AsyncIterator[str]:
    """uvicorn with the application on a free port, or this one; its URL."""
    bound = listening_socket("127.0.0.1", port)
    running: uvicorn.Server = server(app, settings)
    task = asyncio.create_task(running.serve(sockets=[bound]))
    try:
        await until(lambda: running.started or task.done(), 30)
        if task.done():
            await task
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        running.should_exit = True
        await task
        bound.close()


@asynccontextmanager
async def whole(database_url: str, folder: Path, **changes: Any) -> AsyncIterator[Whole]:
    """A desk on this database; `changes` are settings."""
    clock = Clock()
    port = free_port()
    settings = Settings(
        database_url=database_url,
        data_dir=str(folder),
        **{
            "secret_key": SECRET,
            "smtp_port": 0,
            "public_url": f"http://127.0.0.1:{port}",
            "jobs": "embedded",
            "api_rate": 1_000_000,
            "visitor_rate": 100_000,
            **changes,
        },
    ).completed()
    channels = Registry((*MANIFESTS, pigeon.MANIFEST))
    desk = build(settings, clock=clock, strict=True, channels=channels)
    app = create_app(settings, desk=desk)
    async with sinking() as sink, serving(app, settings, port) as url:
        made = Whole(desk, clock, url, sink, _port(desk))
        try:
            yield made
        finally:
            await made.close()


def _port(desk: Desk) -> int:
    running = desk.listener._server
    if running is None:
        return 0
    bound: socket.socket = running.sockets[0]
    return int(bound.getsockname()[1])
