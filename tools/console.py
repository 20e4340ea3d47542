"""One line for each step with its seconds, and plain sentences when something is wrong.

Runs on the system's Python before anything is installed: standard library only.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

_SHOWN_LINES = 40  # of a failed command: its beginning and its end
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_NO_NETWORK = (
    r"ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|[Tt]emporary failure in name resolution"
    r"|[Nn]ame or service not known|[Ff]ailed to resolve|dns error|Network is unreachable"
    r"|[Ee]rror sending request|NewConnectionError|Failed to establish a new connection"
    r"|Could not (?:resolve|connect to)|Max retries exceeded"
)
_REMEDIES = {
    _NO_NETWORK: """\
The package index cannot be reached. Check the network (and HTTPS_PROXY or the mirror in your pip
and npm configuration), then run the same command again: it continues where it stopped.""",
    r"CERTIFICATE_VERIFY_FAILED|UnknownIssuer|SELF_SIGNED_CERT|unable to get local issuer": """\
A TLS certificate is not trusted here. Point SSL_CERT_FILE and NODE_EXTRA_CA_CERTS at your
organisation's CA bundle and run the same command again.""",
    r"No space left on device|ENOSPC": """\
The disk is full. Free about 2 GB and run the same command again.""",
    r"THESE PACKAGES DO NOT MATCH THE HASHES|[Hh]ash mismatch|EINTEGRITY": """\
A downloaded package is not the one that the lock file names, so it was not installed. Run the same
command again; if it stays, the mirror in use serves altered packages.""",
    r"Permission denied|EACCES|Read-only file system": """\
A file cannot be written. The folder may belong to another user (after `sudo make`, say): give it
back with `chown -R`, or remove .venv and frontend/node_modules.""",
}


class Trouble(Exception):
    """Something that the person at the keyboard can mend; the text says how."""


class CommandFailed(Trouble):
    """A command ended with an error. `output` is everything it wrote."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        self.code = code
        self.output = output
        lines = output.rstrip().splitlines()
        if len(lines) > _SHOWN_LINES:
            half = _SHOWN_LINES // 2
            lines = [*lines[:half], f"... {len(lines) - _SHOWN_LINES} lines ...", *lines[-half:]]
        shown = "\n".join("    " + line for line in lines)
        advice = remedy(output)
        text = f"`{' '.join(command)}` ended with code {code}:\n{shown}"
        super().__init__(text + ("\n" + advice if advice else ""))


def remedy(output: str) -> str:
    """Return the sentence for the commonest causes, or an empty string."""
    for pattern, sentence in _REMEDIES.items():
        if re.search(pattern, output):
            return sentence
    return ""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show `title` at once and the seconds it took (or `failed`) on the same line at the end."""
    started = time.monotonic()
    sys.stdout.write(f"{title[:58]:<58} ")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        sys.stdout.write(f"failed {time.monotonic() - started:6.1f} s\n")
        sys.stdout.flush()
        raise
    sys.stdout.write(f"{time.monotonic() - started:6.1f} s\n")
    sys.stdout.flush()


def environment() -> dict[str, str]:
    """Return the environment for child processes: .venv first, caches somewhere writable."""
    env = dict(os.environ)
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = str(BIN) + os.pathsep + env.get("PATH", os.defpath)
    env.pop("PYTHONHOME", None)
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    env.setdefault("PIP_ROOT_USER_ACTION", "ignore")
    home = Path(env.get("HOME") or "/nonexistent")
    if not os.access(str(home), os.W_OK):  # a service account, for one: keep caches at hand
        cache = VENV / "cache"
        env.setdefault("UV_CACHE_DIR", str(cache / "uv"))
        env.setdefault("PIP_CACHE_DIR", str(cache / "pip"))
        env.setdefault("npm_config_cache", str(cache / "npm"))
        env["HOME"] = str(cache / "home")
        (cache / "home").mkdir(parents=True, exist_ok=True)
    return env


def run(
    command: Sequence[str | Path], cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> str:
    """Run quietly and return the output. Raises CommandFailed."""
    words = [str(part) for part in command]
    # A file, not a pipe: a background process that outlives the command would hold a pipe open.
    with tempfile.TemporaryFile() as log:
        try:
            code = subprocess.call(
                words,
                cwd=str(cwd),
                env=environment() if env is None else env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise CommandFailed(words, 127, str(error)) from error
        log.seek(0)
        output = _COLOURS.sub("", log.read().decode("utf-8", "replace"))
    if code != 0:
        raise CommandFailed(words, code, output)
    return output


def main(action: Callable[[], int | None]) -> None:
    """Run `action`; show a Trouble as a sentence and end with 1."""
    try:
        code = action()
    except Trouble as trouble:
        sys.stderr.write(f"\n{trouble}\n")
        sys.exit(1)
    except PermissionError as error:
        sys.stderr.write(f"\n{error}\n{remedy('Permission denied')}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        sys.exit(130)
    sys.exit(code or 0)
