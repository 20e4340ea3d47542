"""The bot as a customer, an agent and a lead see it: answer with its source, a person, the card."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from playwright.async_api import FrameLocator, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.browser.test_desk import open_ticket, start_chat
from tests.desk.demo.conftest import Running

TRAINED_SECONDS = 90


async def ask(chat: FrameLocator, text: str) -> None:
    box = chat.get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


async def trained(desk: Running) -> None:
    """The demo's first training runs beside everything else."""
    deadline = time.monotonic() + TRAINED_SECONDS
    training: dict[str, Any] = {}
    while time.monotonic() < deadline:
        with desk.sign_in("lead") as lead:
            (training, *_) = lead.get("/api/v1/bot/trainings").json()
        assert training["state"] in {"waiting", "running", "done"}, training
        if training["state"] == "done":
            return
        await asyncio.sleep(0.5)
    raise AssertionError(training)


def funnel(desk: Running) -> dict[str, Any]:
    with desk.sign_in("lead") as lead:
        found: dict[str, Any] = lead.get("/api/v1/bot/funnel").json()
    return found


async def test_from_a_hebrew_question_to_a_person(desk: Running, open_page: OpenPage) -> None:
    await trained(desk)
    before = funnel(desk)
    async with open_page() as shop, open_page() as app:
        await sign_in(app, desk)
        chat = await start_chat(shop, desk, "Noa", "כמה זמן לוקח המשלוח?")
        source = chat.locator("a.src")
        await expect(source.first).to_have_attribute(
            "href", re.compile("/help/he/articles/"), timeout=15_000
        )
        await expect(chat.get_by_text("Automated").first).to_be_visible()
        await ask(chat, "מי זכה בגביע העולם בכדורגל בשנת 1998?")
        await expect(chat.get_by_text("כמה זמן לוקח המשלוח").first).to_be_visible()
        # It does not know, says so, and quotes nothing more.
        await expect(chat.get_by_role("button", name="לדבר עם נציג")).to_be_visible(timeout=15_000)
        assert await source.count() == 1
        await expect(chat.get_by_role("button", name="Talk to a person")).to_be_visible()
        await chat.get_by_role("button", name="לדבר עם נציג").click()
        await expect(chat.locator(".msg").last).to_contain_text("נציג", timeout=15_000)
        await app.keyboard.press("/")
        await app.keyboard.type("המשלוח")
        await open_ticket(app, "כמה זמן לוקח המשלוח?")
        card = app.get_by_role("region", name="The bot's part")
        await expect(card).to_contain_text("The customer asked for a person")
        await expect(card).to_contain_text("he")
        await card.get_by_text("What the bot quoted (1)").click()
        await card.get_by_role("button", name="Wrong source").click()
        await expect(card).to_contain_text("Marked as wrong")
        after = funnel(desk)
    assert {name: after[name] - before[name] for name in ("asked", "answered", "escalated")} == {
        "asked": 1,
        "answered": 1,
        "escalated": 1,
    }


async def test_help_that_helped_is_solved_and_rated(desk: Running, open_page: OpenPage) -> None:
    await trained(desk)
    before = funnel(desk)
    async with open_page() as shop:
        chat = await start_chat(shop, desk, "Ida", "Hvordan returnerer jeg en vare?")
        await expect(chat.locator("a.src").first).to_have_attribute(
            "href", re.compile("/help/nb/articles/slik-returnerer-du"), timeout=15_000
        )
        await chat.get_by_role("button", name="Ja", exact=True).click()
        await expect(chat.get_by_role("radio").first).to_be_visible(timeout=15_000)
    after = funnel(desk)
    assert after["helped"] == before["helped"] + 1
    assert after["escalated"] == before["escalated"]
