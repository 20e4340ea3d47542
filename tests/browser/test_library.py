"""The editors' list in a real browser: filters with numbers, many at once, the keyboard alone."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_editor import enter, text, write
from tests.desk.demo.conftest import Running

pytestmark = pytest.mark.browser


def rows(page: Page) -> Any:
    return page.get_by_role("list", name="Articles", exact=True).get_by_role("listitem")


def three(editor: httpx.Client, word: str) -> list[str]:
    return [write(editor, f"{word} {one}", "Text.")["article_id"] for one in ("a", "b", "c")]


async def look_for(page: Page, word: str) -> None:
    await page.keyboard.press("/")
    await page.keyboard.type(word)
    await expect(rows(page)).to_have_count(3)
    await page.keyboard.press("Tab")


async def test_articles_are_found_and_opened_with_the_keyboard_alone(
    desk: Running, open_page: OpenPage
) -> None:
    with desk.sign_in("editor") as editor:
        three(editor, "Paddle")
    async with open_page() as page:
        await enter(page, desk)
        await rows(page).first.wait_for()
        await look_for(page, "Paddle")
        for key in ("j", "j", "j", "k"):
            await page.keyboard.press(key)
        focused = page.locator("a.title:focus")
        await expect(focused).to_have_text("Paddle b")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/app/knowledge/*/en")
        await expect(page.get_by_role("textbox", name="Title")).to_have_value("Paddle b")
        # The list is as it was left.
        await page.get_by_role("link", name="Knowledge").last.click()
        await expect(rows(page)).to_have_count(3)


async def test_a_filter_shows_as_many_as_its_number(desk: Running, open_page: OpenPage) -> None:
    with desk.sign_in("editor") as editor:
        ids = three(editor, "Rudder")
        answer = editor.post(f"/api/v1/articles/{ids[0]}/archive")
        assert answer.status_code == 200, answer.text
        answer = editor.patch(f"/api/v1/articles/{ids[1]}", json={"audience": "internal"})
        assert answer.status_code == 200, answer.text
    async with open_page() as page:
        await enter(page, desk)
        await page.get_by_role("searchbox").fill("Rudder")
        await expect(rows(page)).to_have_count(2)
        states = page.get_by_role("group", name="State")
        await states.get_by_role("button", name="Archived 1").click()
        await expect(rows(page)).to_have_text([re.compile("Rudder a")])
        await states.get_by_role("button", name="All 2").click()
        audience = page.get_by_role("combobox", name="Audience")
        await expect(audience.get_by_role("option", name="Internal (1)")).to_be_attached()
        await audience.select_option("internal")
        await expect(rows(page)).to_have_count(1)
        await states.get_by_role("button", name="Drafts 0").click()
        await expect(page.get_by_text("No articles", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Clear the filters").first.click()
        await expect(states.get_by_role("button", name="All")).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(page.get_by_role("searchbox")).to_have_value("")


async def test_several_are_tagged_with_a_way_back_and_archived(
    desk: Running, open_page: OpenPage
) -> None:
    with desk.sign_in("editor") as editor:
        ids = three(editor, "Anchor")

        def tags() -> list[list[str]]:
            return [editor.get(f"/api/v1/articles/{one}").json()["tags"] for one in ids]

        async with open_page() as page:
            await enter(page, desk)
            await rows(page).first.wait_for()
            await look_for(page, "Anchor")
            for _ in range(2):
                await page.keyboard.press("j")
                await page.keyboard.press("x")
            bulk = page.get_by_role("region", name="Selected articles")
            await expect(bulk).to_contain_text("2 selected")
            await bulk.get_by_role("textbox", name="Add a tag").fill("Harbour")
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("2 articles changed.")).to_be_visible()
            # The last written is the first of the list.
            assert tags() == [[], ["harbour"], ["harbour"]]
            await page.get_by_role("button", name="Undo").click()
            await expect(page.get_by_role("button", name="#harbour")).to_have_count(0)
            assert tags() == [[], [], []]
            await page.get_by_role("checkbox", name="Select all that are shown").check()
            await bulk.get_by_role("button", name="Archive").click()
            await page.get_by_role("dialog").get_by_role("button", name="Archive").click()
            await expect(page.get_by_text("3 articles changed.")).to_be_visible()
            await expect(rows(page)).to_have_count(0)
        assert {text(editor, one)["state"] for one in ids} == {"archived"}
