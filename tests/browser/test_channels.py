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

SECONDS = 40_000  # milliseconds for what crosses several processes

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
    await page.get_by_label("Message", exact=True).fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()
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


async def test_a_closed_window_lets_an_approved_template_through(
    desk: Running, open_page: OpenPage
) -> None:
    mark = uuid4().hex[:6]
    async with open_page() as phone, open_page() as app:
        await sign_in(app, desk)
        await open_app(phone, desk, "whatsapp")
        await write(phone, f"Is it here yet {mark}?")
        await find(app, f"Is it here yet {mark}?")
        bar = app.locator("form.composer")
        await expect(bar.locator(".window")).to_contain_text("Window open")
        await phone.get_by_role("button", name="Let a day pass").click()
        await expect(phone.get_by_text("A day has passed")).to_be_visible()
        await app.reload()
        await expect(bar.locator(".window")).to_contain_text("Window closed", timeout=SECONDS)
        await app.keyboard.press("r")
        await app.keyboard.type("Too late for this")
        await expect(bar.get_by_role("button", name="Send", exact=False).first).to_be_disabled()
        await bar.get_by_role("button", name="Choose a template").click()
        await app.get_by_role("radio", name="reopen_conversation").check()
        send = app.get_by_role("button", name="Send template")
        await expect(send).to_be_disabled()
        await app.get_by_label("Value for name").fill(f"Robin {mark}")
        words = f"Hello Robin {mark}, we have an answer for you."
        await expect(app.get_by_role("region", name="Preview")).to_contain_text(words)
        await send.click()
        await expect(phone.locator(".row.them", has_text=words)).to_be_visible(timeout=SECONDS)
        sent = app.locator("article.out", has_text=words)
        await expect(sent.locator(".under")).to_contain_text("Read", timeout=SECONDS)
        await expect(sent).to_contain_text("Template reopen_conversation")
        await expect(bar.locator("textarea")).to_have_value("Too late for this")
        await write(phone, f"Now I write again {mark}")
        await expect(bar.locator(".window")).to_contain_text("Window open", timeout=SECONDS)


async def test_whoever_wrote_stop_is_not_written_to(desk: Running, open_page: OpenPage) -> None:
    mark = uuid4().hex[:6]
    async with open_page() as phone, open_page() as app:
        await sign_in(app, desk)
        await open_app(phone, desk, "sms")
        await write(phone, f"Who are you {mark}?")
        await find(app, f"Who are you {mark}?")
        await phone.get_by_role("button", name="STOP").click()
        bar = app.locator("form.composer")
        await expect(bar).to_contain_text("asked not to be written to", timeout=SECONDS)
        await expect(
            phone.locator(".row.them", has_text="You will get no more messages").first
        ).to_be_visible(timeout=SECONDS)
        await phone.get_by_role("button", name="START").click()
        await expect(bar).not_to_contain_text("asked not to be written to", timeout=SECONDS)


async def test_an_unreadable_payload_is_mended_and_becomes_a_message(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as phone, open_page() as app:
        await open_app(phone, desk, "open")
        await phone.get_by_role("button", name="Send something unreadable").click()
        await expect(phone.get_by_text("The desk cannot read it")).to_be_visible()
        await sign_in(app, desk, "admin")
        await app.goto(f"{desk.url}/app/settings/intake")
        row = app.locator(".rows > li", has_text="needs an id and a sender.id").first
        await expect(row).to_be_visible(timeout=SECONDS)
        await row.get_by_role("button", name="Look").click()
        content = row.get_by_role("region", name="Content")
        await expect(content).to_contain_text("Can you read this?")
        await row.get_by_role("button", name="Mend").click()
        text = row.get_by_label("Mended content")
        broken = await text.input_value()
        await text.fill(broken.replace('"sender": {', '"sender": {"id": "mended-1",'))
        await row.get_by_label("Why").fill("The partner forgot the customer's id")
        await row.get_by_role("button", name="Store and process").click()
        await expect(app.get_by_text("Processed.")).to_be_visible(timeout=SECONDS)
        await app.goto(f"{desk.url}/app/inbox")
        await find(app, "Can you read this?")


async def test_a_forged_message_is_turned_away(desk: Running, open_page: OpenPage) -> None:
    async with open_page() as phone:
        await open_app(phone, desk, "line")
        await write(phone, "A true word")
        await phone.get_by_role("button", name="Forge a message").click()
        newest = phone.locator(".wire details").first
        await expect(newest.locator("summary .bad")).to_have_text(re.compile(r"401|403"))


async def test_the_set_up_page_says_what_works_and_connects(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as app:
        await sign_in(app, desk, "admin")
        await app.goto(f"{desk.url}/app/settings/inboxes")
        await app.get_by_role("link", name="Fjell & Sand on Instagram").click()
        await expect(app.get_by_text("/webhooks/instagram/")).to_be_visible()
        await app.get_by_role("button", name="Test").click()
        lines = app.get_by_role("region", name="Does it work?").get_by_role("status")
        await expect(lines).to_contain_text("no app is subscribed", timeout=SECONDS)
        await app.get_by_role("button", name="Connect").click()
        await expect(lines).not_to_contain_text("no app is subscribed", timeout=SECONDS)
        await app.get_by_role("button", name="Test").click()
        await expect(lines.locator("li").first).to_be_visible(timeout=SECONDS)
        await expect(lines.locator("li.bad")).to_have_count(0)


async def test_a_new_inbox_is_added_and_what_is_wrong_is_said_at_its_field(
    desk: Running, open_page: OpenPage
) -> None:
    mark = uuid4().hex[:6]
    async with open_page() as app:
        await sign_in(app, desk, "admin")
        await app.goto(f"{desk.url}/app/settings/inboxes")
        await app.get_by_role("link", name="Add an inbox").click()
        await app.get_by_role("link", name="SMS").click()
        form = app.get_by_role("form", name="Settings of the inbox")
        await form.get_by_label("Name", exact=True).fill(f"Second number {mark}")
        await form.get_by_label("Address Our own address").fill("not a number")
        await form.get_by_label("account_sid required").fill("AC0000")
        await form.get_by_label("auth_token required").fill("secret")
        await form.get_by_role("button", name="Save").click()
        await expect(form.get_by_role("alert")).to_contain_text("is not a phone number")
        await form.get_by_label("Address Our own address").fill("72727")
        await form.get_by_role("button", name="Save").click()
        await expect(app.get_by_role("heading", name=f"Second number {mark}")).to_be_visible()
        await expect(app.get_by_text("/webhooks/sms/")).to_be_visible()
