"""Agents, teams and preferences through the API."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.desk.house import PASSWORD, House, sign_in

NEW = {"email": "Ada@Example.org ", "name": " Ada Lovelace ", "role": "lead"}


async def test_an_admin_adds_an_agent_who_can_then_sign_in(house: House) -> None:
    admin = await house.signed_in("admin")
    made = await admin.post("/api/v1/agents", json={**NEW, "password": PASSWORD})
    assert made.status_code == 201
    body = made.json()
    assert (body["email"], body["name"], body["role"]) == (
        "ada@example.org",
        "Ada Lovelace",
        "lead",
    )
    assert body["active"] is True
    assert body["online"] is False
    assert "password" not in str(body)
    assert (await sign_in(house.client(), "ADA@example.org")).status_code == 201
    names = [item["name"] for item in (await admin.get("/api/v1/agents")).json()["items"]]
    assert names == ["Ada Lovelace", "Admin"]


async def test_an_agent_without_a_password_cannot_sign_in(house: House) -> None:
    admin = await house.signed_in("admin")
    await admin.post("/api/v1/agents", json=NEW)
    assert (await sign_in(house.client(), "ada@example.org", "")).status_code == 401


async def test_an_address_belongs_to_one_agent(house: House) -> None:
    admin = await house.signed_in("admin")
    await admin.post("/api/v1/agents", json=NEW)
    again = await admin.post("/api/v1/agents", json={**NEW, "email": "ADA@EXAMPLE.ORG"})
    assert again.status_code == 409
    assert again.json()["code"] == "duplicate"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", "a b@example.org"),
        ("name", "   "),
        ("name", "a\u0000b"),
        ("role", "owner"),
        ("locale", "not a tag"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../etc/passwd"),
        ("password", "short"),
    ],
)
async def test_a_wrong_field_is_named(house: House, field: str, value: str) -> None:
    admin = await house.signed_in("admin")
    answer = await admin.post("/api/v1/agents", json={**NEW, field: value})
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert [error["field"] for error in errors] == [field]
    assert errors[0]["message"].endswith(".")


async def test_the_last_admin_cannot_be_removed(house: House) -> None:
    admin = await house.signed_in("admin")
    me = (await admin.get("/api/v1/session")).json()["agent"]["id"]
    for change in ({"role": "lead"}, {"active": False}):
        answer = await admin.patch(f"/api/v1/agents/{me}", json=change)
        assert answer.status_code == 409
        assert "last active admin" in answer.json()["detail"]
    other = await house.agent("admin", email="second@desk.test")
    assert (await admin.patch(f"/api/v1/agents/{me}", json={"role": "lead"})).status_code == 200
    assert other.role == "admin"
    assert (await admin.get("/api/v1/audit")).status_code == 403


async def test_agents_change_their_own_name_but_not_their_role(house: House) -> None:
    client = await house.signed_in("agent")
    good = await client.patch(
        "/api/v1/agents/me", json={"name": "Grace", "locale": "de", "timezone": "Europe/Berlin"}
    )
    assert (good.json()["name"], good.json()["timezone"]) == ("Grace", "Europe/Berlin")
    bad = await client.patch("/api/v1/agents/me", json={"role": "admin"})
    assert bad.status_code == 422
    assert (await client.get("/api/v1/session")).json()["agent"]["role"] == "agent"


async def test_an_admin_sets_a_password_which_ends_the_old_sessions(house: House) -> None:
    admin = await house.signed_in("admin")
    agent = await house.agent()
    browser = house.client()
    await sign_in(browser, agent.email)
    new = "brand new password"
    await admin.patch(f"/api/v1/agents/{agent.id}", json={"password": new})
    assert (await browser.get("/api/v1/session")).status_code == 401
    assert (await sign_in(browser, agent.email, new)).status_code == 201


async def test_teams_and_their_members(house: House) -> None:
    lead = await house.signed_in("lead")
    agent = await house.agent()
    made = await lead.post(
        "/api/v1/teams", json={"name": "Billing", "agent_ids": [str(agent.id), str(agent.id)]}
    )
    assert made.status_code == 201
    assert made.json()["agent_ids"] == [str(agent.id)]
    team = made.json()["id"]
    agents = {item["id"]: item for item in (await lead.get("/api/v1/agents")).json()["items"]}
    assert agents[str(agent.id)]["team_ids"] == [team]
    again = await lead.post("/api/v1/teams", json={"name": "BILLING"})
    assert again.json()["code"] == "duplicate"
    renamed = await lead.patch(f"/api/v1/teams/{team}", json={"name": "Accounts"})
    assert renamed.json() == {"id": team, "name": "Accounts", "agent_ids": [str(agent.id)]}
    unknown = await lead.patch(f"/api/v1/teams/{team}", json={"agent_ids": [str(uuid4())]})
    assert unknown.status_code == 422
    emptied = await lead.patch(f"/api/v1/teams/{team}", json={"agent_ids": []})
    assert emptied.json()["agent_ids"] == []
    assert (await lead.delete(f"/api/v1/teams/{team}")).status_code == 204
    assert (await lead.get("/api/v1/teams")).json() == {"items": []}


async def test_preferences_are_kept_as_they_are(house: House) -> None:
    client = await house.signed_in()
    assert (await client.get("/api/v1/me/preferences")).json() == {}
    wanted = {"theme": "dark", "keymap": {"reply": "r"}, "panels": [1, 2.5, None]}
    assert (await client.put("/api/v1/me/preferences", json=wanted)).json() == wanted
    assert (await client.get("/api/v1/me/preferences")).json() == wanted
    big = await client.put("/api/v1/me/preferences", json={"x": "y" * 70_000})
    assert big.status_code == 422


async def test_the_audit_log_shows_each_change_and_who_made_it(house: House) -> None:
    admin = await house.signed_in("admin")
    made = (await admin.post("/api/v1/agents", json=NEW)).json()
    await admin.patch(f"/api/v1/agents/{made['id']}", json={"role": "editor"})
    await admin.post("/api/v1/teams", json={"name": "Team"})
    token = (await admin.post("/api/v1/tokens", json={"name": "t"})).json()
    await admin.delete(f"/api/v1/tokens/{token['id']}")
    await sign_in(house.client(), "nobody@desk.test", "wrong")
    await sign_in(house.client(), "my-password-in-the-wrong-field", "wrong")
    items = (await admin.get("/api/v1/audit")).json()["items"]
    kinds = [item["kind"] for item in items]
    assert kinds == [
        "session.failed",
        "session.failed",
        "token.revoked",
        "token.created",
        "team.changed",
        "agent.changed",
        "agent.created",
        "session.started",
        "agent.created",
    ]
    assert {item["actor"]["name"] for item in items[2:8]} == {"Admin"}
    assert items[5]["changes"] == {"role": ["lead", "editor"]}
    assert items[0]["data"]["email"] == ""
    assert items[1]["data"]["email"] == "nobody@desk.test"
    assert token["token"] not in str(items)


async def test_the_audit_log_pages_without_gaps_and_filters(house: House) -> None:
    admin = await house.signed_in("admin")
    me = (await admin.get("/api/v1/session")).json()["agent"]["id"]
    for number in range(5):
        await admin.post("/api/v1/teams", json={"name": f"Team {number}"})
    seen: list[int] = []
    cursor = ""
    while True:
        page = (await admin.get("/api/v1/audit", params={"limit": 2, "cursor": cursor})).json()
        seen += [item["seq"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert seen == list(range(7, 0, -1))
    teams = (await admin.get("/api/v1/audit?kind=team.changed,agent.created")).json()["items"]
    assert len(teams) == 6
    prefixed = (await admin.get("/api/v1/audit?kind=team.&kind=session.")).json()["items"]
    assert len(prefixed) == 6
    by_me = (await admin.get(f"/api/v1/audit?actor={me}")).json()["items"]
    assert len(by_me) == 6
    assert (await admin.get("/api/v1/audit?kind=nonsense")).status_code == 422
    assert (await admin.get(f"/api/v1/audit?ticket={uuid4()}")).json()["items"] == []


@pytest.mark.parametrize(
    "cursor", ["x", "=", "WyJ4Il0", "eyJ9", "ä", "W" * 5000, "WyJhdWRpdCIsIngiXQ"]
)
async def test_a_broken_cursor_is_explained(house: House, cursor: str) -> None:
    admin = await house.signed_in("admin")
    answer = await admin.get("/api/v1/audit", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"
