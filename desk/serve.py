"""Runs the web process: uvicorn in this process's own loop, with clear words when it cannot."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from litestar import Litestar

from desk.errors import ConfigurationError
from desk.settings import Settings

GRACE_SECONDS = 3


def listening_socket(host: str, port: int, variable: str = "DESK_PORT") -> socket.socket:
    """Bind, or say what to do. Raises ConfigurationError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise ConfigurationError(
            f"{host}:{port} cannot be used ({error.strerror}). Stop the program that uses it, or "
            f"choose another port with {variable}."
        ) from error
    bound.listen(1024)
    return bound


def server(app: Litestar, settings: Settings) -> uvicorn.Server:
    """A uvicorn server for the application."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            ws="wsproto",
            # Compressing small JSON frames costs more CPU and memory than it saves bytes.
            ws_per_message_deflate=False,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
        )
    )


async def serve(app: Litestar, settings: Settings) -> None:
    """Serve until a signal. Raises ConfigurationError when the start fails."""
    bound = listening_socket(settings.host, settings.port)
    running = server(app, settings)
    try:
        await running.serve(sockets=[bound])
    finally:
        bound.close()
    if not running.started:
        raise ConfigurationError("The desk could not start; the lines above say why.")


def run(app: Litestar, settings: Settings) -> None:
    """Serve in a loop of its own."""
    asyncio.run(serve(app, settings))
