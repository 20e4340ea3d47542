"""A night in Oslo under a faked clock, the browser's and the desk's, as the lead sees it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from desk.agents import service as agents
from desk.auth.passwords import Passwords
from desk.events import Kind
from desk.inboxes import service as inboxes
from tests.browser.conftest import BUILD, OpenPage
from tests.desk.levels.office import NINE_TO_FIVE, Office
from tests.desk.whole import Whole, mail, until, whole
from tests.support.absent import missing

pytestmark = pytest.mark.browser

NIGHT = datetime(2027, 3, 3, 2, 0, tzinfo=UTC)  # a Wednesday; 03:00 in Oslo, 11:00 in Tokyo
PASSWORD = "the lead's own words"


@pytest.fixture
async def night(migrated_sqlite: bytes, tmp_path: Path) -> AsyncIterator[Whole]:
    """A whole desk at three at night."""
    if not (BUILD / "app" / "index.html").is_file():
        missing("The frontend is not built; run `make frontend`.")
    path = tmp_path / "desk.sqlite3"
    path.write_bytes(migrated_sqlite)
    async with whole(f"sqlite+inline:///{path}", tmp_path / "data") as desk:
        desk.clock.ahead = NIGHT - datetime.now(UTC)
        yield desk


async def staffed(desk: Whole) -> Office:
    """Oslo asleep, Tokyo awake with one who writes Norwegian; an hour for the first answer."""
    inbox = await desk.mail_inbox()
    here = Office(desk.desk, desk.clock, inbox)  # type: ignore[arg-type]
    kari = await here.person(
        "Kari", timezone="Europe/Oslo", languages={"nb": "native"}, windows=NINE_TO_FIVE
    )
    yuki = await here.person(
        "Yuki", timezone="Asia/Tokyo", languages={"nb": "C1"}, windows=NINE_TO_FIVE
    )
    ken = await here.person(
        "Ken", timezone="Asia/Tokyo", languages={"ja": "native"}, windows=NINE_TO_FIVE
    )
    oslo, tokyo = await here.team("Oslo", kari), await here.team("Tokyo", yuki, ken)
    hashed = await Passwords().hash(PASSWORD)
    async with desk.desk.units.write() as work:
        await inboxes.change(work, desk.desk.shelf.box, inbox.id, {"team_id": oslo.id})
        await agents.create(
            work,
            email="lead@desk.test",
            name="The lead",
            role="lead",
            password_hash=hashed,
        )
    await here.calendars(
        {str(oslo.id): "oslo", str(tokyo.id): "tokyo"}, oslo="Europe/Oslo", tokyo="Asia/Tokyo"
    )
    await here.policy(
        targets={"normal": {"first_response": {"duration": "PT1H"}}},
        steps=[{"id": "late", "action": "notify", "to": "team"}],
    )
    await here.routing()
    return here


async def forward(desk: Whole, page: Page, minutes: float) -> None:
    """Let the time pass for the desk and for the browser alike."""
    desk.clock.forward(minutes=minutes)
    await page.clock.fast_forward(int(minutes * 60_000))
    await page.clock.run_for(1500)


async def test_a_norwegian_mail_at_night_goes_to_the_team_awake_and_runs_late(
    night: Whole, open_page: OpenPage
) -> None:
    here = await staffed(night)
    letter = mail(
        "ola@nordmann.test",
        here.inbox.address,
        "Hvor er pakken min?",
        "Hei, jeg har ikke fått pakken min ennå. Kan dere sjekke hvor den er? Hilsen Ola",
    )
    async with open_page(timezone_id="Europe/Oslo", locale="en-GB") as page:
        await page.clock.install(time=night.clock())
        await page.goto(f"{night.url}/app/")
        await page.fill("input[type=email]", "lead@desk.test")
        await page.fill("input[type=password]", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/app/inbox")

        await night.deliver(letter, here.inbox)
        row = page.get_by_role("option", name=re.compile("Hvor er pakken min"))
        await row.click()
        thread = page.locator("#thread")
        await expect(thread.get_by_text("jeg har ikke fått pakken min")).to_be_visible()
        why = page.locator("#why")
        await expect(why).to_contain_text("Yuki")
        await expect(why).to_contain_text(re.compile("nb|Norwegian"))

        chip = page.locator("main .sla, #thread .sla, header .sla").first
        await expect(chip).to_be_visible()
        for minutes, state in ((50, "amber"), (7, "red"), (4, "over")):
            await forward(night, page, minutes)
            await expect(chip).to_have_class(re.compile(rf"\b{state}\b"), timeout=10_000)

        async def fired() -> int:
            return len(await here.events(Kind.SLA_STEP))

        await until(fired, 30)
        for _ in range(3):  # looked at again, it is not told again
            await forward(night, page, 0.5)
            await night.desk.triage.steps()
        assert await fired() == 1

        await page.click("nav a[href='/app/board']")
        late = page.locator("main").get_by_role("link", name=re.compile("Hvor er pakken min"))
        await expect(late).to_be_visible()
        assert night.clock() - NIGHT > timedelta(hours=1)
