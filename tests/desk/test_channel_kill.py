"""WhatsApp in batches, out of order and twice, while the desk is killed: every message once.

`PARLEY_KILL_MESSAGES` sets how many (10000 for the full size). However slow the machine, the test
waits as long as something moves.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.signing import hmac_hex
from desk.inboxes import service as inboxes
from desk.settings import Settings
from desk.wiring import build
from tests.desk.test_kill import Process, _rows
from tests.desk.whole import SECRET
from tests.support.services import free_port

MESSAGES = int(os.environ.get("PARLEY_KILL_MESSAGES", "500"))
CUSTOMERS = max(MESSAGES // 50, 8)
BATCH = 50
SENDERS = 8
KILLS = 3
APP_SECRET = "the app's secret"
PHONE_ID = "106540352242922"
BEGAN = 1_750_000_000
STILL_SECONDS = 90.0  # without any change: it hangs


def item(number: int) -> dict[str, Any]:
    """Message `number`: the customers take turns, a second lies between two messages."""
    return {
        "from": f"4790{number % CUSTOMERS:06d}",
        "id": f"wamid.{number:08d}",
        "timestamp": str(BEGAN + number),
        "type": "text",
        "text": {"body": f"{number}"},
    }


def payload(numbers: list[int]) -> bytes:
    """One webhook, as Meta batches them: several changes of one account."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": PHONE_ID},
    }
    half = len(numbers) // 2
    changes = [
        {
            "field": "messages",
            "value": {
                **value,
                "contacts": [
                    {"wa_id": wa_id, "profile": {"name": f"Customer {wa_id}"}}
                    for wa_id in sorted({item(number)["from"] for number in part})
                ],
                "messages": [item(number) for number in part],
            },
        }
        for part in (numbers[:half], numbers[half:])
        if part
    ]
    entry = {"id": "102290129340398", "changes": changes}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def batches(luck: random.Random) -> list[bytes]:
    """Everything in batches: some late by up to three batches, some messages and batches twice."""
    order = sorted(range(MESSAGES), key=lambda number: number + luck.uniform(0, 3 * BATCH))
    made = [order[start : start + BATCH] for start in range(0, MESSAGES, BATCH)]
    for index, numbers in enumerate(made):
        if index and luck.random() < 0.3:  # one that was in an earlier batch, too
            numbers[0:0] = luck.sample(made[index - 1], 3)
    sent = [payload(numbers) for numbers in made]
    for _ in range(len(sent) // 5):
        sent.insert(luck.randrange(len(sent)), luck.choice(sent))
    return sent


@dataclass
class Provider:
    """Sends batches, eight at a time, each until it is answered with 2xx."""

    url: str
    waiting: list[bytes]
    answered: int = 0
    refused: list[int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        with httpx.Client(timeout=20, trust_env=False) as client:
            while not self.over.is_set():
                with self.lock:
                    if not self.waiting:
                        return
                    body = self.waiting.pop(0)
                self._deliver(client, body)

    def _deliver(self, client: httpx.Client, body: bytes) -> None:
        signature = f"sha256={hmac_hex(APP_SECRET, body)}"
        headers = {"x-hub-signature-256": signature, "content-type": "application/json"}
        while not self.over.is_set():
            with contextlib.suppress(httpx.HTTPError):
                answer = client.post(self.url, content=body, headers=headers)
                if answer.is_success:
                    with self.lock:
                        self.answered += 1
                    return
                self.refused.append(answer.status_code)
            time.sleep(0.05)


@pytest.fixture
def running(desk_database_url: str, tmp_path: Path) -> Iterator[tuple[Process, int]]:
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **kept,
        "DESK_DATABASE_URL": desk_database_url,
        "DESK_DATA_DIR": str(tmp_path / "data"),
        "DESK_SECRET_KEY": SECRET,
        "DESK_PORT": str(port),
        "DESK_SMTP_ENABLED": "false",
        "DESK_LOG_LEVEL": "error",
    }
    process = Process(environment, tmp_path / "desk.log")
    yield process, port
    process.kill()


async def _open_inbox(url: str, folder: Path) -> str:
    settings = Settings(database_url=url, data_dir=str(folder), secret_key=SECRET).completed()
    desk = build(settings, strict=True)
    async with desk.units.write() as work:
        inbox = await inboxes.create(
            work,
            desk.shelf.box,
            channel="whatsapp",
            name="WhatsApp",
            address="+15550783881",
            options={"phone_number_id": PHONE_ID},
            secrets={"app_secret": APP_SECRET, "access_token": "t", "verify_token": "v"},
        )
    await desk.engine.dispose()
    return str(inbox.id)


def _reached(provider: Provider, least: int) -> bool:
    return provider.answered >= least


async def _until(reached: Callable[[], bool], moving: Callable[[], object]) -> None:
    """Wait; fails when nothing moves any more."""
    last, since = moving(), time.monotonic()
    while not await asyncio.to_thread(reached):
        now = await asyncio.to_thread(moving)
        if now != last:
            last, since = now, time.monotonic()
        assert time.monotonic() - since < STILL_SECONDS, f"it hangs at {last}"
        await asyncio.sleep(0.05)


@pytest.mark.timeout(300 + MESSAGES)
async def test_every_message_is_there_once_and_in_order(
    running: tuple[Process, int], desk_database_url: str, tmp_path: Path
) -> None:
    desk, port = running
    inbox = await _open_inbox(desk_database_url, tmp_path / "data")
    luck = random.Random(2026)
    sent = batches(luck)
    count = len(sent)
    provider = Provider(f"http://127.0.0.1:{port}/webhooks/whatsapp/{inbox}", sent)

    def answered() -> int:
        return provider.answered

    def waiting() -> list[tuple[Any, ...]]:
        query = "SELECT state, count(*) FROM raw_inbound WHERE state <> 'done' GROUP BY state"
        return _rows(desk_database_url, query)

    desk.start()
    threads = [threading.Thread(target=provider.run, daemon=True) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, KILLS + 1):
            least = number * count // (KILLS + 1)
            await _until(partial(_reached, provider, least), answered)
            await asyncio.sleep(luck.uniform(0, 0.1))
            desk.kill()
            desk.start()
        await _until(lambda: provider.answered == count, answered)
        await _until(lambda: not waiting(), waiting)
    finally:
        provider.over.set()
        for thread in threads:
            await asyncio.to_thread(thread.join, 30)
    assert provider.refused == []
    found = await asyncio.to_thread(
        _rows,
        desk_database_url,
        "SELECT t.contact_name, t.id, m.text FROM message m JOIN ticket t ON t.id = m.ticket_id "
        "WHERE m.kind = 'inbound' ORDER BY t.id, m.occurred_at, m.seq",
    )
    assert sorted(int(row[2]) for row in found) == list(range(MESSAGES))
    assert len({row[1] for row in found}) == CUSTOMERS  # one ticket for each customer
    said: dict[str, list[int]] = {}
    for name, _, text in found:
        said.setdefault(name, []).append(int(text))
    for name, numbers in said.items():
        assert numbers == sorted(numbers), name  # the order in which they were written
        assert {number % CUSTOMERS for number in numbers} == {int(name[-6:])}
    ((raws,),) = await asyncio.to_thread(
        _rows, desk_database_url, "SELECT count(*) FROM raw_inbound"
    )
    assert raws == MESSAGES
    ((head, events, top),) = await asyncio.to_thread(
        _rows,
        desk_database_url,
        "SELECT (SELECT value FROM counter WHERE name = 'feed'), count(*), max(seq) FROM event",
    )
    assert head == events == top  # the feed has no gap either
