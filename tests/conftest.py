"""Fixtures that every test may ask for: real databases, Redis and a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.support.absent import missing
from tests.support.services import Postgres, Redis, Unavailable, scratch_folder
from tools import system

# Quiet, without a sandbox (it cannot run as root) and without a word to any outside server.
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def services_folder() -> Iterator[Path]:
    with scratch_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres(services_folder: Path) -> Iterator[Postgres]:
    """The session's PostgreSQL server, started when first asked for."""
    try:
        server = Postgres.start(services_folder)
    except Unavailable as reason:
        missing(str(reason))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server(services_folder: Path) -> Iterator[Redis]:
    """The session's Redis server, started when first asked for."""
    try:
        server = Redis.start(services_folder)
    except Unavailable as reason:
        missing(str(reason))
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: Redis) -> Iterator[str]:
    """An empty Redis."""
    yield redis_server.url
    redis_server.clear()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own, as a SQLAlchemy URL."""
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Whoever asks for this, or for what builds on it, runs on both databases."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """An empty database of the test's own, as a SQLAlchemy URL: SQLite, then PostgreSQL."""
    if database_kind == "sqlite":
        yield f"sqlite+inline:///{tmp_path / 'desk.sqlite3'}"
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def migrate() -> Callable[[str], None]:
    """Bring the database behind a URL to the current schema."""
    from desk.db import migrate

    return migrate.upgrade


@pytest.fixture(scope="session")
def migrated_sqlite(
    migrate: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    """A migrated SQLite file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "desk.sqlite3"
    migrate(f"sqlite+inline:///{path}")
    return path.read_bytes()


@pytest.fixture
def desk_database_url(
    database_kind: str,
    migrate: Callable[[str], None],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[str]:
    """A database of the test's own with the current schema: SQLite, then PostgreSQL."""
    if database_kind == "sqlite":
        path = tmp_path / "desk.sqlite3"
        path.write_bytes(request.getfixturevalue("migrated_sqlite"))
        yield f"sqlite+inline:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.fresh_database(server.template("desk", migrate))
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The session's Chromium, the system's own."""
    executable = system.browser()
    if executable is None:
        missing("There is no Chromium here; on Debian: `sudo apt-get install -y chromium`.")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=executable, args=list(BROWSER_FLAGS)
        )
        yield chromium
        await chromium.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page in a fresh profile; an uncaught error in its scripts fails the test."""
    context = await browser.new_context()
    tab = await context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    await context.close()
    assert not errors, f"uncaught errors in the page: {errors}"
