"""The board, the routing page's try-it box, and a chip whose time runs out, in a real browser."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from playwright.async_api import expect

from tests.browser.conftest import OpenPage, sign_in
from tests.desk.demo.conftest import Running


async def test_the_lead_sees_what_is_late_and_who_has_room(
    desk: Running, open_page: OpenPage
) -> None:
    async with open_page() as page:
        await sign_in(page, desk, "lead")
        await page.click("nav a[href='/app/board']")
        tiles = page.locator("dl.tiles dd")
        await expect(tiles).to_have_count(6)
        board = await page.evaluate("async () => (await fetch('/api/v1/board')).json()")
        await expect(tiles.nth(2)).to_have_text(str(board["tiles"]["overdue"]))
        assert board["tiles"]["overdue"] > 0
        await expect(page.locator("ul.late li")).to_have_count(len(board["late"]))
        await expect(page.locator(".barcol")).to_have_count(4)


async def test_a_slider_ranks_the_try_box_anew(desk: Running, open_page: OpenPage) -> None:
    async with open_page() as page:
        await sign_in(page, desk, "lead")
        await page.goto(f"{desk.url}/app/settings/routing")
        sliders = page.locator("input[type=range]")
        await expect(sliders).to_have_count(7)
        async with page.expect_response("**/api/v1/routing/try") as tried:
            await sliders.first.fill("0")
        asked = (await tried.value).request.post_data_json
        assert asked is not None
        assert asked["settings"]["weights"]["language"] == 0
        settings = await page.evaluate("async () => (await fetch('/api/v1/routing')).json()")
        assert settings["settings"]["weights"]["language"] == 30  # trying changes nothing


async def test_a_policy_is_previewed_and_published(desk: Running, open_page: OpenPage) -> None:
    async with open_page() as page:
        await sign_in(page, desk, "lead")
        await page.goto(f"{desk.url}/app/settings/sla")
        await page.get_by_role("row", name=re.compile("Standard")).get_by_role("button").click()
        await expect(page.locator("form.edit section li").first).to_contain_text("First response")
        await page.get_by_label("Low, First response").fill("12")
        await page.get_by_role("button", name="Publish").click()
        row = page.get_by_role("row", name=re.compile("Standard"))
        await expect(row.locator("td").nth(1)).to_have_text("2")


async def test_the_chip_goes_amber_red_and_over(desk: Running, open_page: OpenPage) -> None:
    async with open_page() as page:
        await page.clock.install()
        await sign_in(page, desk, "lead")
        rows = await page.evaluate(
            "async () => (await (await fetch('/api/v1/tickets?sort=next_due_at&limit=100')).json())"
        )
        now = datetime.fromisoformat(
            await page.evaluate("async () => (await (await fetch('/api/v1/board')).json()).at")
        )
        answering = ("first_response", "next_response")
        row = next(
            one
            for one in rows["items"]
            if one["next_due_at"]
            and one["next_due_kind"] in answering
            and not one["snoozed_until"]
            and datetime.fromisoformat(one["next_due_at"]) > now + timedelta(minutes=5)
        )
        due = datetime.fromisoformat(row["next_due_at"])
        whole = due - datetime.fromisoformat(row["waiting_since"] or row["created_at"])
        await page.goto(f"{desk.url}/app/inbox/{row['number']}")
        chip = page.locator("#thread .sla, header .sla, main .sla").first
        await expect(chip).to_be_visible()
        for share, state in ((0.2, "amber"), (0.05, "red"), (-0.01, "over")):
            at = due - share * whole
            if at > now:
                await page.clock.fast_forward(int((at - now).total_seconds() * 1000))
                now = at
                await page.clock.run_for(2000)
                await expect(chip).to_have_class(re.compile(rf"\b{state}\b"))
