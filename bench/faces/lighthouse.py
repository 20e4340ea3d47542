"""Lighthouse on the public pages: the lowest of the four scores of each."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.faces.gate import Gate
from bench.faces.stage import FLAGS, Stage
from tools import system
from tools.console import BIN

HERE = Path(__file__).parent
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


async def public(stage: Stage, paths: Sequence[str]) -> list[Gate]:
    """Each page's lowest score, of 100."""
    await asyncio.to_thread(_install)
    gates = []
    for path in paths:
        scores = await asyncio.to_thread(_score, stage.url + path)
        low = min(scores, key=lambda name: scores[name])
        gates.append(
            Gate(f"Lighthouse {path}: lowest ({low})", scores[low], 95, "of 100", at_least=True)
        )
    return gates


def _install() -> None:
    """A package of its own: nobody who runs the desk needs it."""
    if not (HERE / "node_modules" / "lighthouse").is_dir():
        _run([str(BIN / "npm"), "ci", "--no-audit", "--no-fund"])


def _score(url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        _run(
            [
                str(BIN / "node"),
                str(HERE / "node_modules" / "lighthouse" / "cli" / "index.js"),
                url,
                "--quiet",
                "--output=json",
                f"--output-path={report}",
                f"--only-categories={','.join(CATEGORIES)}",
                f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
            ]
        )
        categories = json.loads(report.read_text())["categories"]
    return {name: round(categories[name]["score"] * 100) for name in CATEGORIES}


def _run(command: list[str]) -> None:
    variables = {
        **os.environ,
        "CHROME_PATH": system.browser() or "",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        command, cwd=HERE, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
