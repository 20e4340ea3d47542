"""Mail out: each message with its state, tried patiently, never twice, in order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from channels.contract import Receipt
from desk.contacts import repository, service
from desk.delivery import service as delivery
from desk.files.models import Attachment
from desk.jobs.models import Job
from desk.tickets.models import Delivery, Message
from tests.desk.core.test_messages import thread
from tests.desk.sink import body_of
from tests.desk.whole import Whole, mail, reply, until


async def message_of(desk: Whole, message: dict[str, Any]) -> Message:
    async with desk.desk.units.read() as session:
        row = await session.get(Message, _uuid(message))
    assert row is not None
    return row


def _uuid(thing: dict[str, Any]) -> UUID:
    return UUID(thing["id"])


async def attempts(desk: Whole, message: dict[str, Any]) -> list[Delivery]:
    async with desk.desk.units.read() as session:
        query = select(Delivery).where(Delivery.message_id == _uuid(message))
        return list((await session.scalars(query.order_by(Delivery.attempt))).all())


async def states(client: Any, ticket: dict[str, Any], message: dict[str, Any]) -> list[str]:
    answer = await client.get(f"/api/v1/tickets/{ticket['id']}/events?limit=200")
    return [
        event["changes"]["state"][1]
        for event in reversed(answer.json()["items"])
        if event["kind"] == "message.state" and event["message_id"] == message["id"]
    ]


async def test_a_reply_goes_from_queued_to_sent(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "ann@sent.test")
    message = await reply(client, ticket, "Hello", cc=["bob@sent.test"])
    assert message["state"] == "queued"
    await desk.settled()
    assert await states(client, ticket, message) == ["sending", "sent"]
    (attempt,) = await attempts(desk, message)
    assert (attempt.state, attempt.recipient) == ("sent", "ann@sent.test")
    assert "250" in attempt.detail or "Stored" in attempt.detail
    (sent,) = desk.sink.to("ann@sent.test")
    assert desk.sink.to("bob@sent.test") == [sent]
    assert sent["Message-ID"] == f"<{attempt.external_id}>"


async def test_a_refusal_for_now_is_tried_again_on_a_growing_schedule(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "ann@later.test")
    desk.sink.answers["ann@later.test"] = ["451 4.7.1 Greylisted"] * 3
    message = await reply(client, ticket, "Hello")
    second = await reply(client, ticket, "And more")
    waits: list[timedelta] = []
    for number in range(1, 4):
        await until(lambda n=number: _failed(desk, message, n))  # type: ignore[misc]
        await desk.settled()
        row = await message_of(desk, message)
        assert (row.state, "Greylisted" in row.state_reason) == ("queued", True)
        ended = (await attempts(desk, message))[-1].finished_at
        assert row.retry_at is not None
        assert ended is not None
        waits.append(row.retry_at - ended)
        desk.clock.forward(seconds=waits[-1].total_seconds() + 1)
        desk.desk.queue.wake()
    await until(lambda: len(desk.sink.to("ann@later.test")) == 2)
    await desk.settled()
    assert waits == list(delivery.SCHEDULE[:3])
    texts = [body_of(sent) for sent in desk.sink.to("ann@later.test")]
    assert ["Hello" in text for text in texts] == [True, False]  # the order of the ticket
    assert (await message_of(desk, second)).state == "sent"
    assert [one.state for one in await attempts(desk, message)] == ["failed"] * 3 + ["sent"]


async def _failed(desk: Whole, message: dict[str, Any], count: int) -> bool:
    return len([one for one in await attempts(desk, message) if one.state == "failed"]) == count


async def test_a_refusal_for_good_fails_at_once_and_can_be_sent_again(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "ann@never.test")
    desk.sink.answers["ann@never.test"] = ["550 5.1.1 No such user"]
    message = await reply(client, ticket, "Hello")
    await desk.settled()
    row = await message_of(desk, message)
    assert (row.state, row.retry_at) == ("failed", None)
    assert "No such user" in row.state_reason
    again = await client.post(f"/api/v1/messages/{message['id']}/retry")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    await desk.settled()
    assert (await message_of(desk, message)).state == "sent"
    assert len(desk.sink.to("ann@never.test")) == 1
    twice = await client.post(f"/api/v1/messages/{message['id']}/retry")
    assert twice.status_code == 409


async def test_what_was_tried_often_enough_is_dead(desk: Whole) -> None:
    inbox = await desk.mail_inbox(smtp_port=1)  # nobody listens there
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    message = await reply(client, ticket, "Hello")
    await until(lambda: _failed(desk, message, 1))
    await desk.settled()
    async with desk.desk.units.write() as work:
        await work.session.execute(
            update(Job)
            .where(Job.lane == f"delivery:{ticket['id']}")
            .values(attempts=len(delivery.SCHEDULE), run_at=work.now)
        )
    desk.desk.queue.wake()
    await until(lambda: _failed(desk, message, 2))
    await desk.settled()
    row = await message_of(desk, message)
    assert row.state == "dead"
    assert "cannot be reached" in row.state_reason
    assert (await client.post(f"/api/v1/messages/{message['id']}/retry")).status_code == 202


async def test_what_the_desk_itself_cannot_do_is_shown(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "ann@gone.test")
    upload = (await client.post("/api/v1/files", files={"file": ("a.txt", b"soon gone")})).json()
    async with desk.desk.units.read() as session:
        stored = await session.get(Attachment, _uuid(upload))
    assert stored is not None
    desk.desk.shelf.blobs.path(stored.sha256).unlink()
    message = await reply(client, ticket, "See file", attachment_ids=[upload["id"]])
    await until(lambda: _failed(desk, message, 1))
    row = await message_of(desk, message)
    assert (row.state, "desk itself" in row.state_reason) == ("queued", True)


async def test_a_crash_after_sending_repeats_the_same_message_id(
    desk: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "ann@crash.test")
    original = delivery.sent
    crashes = [1]

    async def crash(work: Any, message_id: Any, receipt: Receipt, recipient: str) -> None:
        if crashes:
            crashes.pop()
            raise RuntimeError("the power went")
        await original(work, message_id, receipt, recipient)

    monkeypatch.setattr(delivery, "sent", crash)
    message = await reply(client, ticket, "Once")
    await until(lambda: not crashes)
    desk.clock.forward(seconds=10)
    desk.desk.queue.wake()
    await until(lambda: len(desk.sink.to("ann@crash.test")) == 2)
    await desk.settled()
    first, second = desk.sink.to("ann@crash.test")
    assert first["Message-ID"] == second["Message-ID"]  # so that mailboxes show it once
    assert (await message_of(desk, message)).state == "sent"


async def test_a_hold_is_kept_even_when_the_job_comes_early(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "ann@early.test")
    message = await reply(client, ticket, "Held", undo_seconds=30)
    async with desk.desk.units.write() as work:  # another machine's clock goes ahead
        await work.session.execute(
            update(Job).where(Job.lane == f"delivery:{ticket['id']}").values(run_at=work.now)
        )
    desk.desk.queue.wake()
    await desk.settled()
    row = await message_of(desk, message)
    assert (row.state, desk.sink.to("ann@early.test")) == ("queued", [])
    assert isinstance(row.hold_until, datetime)
    desk.clock.forward(seconds=31)
    desk.desk.queue.wake()
    await until(lambda: desk.sink.to("ann@early.test"))


async def test_the_answer_goes_where_the_customer_wrote_from_last(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    await desk.deliver(mail("old@address.test", inbox.address), inbox)
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    async with desk.desk.units.write() as work:
        contact = await repository.get(work.session, _uuid(ticket["contact"]))
        assert contact is not None
        await service.add_identity(work, contact, "email", "new@address.test")
    await reply(client, ticket, "One")
    await desk.settled()
    (sent,) = desk.sink.to("old@address.test")
    await desk.deliver(
        mail("new@address.test", inbox.address, In_Reply_To=sent["Message-ID"]), inbox
    )
    await reply(client, ticket, "Two")
    await desk.settled()
    assert len(desk.sink.to("new@address.test")) == 1
    async with desk.desk.units.write() as work:
        await service.mark_undeliverable(work, "email", "new@address.test")
    await reply(client, ticket, "Three")
    await desk.settled()
    assert len(desk.sink.to("old@address.test")) == 2
    assert len(await thread(client, ticket)) == 5
