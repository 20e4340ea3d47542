"""Bugs of other desks, by their numbers there, that this one is to be immune to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from channels.contract import ChannelError
from desk.contacts import service as contacts
from desk.contacts.models import Identity
from desk.jobs.inbound import InboundJob
from desk.tickets.models import Message
from tests.desk.core.test_channel_sending import begun
from tests.desk.core.test_channels_both_ways import connected
from tests.desk.core.test_conversations import take
from tests.desk.core.test_delivery import message_of
from tests.desk.core.test_intake import raws, tickets
from tests.desk.core.test_messages import thread
from tests.desk.core.test_webhooks import letter
from tests.desk.whole import COUNT, Whole, reply, until


async def test_chatwoot_13556_what_was_answered_with_2xx_survives_a_fault_of_ours(
    desk: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WhatsApp messages vanish when the worker fails after the webhook was answered."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    original, faults = InboundJob._item, [1]

    async def faulty(self: InboundJob, *args: Any) -> None:
        if faults:
            faults.pop()
            raise RuntimeError("the worker broke")
        await original(self, *args)

    monkeypatch.setattr(InboundJob, "_item", faulty)
    assert (await desk.webhook(inbox, letter("b13556"))).status_code == 202
    await until(lambda: not faults)
    desk.clock.forward(seconds=10)
    desk.desk.queue.wake()

    async def there() -> bool:
        return len(await tickets(client, inbox)) == 1

    await until(there)


async def test_chatwoot_15131_a_failing_message_does_not_hold_up_other_customers(
    desk: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WhatsApp messages arrive hours late behind one that fails again and again."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    original = InboundJob._item

    async def faulty(self: InboundJob, work: Any, load: Any, item: Any, files: Any) -> None:
        if getattr(item, "text", "") == "poison":
            raise RuntimeError("again and again")
        await original(self, work, load, item, files)

    monkeypatch.setattr(InboundJob, "_item", faulty)
    await desk.webhook(inbox, letter("b15131-a", "poison"), letter("b15131-b", "fine"))
    await desk.settled()
    (ticket,) = await tickets(client, inbox)
    assert ticket["last_message"]["preview"] == "fine"
    assert sorted(row.state for row in await raws(desk, inbox)) == ["done", "received"]


async def test_chatwoot_11987_a_webhook_that_comes_again_makes_no_second_message(
    desk: Whole,
) -> None:
    """A provider that was answered late sends again; the message is lost or doubled."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    sent = letter("b11987")
    answers = await asyncio.gather(*(desk.webhook(inbox, sent) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    await desk.settled()
    (ticket,) = await tickets(client, inbox)
    assert ticket["last_seq"] == 1


async def test_chatwoot_10798_two_first_messages_at_once_are_one_conversation(desk: Whole) -> None:
    """One contact, two conversations: both workers found no open one."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await asyncio.gather(*(take(desk, inbox, "b10798", f"b10798 {n}") for n in range(2)))
    (ticket,) = await tickets(client, inbox)
    assert ticket["last_seq"] == 2


async def test_chatwoot_14071_a_batch_of_a_new_contact_is_one_conversation(desk: Whole) -> None:
    """Several messages of somebody new in one webhook open several conversations."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, *(letter("b14071", str(number)) for number in range(4)))
    (ticket,) = await tickets(client, inbox)
    assert [m["text"] for m in await thread(client, ticket)] == ["0", "1", "2", "3"]


async def test_chatwoot_12661_messages_stand_in_the_order_they_were_written(desk: Whole) -> None:
    """Deliveries that overtake each other leave the thread out of order."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    start = desk.clock().timestamp() - 100
    for second in (30, 10, 20, 0):
        await desk.flies(inbox, letter("b12661", str(second), at=start + second))
    (ticket,) = await tickets(client, inbox)
    assert [m["text"] for m in await thread(client, ticket)] == ["0", "10", "20", "30"]


async def test_chatwoot_takes_the_first_of_a_batch_only(desk: Whole) -> None:
    """A batch with messages and statuses loses all but the first."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "batch", client)
    sent = [await reply(client, ticket, str(number)) for number in range(2)]
    await desk.settled()
    statuses = [
        {"id": f"batch-{n}", "status": "read", "of": row.channel_message_id, "recipient": "batch"}
        for n, row in enumerate([await message_of(desk, message) for message in sent])
    ]
    await desk.flies(inbox, statuses[0], letter("batch", "two"), statuses[1], letter("c", "three"))
    assert [m["state"] for m in await thread(client, ticket)] == [
        "received",
        "read",
        "read",
        "received",
    ]
    assert len(await tickets(client, inbox)) == 2


async def test_zammad_1239_a_message_that_failed_is_not_shown_as_sent(desk: Whole) -> None:
    """An answer that the provider refused looks like one that arrived."""
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    ticket = await begun(desk, inbox, "b1239", client)
    desk.loft.errors = [ChannelError("not a member any more", retryable=False, code="131026")]
    await reply(client, ticket, "Hello?")
    await desk.settled()
    failed = (await thread(client, ticket))[-1]
    assert (failed["state"], failed["state_reason"]) == ("failed", "not a member any more")


async def test_zammad_6308_nobody_has_to_look_for_what_failed(desk: Whole) -> None:
    """A delivery that failed is written to a log that nobody reads."""
    inbox = await desk.pigeon_inbox()
    agent, client = await desk.agent()
    sock = await desk.socket("/agent", {"token": await desk.token(agent)})
    ticket = await begun(desk, inbox, "b6308", client)
    desk.loft.errors = [ChannelError("the wall", retryable=False, code="x")]
    message = await reply(client, ticket, "Hello?")
    alarm = await sock.next("feed", lambda items: any(i["kind"] == "alarm.raised" for i in items))
    (item,) = [item for item in alarm if item["kind"] == "alarm.raised"]
    assert (item["reason"], item["message_id"]) == ("the wall", message["id"])
    listed = await client.get("/api/v1/deliveries", params={"inbox": str(inbox.id)})
    assert [line["id"] for line in listed.json()["items"]] == [message["id"]]
    async with desk.desk.units.read() as session:
        states = await session.scalars(
            select(Message.state).where(Message.inbox_id == inbox.id, Message.kind == "reply")
        )
    assert set(states) == {"failed"}


async def test_chatwoot_4728_5115_two_proven_addresses_never_merge_by_themselves(
    desk: Whole,
) -> None:
    """A message that names two people's addresses makes them one, with all that either wrote."""
    _, client = await desk.agent()
    hidden, number = f"NO.Two{next(COUNT)}", f"47930{next(COUNT):05d}"
    async with connected(desk, "whatsapp") as (inbox, emulator):
        await emulator.say("From the number", sender=number, name="Kari")
        await emulator.say("From the id", sender=hidden, name="Ola")
        await desk.settled(30)
        before = {t["last_message"]["preview"]: t for t in await tickets(client, inbox)}
        body = {
            **emulator._metadata(),
            "contacts": [{"profile": {"name": "Kari"}, "wa_id": number, "user_id": hidden}],
            "messages": [
                {
                    "from": number,
                    "from_user_id": hidden,
                    "id": f"wamid.both{next(COUNT)}",
                    "timestamp": str(int(desk.clock().timestamp())),
                    "type": "text",
                    "text": {"body": "From both"},
                }
            ],
        }
        hook = {"field": "messages", "value": body}
        entry = {"id": emulator.account, "changes": [hook]}
        await emulator.deliver(
            "whatsapp", {"object": "whatsapp_business_account", "entry": [entry]}
        )
        await desk.settled(30)
        after = {t["last_message"]["preview"]: t for t in await tickets(client, inbox)}
    assert set(after) == {"From both", "From the id"}
    kari, ola = before["From the number"]["contact"]["id"], before["From the id"]["contact"]["id"]
    assert kari != ola
    assert after["From both"]["contact"]["id"] == kari
    assert after["From the id"]["contact"]["id"] == ola
    async with desk.desk.units.read() as session:
        owners = {
            row.value: str(row.contact_id)
            for row in await session.scalars(
                select(Identity).where(Identity.value.in_((hidden, f"+{number}")))
            )
        }
    assert owners == {hidden: ola, f"+{number}": kari}


async def test_zammad_531_an_address_that_somebody_proved_is_not_taken_over(desk: Whole) -> None:
    """Whoever names another customer's address gets that customer's record."""
    number = next(COUNT)
    proven, open_ = f"proven{number}@peer.test", f"open{number}@peer.test"
    async with desk.desk.units.write() as work:
        owner, _ = await contacts.from_address(work, "email", proven, verified=True)
        other, _ = await contacts.from_address(work, "email", open_)
        claimant, _ = await contacts.from_address(work, "webchat", f"visitor{number}")
        kept = await contacts.claim(work, claimant, "email", proven, "says so")
        moved = await contacts.claim(work, claimant, "email", open_, "says so")
        assert (kept.contact_id, moved.contact_id) == (owner.id, claimant.id)
        assert other.id not in {owner.id, claimant.id}
