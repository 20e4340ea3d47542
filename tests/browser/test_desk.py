"""What the four people see: a mail and a chat become tickets, an agent answers, it arrives."""

from __future__ import annotations

import asyncio
import smtplib
import time
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import FrameLocator, Page, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.desk.demo.conftest import Running

pytestmark = pytest.mark.browser

HOLD_SECONDS = 10


def mail(subject: str, text: str, sender: str = "Ada Byron <ada@byron.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "support@demo.example"
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="byron.example")
    message.set_content(text)
    return message


async def send(desk: Running, message: EmailMessage) -> None:
    def deliver() -> None:
        with smtplib.SMTP("127.0.0.1", desk.ports["SMTP"]) as client:
            client.send_message(message)

    await asyncio.to_thread(deliver)


async def sent_mails(desk: Running) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{desk.url}/demo/mail.json")
    mails: list[dict[str, Any]] = answer.json()["items"]
    return mails


async def until(found: Callable[[], Awaitable[Any]], seconds: float = 15, what: str = "it") -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = await found()
        if value:
            return value
        await asyncio.sleep(0.1)
    pytest.fail(f"{what} did not come within {seconds} s")


async def open_ticket(page: Page, subject: str) -> None:
    """Open the ticket with this subject from the list as it stands."""
    await page.locator("[role=option]", has_text=subject).first.click()
    await page.wait_for_selector("article")


