"""Build and check the frontend with the Node of the environment, only when sources changed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys

from tools import bootstrap
from tools.console import BIN, ROOT, CommandFailed, Trouble, environment, main, run, step

FRONTEND = ROOT / "frontend"
BUILD = FRONTEND / "build"
STAMP = FRONTEND / "node_modules" / ".parley.json"  # npm ci clears it with the folder
DERIVED = {"node_modules", "build", ".svelte-kit", "coverage", "test-results"}


def npm(*arguments: str) -> str:
    """Run npm quietly in frontend/. Raises CommandFailed."""
    env = environment()
    env.setdefault("NO_COLOR", "1")
    return run([BIN / "npm", *arguments], cwd=FRONTEND, env=env)


def digest_of_sources() -> str:
    """Return a digest of every source file's path and content."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(str(FRONTEND)):
        folders[:] = sorted(set(folders) - DERIVED)
        for name in sorted(files):
            path = os.path.join(folder, name)
            digest.update(os.path.relpath(path, str(FRONTEND)).encode())
            with open(path, "rb") as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def install() -> None:
    """Install the locked packages unless they are there. Raises Trouble."""
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    if _stamp().get("lock") == lock:
        return
    with step("Installing the frontend's packages"):
        try:
            npm("ci", "--no-audit", "--no-fund")
        except CommandFailed as failure:
            if not lacks_optional_only(failure.output):
                raise
            # Locked versions and digests hold here, too; the lock file stays as it is.
            npm("install", "--no-save", "--no-audit", "--no-fund")
    _write({"lock": lock})


def lacks_optional_only(output: str) -> bool:
    """Tell whether `npm ci` refused only for optional packages that the lock does not list.

    A lock that was written behind a mirror without another platform's binaries has no entry for
    them, and `npm ci` refuses it even where they are of no use.
    """
    if "EUSAGE" not in output or "Invalid:" in output:
        return False
    missing = set(re.findall(r"Missing: (@?[^@\s]+)@\S* from lock file", output))
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    optional: set[str] = set()
    for package in lock["packages"].values():
        optional.update(package.get("optionalDependencies", {}))
    return bool(missing) and missing <= optional


def build() -> None:
    """Bring frontend/build up to date. Raises Trouble."""
    if not (FRONTEND / "package.json").exists():
        raise Trouble("frontend/package.json is missing: the checkout is not complete.")
    install()
    sources = digest_of_sources()
    if BUILD.is_dir() and _stamp().get("sources") == sources:
        return
    with step("Building the frontend"):
        npm("run", "build")
    _write({**_stamp(), "sources": sources})


def scripts() -> set[str]:
    """Return the names of the scripts that package.json offers."""
    return set(json.loads((FRONTEND / "package.json").read_text()).get("scripts", {}))


def _stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp


def _write(stamp: dict[str, str]) -> None:
    STAMP.write_text(json.dumps(stamp))


def _main() -> None:
    bootstrap.ensure("run")
    action = sys.argv[1] if len(sys.argv) > 1 else "build"
    build()
    if action == "gates":
        for name in ("lint", "check", "test", "size"):
            if name in scripts():
                with step(f"frontend: {name}"):
                    output = npm("run", name)
                if name == "size":
                    sys.stdout.write(output)


if __name__ == "__main__":
    main(_main)
