"""Connections that are kept between calls, and what must not be kept with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from channels.connections import Connections, kept
from channels.contract import ChannelConfig
from channels.http import api_client


class Line:
    """A server that keeps connections open, and counts them."""

    def __init__(self) -> None:
        self.connections = 0
        self.heads: list[str] = []
        self.hang_up = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head.decode())
                writer.write(
                    b"HTTP/1.1 200 OK\r\nset-cookie: session=of-another-inbox\r\n"
                    b"content-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
                )
                await writer.drain()
                if self.hang_up:
                    break
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Line, ChannelConfig]]:
    found = Line()
    server = await asyncio.start_server(found, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield found, ChannelConfig("i", "", "", {"api_url": f"http://127.0.0.1:{port}/v1"})
    finally:
        server.close()


async def call(config: ChannelConfig, token: str, **more: tuple[str, str]) -> None:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with api_client(config, "https://unused.example", headers=headers, **more) as api:  # type: ignore[arg-type]
        assert await api.json("GET", "/x") == {}


async def test_one_connection_carries_many_calls_and_nothing_else_of_them() -> None:
    async with line() as (server, config), Connections():
        await call(config, "first")
        await call(config, "second")
        await call(config, "", auth=("u", "p"))
        await call(config, "")
    assert server.connections == 1
    first, second, third, fourth = server.heads
    assert "Bearer first" in first
    assert "Bearer second" in second
    assert "Basic " in third
    assert "authorization" not in fourth.lower()
    assert "cookie" not in "".join(server.heads).lower()
    assert all(head.startswith("GET /v1/x ") for head in server.heads)


async def test_calls_at_once_have_connections_of_their_own() -> None:
    async with line() as (server, config), Connections():
        await asyncio.gather(*(call(config, str(number)) for number in range(5)))
        assert 1 < server.connections <= 5
        tokens = sorted(head.partition("Bearer ")[2].split()[0] for head in server.heads)
        assert tokens == ["0", "1", "2", "3", "4"]


async def test_a_connection_that_the_other_side_closed_is_not_used() -> None:
    async with line() as (server, config), Connections():
        server.hang_up = True
        await call(config, "first")
        await asyncio.sleep(0.05)
        await call(config, "second")
    assert server.connections == 2


async def test_without_keeping_each_call_has_its_own() -> None:
    async with line() as (server, config):
        outer = kept()
        async with Connections():
            assert kept() is not outer
        assert kept() is outer
        if outer is None:
            await call(config, "first")
            await call(config, "second")
            assert server.connections == 2


async def test_what_is_kept_is_closed_at_the_end() -> None:
    async with line() as (server, config):
        async with Connections():
            await call(config, "first")
        async with Connections():
            await call(config, "second")
        assert server.connections == 2


async def test_pools_may_end_in_any_order() -> None:
    outer = kept()
    first, second = Connections(), Connections()
    await first.__aenter__()
    await second.__aenter__()
    await first.__aexit__()
    assert kept() is second
    await second.__aexit__()
    assert kept() is outer