async def test_a_mail_appears_in_the_open_inbox_and_the_answer_goes_out_threaded(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as page:
        await sign_in(page, desk)
        message = mail("Parcel FS-77120 is late", "Where is my parcel?\n\nAda")
        loads: list[str] = []

        def loaded(_: Page) -> None:
            loads.append("again")

        page.on("load", loaded)
        await send(desk, message)
        row = page.locator("[role=option]").first
        await expect(row).to_contain_text("Parcel FS-77120 is late")
        await expect(row).to_contain_text("Where is my parcel?")
        assert not loads, "the page was loaded again"
        await row.click()
        await expect(page.locator("article", has_text="Where is my parcel?")).to_be_visible()
        await page.keyboard.press("r")
        await page.keyboard.type("It is on the truck and comes today.")
        await page.get_by_label("More ways to send").click()
        await page.get_by_role("menuitem", name="Send without delay").click()
        answer = page.locator("article.out", has_text="It is on the truck")
        await expect(answer.locator(".under")).to_contain_text("Sent")

    async def arrived() -> dict[str, Any] | None:
        mails = await sent_mails(desk)
        return next((one for one in mails if "on the truck" in one["text"]), None)

    got = await until(arrived, what="the answer's mail")
    assert got["recipients"] == ["ada@byron.example"]
    assert got["in_reply_to"].strip("<>") == message["Message-ID"].strip("<>")
    assert got["subject"] == "Re: Parcel FS-77120 is late"


async def test_an_undone_answer_never_reaches_the_customer(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as page:
        await sign_in(page, desk)
        await send(desk, mail("Undo me", "Please answer"))
        await page.keyboard.press("/")
        await page.keyboard.type("Undo me")
        await open_ticket(page, "Undo me")
        await page.keyboard.press("r")
        await page.keyboard.type("A rash word that nobody may read")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".under", has_text="Sending in")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("z")
        await expect(page.locator("form.composer textarea")).to_have_value(
            "A rash word that nobody may read"
        )
    await asyncio.sleep(HOLD_SECONDS + 2)
    assert not [one for one in await sent_mails(desk) if "rash word" in one["text"]]


async def test_a_visitor_and_an_agent_chat_both_ways(desk: Running, open_page: OpenPage) -> None:
    async with open_page() as shop, open_page() as app:
        await sign_in(app, desk)
        chat = await start_chat(shop, desk, "Mara", "Does the Tarn fit a bear canister?")
        await app.keyboard.press("/")
        await app.keyboard.type("bear canister")
        await open_ticket(app, "bear canister")
        # The bot has spoken: an answer written meanwhile would be refused as a stale one.
        await expect(app.locator("article.out").first).to_be_visible()
        await app.keyboard.press("r")
        await app.keyboard.type("It does, ")
        await expect(chat.get_by_text("is typing")).to_be_visible()
        await app.keyboard.type("upright, under the lid.")
        await app.keyboard.press("Control+Enter")
        await expect(chat.get_by_text("upright, under the lid.")).to_be_visible(timeout=15_000)
        await expect(
            app.locator("article.out", has_text="under the lid").locator(".under")
        ).to_contain_text("Read", timeout=15_000)
        box = chat.get_by_role("textbox")
        await box.fill("Then I take it")
        await box.press("Enter")
        await expect(app.locator("article", has_text="Then I take it")).to_be_visible()


async def test_a_visitor_who_comes_back_finds_the_conversation(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as shop:
        await start_chat(shop, desk, "Noor", "Is the liner washable?")
        await shop.reload()
        await shop.get_by_role("button", name="Open messages").click()
        frame = shop.frame_locator("iframe")
        await expect(frame.get_by_text("Is the liner washable?").first).to_be_visible()


async def test_a_stale_answer_is_refused_and_shows_what_is_new(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as page:
        await sign_in(page, desk)
        await send(desk, mail("Cancel order FS-90001", "Please send it soon"))
        await page.keyboard.press("/")
        await page.keyboard.type("FS-90001")
        await open_ticket(page, "FS-90001")
        await page.keyboard.press("r")
        await page.keyboard.type("It leaves tomorrow")
        with desk.sign_in("lead") as lead:
            ticket = lead.get("/api/v1/tickets?q=FS-90001").json()["items"][0]
            answer = lead.post(
                f"/api/v1/tickets/{ticket['id']}/messages",
                json={
                    "kind": "reply",
                    "text": "The lead has answered already",
                    "client_id": str(uuid4()),
                    "last_seen_seq": ticket["last_seq"],
                },
            )
            assert answer.status_code == 201
        await page.locator("form.composer textarea").press("Control+Enter")
        await expect(page.locator(".stale")).to_contain_text("The lead has answered already")
        await expect(page.locator(".stale")).to_contain_text("It leaves tomorrow")


async def start_chat(shop: Page, desk: Running, name: str, text: str) -> FrameLocator:
    """Open the widget on the shop's page, fill in the form and write; the widget's frame."""
    await shop.goto(f"http://127.0.0.1:{desk.ports['SHOP']}/")
    await shop.get_by_role("button", name="Open messages").click()
    frame = shop.frame_locator("iframe")
    await frame.get_by_role("button", name="Send us a message").click()
    await frame.get_by_label("Your name").fill(name)
    await frame.get_by_label("Email").fill(f"{name.lower()}@visitor.example")
    await frame.get_by_label("Your message").fill(text)
    await frame.get_by_role("button", name="Start conversation").click()
    await expect(frame.get_by_text("Sent").first).to_be_visible()
    return frame


async def test_a_page_that_names_no_icon_gets_one(desk: Running) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{desk.url}/favicon.ico")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert b"<svg" in answer.content


async def test_searching_brings_the_best_first_and_shows_where_it_matched(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as page:
        await sign_in(page, desk)
        await send(desk, mail("About a zeppelin", "Hello."))
        long_ago = f"{'We talked of other things. ' * 3}Then the zeppelyn came."
        await send(desk, mail("Nothing much", long_ago.replace("zeppelyn", "zeppelin")))
        await page.locator("[role=option]", has_text="Nothing much").first.wait_for()
        field = page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first
        await field.fill("zepelin")
        await field.press("Enter")
        rows = page.locator("[role=option]", has=page.locator("bdi.who"))
        await expect(rows.first).to_contain_text("About a zeppelin")
        second = rows.nth(1)
        await expect(second).to_contain_text("Nothing much")
        await expect(second.locator("mark")).to_have_text("zeppelin")
