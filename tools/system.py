"""The two system programs that the tests need: Chromium and Dovecot."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools.console import Trouble, run, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def dovecot() -> str | None:
    """Return the path of a Dovecot with IMAP, or None. /usr/sbin is not on every user's PATH."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
    found = shutil.which("dovecot", path=path)
    imap = any(
        (Path(prefix) / "dovecot" / "imap").exists()
        for prefix in ("/usr/lib", "/usr/libexec", "/usr/local/libexec")
    )
    return found if found and imap else None


def ensure() -> None:
    """Install what is missing as root on Debian; say how to otherwise. Raises Trouble."""
    missing = []
    if browser() is None:
        missing.append("chromium")
    if dovecot() is None:
        missing.append("dovecot-imapd")
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise Trouble(
            "The tests drive a real browser and a real mail server. Please install "
            "Chromium and Dovecot (with IMAP) with your system's package manager; missing "
            f"(by their Debian names): {', '.join(missing)}."
        )
    command = ["apt-get", "install", "-y", *missing]
    if os.geteuid() != 0:
        raise Trouble(
            "The tests drive a real browser and a real mail server. Please run "
            f"`sudo {' '.join(command)}` once, then `make test` again."
        )
    with step(f"Installing {', '.join(missing)}"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-q"], env=env)
        run(command, env=env)
