"""Every queue on every database it runs on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.desk.jobs.house import KINDS, House


def _url(kind: str, request: pytest.FixtureRequest) -> str:
    name = "sqlite_url" if kind.endswith("sqlite") else "migrated_postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(params=KINDS)
def queue_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def queue_url(queue_kind: str, request: pytest.FixtureRequest) -> str:
    return _url(queue_kind, request)


@pytest.fixture
async def house(queue_kind: str, queue_url: str) -> AsyncIterator[House]:
    house = House(queue_kind, queue_url)
    yield house
    await house.close()
