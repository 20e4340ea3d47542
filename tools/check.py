"""`make test`: every gate, then the tests; all gates report before the run ends."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

from tools import bootstrap, frontend, system
from tools.console import BIN, ROOT, CommandFailed, environment, main, run, step

GATES = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format --check", ["ruff", "format", "--check", "."]),
    ("mypy --strict", ["mypy"]),
    ("lint-imports", ["lint-imports"]),
)


def check() -> int:
    """Prepare the machine, run the gates and then pytest. Returns the exit code."""
    bootstrap.ensure("test")
    system.ensure()
    frontend.build()
    failures = [failure for title, command in GATES if (failure := _gate(title, command))]
    failures += [failure for name in ("lint", "check", "test") if (failure := _frontend_gate(name))]
    code = _pytest(shlex.split(os.environ.get("PYTEST_FLAGS", "")))
    if failures:
        sys.stdout.write("\nBesides the tests, these gates failed:\n\n")
        sys.stdout.write("\n\n".join(failures) + "\n")
        return code or 1
    return code


def lint() -> int:
    """Run the Python gates only. Returns the exit code."""
    bootstrap.ensure("test")
    failures = [failure for title, command in GATES if (failure := _gate(title, command))]
    sys.stdout.write("\n\n".join(failures) + "\n" if failures else "")
    return 1 if failures else 0


def _gate(title: str, command: list[str]) -> str:
    try:
        with step(title):
            run([BIN / command[0], *command[1:]])
    except CommandFailed as failure:
        return str(failure)
    return ""


def _frontend_gate(name: str) -> str:
    if name not in frontend.scripts():
        return ""
    try:
        with step(f"frontend: npm run {name}"):
            frontend.npm("run", name)
    except CommandFailed as failure:
        return str(failure)
    return ""


def _pytest(flags: list[str]) -> int:
    """Run pytest on the terminal itself, so that its progress and closing line are seen.

    Three workers on two cores, since tests also wait, each with servers of its own; the tests of
    one file stay together.
    """
    sys.stdout.flush()
    command = [str(BIN / "python"), "-m", "pytest", "-n", "3", "--dist", "loadfile", *flags]
    return subprocess.call(command, cwd=str(ROOT), env=environment())


if __name__ == "__main__":
    main(lint if sys.argv[1:] == ["lint"] else check)
