"""What the faces weigh on the wire, from `npm run size`."""

from __future__ import annotations

import json

from bench.faces.gate import Gate
from tools import frontend

BUDGETS = {
    "inbox": ("Agent inbox, first load without the editor", 170),
    "dashboard": ("Board route extra", 45),
    "editor": ("Editor route extra", 180),
    "loader": ("Widget loader", 4),
    "widget": ("Widget frame, JS and CSS", 45),
    "help": ("Help page, JS", 15),
}


def weights() -> list[Gate]:
    """One gate for each part that is built."""
    sizes: dict[str, float] = json.loads(
        frontend.npm("run", "--silent", "size", "--", "--json").strip().splitlines()[-1]
    )
    return [
        Gate(title, sizes[part], budget, "kB gz")
        for part, (title, budget) in BUDGETS.items()
        if part in sizes
    ]
