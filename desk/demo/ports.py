"""The demo's ports, taken before anything else happens: all of them, or none."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from desk.errors import ConfigurationError
from desk.serve import listening_socket
from desk.settings import Settings


@dataclass(frozen=True, slots=True)
class Ports:
    """Listening sockets; the mail servers bind their (free) ports themselves."""

    settings: Settings  # with the real numbers where 0 was asked for
    web: socket.socket
    shop: socket.socket
    providers: socket.socket  # the stand-ins; any free port, the inboxes know it

    @staticmethod
    def number(bound: socket.socket) -> int:
        """Of a listening socket."""
        return int(bound.getsockname()[1])


@contextlib.contextmanager
def taken(settings: Settings) -> Iterator[Ports]:
    """Bind what the demo needs. Raises ConfigurationError that names the first busy one."""
    mail = settings.smtp_enabled and settings.worker
    with contextlib.ExitStack() as stack:
        web = stack.enter_context(_bound(settings.host, settings.port, "DESK_PORT"))
        shop = stack.enter_context(_bound("127.0.0.1", settings.shop_port, "DESK_SHOP_PORT"))
        providers = stack.enter_context(_bound("127.0.0.1", 0, "DESK_PORT"))
        sink = _free("127.0.0.1", settings.sink_port, "DESK_SINK_PORT")
        smtp = settings.smtp_port
        if mail:
            smtp = _free(settings.smtp_host, settings.smtp_port, "DESK_SMTP_PORT")
        port = Ports.number(web)
        public = settings.public_url
        if settings.port == 0 and public.endswith(":0"):
            public = f"{public[:-2]}:{port}"
        yield Ports(
            msgspec.structs.replace(
                settings,
                port=port,
                public_url=public,
                shop_port=Ports.number(shop),
                sink_port=sink,
                smtp_port=smtp,
            ),
            web,
            shop,
            providers,
        )


def _bound(host: str, port: int, variable: str) -> socket.socket:
    try:
        return listening_socket(host, port, variable)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{error.detail} If it is Parley itself, it runs already."
        ) from error


def _free(host: str, port: int, variable: str) -> int:
    """The port's number, when it can be bound; it is let go again."""
    with _bound(host, port, variable) as probe:
        return Ports.number(probe)
