"""Pictures of the agent app against the backend of fixtures, with axe on each of them.

Usage: python frontend/dev/shots.py [folder] [name ...]   (needs `npm run mock` on PORT)
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BASE = os.environ.get("BASE", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
USER = os.environ.get("DESK_USER", "marta@fjellogsand.example")
PASSWORD = os.environ.get("DESK_PASSWORD", "demo-password")
TICKET = os.environ.get("TICKET", "4821")
AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 812}


def sign_in(page: Page) -> None:
    page.goto(f"{BASE}/app/login")
    page.wait_for_selector("input[type=email]")
    page.fill("input[type=email]", USER)
    page.fill("input[type=password]", PASSWORD)
    page.click("button.primary")
    page.wait_for_selector("[role=option]")


def speak(page: Page, locale: str) -> None:
    """Sets the language of the person signed in, which the app follows."""
    page.evaluate(
        """async locale => {
            const session = await (await fetch('/api/v1/session')).json();
            await fetch('/api/v1/agents/me', {
                method: 'PATCH',
                headers: {'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf_token},
                body: JSON.stringify({locale}),
            });
        }""",
        locale,
    )


def thread(page: Page) -> None:
    page.goto(f"{BASE}/app/inbox/{TICKET}")
    page.wait_for_selector("article")
    page.wait_for_timeout(900)


def rows(page: Page) -> None:
    page.goto(f"{BASE}/app/inbox")
    page.wait_for_selector("[role=option]")
    page.wait_for_timeout(500)


def palette(page: Page) -> None:
    thread(page)
    page.keyboard.press("Control+k")
    page.wait_for_selector(".palette input")
    page.keyboard.type("snooze mon 9")
    page.wait_for_timeout(500)


def keys(page: Page) -> None:
    rows(page)
    page.keyboard.press("?")
    page.wait_for_selector(".sheet")
    page.wait_for_timeout(200)


def picked(page: Page) -> None:
    thread(page)
    for key in ["x", "Shift+J", "Shift+J", "a"]:
        page.keyboard.press(key)
    page.wait_for_selector(".menu input")
    page.wait_for_timeout(300)


def menus(page: Page) -> None:
    rows(page)
    page.locator(".meline").click()
    page.wait_for_selector("[role=menu]")
    page.wait_for_timeout(200)


def drawer(page: Page) -> None:
    thread(page)
    page.locator(".ib.drawer").first.click()
    page.wait_for_timeout(200)


def nothing(page: Page) -> None:
    rows(page)
    page.fill("input[type=search]", "no such words anywhere")
    page.wait_for_timeout(700)


def writing(page: Page) -> None:
    thread(page)
    page.keyboard.press("n")
    page.keyboard.type("Ask @Tom")
    page.wait_for_timeout(300)


def settings(where: str) -> Callable[[Page], None]:
    def shoot(page: Page) -> None:
        page.goto(f"{BASE}/app/settings{where}")
        page.wait_for_selector("main .body")
        page.wait_for_timeout(400)

    return shoot


SHOTS: dict[str, tuple[Callable[[Page], None], list[str]]] = {
    "inbox": (thread, ["light", "dark", "rtl", "phone", "phone-rtl", "phone-dark"]),
    "list": (rows, ["light", "phone", "phone-rtl"]),
    "palette": (palette, ["light", "dark", "phone"]),
    "keys": (keys, ["light", "rtl"]),
    "picked": (picked, ["light", "rtl"]),
    "menu": (menus, ["light", "rtl", "phone"]),
    "context": (drawer, ["phone", "phone-rtl"]),
    "empty": (nothing, ["light", "dark"]),
    "note": (writing, ["light"]),
    "profile": (settings(""), ["light", "rtl", "phone"]),
    "agents": (settings("/agents"), ["light", "dark", "phone"]),
    "inboxes": (settings("/inboxes"), ["light"]),
    "tokens": (settings("/tokens"), ["light"]),
    "intake": (settings("/intake"), ["light", "rtl"]),
}


def context(browser: Browser, variant: str) -> BrowserContext:
    phone = variant.startswith("phone")
    made = browser.new_context(
        viewport=PHONE if phone else DESK,
        device_scale_factor=2 if phone else 1,
        locale="he-IL" if variant.endswith("rtl") else "en-GB",
        color_scheme="dark" if variant.endswith("dark") else "light",
    )
    return made


def check(page: Page, name: str) -> int:
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(r => r.violations)",
        TAGS,
    )
    for violation in found:
        print(f"  axe {name}: {violation['id']} ({violation['impact']}) {violation['help']}")
        for node in violation["nodes"][:3]:
            print("     ", node["html"][:160], json.dumps(node["any"][:1])[:220])
    return len(found)


def main() -> int:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "shots")
    only = set(sys.argv[2:])
    out.mkdir(parents=True, exist_ok=True)
    violations = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for variant in ["light", "dark", "rtl", "phone", "phone-rtl", "phone-dark"]:
            wanted = [n for n, (_, v) in SHOTS.items() if variant in v and (not only or n in only)]
            if not wanted and only:
                continue
            made = context(browser, variant)
            page = made.new_page()
            page.on("console", lambda m: m.type in {"error", "warning"} and print("  log", m.text))
            page.on("pageerror", lambda error: print("  error", error))
            page.goto(f"{BASE}/app/login")
            page.wait_for_selector("input[type=email]")
            if not only or "login" in only:
                page.screenshot(path=out / f"login-{variant}.png")
                violations += check(page, f"login-{variant}")
            sign_in(page)
            speak(page, "he" if variant.endswith("rtl") else "en")
            for name in wanted:
                SHOTS[name][0](page)
                page.screenshot(path=out / f"{name}-{variant}.png")
                violations += check(page, f"{name}-{variant}")
            made.close()
        browser.close()
    print(f"axe violations: {violations}")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
