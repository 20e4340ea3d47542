"""A running desk, on each of the databases it supports."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.desk.house import House, build, running


@pytest.fixture
async def house(desk_database_url: str) -> AsyncIterator[House]:
    async with running(build(desk_database_url)) as house:
        yield house
