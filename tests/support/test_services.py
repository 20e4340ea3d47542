"""The services that other tests stand on are real, separate and gone afterwards."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
from playwright.async_api import Browser, Page
from pytest_socket import SocketConnectBlockedError

from tests.support.services import Postgres, Redis, free_port

ROOT = Path(__file__).parents[2]


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))


def test_every_test_has_a_database_of_its_own(postgres: Postgres) -> None:
    first, second = postgres.fresh_database(), postgres.fresh_database()
    with _connect(first) as connection:
        connection.execute("CREATE TABLE ticket (id int)")
    with _connect(second) as connection:
        assert connection.execute("SELECT to_regclass('ticket')").fetchone() == (None,)
    postgres.drop(first)
    postgres.drop(second)


def test_a_template_is_prepared_once_and_copied(postgres: Postgres) -> None:
    prepared: list[str] = []

    def prepare(url: str) -> None:
        prepared.append(url)
        with _connect(url) as connection:
            connection.execute("CREATE TABLE ticket (id int)")

    copies = [postgres.fresh_database(postgres.template("copied", prepare)) for _ in range(2)]
    for number, url in enumerate(copies):
        with _connect(url) as connection:
            connection.execute("INSERT INTO ticket VALUES (%s)", (number,))
            assert connection.execute("SELECT id FROM ticket").fetchall() == [(number,)]
        postgres.drop(url)
    assert len(prepared) == 1


def test_the_same_test_runs_on_both_databases(database_kind: str, database_url: str) -> None:
    if database_kind == "sqlite":
        path = unquote(database_url.removeprefix("sqlite+inline:///"))
        connection = sqlite3.connect(path)
        version = connection.execute("SELECT sqlite_version()").fetchone()
        connection.close()
    else:
        with _connect(database_url) as postgres:
            version = postgres.execute("SHOW server_version").fetchone()
    assert version


def test_redis_is_empty_for_every_test(redis_server: Redis, redis_url: str) -> None:
    assert redis_url == redis_server.url
    with socket.create_connection(("127.0.0.1", redis_server.port)) as connection:
        connection.sendall(b"DBSIZE\r\nSET ticket 1\r\n")
        assert connection.recv(64).startswith(b":0\r\n")


def test_no_test_reaches_beyond_this_machine() -> None:
    with (
        pytest.warns(UserWarning, match="A test tried"),
        pytest.raises(SocketConnectBlockedError),
    ):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_a_killed_session_leaves_no_server_behind(tmp_path: Path) -> None:
    script = """if True:
        import sys, pathlib, time
        from tests.support.services import Redis
        print(Redis.start(pathlib.Path(sys.argv[1])).port, flush=True)
        time.sleep(60)
    """
    session = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert session.stdout is not None
    with session.stdout:
        server = Redis(None, int(session.stdout.readline()))  # type: ignore[arg-type]
        assert server.answers()
        os.kill(session.pid, signal.SIGKILL)
        session.wait()
    deadline = time.monotonic() + 20
    while server.answers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.answers()


def test_free_ports_can_be_bound() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))


@pytest.mark.browser
async def test_the_browser_runs_scripts(page: Page, browser: Browser) -> None:
    await page.set_content("<h1>Parley</h1><script>document.title = 'ready'</script>")
    assert await page.title() == "ready"
    assert browser.is_connected()
