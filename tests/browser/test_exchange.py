"""Import and export of articles as an editor does them, in a real browser."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_editor import article, enter, save, text
from tests.browser.test_help import violations
from tests.desk.demo.conftest import Running

pytestmark = pytest.mark.browser


def folder(path: Path, word: str) -> Path:
    """Two articles, one of them in two languages, and a file that is no article."""
    files = {
        "kites/launch.md": f"---\nid: launch\ntitle: Launch the kite\n---\n{word} it into the wind",
        "kites/launch.he.md": "---\nid: launch\ntitle: הפרחת העפיפון\n---\nמול הרוח.\n",
        "kites/repair.md": "---\nid: repair\ntitle: Repair the kite\n---\nWith tape.\n",
        "kites/broken.md": "---\ntitle: [no end\n---\nText.\n",
    }
    zipped = path / f"{word}.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, written in files.items():
            archive.writestr(name, written)
    return zipped


def texts_of(exported: Path) -> list[bytes]:
    with zipfile.ZipFile(exported) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith(".md")]


def count(page: Page, name: str) -> Any:
    return page.locator("dl div").filter(has=page.get_by_text(name, exact=True)).locator("dd")


async def check(page: Page, desk: Running, zipped: Path) -> None:
    """Choose a ZIP on the page and have it checked."""
    await page.goto(f"{desk.url}/app/knowledge/exchange")
    await page.locator("input[type=file]").set_input_files(zipped)
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("heading", name=f"Import of {zipped.name}")).to_be_visible()


async def test_a_folder_is_checked_imported_changed_and_exported(
    desk: Running, open_page: OpenPage, tmp_path: Path
) -> None:
    async with open_page(accept_downloads=True) as page:
        await enter(page, desk)
        await check(page, desk, folder(tmp_path, "Throw"))
        await expect(count(page, "New")).to_have_text("4")
        await expect(count(page, "Problems")).to_have_text("1")
        await expect(page.get_by_text("broken.md, line 3")).to_be_visible()
        with desk.sign_in("editor") as editor:
            found = editor.get("/api/v1/articles", params={"q": "Launch the kite"}).json()["items"]
            assert found == []  # nothing was changed by looking
        await page.get_by_role("checkbox", name="Publish what the source").check()
        await page.get_by_role("button", name="Import 4 texts").click()
        await expect(page.get_by_text("Imported.", exact=True)).to_be_visible(timeout=30_000)
        with desk.sign_in("editor") as editor:
            made = article(editor, "Launch the kite")
            written = text(editor, made["id"])
            assert (written["state"], written["body"]) == ("published", "Throw it into the wind")
            assert text(editor, made["id"], "he")["title"] == "הפרחת העפיפון"
            save(editor, written, body="Let it rise.")

        # What was changed here meanwhile stays, unless the import is told to win.
        await check(page, desk, folder(tmp_path, "Hold"))
        await expect(count(page, "Conflicts")).to_have_text("1")
        await expect(count(page, "Unchanged")).to_have_text("3")
        start = page.get_by_role("button", name="Import 0 texts")
        await expect(start).to_be_disabled()
        await page.get_by_role("checkbox", name="Launch the kite").check()
        await page.get_by_role("checkbox", name="Publish what the source").check()
        await page.get_by_role("button", name="Import 1 text").click()
        await expect(page.get_by_text("Imported.", exact=True)).to_be_visible(timeout=30_000)
        with desk.sign_in("editor") as editor:
            assert text(editor, made["id"])["body"] == "Hold it into the wind"

        await page.get_by_role("button", name="Import something else").click()
        assert await page.locator("section li").count() >= 2
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Download ZIP").click()
        exported = await (await downloading.value).path()
        assert any(b"Hold it into the wind" in body for body in texts_of(exported))


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
async def test_axe_finds_nothing(
    desk: Running, open_page: OpenPage, tmp_path: Path, locale: str, scheme: str, width: int
) -> None:
    with desk.sign_in("editor") as editor:
        editor.patch("/api/v1/agents/me", json={"locale": locale})
    try:
        async with open_page(color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
            await enter(page, desk)
            await page.goto(f"{desk.url}/app/knowledge/exchange")
            await page.wait_for_selector("form .drop")
            assert await violations(page) == []
            await page.locator("input[type=file]").set_input_files(folder(tmp_path, "Look"))
            await page.locator("form .primary").click()
            await page.wait_for_selector("dl")
            assert await violations(page) == []
            sideways = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert sideways == 0
    finally:
        with desk.sign_in("editor") as editor:
            editor.patch("/api/v1/agents/me", json={"locale": "en"})
