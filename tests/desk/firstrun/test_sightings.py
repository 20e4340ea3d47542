"""The widget's live check: which site loaded it, and whether the inbox names that site."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from desk.firstrun import service
from desk.firstrun.rules import origin_of
from tests.desk.whole import Whole


async def load(desk: Whole, referer: str) -> None:
    client = desk.client(**({"Referer": referer} if referer else {}))
    answer = await client.get("/widget/loader.js")
    assert answer.status_code in {200, 404}, answer.text  # 404 where the frontend is not built


async def seen(admin: httpx.AsyncClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await admin.get("/api/v1/start/progress")).json()["sightings"]
    return items


async def test_a_site_that_loads_the_widget_is_seen_with_what_is_wrong(mailing: Whole) -> None:
    _, admin = await mailing.agent("admin")
    inbox = await mailing.chat_inbox(origins=["https://shop.example"])
    assert await seen(admin) == []
    await load(mailing, "https://shop.example/boots?size=44")
    (first,) = await seen(admin)
    assert (first["origin"], first["allowed"]) == ("https://shop.example", True)
    mailing.clock.forward(minutes=1)
    await asyncio.sleep(0.6)  # the pace is by this machine's clock, not the desk's
    await load(mailing, "https://www.shop.example/")
    newest = (await seen(admin))[0]
    assert (newest["origin"], newest["allowed"]) == ("https://www.shop.example", False)
    await admin.patch(
        f"/api/v1/inboxes/{inbox.id}",
        json={"options": {"origins": ["https://shop.example", "https://www.shop.example"]}},
    )
    assert all(one["allowed"] for one in await seen(admin))


async def test_what_is_no_site_is_not_noted(mailing: Whole) -> None:
    _, admin = await mailing.agent("admin")
    for referer in ("", f"{mailing.url}/help", "file:///home/x.html", "https://", "x" * 500):
        await load(mailing, referer)
    assert await seen(admin) == []


async def test_strangers_cannot_drive_the_writes(mailing: Whole) -> None:
    """Many made-up sites at once: the pace holds, and only the newest few stay."""
    _, admin = await mailing.agent("admin")
    began = mailing.clock()
    for number in range(8):
        await load(mailing, f"https://{number}.example/")
    at_most = 1 + (mailing.clock() - began) // timedelta(seconds=0.5)  # one in half a second
    assert 1 <= len(await seen(admin)) <= at_most
    for number in range(service.KEPT_SIGHTINGS + 5):
        mailing.clock.forward(seconds=1)
        async with mailing.desk.units.write() as work:
            await service.note_sighting(work, f"https://made-up-{number}.example")
    kept = [one["origin"] for one in await seen(admin)]
    assert len(kept) == service.KEPT_SIGHTINGS
    assert kept[0] == f"https://made-up-{service.KEPT_SIGHTINGS + 4}.example"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Shop.example/a?b", "https://shop.example"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001"),
        ("https://user:secret@shop.example/", "https://shop.example"),
        ("https://shop.example:99999/", ""),
        ("javascript:alert(1)", ""),
        ("null", ""),
    ],
)
def test_the_origin_of_a_page(url: str, origin: str) -> None:
    assert origin_of(url) == origin
