"""Make .venv ready: `run` for the product, `test` for everything a developer needs.

Standard library only, and readable by old Pythons, so that it can say what is wrong. Packages come
from hash-locked requirement files; a stamp makes the second run a matter of milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from typing import TYPE_CHECKING

from tools.console import BIN, PYTHON, ROOT, VENV, CommandFailed, Trouble, main, run, step

if TYPE_CHECKING:
    from pathlib import Path

OLDEST = (3, 11)
LEVELS = {
    "run": ("requirements/base.txt", "requirements/frontend.txt"),
    "test": ("requirements/dev.txt",),
}
BOOTSTRAP = "requirements/bootstrap.txt"  # uv, which installs the rest, and the build backend
STAMP = VENV / "parley.json"


def suitable_python() -> str:
    """Return a Python >= 3.11: this one, or a newer one found on PATH. Raises Trouble."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise Trouble(
        f"Parley needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is "
        f"{sys.version_info[0]}.{sys.version_info[1]}. Install a newer one and run "
        "`make run PYTHON=/path/to/python3`."
    )


def fingerprint() -> str:
    """Return a digest of all that the environment is made from, its place included."""
    digest = hashlib.sha256(str(ROOT).encode())
    names = {BOOTSTRAP, "pyproject.toml", "tools/bootstrap.py"}
    for locks in LEVELS.values():
        names.update(locks)
    for name in sorted(names):
        digest.update(name.encode())
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_ready(level: str) -> bool:
    """Tell whether .venv already has what `level` needs."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    enough = level == "run" or stamp.get("level") == "test"
    return enough and stamp.get("fingerprint") == fingerprint() and PYTHON.exists()


def ensure(level: str) -> None:
    """Create or refresh .venv for `level`. Raises Trouble."""
    if is_ready(level):
        return
    if not _works(PYTHON) or not _made_here():
        python = suitable_python()
        if VENV.exists():
            shutil.rmtree(str(VENV))
        with step("Creating .venv"):
            _create(python)
    STAMP.unlink(missing_ok=True)
    with step("Installing the installer"):
        _install_installer()
    uv = BIN / "uv"
    for lock in LEVELS[level]:
        with step(f"Installing {lock}"):
            run([uv, "pip", "install", "--python", PYTHON, "--require-hashes", "-r", ROOT / lock])
    with step("Installing Parley itself"):
        # The build backend is among the hash-locked packages: nothing unlocked is fetched.
        editable: list[str | Path] = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
        run([uv, "pip", "install", "--python", PYTHON, *editable])
    STAMP.write_text(json.dumps({"fingerprint": fingerprint(), "level": level}))


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    try:
        run([python, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"])
    except CommandFailed:
        return False
    return True


def _made_here() -> bool:
    """Scripts carry absolute paths: an environment that was moved or copied is made anew."""
    activate = BIN / "activate"
    try:
        return str(VENV) in activate.read_text()
    except OSError:
        return False


def _create(python: str) -> None:
    """Make .venv by whatever this machine has: uv, venv, virtualenv, or Debian's package."""
    if _has_uv():
        run(["uv", "venv", "--quiet", "--no-project", "--seed", "--python", python, VENV])
        return
    if _has_module(python, "ensurepip"):
        run([python, "-m", "venv", VENV])
        return
    if _has_module(python, "pip"):  # Debian: pip without ensurepip
        run([python, "-m", "venv", "--without-pip", VENV])
        return
    if _has_module(python, "virtualenv"):
        run([python, "-m", "virtualenv", VENV])
        return
    install = "apt-get install -y python3-venv"
    if shutil.which("apt-get") and os.geteuid() == 0:
        run(["apt-get", "update", "-q"])
        run(install.split())
        run([python, "-m", "venv", VENV])
        return
    raise Trouble(
        "This Python has neither `ensurepip` nor `pip`, so it cannot create an environment. "
        f"Install its venv package (on Debian and Ubuntu: `sudo {install}`) and run it again."
    )


def _install_installer() -> None:
    lock: list[str | Path] = ["--require-hashes", "-r", ROOT / BOOTSTRAP]
    if _has_uv():
        run(["uv", "pip", "install", "--quiet", "--python", PYTHON, *lock])
    elif _has_module(PYTHON, "pip"):
        run([PYTHON, "-m", "pip", "install", "--quiet", *lock])
    else:
        outer = suitable_python()
        run([outer, "-m", "pip", "--python", PYTHON, "install", "--quiet", *lock])


def _has_uv() -> bool:
    """Tell whether a working uv is on PATH (a version manager's shim may answer with an error)."""
    try:
        run(["uv", "--version"])
    except CommandFailed:
        return False
    return True


def _has_module(python: str | Path, name: str) -> bool:
    try:
        run([python, "-c", f"import {name}"])
    except CommandFailed:
        return False
    return True


if __name__ == "__main__":
    main(lambda: ensure(sys.argv[1] if len(sys.argv) > 1 else "test"))
