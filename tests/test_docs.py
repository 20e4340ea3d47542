"""What the pages name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMED = re.compile(r"`((?:desk|channels|sla|tests|bench|tools|frontend/app)/[\w./-]+)`")
LINKED = re.compile(r"\]\((?!https?:|#)([^)#]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    named = [ROOT / path for path in NAMED.findall(text)]
    linked = [page.parent / path for path in LINKED.findall(text)]
    missing = [str(path) for path in (*named, *linked) if not path.exists()]
    assert not missing
