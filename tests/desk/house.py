"""A desk that runs in the test's own event loop: real database, real application, no network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from litestar import Litestar

from desk.agents import service
from desk.agents.models import Agent
from desk.api.core import Core
from desk.api.plugin import DeskCore, make_core
from desk.auth import api_tokens
from desk.auth.passwords import Passwords
from desk.db.engine import create_engine
from desk.settings import Settings
from desk.unit_of_work import Units

PASSWORD = "correct horse battery"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class IdleQueue:
    """A queue that has nothing to do; the real ones have tests of their own."""

    def __init__(self) -> None:
        self.running = True

    async def depth(self) -> Mapping[str, int]:
        return {"ready": 3, "running": 1, "dead": 0}


@dataclass
class Parts:
    settings: Settings
    units: Units
    secret: str
    queue: Any


@dataclass
class House:
    """The desk, its clock, and ways in."""

    core: Core
    app: Litestar
    clock: Clock
    queue: IdleQueue
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(
        self, *, ip: str = "127.0.0.1", headers: Mapping[str, str] | None = None
    ) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(
            app=self.app,  # type: ignore[arg-type]
            client=(ip, 40000),
            raise_app_exceptions=False,
        )
        made = httpx.AsyncClient(
            transport=transport, base_url="http://desk.test", headers=dict(headers or {})
        )
        self.clients.append(made)
        return made

    async def agent(self, role: str = "agent", *, email: str = "", name: str = "") -> Agent:
        hashed = await self.core.passwords.hash(PASSWORD)
        async with self.core.units.write() as work:
            return await service.create(
                work,
                email=email or f"{role}@desk.test",
                name=name or role.title(),
                role=role,
                password_hash=hashed,
            )

    async def signed_in(
        self, role: str = "agent", *, email: str = "", ip: str = "127.0.0.1"
    ) -> httpx.AsyncClient:
        """A browser in which an agent of this role has signed in."""
        client = self.client(ip=ip)
        agent = await self.agent(role, email=email)
        await sign_in(client, agent.email)
        return client

    async def script(
        self, agent: Agent, *, scopes: Sequence[str] = (), expires_at: datetime | None = None
    ) -> httpx.AsyncClient:
        """A script with an API token of the agent."""
        async with self.core.units.write() as work:
            new = await api_tokens.create(
                work, agent.id, agent.role, "script", scopes=scopes, expires_at=expires_at
            )
        return self.client(headers={"Authorization": f"Bearer {new.secret}"})

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()
        await self.core.units.engine.dispose()


async def sign_in(
    client: httpx.AsyncClient, email: str, password: str = PASSWORD
) -> httpx.Response:
    """Sign in and send the CSRF token from then on."""
    answer = await client.post("/api/v1/session", json={"email": email, "password": password})
    if answer.status_code == httpx.codes.CREATED:
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return answer


def build(database_url: str, *handlers: Any, **settings: Any) -> House:
    """A desk with these settings and extra route handlers; start it with `running`."""
    clock = Clock()
    queue = IdleQueue()
    units = Units(create_engine(database_url), clock=clock, strict=True)
    parts = Parts(
        settings=Settings(database_url=database_url, **settings).completed(),
        units=units,
        secret="s" * 40,
        queue=queue,
    )
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    core = make_core(parts, locales=("en", "de"), passwords=cheap)
    app = Litestar(route_handlers=list(handlers), plugins=[DeskCore(core)])
    return House(core=core, app=app, clock=clock, queue=queue)


@asynccontextmanager
async def running(house: House) -> AsyncIterator[House]:
    """The desk between its start and its end, which Litestar wants in one task."""
    started, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        try:
            async with house.app.lifespan():
                started.set()
                await over.wait()
        finally:
            started.set()

    task = asyncio.create_task(live())
    await started.wait()
    try:
        yield house
    finally:
        over.set()
        await task
        await house.close()


def agent_id(answer: httpx.Response) -> UUID:
    return UUID(answer.json()["agent"]["id"])
