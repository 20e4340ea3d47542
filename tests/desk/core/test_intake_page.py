"""The intake page: what could not be taken in is seen, mended, replayed or put away."""

from __future__ import annotations

from typing import Any

import httpx

from desk.inboxes.models import Inbox
from tests.desk.core.test_intake import raws, tickets
from tests.desk.core.test_messages import thread
from tests.desk.whole import Whole


async def failed(desk: Whole, client: httpx.AsyncClient, inbox: Inbox) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/intake", params={"state": "failed", "inbox": str(inbox.id)})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_payload_is_seen_mended_and_taken_in(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, lead = await desk.agent("lead")
    await desk.webhook(inbox, {"id": "b1", "frm": "ann", "text": "Misspelt"})
    await desk.settled()
    (line,) = await failed(desk, lead, inbox)
    assert "no pigeon's paper" in line["error"]
    counts = (await lead.get("/api/v1/intake/counts")).json()
    assert counts["failed"] >= 1
    detail = (await lead.get(f"/api/v1/intake/{line['id']}")).json()
    assert (detail["channel"], detail["is_text"]) == ("pigeon", True)
    assert '\n    "frm": "ann"' in detail["text"]  # indented, to be read
    mended = {"text": detail["text"].replace("frm", "from"), "reason": "a misspelt field"}
    assert (await lead.post(f"/api/v1/intake/{line['id']}/fix", json=mended)).status_code == 202
    await desk.settled()
    (ticket,) = await tickets(lead, inbox)
    assert [m["text"] for m in await thread(lead, ticket)] == ["Misspelt"]
    detail = (await lead.get(f"/api/v1/intake/{line['id']}")).json()
    assert detail["state"] == "done"
    assert len(detail["messages"]) == 1
    assert [fix["reason"] for fix in detail["fixes"]] == ["a misspelt field"]
    original = await lead.get(f"/api/v1/intake/{line['id']}/raw")
    assert b"frm" in original.content  # what came is what is kept
    again = await lead.post(f"/api/v1/intake/{line['id']}/fix", json=mended)
    assert again.status_code == 409
    _, admin = await desk.agent("admin")
    audit = (await admin.get("/api/v1/audit", params={"kind": "raw.fixed"})).json()["items"]
    assert audit[0]["reason"] == "a misspelt field"


async def test_what_nobody_needs_is_put_away_with_a_reason_and_can_come_back(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, lead = await desk.agent("lead")
    await desk.webhook(inbox, body=b"\xff\xfe not text")
    await desk.settled()
    (line,) = await failed(desk, lead, inbox)
    detail = (await lead.get(f"/api/v1/intake/{line['id']}")).json()
    assert detail["is_text"] is False
    path = f"/api/v1/intake/{line['id']}/discard"
    assert (await lead.post(path, json={"reason": ""})).status_code == 422
    assert (await lead.post(path, json={"reason": "noise"})).json()["state"] == "discarded"
    assert await failed(desk, lead, inbox) == []
    assert (await lead.post(path, json={"reason": "noise"})).status_code == 409
    (row,) = await raws(desk, inbox)
    assert row.error  # why it failed is still there
    await lead.post(f"/api/v1/intake/{line['id']}/replay")
    await desk.settled()
    assert len(await failed(desk, lead, inbox)) == 1


async def test_agents_may_not_look_and_scopes_narrow(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    await desk.webhook(inbox, {"id": "p1"})
    await desk.settled()
    (row,) = await raws(desk, inbox)
    _, agent = await desk.agent()
    _, reader = await desk.agent("lead", scopes=["intake.read"])
    fix = {"text": "[]"}
    for path in ("", "/counts", f"/{row.id}", f"/{row.id}/raw"):
        assert (await agent.get(f"/api/v1/intake{path}")).status_code == 403
        assert (await reader.get(f"/api/v1/intake{path}")).status_code == 200
    for client in (agent, reader):
        for action, body in (("fix", fix), ("discard", {"reason": "x"}), ("replay", None)):
            answer = await client.post(f"/api/v1/intake/{row.id}/{action}", json=body)
            assert answer.status_code == 403, action
