"""An office per test, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk.triage.office import Office, office


@pytest.fixture
async def here(desk_database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(desk_database_url, tmp_path) as made:
        yield made
