"""Run a command for as long as somebody holds our standard input open, and no longer.

However the test session ends, even by kill -9, the pipe closes and the server is stopped.
Usage: python leash.py UID COMMAND...   (UID -1: as ourselves)
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

GRACE = 10  # seconds from SIGINT (PostgreSQL: fast shutdown; Redis: save and exit) to SIGKILL


def main() -> int:
    """Start the command, wait for either end, stop it if need be. Returns its exit code."""
    uid, command = int(sys.argv[1]), sys.argv[2:]
    who = {} if uid == -1 else {"user": uid, "group": uid, "extra_groups": []}
    # A session of its own: Ctrl-C in the terminal is for the tests, which then let go of us.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **who)  # type: ignore[call-overload]

    def let_go() -> None:
        while os.read(0, 1024):
            pass
        child.send_signal(signal.SIGINT)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()

    threading.Thread(target=let_go, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    code: int = child.wait()
    return code


if __name__ == "__main__":
    sys.exit(main())
