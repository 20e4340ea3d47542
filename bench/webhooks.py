"""Webhooks of 50 messages: stored and answered, then taken in. `python -m bench.webhooks`."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import func, select

from bench.house import furnish
from channels.contract import RawPayload
from channels.signing import hmac_hex
from desk.inboxes import service as inboxes
from desk.jobs.models import Job
from desk.observability import logs
from desk.settings import Settings
from desk.wiring import Desk

BATCHES = 40
SIZE = 50
SECRET = "bench"  # noqa: S105 - of nobody
PHONE_ID = "106540352242922"


def batch(number: int) -> bytes:
    """One webhook with 50 messages of 50 customers."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": PHONE_ID},
        "contacts": [
            {"wa_id": f"4790{index:06d}", "profile": {"name": f"Customer {index}"}}
            for index in range(SIZE)
        ],
        "messages": [
            {
                "from": f"4790{index:06d}",
                "id": f"wamid.{number:04d}{index:04d}",
                "timestamp": str(1_750_000_000 + number * SIZE + index),
                "type": "text",
                "text": {"body": f"Message {number} of customer {index}"},
            }
            for index in range(SIZE)
        ],
    }
    entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


async def measure(folder: Path) -> list[str]:
    """CPU in milliseconds: a batch stored, a message taken in."""
    desk, _, _ = await furnish(folder / "desk")
    async with desk.units.write() as work:
        inbox = await inboxes.create(
            work,
            desk.shelf.box,
            channel="whatsapp",
            name="WhatsApp",
            address="+15550783881",
            options={"phone_number_id": PHONE_ID},
            secrets={"app_secret": SECRET, "access_token": "t", "verify_token": "v"},
        )
    cpu, wall = [], []
    for number in range(BATCHES):
        body = batch(number)
        headers = {"x-hub-signature-256": f"sha256={hmac_hex(SECRET, body)}"}
        payload = RawPayload(body, headers, "application/json", received_at=desk.units.clock())
        began, ticked = time.process_time(), time.perf_counter()
        await desk.shelf.ingress.receive("whatsapp", inbox.id, payload)
        cpu.append((time.process_time() - began) * 1000)
        wall.append((time.perf_counter() - ticked) * 1000)
    began = time.process_time()
    await _drain(desk)
    each = (time.process_time() - began) * 1000 / (BATCHES * SIZE)
    await desk.engine.dispose()
    return [
        f"a batch of {SIZE} stored: {median(cpu):.1f} ms CPU (median)",
        f"the same on the clock: {quantiles(wall, n=20)[18]:.1f} ms (p95)",
        f"a message taken in from its payload: {each:.1f} ms CPU",
    ]


async def _drain(desk: Desk) -> None:
    await desk.queue.start()
    while await _waiting(desk):  # noqa: ASYNC110 - the queue tells nobody that it is empty
        await asyncio.sleep(0.2)
    await desk.queue.stop()


async def _waiting(desk: Desk) -> int:
    async with desk.units.read() as session:
        return await session.scalar(select(func.count()).select_from(Job)) or 0


def main() -> None:
    """Measure in a temporary folder and print."""
    logs.configure(Settings(log_level="warning"))
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write("\n".join(asyncio.run(measure(Path(folder)))) + "\n")


if __name__ == "__main__":
    main()
