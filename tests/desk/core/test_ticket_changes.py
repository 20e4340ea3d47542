"""Changing tickets: each change with its undo, its event, its refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from desk.agents.permissions import PERMISSIONS
from tests.desk.core.test_ticket_lists import patch
from tests.desk.whole import Whole, reply

NOBODY = "0192f0c1-7a1e-7c3d-8b53-0000000000ff"


async def shown(client: httpx.AsyncClient, ticket: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/tickets/{ticket['id']}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def events(client: httpx.AsyncClient, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/tickets/{ticket['id']}/events?limit=200")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def lasting(ticket: dict[str, Any]) -> dict[str, Any]:
    """What a change and its undo together must leave as it was."""
    moving = {"version", "updated_at", "undo"}
    return {name: value for name, value in ticket.items() if name not in moving}


async def test_every_change_can_be_taken_back(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    me, client = await desk.agent("lead")
    team = (await client.post("/api/v1/teams", json={"name": f"Team {inbox.name}"})).json()
    ticket = await desk.wrote(inbox)
    until = (desk.clock() + timedelta(hours=1)).isoformat()
    changes: list[dict[str, Any]] = [
        {"status": "pending"},
        {"status": "on_hold"},
        {"status": "resolved"},
        {"priority": "high"},
        {"assignee_id": str(me.id)},
        {"team_id": team["id"]},
        {"subject": "Another  subject"},
        {"snoozed_until": until},
        {"tags": ["b", "a"]},
        {"add_tags": ["c"]},
        {"status": "resolved", "priority": "low", "tags": [], "assignee_id": None},
    ]
    for change in changes:
        before = await shown(client, ticket)
        after = await patch(client, ticket, **change, reason="as asked")
        assert lasting(after) != lasting(before), change
        newest = (await events(client, ticket))[0]
        assert (newest["kind"], newest["reason"]) == ("ticket.changed", "as asked")
        assert newest["actor"] == {"kind": "agent", "id": str(me.id), "name": me.name}
        assert set(change) - {"add_tags"} <= set(newest["changes"]) | {"tags", "assignee_id"}
        await patch(client, ticket, **after["undo"])
        restored = await shown(client, ticket)
        assert lasting(restored) == lasting(before), change
        assert restored["version"] > before["version"]


async def test_reopening_by_hand_shows_since_when_the_customer_waits(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    since = (await shown(client, ticket))["waiting_since"]
    assert since
    assert (await patch(client, ticket, status="resolved"))["waiting_since"] is None
    assert (await patch(client, ticket, status="open"))["waiting_since"] == since
    await reply(client, ticket, "done", status="resolved")
    assert (await patch(client, ticket, status="open"))["waiting_since"] is None


async def test_closing_is_final_and_says_so(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    closed = await patch(client, ticket, status="closed", priority="low")
    assert closed["undo"] == {"priority": "normal"}
    again = await client.patch(f"/api/v1/tickets/{ticket['id']}", json={"status": "open"})
    assert again.status_code == 422
    assert "follow-up" in again.json()["errors"][0]["message"]


async def test_a_snooze_that_has_passed_does_not_spoil_the_undo(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    soon = (desk.clock() + timedelta(minutes=1)).isoformat()
    await patch(client, ticket, snoozed_until=soon)
    desk.clock.forward(minutes=2)
    resolved = await patch(client, ticket, status="resolved")
    reopened = await patch(client, ticket, **resolved["undo"])
    assert (reopened["status"], reopened["snoozed_until"]) == ("new", None)


async def test_nothing_changed_is_no_event_and_no_version(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    before = len(await events(client, ticket))
    same = await patch(client, ticket, status="new", priority="normal", tags=[])
    assert (same["undo"], same["version"]) == (None, ticket["version"])
    assert len(await events(client, ticket)) == before


async def test_a_change_of_what_moved_on_is_refused_with_how_it_stands(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    await patch(client, ticket, priority="high", version=ticket["version"])
    late = await client.patch(
        f"/api/v1/tickets/{ticket['id']}", json={"priority": "low", "version": ticket["version"]}
    )
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert late.json()["current"]["priority"] == "high"
    assert (await shown(client, ticket))["priority"] == "high"


async def test_tags_have_one_form(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    tagged = await patch(client, ticket, tags=[" VIP ", "vip", "Zürich"])
    assert tagged["tags"] == ["vip", "zürich"]
    assert (await patch(client, ticket, remove_tags=["VIP"]))["tags"] == ["zürich"]
    names = {
        tag["name"]: tag["count"] for tag in (await client.get("/api/v1/tags")).json()["items"]
    }
    assert names["zürich"] >= 1
    for bad in ("two words", "a,b", "", " ", "x" * 81):
        answer = await client.patch(f"/api/v1/tickets/{ticket['id']}", json={"add_tags": [bad]})
        assert answer.status_code == 422, bad
    assert (await shown(client, ticket))["tags"] == ["zürich"]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "done"},
        {"status": None},
        {"priority": 3},
        {"assignee_id": "me"},
        {"assignee_id": NOBODY},
        {"team_id": NOBODY},
        {"subject": ""},
        {"subject": "   "},
        {"subject": "x" * 501},
        {"snoozed_until": "tomorrow"},
        {"snoozed_until": "2099-01-01T00:00:00"},
        {"snoozed_until": "2001-01-01T00:00:00Z"},
        {"tags": "a"},
        {"number": 7},
        [],
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_in_words(desk: Whole, change: Any) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    answer = await client.patch(f"/api/v1/tickets/{ticket['id']}", json=change)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    assert (await shown(client, ticket))["version"] == ticket["version"]


async def test_characters_that_cannot_be_stored_are_no_server_error(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    path = f"/api/v1/tickets/{ticket['id']}"
    note = {"kind": "note", "text": "a\x00b", "client_id": str(uuid4()), "last_seen_seq": 0}
    answers = [
        await client.patch(path, json={"subject": "a\x00b"}),
        await client.patch(path, json={"reason": "a\x00b", "priority": "low"}),
        await client.post(path + "/messages", json=note),
        await client.put(path + "/draft", json={"kind": "note", "text": "\x00"}),
        await client.get("/api/v1/tickets", params={"q": "a\x00b"}),
        await client.get("/api/v1/tickets", params={"tag": "a\x00b"}),
        await client.patch(path, content=b'{"subject": "\\ud800"}'),
        await client.patch(
            f"/api/v1/contacts/{ticket['contact']['id']}", json={"fields": {"a": "\x00"}}
        ),
        await client.get(path + f"/messages?after_seq={10**20}"),
        await client.put(path + "/read", json={"seq": 10**20}),
        await client.get(f"/api/v1/tickets/by-number/{10**20}"),
    ]
    assert all(answer.status_code < 500 for answer in answers), [a.text for a in answers]


async def test_many_at_once_each_on_its_own(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    fine, closed = await desk.wrote(inbox), await desk.wrote(inbox)
    await patch(client, closed, status="closed")
    ids = [fine["id"], closed["id"], NOBODY, fine["id"]]
    answer = await client.post(
        "/api/v1/tickets/bulk", json={"ids": ids, "patch": {"status": "pending"}}
    )
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [item["ok"] for item in items] == [True, False, False]
    assert items[0]["undo"] == {"status": "new"}
    assert "closed" in items[1]["error"]
    too_many = {"ids": [str(uuid4()) for _ in range(201)], "patch": {}}
    assert (await client.post("/api/v1/tickets/bulk", json=too_many)).status_code == 422


async def test_by_number_and_unknown_ones(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    found = await client.get(f"/api/v1/tickets/by-number/{ticket['number']}")
    assert found.json()["id"] == ticket["id"]
    for path in ("by-number/1", NOBODY, f"{NOBODY}/messages", f"{NOBODY}/events"):
        assert (await client.get(f"/api/v1/tickets/{path}")).status_code == 404, path
    body = {"kind": "note", "text": "x", "client_id": NOBODY, "last_seen_seq": 0}
    for method, path, data in (
        ("PATCH", "", {"priority": "low"}),
        ("POST", "/messages", body),
        ("PUT", "/read", {"seq": 1}),
        ("PUT", "/draft", {"kind": "note", "text": "x"}),
    ):
        answer = await client.request(method, f"/api/v1/tickets/{NOBODY}{path}", json=data)
        assert answer.status_code == 404, (method, path, answer.text)


ROUTES: list[tuple[str, str, Any, str]] = [
    ("GET", "/api/v1/tickets", None, "tickets.read"),
    ("GET", "/api/v1/tickets/counts", None, "tickets.read"),
    ("GET", f"/api/v1/tickets/{NOBODY}", None, "tickets.read"),
    ("GET", "/api/v1/tickets/by-number/1", None, "tickets.read"),
    ("GET", f"/api/v1/tickets/{NOBODY}/messages", None, "tickets.read"),
    ("GET", f"/api/v1/tickets/{NOBODY}/events", None, "tickets.read"),
    ("GET", f"/api/v1/tickets/{NOBODY}/draft", None, "tickets.read"),
    ("GET", "/api/v1/tags", None, "tickets.read"),
    ("GET", f"/api/v1/files/{NOBODY}", None, "tickets.read"),
    ("PUT", f"/api/v1/tickets/{NOBODY}/read", {"seq": 1}, "tickets.read"),
    ("PATCH", f"/api/v1/tickets/{NOBODY}", {"priority": "low"}, "tickets.write"),
    (
        "POST",
        "/api/v1/tickets",
        {"inbox_id": NOBODY, "subject": "x", "text": "x", "contact_id": NOBODY},
        "tickets.write",
    ),
    ("POST", "/api/v1/tickets/bulk", {"ids": [NOBODY], "patch": {}}, "tickets.write"),
    ("PUT", f"/api/v1/tickets/{NOBODY}/draft", {"kind": "note", "text": ""}, "tickets.write"),
    ("DELETE", f"/api/v1/tickets/{NOBODY}/draft", None, "tickets.write"),
    (
        "POST",
        f"/api/v1/tickets/{NOBODY}/messages",
        {"kind": "note", "text": "x", "client_id": NOBODY, "last_seen_seq": 0},
        "tickets.write",
    ),
    ("DELETE", f"/api/v1/messages/{NOBODY}", None, "tickets.write"),
    ("POST", f"/api/v1/messages/{NOBODY}/retry", None, "tickets.write"),
    ("GET", "/api/v1/contacts", None, "contacts.read"),
    ("GET", f"/api/v1/contacts/{NOBODY}", None, "contacts.read"),
    ("PATCH", f"/api/v1/contacts/{NOBODY}", {"name": "x"}, "contacts.write"),
    ("GET", "/api/v1/intake", None, "intake.read"),
    ("GET", f"/api/v1/intake/{NOBODY}/raw", None, "intake.read"),
    ("POST", f"/api/v1/intake/{NOBODY}/replay", None, "intake.replay"),
]


async def test_editors_have_no_way_to_tickets_and_scripts_only_what_their_scope_says(
    desk: Whole,
) -> None:
    _, editor = await desk.agent("editor")
    _, reader = await desk.agent("admin", scopes=["tickets.read"])
    for method, path, body, permission in ROUTES:
        assert permission in PERMISSIONS
        refused = await editor.request(method, path, json=body)
        assert refused.status_code == 403, (method, path, refused.text)
        answer = await reader.request(method, path, json=body)
        allowed = permission == "tickets.read"
        assert (answer.status_code != 403) == allowed, (method, path, answer.text)
        assert (await desk.client().request(method, path, json=body)).status_code == 401


async def test_assigning_needs_its_own_permission(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    me, writer = await desk.agent("agent", scopes=["tickets.read", "tickets.write"])
    ticket = await desk.wrote(inbox)
    path = f"/api/v1/tickets/{ticket['id']}"
    assert (await writer.patch(path, json={"priority": "low"})).status_code == 200
    assert (await writer.patch(path, json={"assignee_id": str(me.id)})).status_code == 403
