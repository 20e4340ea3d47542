"""Whatever is sent to the routes around the domain, the answer is never a 500."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.desk.house import House, build, running

FIELDS = (
    "email", "name", "role", "locale", "timezone", "active", "password", "agent_ids", "scopes",
    "expires_at", "current", "new",
)  # fmt: skip
ROUTES = (
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/agents"),
    ("PATCH", "/api/v1/agents/me"),
    ("PATCH", "/api/v1/agents/01a201b6-42e7-7061-84fe-dfaa3c4be99d"),
    ("POST", "/api/v1/teams"),
    ("PATCH", "/api/v1/teams/01a201b6-42e7-7061-84fe-dfaa3c4be99d"),
    ("POST", "/api/v1/tokens"),
    ("PUT", "/api/v1/me/preferences"),
    ("PUT", "/api/v1/me/password"),
)

plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=60)
    | st.sampled_from(["admin", "en", "UTC", "a@b.example", "2030-01-01T00:00:00Z", "tickets.read"])
    | st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())
)
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
bodies = st.dictionaries(st.sampled_from(FIELDS), values, max_size=7) | values


class Browser:
    """A signed-in admin, in an event loop that outlives the examples."""

    def __init__(self, runner: asyncio.Runner, house: House, client: httpx.AsyncClient) -> None:
        self.runner = runner
        self.house = house
        self.client = client

    def send(self, method: str, path: str, **how: Any) -> httpx.Response:
        return self.runner.run(self.client.request(method, path, **how))


@pytest.fixture
def browser(desk_database_url: str) -> Iterator[Browser]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start() -> Browser:
            house = await stack.enter_async_context(
                running(build(desk_database_url, api_rate=1_000_000, login_attempts=1_000_000))
            )
            return Browser(runner, house, await house.signed_in("admin"))

        yield runner.run(start())
        runner.run(stack.aclose())


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(route=st.sampled_from(ROUTES), body=bodies, key=st.none() | st.text("ab\u00e4 ", max_size=3))
def test_bodies(browser: Browser, route: tuple[str, str], body: Any, key: str | None) -> None:
    headers = {} if key is None else {b"Idempotency-Key": key.encode()}
    answer = browser.send(*route, json=body, headers=headers)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    query=st.dictionaries(
        st.sampled_from(["kind", "actor", "ticket", "cursor", "limit", "all"]),
        st.text(max_size=20) | st.integers().map(str),
        max_size=4,
    ),
    path=st.sampled_from(["/api/v1/audit", "/api/v1/tokens", "/schema"]),
)
def test_queries(browser: Browser, query: dict[str, str], path: str) -> None:
    answer = browser.send("GET", path, params=query)
    assert answer.status_code < 500, answer.text


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=80), route=st.sampled_from(ROUTES))
def test_bytes(browser: Browser, content: bytes, route: tuple[str, str]) -> None:
    assert browser.send(*route, content=content).status_code < 500
