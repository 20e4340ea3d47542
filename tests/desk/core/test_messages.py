"""Writing in a ticket: once, in order, with what was seen, taken back in time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.desk.core.test_ticket_changes import shown
from tests.desk.whole import Whole, reply, until


def new(kind: str = "reply", text: str = "Hello", seen: int = 1, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "text": text, "client_id": str(uuid4()), "last_seen_seq": seen, **more}


async def post(
    client: httpx.AsyncClient, ticket: dict[str, Any], body: dict[str, Any], **headers: str
) -> httpx.Response:
    return await client.post(f"/api/v1/tickets/{ticket['id']}/messages", json=body, headers=headers)


async def thread(client: httpx.AsyncClient, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/tickets/{ticket['id']}/messages?limit=200")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_fifty_who_write_at_once_leave_no_gap(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    answers = await asyncio.gather(
        *(post(client, ticket, new("note", f"n{number}")) for number in range(40)),
        *(post(client, ticket, new("reply", f"r{number}", seen=1)) for number in range(10)),
    )
    assert {answer.status_code for answer in answers} == {201}
    seqs = [message["seq"] for message in await thread(client, ticket)]
    assert seqs == list(range(1, 52))
    assert (await shown(client, ticket))["last_seq"] == 51


async def test_the_same_client_id_is_one_message_even_at_once(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    body = new()
    answers = await asyncio.gather(*(post(client, ticket, body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    # With both keys: a replay of the kept answer, and a repeat under another key.
    both = new("note")
    first = await post(client, ticket, both, **{"Idempotency-Key": "k1"})
    again = await post(client, ticket, both, **{"Idempotency-Key": "k1"})
    other = await post(client, ticket, both, **{"Idempotency-Key": "k2"})
    statuses = [first.status_code, again.status_code, other.status_code]
    assert statuses == [201, 201, 200], (first.text, again.text)
    assert first.json()["id"] == again.json()["id"] == other.json()["id"]
    assert len(await thread(client, ticket)) == 3


async def test_a_reply_that_has_not_seen_the_newest_is_refused(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, ann = await desk.agent()
    _, ben = await desk.agent()
    ticket = await desk.wrote(inbox)
    await post(ann, ticket, new("note", "not for customers"))
    await reply(ann, ticket, "first")
    own = await post(ann, ticket, new(seen=1, text="more of mine"))
    assert own.status_code == 201  # notes and one's own messages are no news
    before = len(await thread(ben, ticket))
    stale = await post(ben, ticket, new(seen=1))
    assert (stale.status_code, stale.json()["code"]) == (409, "stale-reply")
    assert [message["text"] for message in stale.json()["newer"]] == ["first", "more of mine"]
    assert len(await thread(ben, ticket)) == before
    assert (await post(ben, ticket, new("note", seen=1))).status_code == 201
    newest = stale.json()["newer"][-1]["seq"]
    assert (await post(ben, ticket, new(seen=newest))).status_code == 201


async def test_a_held_reply_taken_back_is_never_sent_and_the_customer_waits_again(
    desk: Whole,
) -> None:
    inbox = await desk.mail_inbox()
    _, ann = await desk.agent()
    _, ben = await desk.agent()
    ticket = await desk.wrote(inbox, "held@undo.test")
    before = await shown(ann, ticket)
    message = await reply(ann, ticket, "too early", undo_seconds=20, status="resolved")
    assert message["hold_until"]
    assert (await shown(ann, ticket))["status"] == "resolved"
    path = f"/api/v1/messages/{message['id']}"
    assert (await ben.delete(path)).status_code == 409
    undone = await ann.delete(path)
    assert (undone.status_code, undone.json()["state"]) == (200, "canceled")
    after = await shown(ann, ticket)
    for name in ("status", "waiting_since", "last_message"):
        assert after[name] == before[name], name
    assert (await ann.delete(path)).json()["code"] == "too-late"
    desk.clock.forward(seconds=30)
    desk.desk.queue.wake()
    await desk.settled()
    assert desk.sink.to("held@undo.test") == []
    # It is no first reply either: the next one may still lead back to new.
    sent = await reply(ann, ticket, "now", undo_seconds=5)
    desk.clock.forward(seconds=6)
    desk.desk.queue.wake()
    await until(lambda: desk.sink.to("held@undo.test"))
    await desk.settled()
    late = await ann.delete(f"/api/v1/messages/{sent['id']}")
    assert (late.status_code, late.json()["code"]) == (409, "too-late")


async def test_notes_mention_real_agents_and_stay_inside(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "curious@note.test")
    wrong = await post(client, ticket, new("note", mentions=[str(uuid4())]))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "mentions")
    upload = await client.post("/api/v1/files", files={"file": ("secret.txt", b"inside")})
    await post(client, ticket, new("note", "inside", attachment_ids=[upload.json()["id"]]))
    await reply(client, ticket, "outside")
    await desk.settled()
    (sent,) = desk.sink.to("curious@note.test")
    assert "inside" not in str(sent)
    assert not list(sent.iter_attachments())


async def test_what_cannot_be_sent_is_refused_before_it_is_written(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    _, other = await desk.agent()
    ticket = await desk.wrote(inbox)
    foreign = (await other.post("/api/v1/files", files={"file": ("a.txt", b"x")})).json()["id"]
    for body in (
        new(text=""),
        new(text="   "),
        new(text="x" * 200_001),
        new(cc=["nobody"]),
        new(cc=["a@b.test\r\nBcc: c@d.test"]),
        new(attachment_ids=[str(uuid4())]),
        new(attachment_ids=[foreign]),
        new(undo_seconds=31),
        new(undo_seconds=-1),
        new(seen=-1),
        new(kind="inbound"),
        new(status="gone"),
        new(html=5),
        {"kind": "reply"},
    ):
        answer = await post(client, ticket, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), body
    await client.patch(f"/api/v1/tickets/{ticket['id']}", json={"status": "closed"})
    assert (await post(client, ticket, new())).status_code == 422
    assert (await post(client, ticket, new("note"))).status_code == 201
    assert [m["kind"] for m in await thread(client, ticket)] == ["inbound", "note"]


async def test_threads_page_both_ways(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    for number in range(9):
        await post(client, ticket, new("note", str(number)))

    async def page(**query: int) -> tuple[list[int], bool]:
        answer = await client.get(f"/api/v1/tickets/{ticket['id']}/messages", params=query)
        return [m["seq"] for m in answer.json()["items"]], answer.json()["has_more"]

    assert await page() == (list(range(1, 11)), False)
    assert await page(limit=4) == ([7, 8, 9, 10], True)
    assert await page(limit=4, before_seq=7) == ([3, 4, 5, 6], True)
    assert await page(limit=4, before_seq=3) == ([1, 2], False)
    assert await page(limit=4, after_seq=2) == ([3, 4, 5, 6], True)
    assert await page(limit=4, after_seq=6) == ([7, 8, 9, 10], False)


async def test_drafts_follow_their_agent_and_go_with_the_reply(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, ann = await desk.agent()
    _, ben = await desk.agent()
    ticket = await desk.wrote(inbox)
    path = f"/api/v1/tickets/{ticket['id']}/draft"
    assert (await ann.get(path)).status_code == 404
    kept = await asyncio.gather(
        *(ann.put(path, json={"kind": "reply", "text": f"v{n}"}) for n in range(5))
    )
    assert {answer.status_code for answer in kept} == {200}
    assert (await shown(ann, ticket))["draft"]["text"] == (await ann.get(path)).json()["text"]
    assert (await shown(ben, ticket))["draft"] is None
    await reply(ann, ticket, "done")
    assert (await ann.get(path)).status_code == 404
    await ann.put(path, json={"kind": "note", "text": "x", "last_seen_seq": 2})
    assert (await ann.delete(path)).status_code == 204
    assert (await shown(ann, ticket))["draft"] is None


async def test_reading_moves_forward_only_from_several_tabs(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    _, other = await desk.agent()
    ticket = await desk.wrote(inbox)
    path = f"/api/v1/tickets/{ticket['id']}/read"
    marks = [client.put(path, json={"seq": seq}) for seq in (1, 1, 0, 1, 1)]
    answers = await asyncio.gather(*marks, post(client, ticket, new("note")))
    assert {answer.status_code for answer in answers} == {204, 201}
    assert (await shown(client, ticket))["read_seq"] == 2  # what one writes one has read
    await client.put(path, json={"seq": 1})
    await client.put(path, json={"seq": 99})
    detail = await shown(client, ticket)
    assert (detail["read_seq"], detail["unread"]) == (2, False)
    assert (await shown(other, ticket))["unread"] is True


async def test_a_snoozed_ticket_wakes_when_the_customer_writes(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "wake@snooze.test")
    until_then = (desk.clock() + timedelta(hours=1)).isoformat()
    path = f"/api/v1/tickets/{ticket['id']}"
    await client.patch(path, json={"snoozed_until": until_then, "status": "pending"})
    sent = await reply(client, ticket, "we look into it")
    await desk.settled()
    (answer,) = desk.sink.to("wake@snooze.test")
    assert sent["seq"] == 2
    again = answer["Message-ID"].strip("<>")
    found = await desk.wrote(inbox, "wake@snooze.test", in_reply_to=again, references=(again,))
    assert found["id"] != ticket["id"]  # evidence is gathered by the mail's adapter only
