"""Messages out on every channel: the rules at composing and at sending, states, never twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import select, update

from channels.contract import ChannelError, TemplateOffer
from desk.contacts.models import Contact, Identity
from desk.delivery import service as delivery
from desk.delivery.models import EarlyReceipt
from desk.inboxes.models import Inbox
from desk.jobs.models import Job
from desk.tickets.models import Message
from tests.desk.core.test_delivery import attempts, message_of
from tests.desk.core.test_intake import tickets
from tests.desk.core.test_messages import thread
from tests.desk.core.test_webhooks import letter
from tests.desk.whole import Whole, reply, until

OFFER = TemplateOffer("reminder", "en", "Hello {{1}}, your seed is {{2}}.", parameters=2)


async def begun(desk: Whole, inbox: Inbox, who: str, client: httpx.AsyncClient) -> dict[str, Any]:
    """A ticket of `who`, just opened."""
    await desk.flies(inbox, letter(who, "Hello", at=desk.clock().timestamp()))
    return (await tickets(client, inbox))[-1]


async def refused(client: httpx.AsyncClient, ticket: dict[str, Any], **more: Any) -> list[str]:
    """The codes with which a reply is refused."""
    body = {"kind": "reply", "text": "Hello", "client_id": str(uuid4()), "last_seen_seq": 999}
    answer = await client.post(f"/api/v1/tickets/{ticket['id']}/messages", json={**body, **more})
    assert answer.status_code == 422, answer.text
    return [item["code"] for item in answer.json()["refusals"]]


async def composer(client: httpx.AsyncClient, ticket: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/v1/inboxes/{ticket['inbox_id']}/composer"
    answer = await client.get(path, params={"ticket": ticket["id"]})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_outside_the_window_a_template_goes_and_a_text_does_not(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    desk.loft.offers = [OFFER]
    await desk.flies(inbox, letter("old", "Hello", at=desk.clock().timestamp() - 86_000))
    (ticket,) = await tickets(client, inbox)
    offered = await composer(client, ticket)
    assert offered["window"]["open"] is True
    assert offered["refusals"] == []
    await reply(client, ticket, "In time")
    await desk.settled()
    desk.clock.forward(minutes=10)
    offered = await composer(client, ticket)
    assert (offered["window"]["open"], offered["address"]) == (False, "old")
    assert offered["refusals"][0]["code"] == "window-closed"
    assert [t["name"] for t in offered["templates"]] == ["reminder"]
    assert await refused(client, ticket) == ["window-closed"]
    assert await refused(client, ticket, tag="no such reason") == ["unknown-tag"]
    await reply(client, ticket, "Because", tag="urgent")
    template = {"name": "reminder", "language": "en", "parameters": ["Ann", "wheat"]}
    sent = await reply(client, ticket, "", template=template)
    assert sent["text"] == "Hello Ann, your seed is wheat."
    await desk.settled()
    told, reason, filled = desk.loft.to("old")
    assert (told.text, reason.tag) == ("In time", "urgent")
    assert filled.template is not None
    assert filled.template.parameters == ("Ann", "wheat")
    # The customer writes: the window opens again.
    await desk.flies(inbox, letter("old", "I am here", at=desk.clock().timestamp()))
    assert (await composer(client, ticket))["window"]["open"] is True


async def test_the_rules_hold_at_the_moment_of_sending_too(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("held", "Hello", at=desk.clock().timestamp() - 86_380))
    (ticket,) = await tickets(client, inbox)
    message = await reply(client, ticket, "Just in time?", undo_seconds=30)
    desk.clock.forward(seconds=31)
    desk.desk.queue.wake()
    await until(lambda: _in_state(desk, message, "failed"))
    row = await message_of(desk, message)
    assert "24 hours" in row.state_reason
    assert "template" in row.state_reason
    assert desk.loft.to("held") == []


async def _in_state(desk: Whole, message: dict[str, Any], state: str) -> bool:
    return (await message_of(desk, message)).state == state


async def test_limits_of_the_channel_are_said_before_anything_is_sent(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "limits", client)
    assert await refused(client, ticket, text="x" * 201) == ["too-long"]
    buttons = [{"title": str(number)} for number in range(3)]
    assert await refused(client, ticket, buttons=buttons) == ["too-many-buttons"]
    files = []
    for name, data in (("a.txt", b"x" * 1001), ("b.pdf", b"%PDF-1.7 x"), ("c.txt", b"fine")):
        upload = await client.post("/api/v1/files", files={"file": (name, data)})
        files.append(upload.json()["id"])
    assert await refused(client, ticket, attachment_ids=files[:1]) == ["file-too-large"]
    assert await refused(client, ticket, attachment_ids=files[1:2]) == ["file-type"]
    assert "too-many-files" in await refused(client, ticket, attachment_ids=files)
    said = await reply(
        client, ticket, "Look", attachment_ids=files[2:], buttons=buttons[:2], reply_to_seq=1
    )
    await desk.settled()
    (sent,) = desk.loft.to("limits")
    assert [file.data for file in sent.attachments] == [b"fine"]
    assert [button.title for button in sent.buttons] == ["0", "1"]
    assert sent.reply_to is not None
    assert said["extra"]["reply_to_seq"] == 1
    # A public link to the file, for providers that fetch: it opens unsigned-in, a forged one not.
    config = desk.loft.sent[-1][1]
    assert config.file_url is not None
    link = config.file_url(sent.attachments[0])
    opened = await desk.client().get(link)
    assert (opened.content, opened.headers["content-disposition"][:10]) == (b"fine", "attachment")
    assert (await desk.client().get(link[:-8] + "AAAAAAA=")).status_code == 404


async def test_stop_is_kept_obeyed_and_answered(desk: Whole) -> None:
    words = {"stop": {"en": "You will hear no more.", "no": "Du hører ikke mer."}}
    inbox = await desk.pigeon_inbox(consent_texts=words)
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "stopper", client)
    await desk.flies(inbox, letter("stopper", "STOP", keyword="stop"))
    assert [m.text for m in desk.loft.to("stopper")] == ["You will hear no more."]
    (ticket,) = await tickets(client, inbox)
    assert ticket["last_message"]["preview"] == "You will hear no more."
    assert await refused(client, ticket) == ["opted-out"]
    offered = await composer(client, ticket)
    assert {c["state"] for c in offered["consent"]} == {"withdrawn"}
    path = f"/api/v1/contacts/{ticket['contact']['id']}/consent"
    kept = (await client.get(path)).json()
    assert {(c["purpose"], c["state"]) for c in kept["items"]} == {
        ("support", "withdrawn"),
        ("marketing", "withdrawn"),
    }
    assert "STOP" in kept["history"][0]["evidence"]
    # Who writes again wants an answer.
    await desk.flies(inbox, letter("stopper", "One more thing", at=desk.clock().timestamp()))
    (ticket,) = await tickets(client, inbox)
    await reply(client, ticket, "Yes?")
    await desk.flies(inbox, letter("stopper", "START", keyword="start"))
    kept = (await client.get(path)).json()
    assert {c["state"] for c in kept["items"]} == {"granted"}
    assert len(kept["history"]) == 4


async def test_a_stop_out_of_the_blue_needs_nobody(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("silent", "STOP", keyword="stop"))
    (ticket,) = await tickets(client, inbox)
    assert (ticket["status"], ticket["waiting_since"]) == ("resolved", None)
    # HELP without a text of the inbox is a question for a person.
    await desk.flies(inbox, letter("helpless", "HELP", keyword="help"))
    assert (await tickets(client, inbox))[-1]["status"] == "new"


async def test_who_blocks_us_at_the_provider_is_left_alone(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "blocker", client)
    blocked = {"id": "block-1", "from": "blocker", "notice": "They blocked us.", "keyword": "stop"}
    desk.clock.forward(seconds=1)
    await desk.flies(inbox, blocked)
    assert await refused(client, ticket) == ["opted-out"]
    again = {**blocked, "id": "block-2", "notice": "They let us in.", "keyword": "start"}
    await desk.flies(inbox, again)
    await reply(client, ticket, "Welcome back")


async def test_an_agent_notes_consent_given_by_other_means(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "told-us", client)
    path = f"/api/v1/contacts/{ticket['contact']['id']}/consent"
    body = {
        "channel": "pigeon",
        "address": "told-us",
        "purpose": "support",
        "state": "withdrawn",
        "evidence": "by telephone",
    }
    assert (await client.put(path, json=body)).status_code == 200
    assert await refused(client, ticket) == ["opted-out"]
    assert (await client.put(path, json={**body, "address": "else"})).status_code == 422
    _, editor = await desk.agent("editor")
    assert (await editor.put(path, json=body)).status_code == 403


async def test_nobody_is_written_to_unasked_at_night(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "sleeper", client)
    at = desk.clock()
    quiet = {f: (at + timedelta(hours=h)).strftime("%H:%M") for f, h in (("from", -1), ("to", 2))}
    async with desk.desk.units.write() as work:
        await work.session.execute(
            update(Inbox).where(Inbox.id == inbox.id).values(options={"quiet_hours": quiet})
        )
        await work.session.execute(
            update(Contact).where(Contact.name == "sleeper").values(timezone="UTC")
        )
    answer = await client.post(
        "/api/v1/tickets",
        json={
            "inbox_id": str(inbox.id),
            "subject": "News",
            "text": "We have news",
            "contact_id": ticket["contact"]["id"],
            "proactive": True,
        },
    )
    assert answer.status_code == 201, answer.text
    await reply(client, ticket, "An answer goes at any hour")
    await desk.settled()
    assert [m.text for m in desk.loft.to("sleeper")] == ["An answer goes at any hour"]
    desk.clock.forward(hours=2, minutes=1)
    desk.desk.queue.wake()
    await until(lambda: len(desk.loft.to("sleeper")) == 2)


async def test_what_is_reported_before_our_commit_is_not_lost(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "early", client)

    async def report_first(external_id: str) -> None:
        desk.loft.before_answer = None
        status = {"id": f"{external_id}:d", "status": "delivered", "of": external_id}
        await desk.webhook(inbox, status)
        for _ in range(500):
            async with desk.desk.units.read() as session:
                if await session.scalar(
                    select(EarlyReceipt.id).where(EarlyReceipt.external_id == external_id)
                ):
                    return
            await asyncio.sleep(0.01)
        raise AssertionError("the report was never taken in")

    desk.loft.before_answer = report_first
    message = await reply(client, ticket, "Hi")
    await until(lambda: _in_state(desk, message, "delivered"))
    async with desk.desk.units.read() as session:
        left = await session.scalars(
            select(EarlyReceipt.id).where(EarlyReceipt.inbox_id == inbox.id)
        )
        assert left.all() == []


async def test_a_lost_answer_is_found_again_by_our_own_key(desk: Whole) -> None:
    """The provider took it, its answer was lost: its report says so, and nothing goes twice."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "lost", client)
    desk.loft.errors = [
        ChannelError("no answer", retryable=True, code="unanswered", retry_after=timedelta(hours=1))
    ]
    message = await reply(client, ticket, "Hi")
    await desk.settled()
    assert (await message_of(desk, message)).state == "queued"
    status = {"id": "s1", "status": "delivered", "of": "out-lost", "key": message["id"]}
    await desk.flies(inbox, {**status, "recipient": "lost"})
    row = await message_of(desk, message)
    assert (row.state, row.channel_message_id, row.retry_at) == ("delivered", "out-lost", None)
    desk.clock.forward(hours=2)
    desk.desk.queue.wake()
    await desk.settled()
    assert desk.loft.to("lost") == []


