"""From an empty database to the first answered message, in a real browser."""

from __future__ import annotations

import asyncio
import http.server
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import BUILD, OpenPage
from tests.desk.demo.conftest import Running, environment, free_ports
from tests.support.absent import missing

pytestmark = pytest.mark.browser

PASSWORD = "the first of many"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Running]:
    """`desk run` on a new data folder."""
    if not (BUILD / "app" / "index.html").is_file():
        missing("The frontend is not built; run `make frontend`.")
    ports, log = free_ports(), tmp_path / "desk.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "desk.cli", "run"],
            env=environment(tmp_path / "data", ports),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    desk = Running(process, ports, tmp_path, log, 0)
    try:
        deadline = time.monotonic() + 60
        while not _ready(desk):
            assert process.poll() is None, desk.words
            assert time.monotonic() < deadline, desk.words
            time.sleep(0.1)
        yield desk
    finally:
        desk.stop()


def _ready(desk: Running) -> bool:
    try:
        return httpx.get(f"{desk.url}/health/ready").is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A customer's web site: its origin and the file of its only page."""
    page = tmp_path / "site" / "index.html"
    page.parent.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, directory=str(page.parent), **more)  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", page
    server.shutdown()
    server.server_close()


async def step(page: Page, name: str) -> None:
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


async def test_an_empty_desk_gets_to_its_first_answered_message(  # noqa: PLR0915 - one story
    empty: Running, site: tuple[str, Path], open_page: OpenPage
) -> None:
    origin, file = site
    async with (
        open_page(timezone_id="Europe/Oslo") as page,
        open_page() as shop,
        open_page() as colleague,
    ):
        # The console says where to begin; so does the front door.
        assert f"{empty.url}/app/start#" in empty.words
        await page.goto(f"{empty.url}/")
        await step(page, "Make this desk yours")
        assert await page.get_by_label("Token").count() == 0, "asked for a token on loopback"
        await page.get_by_label("Your name").fill("Ada Byron")
        await page.get_by_label("Email").fill("ada@fell.example")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Create the desk").click()

        await step(page, "Name and languages")
        await page.get_by_label("Name of your desk").fill("Fell & Stone")
        await page.get_by_role("button", name="Deutsch").click()
        await page.get_by_role("button", name="Continue").click()

        await step(page, "Business hours")
        await expect(page.get_by_label("Time zone")).to_have_value("Europe/Oslo")
        await page.reload()  # what was done stays done
        await step(page, "Business hours")
        for day in ("Sat", "Sun"):
            await page.get_by_role("button", name=day).click()
        for side in ("From", "To"):  # around the clock: the test runs at any hour
            await page.get_by_label(side, exact=True).fill("00:00")
        await page.get_by_role("button", name="Continue").click()

        await step(page, "First channel")
        await page.get_by_role("textbox", name="Your website").fill("no site at all")
        await page.get_by_role("button", name="Add the chat").click()
        await expect(page.get_by_role("alert")).to_contain_text("https://shop.example")
        await page.get_by_role("textbox", name="Your website").fill(
            "https://shop.fell.example/boots"
        )
        await page.get_by_role("button", name="Add the chat").click()

        await step(page, "Colleagues")
        await page.get_by_label("Colleague's email").fill("bo@fell.example")
        await page.get_by_label("Role").select_option("lead")
        await page.get_by_role("button", name="Invite").click()
        link = await page.locator("code", has_text="/app/join#").inner_text()
        await colleague.goto(link)
        await expect(colleague.get_by_role("heading", level=1)).to_have_text("Join Fell & Stone")
        await colleague.get_by_label("Your name").fill("Bo Berg")
        await colleague.get_by_label("Password").fill("a password of Bo's")
        await colleague.get_by_role("button", name="Join").click()
        await colleague.wait_for_url(re.compile(r"/app/inbox"))
        await page.get_by_role("button", name="Continue").click()

        await step(page, "Chat on your site")
        await expect(page.get_by_role("status")).to_contain_text("Waiting for your site")
        line = await page.locator("code", has_text="loader.js").inner_text()
        file.write_text(f"<!doctype html><title>Shop</title><h1>Boots</h1>{line}", "utf-8")
        await shop.goto(origin)
        await expect(page.get_by_role("status")).to_contain_text("not allowed there yet")
        await page.get_by_role("button", name=f"Allow {origin}").click()
        await expect(page.get_by_role("status")).to_contain_text(f"Seen at {origin}, a moment ago")
        await page.get_by_role("button", name="Continue").click()

        await step(page, "First message")
        await page.get_by_role("button", name="Open messages").click()
        chat = page.frame_locator("iframe")
        await chat.get_by_role("button", name="Send us a message").click()
        await chat.get_by_label("Your name").fill("Mara")
        await chat.get_by_label("Email").fill("mara@visitor.example")
        await chat.get_by_label("Your message").fill("Do the boots fit wide feet?")
        await chat.get_by_role("button", name="Start conversation").click()
        await expect(page.locator("blockquote")).to_have_text("Do the boots fit wide feet?")
        await page.get_by_label("Your answer").fill("They do, half a size up.")
        await page.get_by_role("button", name="Send", exact=True).click()
        await step(page, "Your desk works")
        await expect(chat.get_by_text("They do, half a size up.")).to_be_visible()

        await page.get_by_role("button", name="Open the inbox").click()
        await expect(page.locator("[role=option]").first).to_contain_text("They do")

        # The door is shut behind the first owner.
        await colleague.context.clear_cookies()
        await colleague.goto(f"{empty.url}/app/start")
        await step(colleague, "This desk has an owner")
        body = {"email": "eve@evil.example", "name": "Eve", "password": "x" * 12}
        refused = await asyncio.to_thread(httpx.post, f"{empty.url}/api/v1/start/owner", json=body)
        assert refused.status_code == 409


async def test_behind_a_proxy_the_console_s_link_is_the_key(
    empty: Running, open_page: OpenPage
) -> None:
    key = re.search(r"/app/start#([A-Z2-7]+)", empty.words)
    assert key
    outside = {"X-Forwarded-For": "203.0.113.7"}
    async with open_page(extra_http_headers=outside) as page:
        await page.goto(f"{empty.url}/app/start")
        await page.get_by_label("Your name").fill("Eve")
        await page.get_by_label("Email").fill("eve@evil.example")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_label("Token from the console").fill("GUESSED")
        await page.get_by_role("button", name="Create the desk").click()
        await expect(page.get_by_role("alert")).to_contain_text("not the token")
        await page.goto(f"{empty.url}/app/login")
        await page.goto(f"{empty.url}/app/start#{key[1]}")
        await expect(page.get_by_label("Token from the console")).to_have_value(key[1])
        await page.get_by_label("Your name").fill("Ada")
        await page.get_by_label("Email").fill("ada@fell.example")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Create the desk").click()
        await step(page, "Name and languages")
        assert key[1] not in page.url
        assert key[1] not in re.sub(r"/app/start#\S+", "", empty.words), "the token was logged"
