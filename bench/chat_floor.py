"""The chat's floor: python-socketio that inserts a row and emits to two sockets. A process."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import socketio
import uvicorn

from bench.floor import Floor


def main(port: int, folder: Path) -> None:
    """Serve until killed."""
    floor = Floor(folder)
    sio = socketio.AsyncServer(async_mode="asgi", transports=["websocket"])

    async def connect(sid: str, _environ: Any, _auth: Any = None) -> None:  # noqa: ANN401
        await sio.enter_room(sid, "all")

    async def send(_sid: str, data: Any) -> dict[str, bool]:  # noqa: ANN401
        await floor.insert()
        await sio.emit("message", data, room="all")
        return {"ok": True}

    sio.on("connect", connect)
    sio.on("send", send)

    async def serve() -> None:
        await floor.start(1)
        app = socketio.ASGIApp(sio)
        config = uvicorn.Config(app, port=port, ws="wsproto", log_level="warning")
        await uvicorn.Server(config).serve()

    asyncio.run(serve())


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