async def test_killed_between_the_providers_yes_and_our_commit_it_is_sent_once(
    desk: Whole, monkeypatch: Any
) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "crash", client)
    original, crashes = delivery.sent, [1]

    async def crash(*args: Any) -> None:
        if crashes:
            crashes.pop()
            raise RuntimeError("the power went")
        await original(*args)

    monkeypatch.setattr(delivery, "sent", crash)
    message = await reply(client, ticket, "Once")
    await until(lambda: not crashes)
    desk.clock.forward(seconds=10)
    desk.desk.queue.wake()
    await until(lambda: _in_state(desk, message, "sent"))
    assert len(desk.loft.to("crash")) == 1
    assert len(await attempts(desk, message)) == 2


async def test_watermarks_and_failures_move_the_states(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "marks", client)
    first = await reply(client, ticket, "One")
    second = await reply(client, ticket, "Two")
    await desk.settled()
    until_now = desk.clock().timestamp() + 1
    await desk.flies(
        inbox, {"id": "w1", "status": "read", "up_to": until_now, "recipient": "marks"}
    )
    assert [m["state"] for m in await thread(client, ticket)][1:] == ["read", "read"]
    third = await reply(client, ticket, "Three")
    await desk.settled()
    name = (await message_of(desk, third)).channel_message_id
    failure = {"id": "f1", "status": "failed", "of": name, "reason": "no such loft"}
    await desk.flies(inbox, {**failure, "permanent": True})
    row = await message_of(desk, third)
    assert (row.state, row.state_reason) == ("failed", "no such loft")
    async with desk.desk.units.read() as session:
        flagged = await session.scalar(
            select(Identity.undeliverable_at).where(Identity.value == "marks")
        )
    assert flagged is not None
    assert (await composer(client, ticket))["undeliverable_at"] is not None
    assert (await message_of(desk, first)).state == (await message_of(desk, second)).state


