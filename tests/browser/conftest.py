"""The whole desk as `make run` starts it, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from desk.demo.start import PASSWORD
from tests.desk.demo.conftest import Running, run
from tests.support.absent import missing

BUILD = Path(__file__).parents[2] / "frontend" / "build"

expect.set_options(timeout=15_000)  # what a busy machine may take; a test says how fast it must be

OpenPage = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    if not (BUILD / "app" / "index.html").is_file():
        missing("The frontend is not built; run `make frontend`.")
    running = run(tmp_path_factory.mktemp("browser") / "data", DESK_LOGIN_ATTEMPTS="1000")
    yield running
    running.stop()


@pytest.fixture
def open_page(browser: Browser) -> OpenPage:
    """A page in a profile of its own; an uncaught error in its scripts fails the test."""

    @asynccontextmanager
    async def opened(**options: object) -> AsyncIterator[Page]:
        context = await browser.new_context(**options)  # type: ignore[arg-type]
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield page
        finally:
            await context.close()
        assert not errors, f"uncaught errors in the page: {errors}"

    return opened


async def sign_in(page: Page, desk: Running, login: str = "agent") -> None:
    """Sign in and wait for the inbox, in the order in which a new message comes first."""
    await page.add_init_script("localStorage.setItem('parley:order', '-last_message_at')")
    await page.goto(f"{desk.url}/app/")
    await page.fill("input[type=email]", f"{login}@demo.example")
    await page.fill("input[type=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[role=option]")
