"""`make cluster`: the scaled form on one machine, with nothing to install.

PostgreSQL and Redis from their wheels, two web processes and a worker; the data goes with them.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from tools import bootstrap, frontend
from tools.console import BIN, PYTHON, ROOT, Trouble, environment, main, run, step

if TYPE_CHECKING:
    from pathlib import Path

FIRST_PORT, SECOND_PORT = 8080, 8090
READY_SECONDS = 60


def start() -> None:
    """Make ready, then go on in the environment's own Python. Raises Trouble."""
    bootstrap.ensure("test")
    frontend.build()
    os.chdir(str(ROOT))
    os.execve(str(PYTHON), [str(PYTHON), "-m", "tools.cluster", "up"], environment())  # noqa: S606


def up() -> None:
    """Start everything and wait for Ctrl-C. Raises Trouble."""
    from tests.support.services import Postgres, Redis, scratch_folder  # noqa: PLC0415 - in .venv

    with scratch_folder() as folder:
        with step("PostgreSQL"):
            postgres = Postgres.start(folder)
        with step("Redis"):
            redis = Redis.start(folder)
        try:
            _desk(folder, postgres.fresh_database(), redis.url)
        finally:
            redis.stop()
            postgres.stop()


def _desk(folder: Path, database_url: str, redis_url: str) -> None:
    shared = {
        **environment(),
        "DESK_DATABASE_URL": database_url,
        "DESK_REDIS_URL": redis_url,
        "DESK_DATA_DIR": str(folder / "data"),
        "DESK_SECRET_KEY": secrets.token_urlsafe(48),
        "DESK_WORKER": "false",
    }
    with step("Migrations"):
        run([BIN / "desk", "migrate"], env=shared)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for port, command in ((FIRST_PORT, "demo"), (SECOND_PORT, "run")):
            with step(f"Web process on port {port}"):
                env = {**shared, "DESK_PORT": str(port)}
                processes.append(subprocess.Popen([str(BIN / "desk"), command], env=env))
                _wait_until_ready(port, processes[-1])
        processes.append(subprocess.Popen([str(BIN / "desk"), "worker"], env=shared))
        sys.stdout.write(
            f"\nhttp://127.0.0.1:{FIRST_PORT} and http://127.0.0.1:{SECOND_PORT} are one desk. "
            "Ctrl-C stops it and drops its data.\n"
        )
        sys.stdout.flush()
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        raise Trouble("A process of the desk ended by itself; its words are above.")
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise Trouble(f"The desk on port {port} did not get ready; its words are above.")


if __name__ == "__main__":
    main(up if sys.argv[1:] == ["up"] else start)
