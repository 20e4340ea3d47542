"""Migrated databases, one of each test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.services import Postgres


@pytest.fixture
def sqlite_url(migrated_sqlite: bytes, tmp_path: Path) -> str:
    path = tmp_path / "desk.sqlite3"
    path.write_bytes(migrated_sqlite)
    return f"sqlite+inline:///{path}"


@pytest.fixture
def migrated_postgres_url(postgres: Postgres, migrate: Callable[[str], None]) -> Iterator[str]:
    url = postgres.fresh_database(postgres.template("desk", migrate))
    yield url
    postgres.drop(url)
