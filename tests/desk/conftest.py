"""A migrated database of its own for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from desk.db.migrate import upgrade


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "desk.sqlite3"
    upgrade(f"sqlite+inline:///{path}")
    return path


@pytest.fixture
def database_url(migrated_file: Path, tmp_path: Path) -> str:
    path = tmp_path / "desk.sqlite3"
    shutil.copy(migrated_file, path)
    return f"sqlite+inline:///{path}"
