"""An office per test, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from desk.app import create_app
from desk.auth import api_tokens
from tests.desk.levels.office import Office, office


@pytest.fixture
async def here(desk_database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(desk_database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def lead(here: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A lead's script."""
    async with client(here, "lead") as made:
        yield made


@asynccontextmanager
async def client(here: Office, role: str) -> AsyncIterator[httpx.AsyncClient]:
    """A script of an agent in this role, who is given no tickets."""
    person = await here.person(f"The {role}", role=role, presence="away")
    async with here.desk.units.write() as work:
        made = await api_tokens.create(work, person.id, role, "test", scopes=())
    app = create_app(here.desk.settings, desk=here.desk)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {made.secret}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://desk.test/api/v1", headers=headers
    ) as found:
        yield found
