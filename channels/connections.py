"""Connections to providers that stay open between calls: not each begins with a TLS handshake.

One pool for each address, for as long as the process runs its work (`async with Connections()`).
Without one a client is made for each call. Nothing of a call is kept but the connection: token,
headers and time limits go with the request, and cookies are refused.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Self
from weakref import WeakKeyDictionary

import httpx

from channels.addresses import is_loopback

# Common servers hang up after five idle seconds. A request on a connection that the other side
# just closed might have been carried out or not, so ours are given up before.
IDLE_SECONDS: Final = 4.0
LIMITS: Final = httpx.Limits(
    max_connections=50, max_keepalive_connections=10, keepalive_expiry=IDLE_SECONDS
)
# Adapters hold no state and are shared by all; connections belong to the loop they were made in.
_OPEN: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Connections]] = WeakKeyDictionary()


@cache
def tls() -> ssl.SSLContext:
    """The authorities that are trusted; loading them costs milliseconds, once a process."""
    return httpx.create_ssl_context()


def new_client(base_url: str) -> httpx.AsyncClient:
    """A client for one address, which whoever asked for it closes."""
    return httpx.AsyncClient(
        base_url=base_url,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        verify=tls(),
        limits=LIMITS,
        # A proxy from the environment is for what is beyond this machine.
        trust_env=not is_loopback(httpx.URL(base_url).host),
    )


def kept() -> Connections | None:
    """The connections of the running loop, if they are kept."""
    return _OPEN.get(asyncio.get_running_loop())


class Connections:
    """Keeps a client for each address until the end of the `async with`."""

    def __init__(self) -> None:
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._before: Connections | None = None
        self._closed = False

    def client(self, base_url: str) -> httpx.AsyncClient:
        """The client for an address."""
        found = self._clients.get(base_url)
        if found is None:
            found = self._clients[base_url] = new_client(base_url)
        return found

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._before = _OPEN.get(loop)
        _OPEN[loop] = self
        return self

    async def __aexit__(self, kind: type[BaseException] | None = None,
                        error: BaseException | None = None,
                        trace: TracebackType | None = None) -> None:  # fmt: skip
        loop = asyncio.get_running_loop()
        self._closed = True
        if _OPEN.get(loop) is self:
            before = self._before
            while before is not None and before._closed:  # noqa: SLF001 - of its own kind
                before = before._before  # noqa: SLF001
            if before is None:
                del _OPEN[loop]
            else:
                _OPEN[loop] = before
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()
