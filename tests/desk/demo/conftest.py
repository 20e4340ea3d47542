"""The demo as `desk demo` starts it: a process of its own, free ports, a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from desk.demo.start import PASSWORD
from tests.support.services import free_port

READY_SECONDS = 90


def environment(folder: Path, ports: dict[str, int], **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")}
    numbers = {f"DESK_{name}_PORT": str(port) for name, port in ports.items() if name}
    return {
        **kept,
        **numbers,
        "DESK_PORT": str(ports[""]),
        "DESK_DATA_DIR": str(folder),
        **more,
    }


def free_ports() -> dict[str, int]:
    return {name: free_port() for name in ("", "SMTP", "SHOP", "SINK")}


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "desk.cli", "demo", *options]


@dataclass
class Running:
    """A demo that has told where it is."""

    process: subprocess.Popen[bytes]
    ports: dict[str, int]
    folder: Path
    log: Path
    seconds: float  # until it was ready

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['']}"

    @property
    def words(self) -> str:
        return self.log.read_text("utf-8")

    @contextmanager
    def sign_in(self, login: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, timeout=10) as client:
            answer = client.post(
                "/api/v1/session", json={"email": f"{login}@demo.example", "password": PASSWORD}
            )
            assert answer.status_code == 201, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            yield client

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def run(folder: Path, *options: str, **more: str) -> Running:
    ports = free_ports()
    log = folder.with_name(f"{folder.name}-{ports['']}.log")
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(*options),
            env=environment(folder, ports, **more),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Running(process, ports, folder, log, 0)
    try:
        _wait(running)
    except BaseException:
        running.stop()
        raise
    running.seconds = time.monotonic() - began
    return running


def _wait(running: Running) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert running.process.poll() is None, running.words
        try:
            if httpx.get(f"{running.url}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"The demo did not get ready:\n{running.words}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = run(tmp_path_factory.mktemp("demo") / "data")
    yield running
    running.stop()
