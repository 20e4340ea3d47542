"""What the engines promise."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.db.engine import create_engine
from desk.db.types import new_id
from desk.errors import ConfigurationError
from desk.jobs.models import Job

jobs = Job.__table__


@pytest.fixture
async def engine(desk_database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(desk_database_url)
    yield engine
    await engine.dispose()


def a_job(**values: object) -> Job:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Job(
        **{"task": "t", "args": {}, "state": "ready", "run_at": at, "created_at": at, **values}
    )


async def test_instants_come_back_as_they_went_in(engine: AsyncEngine) -> None:
    cairo = timezone(timedelta(hours=2))
    at = datetime(2026, 3, 1, 1, 2, 3, 456_789, tzinfo=cairo)
    token = new_id()
    async with AsyncSession(engine) as session:
        session.add(a_job(run_at=at, args={"text": "שלום 你好", "n": [1, None]}, token=token))
        await session.commit()
        session.expunge_all()
        job = (await session.scalars(select(Job))).one()
    assert job.run_at == at
    assert job.run_at.utcoffset() == timedelta()
    assert job.args == {"text": "שלום 你好", "n": [1, None]}
    assert job.token == token


async def test_an_instant_without_a_zone_is_refused(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add(a_job(run_at=datetime(2026, 3, 1)))  # noqa: DTZ001 - the point
        with pytest.raises(StatementError, match="naive datetime"):
            await session.flush()


async def test_core_statements_run_through_a_session(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add_all([a_job(), a_job()])
        await session.flush()
        assert len((await session.execute(select(jobs.c.id))).all()) == 2
        assert (await session.execute(text("SELECT count(*) FROM job"))).scalar_one() == 2


async def test_one_waiting_job_per_key(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add_all([a_job(dedupe_key="a"), a_job(dedupe_key="a", state="dead"), a_job()])
        await session.flush()
        session.add(a_job(dedupe_key="a"))
        with pytest.raises(IntegrityError):
            await session.flush()


async def test_sqlite_keeps_what_it_promised(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    async with AsyncSession(engine) as session:
        pragmas = {
            name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await engine.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


@pytest.mark.parametrize("url", ["mysql://localhost/desk", "not a url", "postgresql+asyncpg://h/d"])
def test_an_unknown_database_is_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DESK_DATABASE_URL"):
        create_engine(url)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosqlite", None)
    with pytest.raises(ConfigurationError, match="pip install aiosqlite"):
        create_engine("sqlite+aiosqlite:///:memory:")