async def test_no_failure_is_invisible(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "unlucky", client)
    desk.loft.errors = [ChannelError("the cat got it", retryable=False, code="cat")]
    message = await reply(client, ticket, "Fly!")
    await desk.settled()
    params = {"inbox": str(inbox.id)}
    (line,) = (await client.get("/api/v1/deliveries", params=params)).json()["items"]
    assert (line["id"], line["reason"], line["preview"]) == (
        message["id"],
        "the cat got it",
        "Fly!",
    )
    (attempt,) = (await client.get(f"/api/v1/deliveries/{message['id']}")).json()["items"]
    assert (attempt["code"], attempt["detail"]) == ("cat", "the cat got it")
    events = (await client.get(f"/api/v1/tickets/{ticket['id']}/events")).json()["items"]
    assert [e["data"]["code"] for e in events if e["kind"] == "alarm.raised"] == ["message.failed"]
    _, admin = await desk.agent("admin")
    boxes = (await admin.get("/api/v1/inboxes")).json()["items"]
    shown = next(box for box in boxes if box["id"] == str(inbox.id))
    assert shown["outbound"]["error"] == "the cat got it"
    retried = await client.post("/api/v1/deliveries/retry", json={"ids": [message["id"]]})
    assert retried.json()["items"] == [{"id": message["id"], "ok": True, "error": None}]
    await desk.settled()
    assert (await client.get("/api/v1/deliveries", params=params)).json()["items"] == []
    desk.loft.errors = [ChannelError("the cat again", retryable=False, code="cat")]
    other = await reply(client, ticket, "Fly again!")
    await desk.settled()
    given_up = await client.post(f"/api/v1/deliveries/{other['id']}/give-up")
    assert (given_up.status_code, given_up.json()["state"]) == (200, "canceled")
    assert (await client.get("/api/v1/deliveries", params=params)).json()["items"] == []


async def test_a_provider_that_wants_it_slower_gets_it_slower_and_in_order(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox(sends_per_second=4)
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "slow", client)
    replies = [await reply(client, ticket, str(number)) for number in range(8)]
    await until(lambda: _all_sent(desk, inbox), 60)
    assert [m.text for m in desk.loft.to("slow")] == [str(number) for number in range(8)]
    began = [(await attempts(desk, message))[-1].started_at for message in replies]
    assert began[-1] - began[0] >= timedelta(seconds=7 / 4 * 0.9)


async def _all_sent(desk: Whole, inbox: Inbox) -> bool:
    async with desk.desk.units.write() as work:  # jobs that were put off are due by now
        await work.session.execute(update(Job).where(Job.state == "ready").values(run_at=work.now))
    desk.desk.queue.wake()
    async with desk.desk.units.read() as session:
        states = await session.scalars(
            select(Message.state).where(Message.inbox_id == inbox.id, Message.kind == "reply")
        )
        return set(states) == {"sent"}
