"""The knowledge base's editor in a real browser: what is written is published, kept, and merged."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from desk.demo.start import PASSWORD
from tests.browser.conftest import OpenPage, sign_in
from tests.browser.test_help import violations
from tests.desk.demo.conftest import Running

pytestmark = pytest.mark.browser


async def enter(page: Page, desk: Running, login: str = "editor") -> None:
    """Sign in as an editor, whose first page is the knowledge base."""
    await page.goto(f"{desk.url}/app/")
    await page.fill("input[type=email]", f"{login}@demo.example")
    await page.fill("input[type=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/app/knowledge")


def article(editor: httpx.Client, title: str) -> dict[str, Any]:
    found = editor.get("/api/v1/articles", params={"q": title}).json()["items"]
    row: dict[str, Any] = found[0]
    return row


def text(editor: httpx.Client, article_id: str, locale: str = "en") -> dict[str, Any]:
    answer = editor.get(f"/api/v1/articles/{article_id}/locales/{locale}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def save(editor: httpx.Client, written: dict[str, Any], **change: str) -> dict[str, Any]:
    """Save a text with something changed; the text as it is then."""
    at = f"/api/v1/articles/{written['article_id']}/locales/{written['locale']}"
    body = {name: written[name] for name in ("title", "summary", "body", "version")} | change
    answer = editor.put(at, json=body)
    assert answer.status_code == 200, answer.text
    saved: dict[str, Any] = answer.json()
    return saved


def write(editor: httpx.Client, title: str, body: str) -> dict[str, Any]:
    """A new article, published."""
    made = editor.post("/api/v1/articles", json={"locale": "en", "title": title, "body": body})
    assert made.status_code == 201, made.text
    at = f"/api/v1/articles/{made.json()['id']}/locales/en"
    assert editor.post(f"{at}/publish", json={}).status_code == 200
    return text(editor, made.json()["id"])


async def open_article(page: Page, desk: Running, article_id: str, locale: str = "en") -> None:
    await page.goto(f"{desk.url}/app/knowledge/{article_id}/{locale}")
    await page.get_by_role("status").first.wait_for(state="attached")


def writing(page: Page) -> Any:
    return page.get_by_role("textbox", name=re.compile("^Text of"))


async def test_what_is_published_is_on_the_help_page_and_in_search_within_a_second(
    desk: Running, open_page: OpenPage
) -> None:
    with desk.sign_in("editor") as editor:
        made = write(editor, "Care of down jackets", "Wash it by hand.\n\n* one\n* two")
    async with open_page() as page:
        await enter(page, desk)
        await open_article(page, desk, made["article_id"])
        await writing(page).get_by_text("two").click()
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await page.keyboard.type("The osprey rule applies.")
        await page.get_by_role("button", name="Publish", exact=True).click()
        await expect(page.get_by_text("Published: readers see it now.")).to_be_visible()
        reader = await page.context.new_page()
        await reader.goto(f"{desk.url}/help/en/articles/{made['slug']}")
        await reader.get_by_text("The osprey rule applies.").wait_for(timeout=1000)
        await reader.goto(f"{desk.url}/help/en/search?q=osprey rule")
        await reader.get_by_role("link", name="Care of down jackets").first.wait_for(timeout=1000)
    with desk.sign_in("editor") as editor:
        body = text(editor, made["article_id"])["body"]
    assert body == "Wash it by hand.\n\n* one\n* two\n\nThe osprey rule applies."


async def test_a_draft_survives_a_crash_and_follows_to_another_device(
    desk: Running, open_page: OpenPage
) -> None:
    with desk.sign_in("editor") as editor:
        made = write(editor, "Repair of zips", "Send it in.")
    async with open_page() as page:
        await enter(page, desk)
        await open_article(page, desk, made["article_id"])
        await writing(page).click()
        await page.keyboard.press("Control+End")
        await page.keyboard.type(" It takes a week.")
        await expect(page.get_by_text("Kept in this browser")).to_be_visible()
        again = await page.context.new_page()
        await page.close()  # without a word to the page, as a crash would
        await open_article(again, desk, made["article_id"])
        await expect(again.get_by_text("had not saved is back")).to_be_visible()
        await expect(writing(again)).to_contain_text("Send it in. It takes a week.")
        await again.keyboard.press("Control+End")
        await expect(again.get_by_text("Draft kept")).to_be_visible()
    async with open_page() as elsewhere:
        await enter(elsewhere, desk)
        await open_article(elsewhere, desk, made["article_id"])
        await expect(elsewhere.get_by_text("from the server")).to_be_visible()
        await expect(writing(elsewhere)).to_contain_text("Send it in. It takes a week.")
        await elsewhere.get_by_role("button", name="Discard it").click()
        await expect(writing(elsewhere)).to_have_text("Send it in.")


async def test_two_who_edit_at_once_see_both_and_lose_nothing(
    desk: Running, open_page: OpenPage
) -> None:
    with desk.sign_in("editor") as editor, desk.sign_in("admin") as admin:
        hours = "Monday to Friday.\n\nNine to five.\n\nBank holidays.\n\nChristmas."
        made = write(editor, "Opening hours", hours)
        async with open_page() as page:
            await enter(page, desk)
            await open_article(page, desk, made["article_id"])
            await writing(page).get_by_text("Nine to five.").click()
            await page.keyboard.press("End")
            await page.keyboard.type(" Ours.")
            save(
                admin,
                made,
                body="Monday to Friday.\n\nNine to six.\n\nBank holidays.\n\nChristmas, too.",
            )
            await page.keyboard.press("Control+s")
            conflict = page.get_by_role("region", name="saved this text while you were writing")
            await expect(conflict).to_be_visible()
            await expect(conflict).to_contain_text("six")
            await expect(conflict).to_contain_text("Ours.")
            await conflict.get_by_label("Both, theirs first").check()
            await conflict.get_by_role("button", name="Merge and save").click()
            await expect(conflict).to_be_hidden()
            await expect(writing(page)).to_contain_text("Ours.")
        assert text(editor, made["article_id"])["body"] == (
            "Monday to Friday.\n\nNine to six.\n\nNine to five. Ours.\n\n"
            "Bank holidays.\n\nChristmas, too."
        )


async def test_a_stale_hebrew_paragraph_is_found_and_settled(
    desk: Running, open_page: OpenPage
) -> None:
    with desk.sign_in("editor") as editor:
        made = write(
            editor, "Loyalty points", "You get one point.\n\nThey last a year.\n\nThe end."
        )
        he = f"/api/v1/articles/{made['article_id']}/locales/he"
        hebrew = "מקבלים נקודה אחת.\n\nהן תקפות לשנה.\n\nסוף."
        begun = editor.post(he, json={"title": "נקודות", "body": hebrew})
        assert begun.status_code == 201, begun.text
        newer = "You get two points.\n\nThey last a full year.\n\nThe end."
        save(editor, made, body=newer)
        at = f"/api/v1/articles/{made['article_id']}/locales/en"
        assert editor.post(f"{at}/publish", json={}).status_code == 200
        async with open_page() as page:
            await enter(page, desk)
            await open_article(page, desk, made["article_id"], "he")
            sides = page.get_by_role("group", name="Side by side")
            await expect(sides.get_by_role("status").first).to_have_text("2 stale, 0 missing")
            await expect(sides).to_contain_text("English has changed since")
            await page.get_by_role("button", name="Next stale").click()
            await page.keyboard.press("Enter")
            cell = sides.get_by_role("textbox", name=re.compile("^Translation of"))
            await expect(cell).to_be_focused()
            await page.keyboard.press("Control+a")
            await page.keyboard.type("מקבלים שתי נקודות.")
            await page.keyboard.press("Control+s")
            await expect(sides.get_by_role("status").first).to_have_text("1 stale, 0 missing")
            await sides.get_by_role("button", name="Still right").click()
            await expect(sides.get_by_role("status").first).to_have_text("0 stale, 0 missing")
        now = text(editor, made["article_id"], "he")
        assert now["body"] == "מקבלים שתי נקודות.\n\nהן תקפות לשנה.\n\nסוף."
        assert now["stale"] == 0


async def test_an_article_is_written_with_the_keyboard_alone(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as page:
        await enter(page, desk)
        await page.get_by_role("button", name="New article").press("Enter")
        await page.keyboard.type("Renting a kayak")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/app/knowledge/*/en")
        await writing(page).focus()
        for line in ("## Before you go", "Bring **two straps** today.", "1. Check the hull"):
            await page.keyboard.type(line)
            await page.keyboard.press("Enter")
        await page.keyboard.type("Sign")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await page.keyboard.type("/warn")
        await expect(page.get_by_role("option", name="Warning")).to_be_visible()
        await page.keyboard.press("Enter")
        await page.keyboard.type("Cold water")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_text(re.compile(r"Saved \d"))).to_be_visible()
        article_id = page.url.split("/")[-2]
    with desk.sign_in("editor") as editor:
        assert text(editor, article_id)["body"] == (
            "## Before you go\n\nBring **two straps** today.\n\n"
            "1. Check the hull\n2. Sign\n\n> [!WARNING]\n> Cold water"
        )


async def test_an_article_is_put_into_an_answer(desk: Running, open_page: OpenPage) -> None:
    async with open_page() as page:
        await sign_in(page, desk)
        await page.locator("[role=option]").first.click()
        await page.wait_for_selector("form.composer")
        await page.keyboard.press("r")
        await page.get_by_role("button", name="Insert an article").click()
        await page.get_by_role("searchbox", name="Search the knowledge base").fill("refund")
        found = page.get_by_role("list", name="Found").get_by_role("button").first
        await found.click()
        await expect(page.locator("form.composer textarea")).to_have_value(
            re.compile("/help/[a-z]+/articles/")
        )


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
async def test_axe_finds_nothing(
    desk: Running, open_page: OpenPage, locale: str, scheme: str, width: int
) -> None:
    with desk.sign_in("editor") as editor:
        known = article(editor, "When your refund")
        answer = editor.patch("/api/v1/agents/me", json={"locale": locale})
        assert answer.status_code == 200, answer.text
    try:
        async with open_page(color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
            await enter(page, desk)
            for path in ("", "/work", "/categories", f"/{known['id']}/en", f"/{known['id']}/he"):
                await page.goto(f"{desk.url}/app/knowledge{path}")
                await page.wait_for_selector("#thread li, #thread .prose")
                await page.wait_for_timeout(300)
                assert await violations(page) == [], path
                sideways = await page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert sideways == 0, path
    finally:
        with desk.sign_in("editor") as editor:
            editor.patch("/api/v1/agents/me", json={"locale": "en"})
