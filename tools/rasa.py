"""`make rasa`: the environment of the bot's optional engine, apart from ours in .venv-rasa.

Rasa 3.6 wants Python 3.10; 3.11 works when its declared range is ignored, 3.12 does not.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys

from tools import bootstrap
from tools.console import BIN, ROOT, Trouble, main, run, step

VENV = ROOT / ".venv-rasa"
LOCK = ROOT / "bot" / "rasa" / "requirements.txt"
STAMP = VENV / "parley.txt"


def ensure() -> None:
    """Create or refresh .venv-rasa. Raises Trouble."""
    bootstrap.ensure("run")
    if not LOCK.exists():
        raise Trouble("bot/rasa/requirements.txt is missing: the checkout is not complete.")
    digest = hashlib.sha256(str(ROOT).encode() + LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == digest:
        return
    with step("Creating .venv-rasa"):
        run([BIN / "uv", "venv", "--quiet", "--clear", "--seed", "--python", _python(), VENV])
    with step("Installing Rasa and TensorFlow (about 2 GB)"):
        # pip, since uv has no way to ignore the declared Python range; the lock is complete.
        options = ["--quiet", "--no-deps", "--ignore-requires-python", "--require-hashes"]
        run([VENV / "bin" / "python", "-m", "pip", "install", *options, "-r", LOCK])
    STAMP.write_text(digest)


def _python() -> str:
    for name in ("python3.10", "python3.11"):
        # A version manager puts names on PATH that start nothing: ask before trusting one.
        found = shutil.which(name)
        if (
            found
            and subprocess.run([found, "--version"], capture_output=True, check=False).returncode
            == 0
        ):
            return found
    if sys.version_info[:2] in {(3, 10), (3, 11)}:
        return sys.executable
    raise Trouble(
        "Rasa 3.6 needs Python 3.10 or 3.11, and neither is on PATH. Install one of them beside "
        "yours; Parley itself keeps using the Python it has."
    )


if __name__ == "__main__":
    main(ensure)
