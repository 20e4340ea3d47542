"""Mounts Socket.IO under /socket.io."""

from __future__ import annotations

import socketio
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from desk.api.authentication import PUBLIC


def socket_route(sio: socketio.AsyncServer) -> ASGIRouteHandler:
    """The route; sockets authenticate when they connect to a namespace."""
    app = socketio.ASGIApp(sio, socketio_path=None)

    @asgi("/socket.io", is_mount=True, copy_scope=True, opt={PUBLIC: True})
    async def sockets(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return sockets
