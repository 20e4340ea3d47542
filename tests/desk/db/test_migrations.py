"""The schema goes up, down and up again, and is what the models say."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest
from sqlalchemy import create_engine, inspect, text

from desk.db import migrate, queue_schema

QUEUE_TABLES = {
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
}


def _sync(url: str) -> str:
    return url.replace("sqlite+inline:", "sqlite:")


def _tables(url: str) -> set[str]:
    engine = create_engine(_sync(url))
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _scalar(url: str, query: str) -> object:
    engine = create_engine(_sync(url))
    try:
        with engine.connect() as connection:
            return connection.execute(text(query)).scalar()
    finally:
        engine.dispose()


def test_up_down_and_up_again(database_url: str, database_kind: str) -> None:
    assert migrate.current(database_url) is None
    migrate.upgrade(database_url)
    first = _tables(database_url)
    assert migrate.current(database_url) == migrate.head()
    assert migrate.differences(database_url) == []
    assert first >= {"ticket", "message", "event", "job", "counter"}
    assert (first >= QUEUE_TABLES) is (database_kind == "postgresql")

    migrate.downgrade(database_url, "base")
    assert migrate.current(database_url) is None
    assert _tables(database_url) == {"alembic_version"}
    if database_kind == "postgresql":
        assert (
            _scalar(
                database_url,
                "SELECT count(*) FROM pg_type t JOIN pg_namespace n "
                "ON n.oid = t.typnamespace AND n.nspname = 'public' "
                "WHERE t.typname LIKE 'procrastinate%'",
            )
            == 0
        )

    migrate.upgrade(database_url)
    assert _tables(database_url) == first
    assert migrate.differences(database_url) == []


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    migrate.upgrade(database_url)
    tables = _tables(database_url)
    migrate.upgrade(database_url)
    assert _tables(database_url) == tables
    assert _scalar(database_url, "SELECT value FROM counter WHERE name = 'feed'") == 0


def test_the_comparison_sees_a_difference(database_url: str) -> None:
    migrate.upgrade(database_url)
    engine = create_engine(_sync(database_url))
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_job_dedupe_key"))
    engine.dispose()
    assert [entry[0] for entry in migrate.differences(database_url)] == ["add_index"]


def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    script = "import sys; from desk.db import migrate; migrate.upgrade(sys.argv[1])"
    processes = [
        subprocess.Popen([sys.executable, "-c", script, database_url], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    assert migrate.differences(database_url) == []
    assert _scalar(database_url, "SELECT count(*) FROM counter WHERE name = 'feed'") == 1


def test_a_failed_migration_leaves_nothing_behind(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    # The first migration fails in its very last step.
    monkeypatch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
    with pytest.raises(ZeroDivisionError):
        migrate.upgrade(database_url)
    monkeypatch.undo()
    assert "ticket" not in _tables(database_url)
    migrate.upgrade(database_url)
    assert migrate.differences(database_url) == []


def test_the_queue_s_schema_follows_its_library(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(postgres_url)
    comment = "SELECT obj_description('procrastinate_jobs'::regclass)"
    installed = metadata.version("procrastinate")
    assert _scalar(postgres_url, comment) == installed

    ran: list[str] = []
    monkeypatch.setattr(queue_schema, "_run", lambda _connection, script: ran.append(script))
    migrate.upgrade(postgres_url)
    assert ran == [], "nothing to do for the release that is there"

    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("COMMENT ON TABLE procrastinate_jobs IS '3.3.9'"))
    engine.dispose()
    migrate.upgrade(postgres_url)
    *scripts, last = ran
    assert "procrastinate_retry_job_v2" in "".join(scripts), "the migrations of 3.4"
    assert "priority_lock" not in "".join(scripts)
    assert installed in last
