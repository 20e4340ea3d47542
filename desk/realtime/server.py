"""The Socket.IO server: websocket only, fanned out through Redis between processes."""

from __future__ import annotations

from typing import Any

import msgspec
import socketio

from desk.settings import Settings

MAX_FRAME_BYTES = 256 * 1024
PING_SECONDS = 20


class _Json:
    """msgspec as the JSON that Socket.IO speaks."""

    _encoder = msgspec.json.Encoder()

    @classmethod
    def dumps(cls, value: object, **_: Any) -> str:  # noqa: ANN401 - json's options
        """JSON text."""
        return cls._encoder.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:  # noqa: ANN401 - JSON
        """JSON text to plain values. Raises ValueError."""
        return msgspec.json.decode(text)


class _Plain(socketio.packet.Packet):
    """Every frame is text: nothing has to be searched for bytes, and Structs may pass."""

    uses_binary_events = False


def make_server(settings: Settings) -> socketio.AsyncServer:
    """A server; with a Redis URL its emits reach the sockets of every process."""
    manager = (
        socketio.AsyncRedisManager(settings.redis_url, json=_Json) if settings.redis_url else None
    )
    return socketio.AsyncServer(
        async_mode="asgi",
        client_manager=manager,
        transports=["websocket"],  # a polling request may reach a process that knows it not
        serializer=_Plain,
        json=_Json,
        max_http_buffer_size=MAX_FRAME_BYTES,
        ping_interval=PING_SECONDS,
        cors_allowed_origins=None,  # the same origin only: the widget's frame is ours too
        logger=False,
        engineio_logger=False,
    )
