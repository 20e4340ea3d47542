"""`python -m bench [core|chat]`: measures and prints the table of docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bench import chat, core
from bench.core import Figure
from desk.observability import logs
from desk.settings import Settings


def table(figures: list[Figure]) -> str:
    """Markdown."""
    lines = [
        "| Operation | CPU or memory | Floor | Ratio | At most |",
        "|---|---|---|---|---|",
    ]
    for figure in figures:
        floor = f"{figure.floor}: {figure.floor_cost:.2f} ms" if figure.floor else ""
        amount = f"{figure.cost:.2f} ms" if figure.unit == "ms" else f"{figure.cost:.0f} MB"
        lines.append(f"| {figure.name} | {amount} | {floor} | {figure.ratio} | {figure.target} |")
    return "\n".join(lines)


async def _all(folder: Path, only: str) -> list[Figure]:
    figures: list[Figure] = []
    if only in {"", "core"}:
        figures += await core.measure(folder)
    if only in {"", "chat"}:
        figures += await chat.measure(folder)
    return figures


def main() -> None:
    """Measure in a temporary folder and print."""
    logs.configure(Settings(log_level="warning"))
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(table(asyncio.run(_all(Path(folder), only))) + "\n")


if __name__ == "__main__":
    main()
