"""`make lock`: write the hash-locked requirement files from pyproject.toml."""

from __future__ import annotations

from tools import bootstrap
from tools.console import BIN, main, run, step

OPTIONS = (
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",  # no lock names a host: everyone uses the index they configured
    "--no-emit-find-links",
    "--no-header",
    "--python-version",
    "3.11",
)
GROUPS = {
    "requirements/dev.txt": ["pyproject.toml", "--group", "dev", "--group", "frontend"],
    "requirements/base.txt": ["pyproject.toml"],
    "requirements/frontend.txt": ["--group", "frontend"],
    "requirements/bootstrap.txt": ["--group", "bootstrap"],
}


def lock() -> None:
    """Resolve every file anew, keeping versions that still satisfy pyproject.toml."""
    bootstrap.ensure("test")
    for path, source in GROUPS.items():
        with step(f"Locking {path}"):
            run([BIN / "uv", *OPTIONS, *source, "-o", path])


if __name__ == "__main__":
    main(lock)
