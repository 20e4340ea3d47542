"""Every role on every route around the domain: who may, who may not."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from desk.agents.permissions import BY_ROLE, PERMISSIONS, ROLES, permissions
from tests.desk.house import House

NOBODY = str(uuid4())
EVERYONE: set[str] = set(ROLES)
ADMIN: set[str] = {"admin"}
LEADS: set[str] = {"lead", "admin"}

# method, path, body, who may; a 404 or 422 behind the guard counts as let in
ROUTES: list[tuple[str, str, Any, set[str]]] = [
    ("GET", "/api/v1/session", None, EVERYONE),
    ("POST", "/api/v1/session/end-others", None, EVERYONE),
    ("GET", "/api/v1/agents", None, EVERYONE),
    ("POST", "/api/v1/agents", {"email": "new@desk.test", "name": "New"}, ADMIN),
    ("PATCH", f"/api/v1/agents/{NOBODY}", {"name": "Else"}, ADMIN),
    ("PATCH", "/api/v1/agents/me", {"name": "Myself"}, EVERYONE),
    ("GET", "/api/v1/teams", None, EVERYONE),
    ("POST", "/api/v1/teams", {"name": "Team"}, LEADS),
    ("PATCH", f"/api/v1/teams/{NOBODY}", {"name": "Else"}, LEADS),
    ("DELETE", f"/api/v1/teams/{NOBODY}", None, LEADS),
    ("GET", "/api/v1/tokens", None, EVERYONE),
    ("GET", "/api/v1/tokens?all=true", None, ADMIN),
    ("POST", "/api/v1/tokens", {"name": "script"}, EVERYONE),
    ("DELETE", f"/api/v1/tokens/{NOBODY}", None, EVERYONE),
    ("GET", "/api/v1/me/preferences", None, EVERYONE),
    ("PUT", "/api/v1/me/preferences", {}, EVERYONE),
    ("PUT", "/api/v1/me/password", {"current": "x", "new": "long enough it is"}, EVERYONE),
    ("GET", "/api/v1/audit", None, ADMIN),
    ("DELETE", "/api/v1/session", None, EVERYONE),
]


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_gets_where_it_may_and_nowhere_else(house: House, role: str) -> None:
    client = await house.signed_in(role)
    for method, path, body, allowed in ROUTES:
        answer = await client.request(method, path, json=body)
        if role in allowed:
            assert answer.status_code in {200, 201, 204, 404, 422}, (method, path, answer.text)
        else:
            assert answer.status_code == 403, (method, path, answer.text)
            assert answer.json()["code"] == "forbidden"
            assert answer.json()["permission"] in PERMISSIONS


async def test_nobody_gets_in_without_signing_in(house: House) -> None:
    client = house.client()
    for method, path, body, _ in ROUTES:
        answer = await client.request(method, path, json=body)
        assert answer.status_code == 401, (method, path)
        assert answer.json()["code"] == "not-authenticated"
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_every_route_around_the_domain_is_in_the_table_above(house: House) -> None:
    document = (await house.client().get("/schema/openapi.json")).json()
    documented = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if operation["security"]
    }
    tried = {
        (method, path.partition("?")[0].replace(NOBODY, "{id}")) for method, path, _, _ in ROUTES
    }
    generic = {
        (method, path.replace("agent_id", "id").replace("team_id", "id").replace("token_id", "id"))
        for method, path in documented
    }
    assert generic == tried


def test_the_roles_are_nested_as_people_expect() -> None:
    assert permissions("agent") < permissions("lead") < permissions("admin")
    assert permissions("admin") == set(PERMISSIONS)
    assert not any(permission.startswith("tickets") for permission in BY_ROLE["editor"])
    assert permissions("somebody") == frozenset()


def test_scopes_only_narrow() -> None:
    assert permissions("agent", ["tickets.read", "audit.read"]) == {"tickets.read"}
