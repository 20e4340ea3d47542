"""The lines of docs/search.md run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.search.engine import Page
from tests.knowledge_base.search.meilisearch_double import Description, running

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "search.md"
SPEC = ROOT.parent / "shared" / "data" / "specs" / "meilisearch-openapi.json"


def documented() -> dict[str, Any]:
    code = "\n".join(re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL))
    names: dict[str, Any] = {}
    exec(compile(code, str(DOCUMENT), "exec"), names)
    return names


def ids(page: Page) -> list[str]:
    return [hit.id for hit in page.hits]


async def test_on_a_database(database_url: str) -> None:
    url = database_url.replace("+inline", "+aiosqlite")  # a driver that anyone has
    page = await documented()["on_a_database"](url)
    assert ids(page) == ["1"]
    assert "<mark>Spor</mark>" in page.hits[0].title.html


@pytest.mark.skipif(
    not SPEC.exists(), reason="../shared/data/specs/meilisearch-openapi.json is not here"
)
async def test_on_meilisearch() -> None:
    with running(Description(SPEC)) as server:
        page = await documented()["on_meilisearch"](server.url, "a-key-of-sixteen-bytes")
        assert page.total == len(page.hits)
        assert list(server.indexes["article-nb"]) == ["1"]
