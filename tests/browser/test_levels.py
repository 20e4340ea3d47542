"""A lead builds a policy with a calendar of its own by keyboard, and what it promises is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.desk.demo.conftest import Running

pytestmark = pytest.mark.browser


async def press(target: Locator, key: str = "Enter") -> None:
    """Use a control as somebody without a mouse does."""
    await target.focus()
    await target.page.keyboard.press(key)


async def call(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The API with the session of the page."""
    return await page.evaluate(
        """async ([method, path, body]) => {
            const session = await (await fetch('/api/v1/session')).json();
            const answer = await fetch('/api/v1' + path, {
                method,
                headers: {'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf_token},
                body: body ? JSON.stringify(body) : undefined,
            });
            return answer.status === 204 ? null : await answer.json();
        }""",
        [method, path, body],
    )


async def test_a_policy_made_by_keyboard_promises_what_its_preview_said(
    desk: Running, open_page: OpenPage
) -> None:
    mark = f"swift-{uuid4().hex[:6]}"
    # Open only on a day that has not begun, so that the due time is exact whenever this runs.
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%A")
    async with open_page(locale="en-GB") as page:
        await sign_in(page, desk, "lead")
        await page.goto(f"{desk.url}/app/settings/calendars")
        await press(page.get_by_role("button", name="Add a calendar"))
        await page.get_by_label("Name", exact=True).fill(f"Rare {mark}")
        await page.get_by_label("Time zone").fill("Etc/UTC")
        for closed in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
            await press(page.get_by_role("button", name=f"Remove hours 1 on {closed}"))
        await press(page.get_by_role("button", name=f"Add hours on {day}"))
        await press(page.get_by_role("button", name="Publish"))
        await expect(page.get_by_role("button", name="Publish")).to_be_disabled()

        await page.goto(f"{desk.url}/app/settings/sla")
        await press(page.get_by_role("button", name="Add a policy"))
        await press(page.get_by_role("button", name="Publish"))
        await expect(page.get_by_text("Give it a name.")).to_be_visible()
        await expect(page.get_by_label("Name", exact=True)).to_be_focused()
        await page.keyboard.type(mark)
        await press(page.get_by_role("button", name="Add a condition"))
        await page.get_by_label("Field", exact=True).select_option("tags")
        await page.get_by_label("Value", exact=True).fill(mark)
        await page.get_by_label("Normal, Resolution").fill("soon")
        await expect(page.get_by_text("Write hours and minutes").first).to_be_visible()
        await page.get_by_label("Normal, Resolution").fill("1h 30m")
        await (
            page.locator("label", has_text=re.compile("^Calendar"))
            .locator("select")
            .select_option(label=f"Rare {mark} (Etc/UTC)")
        )
        due = page.locator("[data-metric=resolution]")
        await expect(due).to_have_attribute("data-due", _at_half_past_ten())
        promised = await due.get_attribute("data-due")
        await press(page.get_by_role("button", name="Publish"))

        row = page.locator(".policies > li", has_text=mark)
        await expect(row).to_be_visible()
        up = page.get_by_role("button", name=f"Move {mark} up")
        for _ in range(8):
            if await up.is_disabled():
                break
            await press(up)
        await expect(page.locator(".policies > li").first).to_contain_text(mark)
        await page.reload()
        await expect(page.locator(".policies > li").first).to_contain_text(mark)

        inbox = next(
            one
            for one in (await call(page, "GET", "/inboxes"))["items"]
            if one["channel"] == "email"
        )
        made = await call(
            page,
            "POST",
            "/tickets",
            {
                "inbox_id": inbox["id"],
                "subject": mark,
                "text": "We are on it.",
                "tags": [mark],
                "contact": {"name": "Ada", "email": f"{mark}@byron.example"},
            },
        )
        clocks = (await call(page, "GET", f"/tickets/{made['id']}/clocks"))["clocks"]
        kept = next(one for one in clocks if one["metric"] == "resolution")
        assert _moment(kept["due_at"]) == _moment(promised or "")


async def test_a_schedule_changes_the_answer_of_the_try_it_box(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page(locale="en-GB") as page:
        await sign_in(page, desk, "lead")
        await page.goto(f"{desk.url}/app/settings/routing")
        box = page.get_by_role("region", name="Try it")
        await box.get_by_label("Language").select_option("hu")
        left_out = box.get_by_text("Left out by a hard rule")
        await expect(left_out).to_be_visible()
        await expect(box.locator(".rank li", has_text="Tan Wei")).to_have_count(0)

        await page.goto(f"{desk.url}/app/settings/schedules")
        await press(page.get_by_role("button", name="Edit the schedule of Tan Wei"))
        await press(page.get_by_label("Around the clock"), "Space")
        await page.get_by_label("Slots", exact=True).fill("500")
        await press(page.get_by_role("button", name="Add a language"))
        await page.get_by_label("Language", exact=True).last.select_option("hu")
        await press(page.get_by_role("button", name="Save"))
        await expect(page.get_by_role("button", name="Save")).to_have_count(0)

        await page.goto(f"{desk.url}/app/settings/routing")
        await box.get_by_label("Language").select_option("hu")
        await expect(box.locator(".rank li", has_text="Tan Wei")).to_be_visible()


def _at_half_past_ten() -> Any:
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    return re.compile(f"^{day.isoformat()}T10:30:00")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
