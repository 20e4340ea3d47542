"""A desk that is killed again and again while mail comes in loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from desk.inboxes import service as inboxes
from desk.settings import Settings
from desk.wiring import build
from tests.desk.whole import SECRET
from tests.support.services import free_port

SENDERS = 10
MAILS = 50  # of each sender
KILLS = 4
ADDRESS = "support@kill.test"
ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    """`desk run`, started and killed at will."""

    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def start(self) -> None:
        self.starts += 1
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "desk.cli", "run"],
                env=self.environment,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)
            self.process = None


@dataclass
class Sender:
    """One customer who sends one mail after the other, each until it is taken."""

    name: str
    port: int
    over: threading.Event
    taken: list[str] = field(default_factory=list)  # Message-IDs answered with 250
    tries: int = 0

    def run(self) -> None:
        client: smtplib.SMTP | None = None
        for number in range(MAILS):
            message_id = f"{self.name}-{number}@kill.test"
            text = (
                f"From: {self.name}@kill.test\r\nTo: {ADDRESS}\r\nSubject: {number}\r\n"
                f"Message-ID: <{message_id}>\r\n\r\nMail {number} of {self.name}.\r\n"
            )
            while not self.over.is_set():
                self.tries += 1
                try:
                    client = client or smtplib.SMTP("127.0.0.1", self.port, timeout=10)
                    client.sendmail(f"{self.name}@kill.test", [ADDRESS], text)
                except (OSError, smtplib.SMTPException):
                    if client is not None:
                        client.close()
                    client = None
                    time.sleep(0.05)
                else:
                    self.taken.append(message_id)
                    break
        if client is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()


@pytest.fixture
def running(desk_database_url: str, tmp_path: Path) -> Iterator[tuple[Process, int]]:
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **kept,
        "DESK_DATABASE_URL": desk_database_url,
        "DESK_DATA_DIR": str(tmp_path / "data"),
        "DESK_SECRET_KEY": SECRET,
        "DESK_PORT": str(free_port()),
        "DESK_SMTP_PORT": str(port),
        "DESK_LOG_LEVEL": "warning",
    }
    process = Process(environment, tmp_path / "desk.log")
    yield process, port
    process.kill()


async def _open_inbox(url: str, folder: Path) -> None:
    settings = Settings(database_url=url, data_dir=str(folder), secret_key=SECRET).completed()
    desk = build(settings, strict=True)
    async with desk.units.write() as work:
        await inboxes.create(work, desk.shelf.box, channel="email", name="Support", address=ADDRESS)
    await desk.engine.dispose()


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with contextlib.closing(sqlite3.connect(str(parsed.database), timeout=10)) as connection:
            return connection.execute(query).fetchall()
    plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        return connection.execute(query.encode()).fetchall()


async def _until_done(url: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    waiting = "SELECT state, count(*) FROM raw_inbound WHERE state <> 'done' GROUP BY state"
    while left := await asyncio.to_thread(_rows, url, waiting):
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.2)


async def test_every_mail_is_there_once_and_in_order(
    running: tuple[Process, int], desk_database_url: str, tmp_path: Path
) -> None:
    desk, port = running
    await _open_inbox(desk_database_url, tmp_path / "data")
    luck = random.Random(2026)
    over = threading.Event()
    senders = [Sender(f"sender{number}", port, over) for number in range(SENDERS)]
    desk.start()
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()

    def taken() -> int:
        return sum(len(sender.taken) for sender in senders)

    # Kills are spread over the mails, not over the clock: every one hits a desk at work.
    share = SENDERS * MAILS // (KILLS + 1)
    try:
        for number in range(1, KILLS + 1):
            await _until(lambda least=number * share: taken() >= least)
            await asyncio.sleep(luck.uniform(0, 0.3))
            desk.kill()
            desk.start()
        await _until(lambda: taken() == SENDERS * MAILS)
        await _until_done(desk_database_url, 60)
    finally:
        over.set()
        for thread in threads:
            await asyncio.to_thread(thread.join, 15)
    assert desk.starts == KILLS + 1

    stored = await asyncio.to_thread(
        _rows,
        desk_database_url,
        "SELECT channel_message_id FROM message WHERE direction = 'in' ORDER BY created_at, id",
    )
    found = [row[0] for row in stored]
    assert len(found) == len(set(found)) == SENDERS * MAILS
    for sender in senders:
        theirs = [one for one in found if one.startswith(f"{sender.name}-")]
        assert theirs == sender.taken  # each 250 is a stored mail, in the order sent
    ((tickets,),) = await asyncio.to_thread(_rows, desk_database_url, "SELECT count(*) FROM ticket")
    assert tickets == SENDERS * MAILS
    ((head, count, top),) = await asyncio.to_thread(
        _rows,
        desk_database_url,
        "SELECT (SELECT value FROM counter WHERE name = 'feed'), count(*), max(seq) FROM event",
    )
    assert head == count == top  # the feed has no gap either


async def _until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the desk did not come back"
        await asyncio.sleep(0.01)
