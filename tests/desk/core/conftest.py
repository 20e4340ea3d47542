"""One running desk for each database, shared by the tests; each test has its own inboxes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.desk.whole import Whole, whole
from tests.support.dovecot import dovecot
from tests.support.services import Postgres

__all__ = ["dovecot"]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
async def desk(
    request: pytest.FixtureRequest,
    migrate: Callable[[str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Whole]:
    """A desk on SQLite, then one on PostgreSQL."""
    folder = tmp_path_factory.mktemp("desk")
    if request.param == "sqlite":
        path = folder / "desk.sqlite3"
        path.write_bytes(request.getfixturevalue("migrated_sqlite"))
        url = f"sqlite+inline:///{path}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.fresh_database(server.template("desk", migrate))
    async with whole(url, folder) as running:
        yield running
