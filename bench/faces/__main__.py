"""`python -m bench.faces [weight|speed|lighthouse|looks ...]`: prints the gates as a table."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bench.faces import lighthouse, looks, speed, weight
from bench.faces.gate import Gate, table
from bench.faces.stage import Stage, set_up

PARTS = ("weight", "speed", "lighthouse", "looks")
PUBLIC = ("/help/en", "/help/en/search?q=return", "/help/he", "/help/ar")
LOOKED_AT = ("/help/{locale}", "/help/{locale}/search?q=a")
APP_LOCALES = ("en", "he", "ar")


async def _measure(wanted: set[str], pictures: Path) -> list[Gate]:
    gates = weight.weights() if "weight" in wanted else []
    if wanted == {"weight"}:
        return gates
    with tempfile.TemporaryDirectory() as folder:
        async with set_up(Path(folder) / "data") as stage:
            gates += await _on_stage(stage, wanted, pictures)
    return gates


async def _on_stage(stage: Stage, wanted: set[str], pictures: Path) -> list[Gate]:
    gates: list[Gate] = []
    if "speed" in wanted:
        gates += await speed.scrolling(stage)
        gates += await speed.opening(stage)
        gates += await speed.chatting(stage)
    if "lighthouse" in wanted:
        gates += await lighthouse.public(stage, [*PUBLIC, await _an_article(stage)])
    if "looks" in wanted:
        gates += await looks.everywhere(stage, pictures, APP_LOCALES, LOOKED_AT)
    return gates


async def _an_article(stage: Stage) -> str:
    """The first article that the help center's home leads to."""
    page = await stage.browser.new_page()
    await page.goto(f"{stage.url}/help/en")
    link = page.locator('a[href*="/help/en/articles/"]').first
    path = str(await link.get_attribute("href"))
    await page.close()
    return path


def main() -> None:
    """Measure what was asked for, print the table, and fail when a gate does."""
    wanted = set(sys.argv[1:]) or set(PARTS)
    if unknown := wanted - set(PARTS):
        sys.exit(f"There is no gate {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    pictures = Path("dist") / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    gates = asyncio.run(_measure(wanted, pictures))
    print(table(gates))
    sys.exit(0 if all(gate.holds for gate in gates) else 1)


if __name__ == "__main__":
    main()
