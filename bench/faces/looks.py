"""axe on every page in three languages, light and dark, wide and narrow; pictures of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page

from bench.faces.gate import Gate
from bench.faces.stage import Stage

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}
LOCALES = ("en", "he", "ar")
SCHEMES = ("light", "dark")
SKIPPED = {"login"}  # signed in, it leads away


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a page."""

    locale: str
    scheme: str
    width: str

    @property
    def name(self) -> str:
        """For a file."""
        return f"{self.locale}-{self.scheme}-{self.width}"


def routes() -> list[str]:
    """Every page of the agent app without parameters, from its folders."""
    pages = ROOT / "frontend" / "app" / "src" / "routes"
    found = []
    for page in sorted(pages.rglob("+page.svelte")):
        parts = [p for p in page.parent.relative_to(pages).parts if not p.startswith(("(", "[["))]
        if parts and not any(p.startswith("[") for p in parts) and parts[0] not in SKIPPED:
            found.append("/".join(parts))
    return found


async def everywhere(
    stage: Stage, out: Path, locales: Sequence[str], public: Sequence[str]
) -> list[Gate]:
    """The number of violations over all looks; each is printed, each look leaves a picture."""
    violations = 0
    for look in _looks():
        context = await stage.browser.new_context(
            viewport=WIDTHS[look.width],  # type: ignore[arg-type]
            color_scheme=look.scheme,  # type: ignore[arg-type]
            locale={"en": "en-GB", "he": "he-IL", "ar": "ar-EG"}[look.locale],
        )
        page = await context.new_page()
        for path in public:
            await page.goto(stage.url + path.format(locale=look.locale))
            violations += await _examine(page, out / f"{_file(path)}-{look.name}.png")
        if look.locale in locales:
            violations += await _app(stage, context, look, out)
        await context.close()
    return [Gate("axe (WCAG 2.2 AA): violations on any page", violations, 0, "found")]


async def _app(stage: Stage, context: BrowserContext, look: Look, out: Path) -> int:
    page = await context.new_page()
    await stage.sign_in(page, "admin")
    await _speak(page, look.locale)
    violations = 0
    for path in [*routes(), "inbox/open"]:
        if path == "inbox/open":
            await page.goto(f"{stage.url}/app/inbox")
            await page.locator("[role=option]").nth(2).click()
            await page.wait_for_selector("article")
        else:
            await page.goto(f"{stage.url}/app/{path}")
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(150)
        violations += await _examine(page, out / f"app-{_file(path)}-{look.name}.png")
    return violations


async def _speak(page: Page, locale: str) -> None:
    """Set the language of the person signed in, which the app follows."""
    await page.evaluate(
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


async def _examine(page: Page, picture: Path) -> int:
    await page.screenshot(path=picture)
    sideways = await page.evaluate(
        "() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
    )
    # The page's policy forbids scripts that it did not send; the driver's own world may run them.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(r => r.violations)",
        TAGS,
    )
    for violation in found:
        print(f"  {picture.stem}: {violation['id']} ({violation['impact']}) {violation['help']}")
        for node in violation["nodes"][:2]:
            print("     ", node["html"][:160])
    if sideways:
        print(f"  {picture.stem}: scrolls sideways")
    return len(found) + int(sideways)


def _looks() -> Iterator[Look]:
    for locale in LOCALES:
        for scheme in SCHEMES:
            for width in WIDTHS:
                yield Look(locale, scheme, width)


def _file(path: str) -> str:
    return path.strip("/").replace("/", "-").replace("{locale}", "").strip("-") or "home"
