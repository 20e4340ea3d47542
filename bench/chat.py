"""A chat message from visitor to agent, and an idle desk's memory: processes and sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import socketio

from bench import clock
from bench.core import Figure
from bench.house import WIDGET, furnish

MESSAGES = 400
ROUNDS = 3
READY_SECONDS = 30


async def measure(folder: Path) -> list[Figure]:
    """The chat's figure and the memory's."""
    desk, _, token = await furnish(folder / "chat")
    await desk.engine.dispose()
    (folder / "floor").mkdir()
    port, floor_port = _free_port(), _free_port()
    variables = {
        **os.environ,
        "DESK_DATA_DIR": str(folder / "chat"),
        "DESK_PORT": str(port),
        "DESK_SMTP_PORT": str(_free_port()),
        "DESK_LOG_LEVEL": "warning",
        "DESK_VISITOR_RATE": "100000000",
    }
    with (
        _process([sys.executable, "-m", "desk.cli", "run"], variables) as server,
        _process(
            [sys.executable, "-m", "bench.chat_floor", str(floor_port), str(folder / "floor")],
            dict(os.environ),
        ) as floor,
    ):
        await asyncio.to_thread(_wait, f"http://127.0.0.1:{port}/health/live")
        await asyncio.to_thread(_wait, f"http://127.0.0.1:{floor_port}/socket.io/")
        await asyncio.sleep(2)
        idle = clock.resident_megabytes(server.pid)
        costs = await _chat(port, token, server.pid)
        floors = await _floor(floor_port, floor.pid)
    return [
        Figure("Chat message, visitor to agent", costs, "ms", "insert + 2 emits", floors, "2.5"),
        Figure("Memory of an idle desk", idle, "MB", target="200 MB"),
    ]


async def _chat(port: int, token: str, pid: int) -> float:
    agent, visitor = socketio.AsyncClient(), socketio.AsyncClient()
    seen = asyncio.Event()

    def on_feed(items: list[dict[str, Any]]) -> None:
        if any(item["kind"] == "message.received" for item in items):
            seen.set()

    agent.on("feed", on_feed, namespace="/agent")
    url = f"http://127.0.0.1:{port}"
    await agent.connect(url, namespaces=["/agent"], transports=["websocket"], auth={"token": token})
    await visitor.connect(
        url, namespaces=["/widget"], transports=["websocket"], auth={"inbox": WIDGET}
    )
    conversation: str | None = None

    async def one() -> None:
        nonlocal conversation
        seen.clear()
        answer = await visitor.call(
            "send",
            {
                "client_id": str(uuid4()),
                "conversation_id": conversation,
                "text": "Can the parcel go to a pickup point instead?",
            },
            namespace="/widget",
        )
        conversation = answer["conversation"]["id"]
        await asyncio.wait_for(seen.wait(), 5)

    result = await _rounds(one, pid)
    await agent.disconnect()
    await visitor.disconnect()
    return result


async def _floor(port: int, pid: int) -> float:
    one, other = socketio.AsyncClient(), socketio.AsyncClient()
    seen = asyncio.Event()
    other.on("message", lambda _: seen.set())
    for client in (one, other):
        await client.connect(f"http://127.0.0.1:{port}", transports=["websocket"])

    async def send() -> None:
        seen.clear()
        await one.call(
            "send",
            {"client_id": str(uuid4()), "text": "Can the parcel go to a pickup point instead?"},
        )
        await asyncio.wait_for(seen.wait(), 5)

    result = await _rounds(send, pid)
    await one.disconnect()
    await other.disconnect()
    return result


async def _rounds(operation: Any, pid: int) -> float:  # noqa: ANN401 - an async function
    for _ in range(50):
        await operation()
    samples = []
    for _ in range(ROUNDS):
        began = clock.cpu_seconds(pid)
        for _ in range(MESSAGES):
            await operation()
        samples.append((clock.cpu_seconds(pid) - began) / MESSAGES * 1000)
    return median(samples)


@contextmanager
def _process(command: list[str], variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=variables)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str) -> None:
    """Wait until the address answers, whatever it says. Raises TimeoutError."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{url} does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
