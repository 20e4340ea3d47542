"""Signing in and out, as a browser sees it."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import httpx
from argon2 import PasswordHasher
from sqlalchemy import func, select

from desk.agents.models import Agent
from desk.auth.models import AgentSession
from desk.auth.passwords import Passwords
from desk.auth.service import prune_sessions
from tests.desk.house import PASSWORD, House, sign_in


async def test_signing_in_gives_a_session_that_the_cookie_resumes(house: House) -> None:
    await house.agent("lead")
    client = house.client()
    answer = await sign_in(client, " LEAD@desk.test ")
    assert answer.status_code == 201
    assert answer.json()["agent"]["role"] == "lead"
    assert "teams.manage" in answer.json()["permissions"]
    assert answer.json()["desk"] == {
        "name": "Parley",
        "version": house.core.version,
        "demo": False,
        "locales": ["en", "de"],
    }
    again = await client.get("/api/v1/session")
    assert again.status_code == 200
    assert again.json() == answer.json()


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    await house.agent()
    answer = await sign_in(house.client(), "agent@desk.test")
    flags = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= flags
    assert "secure" not in flags  # the desk runs on plain http here


async def test_only_digests_of_the_cookie_are_stored(house: House) -> None:
    client = await house.signed_in()
    async with house.core.units.read() as session:
        stored = (await session.execute(select(AgentSession.token_sha256))).scalar_one()
    assert stored not in client.cookies["parley_session"]
    assert client.cookies["parley_session"].startswith("ply_")


async def test_a_wrong_password_and_an_unknown_account_look_the_same(house: House) -> None:
    await house.agent()
    client = house.client()
    wrong = await sign_in(client, "agent@desk.test", "not the password")
    unknown = await sign_in(client, "nobody@desk.test", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad-credentials"
    assert "set-cookie" not in wrong.headers


async def test_the_time_of_an_answer_does_not_reveal_accounts() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=16 * 1024, parallelism=1))
    stored = await passwords.hash(PASSWORD)

    async def seconds(account: str | None) -> float:
        taken = []
        for _ in range(7):
            start = time.perf_counter()
            assert not (await passwords.verify(account, "not the password")).ok
            taken.append(time.perf_counter() - start)
        return statistics.median(taken)

    known, unknown = await seconds(stored), await seconds(None)
    assert 0.3 < unknown / known < 3


async def test_signing_in_never_takes_over_a_session_id_that_was_there(house: House) -> None:
    client = await house.signed_in()
    planted = client.cookies["parley_session"]
    await sign_in(client, "agent@desk.test")
    assert client.cookies["parley_session"] != planted
    other = house.client(headers={"Cookie": f"parley_session={planted}"})
    answer = await other.get("/api/v1/session")
    assert answer.status_code == 401
    assert answer.json()["code"] == "session-expired"


async def test_another_site_cannot_sign_a_visitor_in(house: House) -> None:
    await house.agent()
    client = house.client(headers={"Sec-Fetch-Site": "cross-site"})
    answer = await sign_in(client, "agent@desk.test")
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf"


async def test_signing_out_ends_the_session_for_good(house: House) -> None:
    client = await house.signed_in()
    cookie = client.cookies["parley_session"]
    answer = await client.delete("/api/v1/session")
    assert answer.status_code == 204
    assert "parley_session" not in client.cookies
    thief = house.client(headers={"Cookie": f"parley_session={cookie}"})
    assert (await thief.get("/api/v1/session")).json()["code"] == "session-expired"


async def test_ending_the_other_sessions_keeps_this_one(house: House) -> None:
    here = await house.signed_in()
    there = house.client()
    await sign_in(there, "agent@desk.test")
    answer = await here.post("/api/v1/session/end-others")
    assert answer.json() == {"ended": 1}
    assert (await here.get("/api/v1/session")).status_code == 200
    assert (await there.get("/api/v1/session")).status_code == 401


async def test_an_unused_session_expires(house: House) -> None:
    client = await house.signed_in()
    house.clock.forward(hours=12)
    answer = await client.get("/api/v1/session")
    assert answer.status_code == 401
    assert answer.json()["code"] == "session-expired"


async def test_a_session_in_use_lives_on_and_is_written_rarely(house: House) -> None:
    client = await house.signed_in()
    house.clock.forward(minutes=4)
    quick = await client.get("/api/v1/session")
    assert "set-cookie" not in quick.headers
    for _ in range(3):
        house.clock.forward(hours=11)
        later = await client.get("/api/v1/session")
        assert later.status_code == 200
        assert "max-age=43200" in later.headers["set-cookie"].lower()


async def test_expired_sessions_are_pruned(house: House) -> None:
    await house.signed_in()
    house.clock.forward(hours=6)
    await house.signed_in("lead")
    house.clock.forward(hours=7)
    async with house.core.units.write() as work:
        assert await prune_sessions(work) == 1
        left = await work.session.execute(select(func.count()).select_from(AgentSession))
    assert left.scalar_one() == 1


async def test_a_weak_hash_is_replaced_at_the_next_sign_in(house: House) -> None:
    await house.agent()
    weak = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    async with house.core.units.write() as work:
        agent = (await work.session.execute(select(Agent))).scalar_one()
        agent.password_hash = weak
    assert (await sign_in(house.client(), "agent@desk.test")).status_code == 201
    async with house.core.units.read() as session:
        stored = (await session.execute(select(Agent.password_hash))).scalar_one()
    assert stored != weak
    assert (await sign_in(house.client(), "agent@desk.test")).status_code == 201


async def test_a_deactivated_agent_is_out_at_once_and_cannot_come_back(house: House) -> None:
    admin = await house.signed_in("admin")
    agent = await house.agent("agent")
    browser, script = house.client(), await house.script(agent)
    await sign_in(browser, agent.email)
    changed = await admin.patch(f"/api/v1/agents/{agent.id}", json={"active": False})
    assert changed.status_code == 200
    assert (await browser.get("/api/v1/session")).status_code == 401
    assert (await script.get("/api/v1/session")).status_code == 401
    assert (await sign_in(house.client(), agent.email)).json()["code"] == "bad-credentials"
    await admin.patch(f"/api/v1/agents/{agent.id}", json={"active": True})
    assert (await script.get("/api/v1/session")).status_code == 401


async def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    here = await house.signed_in()
    there = house.client()
    await sign_in(there, "agent@desk.test")
    new = "a different long one"
    wrong = await here.put("/api/v1/me/password", json={"current": "nope", "new": new})
    assert wrong.json()["errors"] == [
        {"field": "current", "message": "This is not your current password."}
    ]
    right = await here.put("/api/v1/me/password", json={"current": PASSWORD, "new": new})
    assert right.status_code == 204
    assert (await here.get("/api/v1/session")).status_code == 200
    assert (await there.get("/api/v1/session")).status_code == 401
    assert (await sign_in(house.client(), "agent@desk.test")).status_code == 401
    assert (await sign_in(house.client(), "agent@desk.test", new)).status_code == 201


class TestCsrf:
    """A browser's change must come from the desk's own pages."""

    async def _refused(self, client: httpx.AsyncClient, token: str | None) -> None:
        client.headers.pop("X-CSRF-Token", None)
        headers = {} if token is None else {"X-CSRF-Token": token}
        answer = await client.put("/api/v1/me/preferences", json={"theme": "dark"}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "csrf"

    async def test_missing(self, house: House) -> None:
        await self._refused(await house.signed_in(), None)

    async def test_wrong(self, house: House) -> None:
        await self._refused(await house.signed_in(), "0" * 64)

    async def test_of_another_session(self, house: House) -> None:
        other = await house.signed_in("lead")
        await self._refused(await house.signed_in(), other.headers["X-CSRF-Token"])

    async def test_reading_needs_none(self, house: House) -> None:
        client = await house.signed_in()
        client.headers.pop("X-CSRF-Token")
        assert (await client.get("/api/v1/me/preferences")).status_code == 200

    async def test_a_bearer_token_needs_none(self, house: House) -> None:
        script = await house.script(await house.agent())
        answer = await script.put("/api/v1/me/preferences", json={"theme": "dark"})
        assert answer.status_code == 200


async def test_a_session_lasts_as_long_as_the_settings_say(house: House) -> None:
    client = await house.signed_in()
    expires = (await client.get("/api/v1/session")).json()["expires_at"]
    assert expires == (house.clock.now + timedelta(hours=12)).isoformat().replace("+00:00", "Z")
