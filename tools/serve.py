"""`make run`: environment, frontend, then the demo desk in this very process."""

from __future__ import annotations

import os
import socket

from tools import bootstrap, frontend
from tools.console import BIN, ROOT, Trouble, environment, main

# The defaults of desk.settings, which cannot be imported before the environment exists.
PORTS = {"DESK_PORT": 8080, "DESK_SMTP_PORT": 8025, "DESK_SHOP_PORT": 8081, "DESK_SINK_PORT": 8026}


def busy_ports() -> list[str]:
    """Return a sentence for each port of the demo that another program holds."""
    host = os.environ.get("DESK_HOST", "") or "127.0.0.1"
    sentences = []
    for name, default in PORTS.items():
        port = int(os.environ.get(name, "") or default)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                sentences.append(
                    f"{host}:{port} cannot be used ({error.strerror}). Is Parley running already? "
                    f"Stop that program, or choose another port: `{name}={port + 100} make run`."
                )
    return sentences


def serve() -> None:
    """Make ready and become `desk demo`. Raises Trouble."""
    bootstrap.ensure("run")
    frontend.build()
    if sentences := busy_ports():
        raise Trouble("\n".join(sentences))
    desk = str(BIN / "desk")
    os.chdir(str(ROOT))
    os.execve(desk, [desk, "demo"], environment())  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main(serve)
