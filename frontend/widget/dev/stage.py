"""The stage for browser scripts: the fixture desk, a browser, and the shop page with the widget."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, FrameLocator, Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
FRONTEND = HERE.parent.parent
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Stage:
    """A running fixture desk and a browser that visits its shop."""

    def __init__(self, desk: str, shop: str, browser: Browser) -> None:
        self.desk = desk
        self.shop = shop
        self.browser = browser

    def drive(self, command: str, **body: Any) -> Any:
        """Tell the fixture desk to do something."""
        request = urllib.request.Request(f"{self.desk}/dev/{command}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def visit(self, path: str = "/", **context: Any) -> Page:
        """A new visitor on the shop's page; console errors are kept on `page.problems`."""
        options = {
            "viewport": {"width": 1280, "height": 760},
            "locale": "en-GB",
            "timezone_id": "Europe/Lisbon",
            **context,
        }
        return self.watch(self.browser.new_context(**options).new_page(), path)

    @contextmanager
    def profile(self) -> Iterator[Page]:
        """A visitor whose browser gives frames of other sites a storage of their own."""
        with TemporaryDirectory() as folder:
            preferences = Path(folder, "Default", "Preferences")
            preferences.parent.mkdir()
            preferences.write_text('{"profile": {"cookie_controls_mode": 0}}')
            context = self.browser.browser_type.launch_persistent_context(
                folder, executable_path="/usr/bin/chromium", args=ARGS, locale="en-GB"
            )
            try:
                yield self.watch(context.new_page(), "/")
            finally:
                context.close()

    def watch(self, page: Page, path: str) -> Page:
        """Open the shop; what goes wrong on the page is kept."""
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        page.problems = problems  # type: ignore[attr-defined]
        page.goto(self.shop + path)
        return page


@contextmanager
def stage() -> Iterator[Stage]:
    """Start the fixture desk on free ports and a headless browser; stop both at the end."""
    server = subprocess.Popen(
        ["node", str(HERE / "server.mjs"), "0", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if server.stdout is None:
            raise RuntimeError("the fixture desk has no output")
        where = json.loads(server.stdout.readline())
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
            try:
                yield Stage(where["desk"], where["shop"], browser)
            finally:
                browser.close()
    finally:
        server.terminate()
        server.wait(timeout=5)


def open_widget(page: Page) -> FrameLocator:
    """Press the launcher and wait for the first screen."""
    page.get_by_role("button", name="Open messages").or_(
        page.get_by_role("button", name="פתיחת ההודעות")
    ).click()
    frame = page.frame_locator("iframe")
    frame.locator("main.w").wait_for()
    return frame


def axe(page: Page) -> list[str]:
    """Violations on the page and in the frame, one line each."""
    source = (FRONTEND / "node_modules/axe-core/axe.min.js").read_text()
    lines = []
    for frame in page.frames:
        frame.evaluate(source)
        result = frame.evaluate(
            "() => axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa',"
            "'wcag22aa','best-practice'], iframes: false})"
        )
        for violation in result["violations"]:
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            lines.append(f"{violation['id']}: {nodes}")
    return lines
