"""Options that every inbox has: documented, and checked when they are set."""

from __future__ import annotations

from pathlib import Path

from desk.inboxes.options import COMMON, problems

PAGE = Path(__file__).parents[3] / "docs" / "channels" / "desk.md"


def test_each_is_on_the_page() -> None:
    text = PAGE.read_text()
    assert [name for name in COMMON if f"| `{name}` |" not in text] == []


def test_empty_ones_are_fine_and_wrong_ones_are_named() -> None:
    assert list(problems({"reopen_hours": None, "quiet_hours": "", "other": 1})) == []
    wrong = {"sends_per_second": -1, "quiet_hours": {"from": "21:00"}, "timezone": "../etc"}
    assert [field for field, _ in problems(wrong)] == [
        "options.sends_per_second",
        "options.quiet_hours",
        "options.timezone",
    ]
