"""The demo in a process of its own, with a long inbox and a long conversation, and a browser."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy import func, insert, select, update

from desk.db.engine import create_engine
from desk.db.types import Base, new_id
from desk.demo.start import PASSWORD
from desk.settings import Settings
from desk.unit_of_work import Units
from tools import system

READY_SECONDS = 300
ROWS = 10_000
MESSAGES = 2_000
LONG = "A conversation of two thousand messages"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo is, and its browser."""

    url: str
    shop: str
    folder: Path
    browser: Browser

    async def sign_in(self, page: Page, login: str = "agent") -> None:
        """Sign in and wait for the inbox."""
        await page.goto(f"{self.url}/app/login")
        await page.fill("input[type=email]", f"{login}@demo.example")
        await page.fill("input[type=password]", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[role=option]")


@asynccontextmanager
async def set_up(folder: Path) -> AsyncIterator[Stage]:
    """Start the demo, make its inbox long, open a browser; end all of it."""
    executable = system.browser()
    if executable is None:
        sys.exit("There is no Chromium here; on Debian: sudo apt-get install -y chromium")
    port, smtp, shop, sink = (_free_port() for _ in range(4))
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DESK_")},
        "DESK_PORT": str(port),
        "DESK_SMTP_PORT": str(smtp),
        "DESK_SHOP_PORT": str(shop),
        "DESK_SINK_PORT": str(sink),
        "DESK_DATA_DIR": str(folder),
        "DESK_LOG_LEVEL": "warning",
        "DESK_LOGIN_ATTEMPTS": "100000",
        "DESK_API_RATE": "100000000",
        "DESK_VISITOR_RATE": "100000000",
    }
    with _process(variables, folder.with_suffix(".log")):
        await asyncio.to_thread(_wait, f"http://127.0.0.1:{port}/health/ready")
        await lengthen(folder)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
            yield Stage(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{shop}", folder, browser)
            await browser.close()


async def lengthen(folder: Path) -> None:
    """Copy a ticket until there are ten thousand, and a message until there are two thousand."""
    settings = Settings.load({"DESK_DATA_DIR": str(folder)})
    units = Units(create_engine(settings.database_url))
    ticket, message = Base.metadata.tables["ticket"], Base.metadata.tables["message"]
    try:
        async with units.write() as work:
            session = work.session
            highest = (await session.execute(select(func.max(ticket.c.number)))).scalar_one()
            model = _row((await session.execute(select(ticket).limit(1))).mappings().one())
            numbers = itertools.count(highest + 1)
            now = work.now
            copies = [
                {
                    **model,
                    "id": new_id(),
                    "number": next(numbers),
                    "subject": f"Where is parcel {index}?",
                    "status": "open",
                    "assignee_id": None,
                    "snoozed_until": None,
                    "visitor": None,
                    "last_message_at": now - timedelta(days=100, minutes=index),
                    "created_at": now - timedelta(days=101, minutes=index),
                }
                for index in range(ROWS)
            ]
            copies[0].update(subject=LONG, last_seq=MESSAGES, last_inbound_seq=MESSAGES)
            for start in range(0, ROWS, 500):
                await session.execute(insert(ticket), copies[start : start + 500])
            spoken = _row((await session.execute(select(message).limit(1))).mappings().one())
            lines = [
                {
                    **spoken,
                    "id": new_id(),
                    "ticket_id": copies[0]["id"],
                    "seq": number,
                    "channel_message_id": None,
                    "client_id": None,
                    "raw_inbound_id": None,
                    "attachment_count": 0,
                    "html": None,
                    "text": f"Line {number} of a long talk about one parcel. " * (1 + number % 4),
                    "fresh": f"Line {number} of a long talk about one parcel. " * (1 + number % 4),
                    "created_at": now - timedelta(minutes=MESSAGES - number),
                }
                for number in range(1, MESSAGES + 1)
            ]
            for start in range(0, MESSAGES, 500):
                await session.execute(insert(message), lines[start : start + 500])
            await session.execute(
                update(ticket)
                .where(ticket.c.id == copies[0]["id"])
                .values(last_message_at=now - timedelta(seconds=1))
            )
    finally:
        await units.engine.dispose()


def _row(mapping: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of any table
    return dict(mapping)


@contextmanager
def _process(variables: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "desk.cli", "demo"], env=variables, stdout=output, stderr=output
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def _wait(url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError:
            time.sleep(0.2)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{url} does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
