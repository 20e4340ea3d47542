"""Rates: callers, sign-ins, and whose address counts."""

from __future__ import annotations

from typing import Any

import pytest

from desk.api.headers import Proxies, is_direct_loopback, network_of
from desk.api.plugin import make_core
from desk.api.rate_limit import LoginLimit, TokenBuckets
from desk.errors import ConfigurationError, RateLimited
from desk.settings import Settings
from tests.desk.house import PASSWORD, Parts, build, running, sign_in


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_caller_over_the_rate_is_told_when_to_come_back(desk_database_url: str) -> None:
    async with running(build(desk_database_url, api_rate=5)) as house:
        one, two = await house.signed_in("agent"), await house.signed_in("lead")
        answers = [(await one.get("/api/v1/agents")) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 12
        assert answers[-1].json()["code"] == "rate-limited"
        assert (await two.get("/api/v1/agents")).status_code == 200
        assert (await one.get("/health/live")).status_code == 200


async def test_guessing_tokens_is_limited_by_address(desk_database_url: str) -> None:
    async with running(build(desk_database_url, api_rate=3)) as house:
        guesser = house.client(ip="203.0.113.9")
        found = [
            (
                await guesser.get(
                    "/api/v1/session", headers={"Authorization": f"Bearer ply_{n:043d}"}
                )
            ).status_code
            for n in range(4)
        ]
        assert found == [401, 401, 401, 429]


async def test_failed_sign_ins_are_limited_and_good_ones_are_not(desk_database_url: str) -> None:
    async with running(build(desk_database_url, login_attempts=3)) as house:
        await house.agent()
        client = house.client(ip="203.0.113.9")
        for _ in range(10):
            assert (await sign_in(client, "agent@desk.test")).status_code == 201
        wrong = [(await sign_in(client, "agent@desk.test", "wrong")).status_code for _ in range(4)]
        assert wrong == [401, 401, 401, 429]
        paused = await sign_in(client, "AGENT@desk.test", PASSWORD)
        assert paused.status_code == 429
        assert paused.json()["retry_after"] <= 100
        elsewhere = house.client(ip="198.51.100.7")
        assert (await sign_in(elsewhere, "agent@desk.test")).status_code == 201


def test_many_addresses_against_one_account_are_limited_too() -> None:
    logins = LoginLimit(2, Seconds())
    for number in range(10):
        logins.take(f"203.0.113.{number}", "a@b.de")
    with pytest.raises(RateLimited):
        logins.take("203.0.113.99", "a@b.de")
    logins.take("203.0.113.99", "other@b.de")


def test_a_bucket_refills_evenly() -> None:
    clock = Seconds()
    buckets = TokenBuckets(60, 60, clock)
    assert [buckets.take("a") for _ in range(60)] == [0] * 60
    assert buckets.take("a") == pytest.approx(1)
    clock.now = 0.4
    assert buckets.take("a") == pytest.approx(0.6)
    clock.now = 1.01
    assert buckets.take("a") == 0


def test_buckets_do_not_grow_without_end() -> None:
    clock = Seconds()
    buckets = TokenBuckets(10, 60, clock)
    for number in range(120_000):
        clock.now += 0.0001
        buckets.take(str(number))
    assert len(buckets._buckets) <= 50_000
    assert buckets.take("119999") == 0


def scope(peer: str, forwarded: str = "") -> dict[str, Any]:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return {"client": (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ("", "203.0.113.1", "1.2.3.4", "203.0.113.1"),
        ("10.0.0.1", "203.0.113.1", "1.2.3.4", "203.0.113.1"),
        ("10.0.0.1", "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1, ::1", "::1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_trusted_proxies_are_believed(
    trusted: str, peer: str, forwarded: str, expected: str
) -> None:
    assert Proxies(trusted).client_ip(scope(peer, forwarded)) == expected


def test_a_proxy_that_is_no_address_is_a_wrong_setting() -> None:
    settings = Settings(trusted_proxies="the-proxy")
    with pytest.raises(ConfigurationError, match="DESK_TRUSTED_PROXIES"):
        make_core(Parts(settings, None, "", None))  # type: ignore[arg-type]


def test_limits_count_by_network() -> None:
    assert network_of("203.0.113.1") == "203.0.113.1"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("testclient") == "testclient"


def test_a_proxy_on_this_machine_is_not_loopback() -> None:
    assert is_direct_loopback(scope("127.0.0.1"))
    assert is_direct_loopback(scope("::1"))
    assert not is_direct_loopback(scope("127.0.0.1", "1.2.3.4"))
    assert not is_direct_loopback(scope("203.0.113.1"))
