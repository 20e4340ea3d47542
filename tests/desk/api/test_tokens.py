"""API tokens: what scripts may do, and how it ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from desk.auth.models import ApiToken, IdempotencyKey
from tests.desk.house import House


async def test_a_token_works_until_it_is_revoked(house: House) -> None:
    browser = await house.signed_in()
    made = await browser.post("/api/v1/tokens", json={"name": "nightly export"})
    assert made.status_code == 201
    secret = made.json()["token"]
    assert secret.startswith("ply_")
    script = house.client(headers={"Authorization": f"Bearer {secret}"})
    assert (await script.get("/api/v1/agents")).status_code == 200
    listed = (await browser.get("/api/v1/tokens")).json()["items"]
    assert [item["name"] for item in listed] == ["nightly export"]
    assert listed[0]["last_used_at"] is not None
    assert "token" not in listed[0]
    assert (await browser.delete(f"/api/v1/tokens/{made.json()['id']}")).status_code == 204
    refused = await script.get("/api/v1/agents")
    assert refused.status_code == 401
    assert refused.json()["code"] == "not-authenticated"
    assert (await browser.get("/api/v1/tokens")).json()["items"] == []


async def test_a_token_expires(house: House) -> None:
    agent = await house.agent()
    script = await house.script(agent, expires_at=house.clock.now + timedelta(hours=1))
    assert (await script.get("/api/v1/agents")).status_code == 200
    house.clock.forward(hours=1)
    assert (await script.get("/api/v1/agents")).status_code == 401


async def test_scopes_narrow_what_the_token_may_do(house: House) -> None:
    script = await house.script(await house.agent("admin"), scopes=["audit.read"])
    assert (await script.get("/api/v1/audit")).status_code == 200
    assert (await script.get("/api/v1/agents")).status_code == 403
    session = (await script.get("/api/v1/session")).json()
    assert session["permissions"] == ["audit.read"]
    assert session["csrf_token"] == ""


async def test_a_narrow_token_cannot_make_a_wider_one(house: House) -> None:
    admin = await house.agent("admin")
    script = await house.script(admin, scopes=["tokens.manage", "audit.read"])
    wider = await script.post("/api/v1/tokens", json={"name": "x", "scopes": ["agents.manage"]})
    assert wider.status_code == 403
    same = await script.post("/api/v1/tokens", json={"name": "x"})
    assert same.json()["scopes"] == ["audit.read", "tokens.manage"]


async def test_an_agent_cannot_scope_beyond_the_role(house: House) -> None:
    browser = await house.signed_in("agent")
    answer = await browser.post("/api/v1/tokens", json={"name": "x", "scopes": ["audit.read"]})
    assert answer.status_code == 403


async def test_what_is_wrong_with_a_new_token_is_said(house: House) -> None:
    browser = await house.signed_in()
    answer = await browser.post(
        "/api/v1/tokens",
        json={"name": "  ", "scopes": ["everything"], "expires_at": "2020-01-01T00:00:00Z"},
    )
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {
        "name",
        "scopes",
        "expires_at",
    }


async def test_agents_revoke_their_own_and_admins_anybodys(house: House) -> None:
    owner = await house.signed_in("agent")
    made = (await owner.post("/api/v1/tokens", json={"name": "mine"})).json()
    stranger = await house.signed_in("lead")
    assert (await stranger.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404
    admin = await house.signed_in("admin")
    everyones = (await admin.get("/api/v1/tokens?all=true")).json()["items"]
    assert made["id"] in {item["id"] for item in everyones}
    assert (await admin.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204


async def test_secrets_are_nowhere_in_the_database(house: House) -> None:
    browser = await house.signed_in()
    answer = await browser.post(
        "/api/v1/tokens", json={"name": "x"}, headers={"Idempotency-Key": "one"}
    )
    secret = answer.json()["token"]
    async with house.core.units.read() as session:
        digest = (await session.execute(select(ApiToken.token_sha256))).scalar_one()
        kept = (await session.execute(select(IdempotencyKey.body))).scalar_one()
    assert secret not in digest
    assert kept == ""
    again = await browser.post(
        "/api/v1/tokens", json={"name": "x"}, headers={"Idempotency-Key": "one"}
    )
    assert again.status_code == 409
    assert again.json()["code"] == "duplicate"


async def test_other_schemes_and_nonsense_are_refused(house: House) -> None:
    await house.agent()
    for value in ("Basic YTpi", "Bearer", "Bearer x", "Bearer ply_" + "\u00e4" * 43, "ply_x"):
        client = house.client()
        answer = await client.get(
            "/api/v1/session", headers={b"Authorization": value.encode("latin-1")}
        )
        assert answer.status_code == 401, value
