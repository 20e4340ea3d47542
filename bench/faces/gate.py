"""One gate: what is aimed for, what was measured, and whether that will do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gate:
    """One line of the table. `target` and `figure` are in `unit`."""

    name: str
    figure: float
    target: float
    unit: str
    at_least: bool = False  # a score: more is better

    @property
    def holds(self) -> bool:
        """Whether the figure is on the right side of the target."""
        return self.figure >= self.target if self.at_least else self.figure <= self.target


def table(gates: list[Gate]) -> str:
    """Markdown, the failing ones marked."""
    lines = ["| Gate | Target | Figure | |", "|---|---|---|---|"]
    for gate in gates:
        sign = "≥" if gate.at_least else "≤"
        mark = "holds" if gate.holds else "**fails**"
        lines.append(
            f"| {gate.name} | {sign} {gate.target:g} {gate.unit} "
            f"| {gate.figure:.4g} {gate.unit} | {mark} |"
        )
    return "\n".join(lines)
