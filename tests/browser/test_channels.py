"""Every channel both ways in the demo: the customer on the phone's page, the agent in the inbox."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.browser.test_desk import open_ticket
from tests.desk.demo.conftest import Running

pytestmark = pytest.mark.browser

SECONDS = 20_000  # milliseconds for what crosses several processes

# What the agent sees at last below an answer, and what the provider told the desk on the way.
# Telegram and LINE tell nothing; Instagram tells no delivery; SMS knows no reading.
STATES = {
    "sms": ("Delivered", "sent, delivered"),
    "whatsapp": ("Read", "sent, delivered, read"),
    "messenger": ("Read", "sent, delivered, read"),
    "instagram": ("Read", "sent, read"),
    "telegram": ("Sent", ""),
    "line": ("Sent", ""),
    "open": ("Read", "sent, delivered, read"),
}


async def open_app(page: Page, desk: Running, kind: str) -> None:
    """Open one of the phone's apps."""
    await page.goto(f"{desk.url}/demo/phone")
    await page.locator(f'main a[href="/demo/phone/{kind}"]').click()
    await expect(page.get_by_role("log", name="Conversation")).to_be_visible()


async def write(page: Page, text: str) -> Locator:
    """The customer writes; the bubble on the phone."""
    await page.get_by_label("Message").fill(text)
    await page.get_by_label("Message").press("Enter")
    bubble = page.locator(".row.me", has_text=text)
    await expect(bubble).to_contain_text("Taken by the desk", timeout=SECONDS)
    return bubble


async def find(page: Page, text: str) -> None:
    """Open the ticket whose newest message this is."""
    await expect(page.locator("[role=option]", has_text=text).first).to_be_visible(timeout=SECONDS)
    await open_ticket(page, text)
    await expect(page.locator("article", has_text=text).first).to_be_visible()


async def answer(page: Page, text: str) -> Locator:
    """The agent answers without waiting; the message in the thread."""
    await page.keyboard.press("r")
    await page.keyboard.type(text)
    await page.get_by_label("More ways to send").click()
    await page.get_by_role("menuitem", name="Send without delay").click()
    sent = page.locator("article.out", has_text=text)
    await expect(sent).to_be_visible()
    return sent


@pytest.mark.parametrize("kind", STATES)
async def test_a_customer_writes_and_the_answer_is_on_the_phone(
    desk: Running, open_page: OpenPage, kind: str
) -> None:
    mark = uuid4().hex[:6]
    state, told = STATES[kind]
    async with open_page() as phone, open_page() as app:
        await sign_in(app, desk)
        await open_app(phone, desk, kind)
        await write(phone, f"Where is my parcel {mark}?")
        await find(app, f"Where is my parcel {mark}?")
        sent = await answer(app, f"On the truck {mark}")
        received = phone.locator(".row.them", has_text=f"On the truck {mark}")
        await expect(received).to_be_visible(timeout=SECONDS)
        await expect(sent.locator(".under")).to_contain_text(state, timeout=SECONDS)
        if told:
            await expect(received).to_contain_text(f"Desk was told: {told}", timeout=SECONDS)
        else:
            await expect(received).not_to_contain_text("Desk was told")
        await write(phone, f"Thank you {mark}")
        await expect(app.locator("article", has_text=f"Thank you {mark}")).to_be_visible(
            timeout=SECONDS
        )
        wire = phone.locator(".wire details").first
        await expect(wire).to_contain_text(re.compile(r"webhooks/" + kind))
