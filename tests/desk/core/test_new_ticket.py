"""An agent writes first."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.desk.core.test_intake import tickets
from tests.desk.core.test_ticket_changes import events
from tests.desk.sink import body_of
from tests.desk.whole import Whole, mail


async def test_an_agent_writes_first_and_the_answer_comes_back(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    me, client = await desk.agent()
    body = {
        "inbox_id": str(inbox.id),
        "subject": "Your order",
        "text": "It is late.",
        "contact": {"name": "Ann", "email": "ann@first.test"},
        "assignee_id": str(me.id),
        "tags": ["Late"],
        "status": "pending",
        "cc": ["bob@first.test"],
    }
    key = {"Idempotency-Key": str(uuid4())}
    made = await client.post("/api/v1/tickets", json=body, headers=key)
    again = await client.post("/api/v1/tickets", json=body, headers=key)
    assert made.status_code == 201, made.text
    ticket = made.json()
    assert again.json()["id"] == ticket["id"]
    assert (ticket["status"], ticket["tags"], ticket["unread"]) == ("pending", ["late"], False)
    assert ticket["contact"]["name"] == "Ann"
    assert (await events(client, ticket))[-1]["reason"] == "an agent wrote first"
    await desk.settled()
    (sent,) = desk.sink.to("ann@first.test")
    assert (sent["Subject"], body_of(sent).strip()) == ("Your order", "It is late.")
    await desk.deliver(mail("bob@first.test", inbox.address, In_Reply_To=sent["Message-ID"]), inbox)
    (row,) = await tickets(client, inbox)
    assert (row["last_seq"], row["status"]) == (2, "open")
    to_contact = {**body, "contact_id": ticket["contact"]["id"]}
    del to_contact["contact"]
    second = await client.post("/api/v1/tickets", json=to_contact)
    assert second.json()["contact"]["id"] == ticket["contact"]["id"]


async def test_whom_and_from_where_must_be_clear(desk: Whole) -> None:
    inbox, chat = await desk.mail_inbox(), await desk.chat_inbox()
    _, client = await desk.agent()
    _, writer = await desk.agent(scopes=["tickets.write"])
    someone = {"email": "ann@clear.test"}
    good: dict[str, Any] = {
        "inbox_id": str(inbox.id), "subject": "S", "text": "T", "contact": someone,
    }  # fmt: skip
    for change in (
        {"inbox_id": str(uuid4())},
        {"inbox_id": str(chat.id)},
        {"contact": None},
        {"contact": {"name": "Ann"}},
        {"contact": {"email": "nobody"}},
        {"contact_id": str(uuid4())},
        {"text": " "},
        {"subject": " "},
        {"cc": ["x"]},
        {"assignee_id": str(uuid4())},
    ):
        answer = await client.post("/api/v1/tickets", json={**good, **change})
        assert answer.status_code == 422, (change, answer.text)
    unknown = {**good, "contact": None, "contact_id": str(uuid4())}
    assert (await client.post("/api/v1/tickets", json=unknown)).status_code == 404
    assigned = {**good, "assignee_id": str(uuid4())}
    assert (await writer.post("/api/v1/tickets", json=assigned)).status_code == 403
    assert await tickets(client, inbox) == []
