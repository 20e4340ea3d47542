"""A running desk, on each of the databases it supports."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.desk.house import House, build, running


@pytest.fixture
def database_url(desk_database_url: str) -> str:
    """A database of the test's own that has the schema."""
    return desk_database_url


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A desk without data."""
    async with running(build(database_url)) as house:
        yield house
