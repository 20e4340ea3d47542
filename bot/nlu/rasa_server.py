"""Start and stop a Rasa server on loopback: `python -m bot.nlu.rasa_server [port]`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from bot.nlu.engine import NluError

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
_START_SECONDS = 180.0


class RasaServer:
    """A server process with its models in a folder of its own."""

    def __init__(self, folder: Path, port: int, token: str, python: Path = PYTHON) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._port = port
        self._token = token
        self._python = python
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, model: str = "") -> None:
        """Start, with a model file if given, and wait until it answers. Raises `NluError`."""
        if not self._python.exists():
            raise NluError("Rasa is not installed here: run `make rasa`.")
        (self._folder / "models").mkdir(parents=True, exist_ok=True)
        command = [str(self._python), "-m", "rasa", "run", "--enable-api"]
        command += ["-i", "127.0.0.1", "-p", str(self._port), "--auth-token", self._token]
        if model:
            command += ["-m", model]
        environment = dict(os.environ) | {
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONWARNINGS": "ignore",
        }
        with (self._folder / "rasa.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command, cwd=self._folder, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait()

    def stop(self, *, kill: bool = False) -> None:
        """End the process; `kill` as a crash would."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._process = None

    def wait_for_end(self) -> int:
        """Wait until the server ends, and return its code."""
        return self._process.wait() if self._process else 0

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise NluError(f"Rasa ended while starting: see {self._folder / 'rasa.log'}.")
            try:
                httpx.get(f"{self.url}/version", timeout=2, trust_env=False).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.3)
            else:
                return
        self.stop(kill=True)
        raise NluError(f"Rasa did not answer within {_START_SECONDS:.0f} s.")


def main() -> None:
    """Run a server until it is ended."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 5005
    token = os.environ.get("DESK_RASA_TOKEN", "")
    if not token:
        raise SystemExit("Set DESK_RASA_TOKEN to a secret that the desk has, too.")
    server = RasaServer(ROOT / "data" / "rasa", port, token)
    server.start()
    sys.stdout.write(f"Rasa answers at {server.url}\n")
    sys.stdout.flush()
    raise SystemExit(server.wait_for_end())


if __name__ == "__main__":
    main()
