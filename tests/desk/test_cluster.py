"""Two web processes on one PostgreSQL and one Redis: an agent at one, a visitor at the other."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import socketio

from desk.agents import service as agents
from desk.agents.models import Agent
from desk.auth import api_tokens
from desk.inboxes import service as inboxes
from desk.settings import Settings
from desk.unit_of_work import Units
from desk.wiring import build
from tests.desk.whole import SECRET, Socket, until
from tests.support.services import Postgres, free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Cluster:
    urls: list[str]
    units: Units
    agent: Agent
    token: str
    inbox_key: str
    sockets: list[socketio.AsyncClient]

    async def socket(self, number: int, namespace: str, **auth: object) -> Socket:
        client = socketio.AsyncClient(reconnection=False)
        self.sockets.append(client)
        made = Socket(client, namespace)
        await client.connect(
            self.urls[number], namespaces=[namespace], auth=auth, transports=["websocket"]
        )
        await made.next("hello")
        return made


@pytest.fixture
async def cluster(
    postgres: Postgres, migrate: Callable[[str], None], redis_url: str, tmp_path: Path
) -> AsyncIterator[Cluster]:
    url = postgres.fresh_database(postgres.template("desk", migrate))
    settings = Settings(database_url=url, data_dir=str(tmp_path), secret_key=SECRET).completed()
    desk = build(settings)
    async with desk.units.write() as work:
        person = await agents.create(work, email="ann@cluster.test", name="Ann")
        made = await api_tokens.create(work, person.id, person.role, "test")
        inbox = await inboxes.create(work, desk.shelf.box, channel="webchat", name="Shop")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ports = [free_port(), free_port()]
    async with AsyncExitStack() as stack:
        for number, port in enumerate(ports):
            environment = {
                **kept,
                "DESK_DATABASE_URL": url,
                "DESK_REDIS_URL": redis_url,
                "DESK_DATA_DIR": str(tmp_path),
                "DESK_SECRET_KEY": SECRET,
                "DESK_PORT": str(port),
                "DESK_SMTP_ENABLED": "false",
                "DESK_WORKER": "true" if number == 0 else "false",
                "DESK_VISITOR_RATE": "10000",
                "DESK_LOG_LEVEL": "warning",
            }
            with (tmp_path / f"desk{number}.log").open("wb") as log:
                process = subprocess.Popen(  # noqa: ASYNC220 - it only starts it
                    [sys.executable, "-m", "desk.cli", "run"],
                    env=environment,
                    cwd=ROOT,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            stack.callback(process.wait, 15)
            stack.callback(process.terminate)
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for one in urls:
            await until(lambda url=one: _answers(url), 60)  # type: ignore[misc]
        found = Cluster(urls, desk.units, person, made.secret, inbox.address, [])
        yield found
        for client in found.sockets:
            await client.disconnect()
    await desk.engine.dispose()
    postgres.drop(url)


async def _answers(url: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/health/ready")).status_code == 200
        except httpx.TransportError:
            return False


async def test_an_agent_and_a_visitor_at_different_processes_miss_nothing(
    cluster: Cluster,
) -> None:
    agent = await cluster.socket(0, "/agent", token=cluster.token)
    start = (await agent.next("hello"))["head_seq"]
    colleague = await cluster.socket(1, "/agent", token=cluster.token)
    visitor = await cluster.socket(1, "/widget", inbox=cluster.inbox_key)
    said = await visitor.call("send", {"client_id": str(uuid4()), "text": "0"})
    conversation = said["conversation"]["id"]
    headers = {"Authorization": f"Bearer {cluster.token}"}
    path = f"/api/v1/tickets/{conversation}/messages"
    async with httpx.AsyncClient(base_url=cluster.urls[0], headers=headers) as client:

        async def talk() -> None:
            for number in range(1, 25):
                frame = {
                    "client_id": str(uuid4()),
                    "text": str(number),
                    "conversation_id": conversation,
                }
                assert "message" in await visitor.call("send", frame)

        async def answer() -> None:
            for number in range(25):
                body = {
                    "kind": "reply",
                    "text": f"answer {number}",
                    "client_id": str(uuid4()),
                    "last_seen_seq": 1000,
                }
                done = await client.post(path, json=body)
                assert done.status_code == 201, done.text

        await asyncio.gather(talk(), answer())
        await until(lambda: len({m["message"]["id"] for m in visitor.all("message")}) == 50)
        thread = (await client.get(path, params={"limit": 200})).json()["items"]
    assert [message["seq"] for message in thread] == list(range(1, 51))
    for socket in (agent, colleague):
        resumed = await socket.call("resume", {"last_seq": start})
        head = resumed["head_seq"]
        assert [item["seq"] for item in resumed["items"]] == list(range(start + 1, head + 1))
    await until(lambda: agent.feed() and len({i["seq"] for i in agent.feed()}) == head - start)
    # The line to one process breaks; the other one knows what was missed.
    moved = await cluster.socket(1, "/agent", token=cluster.token, last_seq=start)
    await until(lambda: {i["seq"] for i in moved.feed()} >= set(range(start + 1, head + 1)))


async def test_typing_and_viewers_cross_processes(cluster: Cluster) -> None:
    agent = await cluster.socket(0, "/agent", token=cluster.token)
    other = await cluster.socket(1, "/agent", token=cluster.token)
    visitor = await cluster.socket(1, "/widget", inbox=cluster.inbox_key)
    said = await visitor.call("send", {"client_id": str(uuid4()), "text": "Hello"})
    conversation = said["conversation"]["id"]
    await visitor.call("typing", {"conversation_id": conversation, "on": True})
    await agent.next("typing")
    await agent.call("typing", {"ticket_id": conversation, "on": True})
    await visitor.next("typing")
    await agent.call("view", {"ticket_id": conversation, "mode": "viewing"})
    await other.call("view", {"ticket_id": conversation, "mode": "replying"})
    await agent.next("who")
    assert (await agent.next("view"))["mode"] == "replying"
