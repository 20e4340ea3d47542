"""What is special about Meta's channels, through their stand-in: hidden numbers and comments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import update

from channels.contract import Attachment
from desk.contacts import service as contacts
from desk.contacts.models import Contact, Identity
from desk.inboxes.models import Inbox
from desk.tickets.models import Message
from tests.desk.core.test_channel_sending import composer, refused
from tests.desk.core.test_channels_both_ways import connected, one_ticket
from tests.desk.core.test_delivery import attempts, message_of
from tests.desk.core.test_intake import PNG, tickets
from tests.desk.core.test_messages import thread
from tests.desk.whole import COUNT, Whole, reply


async def test_somebody_who_hides_their_number_is_answered(desk: Whole) -> None:
    """WhatsApp then names an id in place of the number; it goes into `recipient`, not `to`."""
    _, client = await desk.agent()
    hidden = f"NO.Hidden{next(COUNT)}"
    async with connected(desk, "whatsapp") as (inbox, emulator):
        await emulator.say("Where is my parcel?", sender=hidden)
        ticket = await one_ticket(desk, client, inbox)
        offered = await composer(client, ticket)
        assert (offered["address"], offered["refusals"]) == (hidden, [])
        sent = await reply(client, ticket, "On its way!")
        await desk.settled(30)
        body = emulator.sent[-1].raw
        assert (body["recipient"], body["text"]["body"]) == (hidden, "On its way!")
        assert "to" not in body
        await emulator.report(emulator.sent[-1].id, "delivered")
        await desk.settled(30)
        assert (await message_of(desk, sent)).state == "delivered"
        await emulator.report(emulator.sent[-1].id, "read")
        await emulator.say("Thank you", sender=hidden)
        ticket = await one_ticket(desk, client, inbox)  # still the same one
        assert [m["state"] for m in await thread(client, ticket)] == [
            "received",
            "read",
            "received",
        ]


async def test_the_address_that_the_customer_last_wrote_from_is_answered(desk: Whole) -> None:
    """They showed their number once, and hide it now: an id and a number, one person."""
    _, client = await desk.agent()
    hidden, number = f"NO.Hides{next(COUNT)}", f"47920{next(COUNT):05d}"
    async with connected(desk, "whatsapp") as (inbox, emulator):
        await emulator.say("Hello", sender=hidden)
        ticket = await one_ticket(desk, client, inbox)
        async with desk.desk.units.write() as work:
            contact = await work.session.get_one(Contact, UUID(ticket["contact"]["id"]))
            await contacts.add_identity(work, contact, "phone", f"+{number}")
        await reply(client, ticket, "To the id")
        await desk.settled(30)
        assert emulator.sent[-1].to == hidden
        await emulator.say("Now with my number", sender=number)
        ticket = await one_ticket(desk, client, inbox)
        await reply(client, ticket, "To the number")
        await desk.settled(30)
        assert emulator.sent[-1].to.lstrip("+") == number
        await _undeliverable(desk, f"+{number}")
        await reply(client, ticket, "To the id again")
        await desk.settled(30)
        assert emulator.sent[-1].to == hidden


async def _undeliverable(desk: Whole, value: str) -> None:
    async with desk.desk.units.write() as work:
        await work.session.execute(
            update(Identity).where(Identity.value == value).values(undeliverable_at=work.now)
        )


async def test_a_failure_for_good_flags_the_id_it_went_to(desk: Whole) -> None:
    _, client = await desk.agent()
    hidden = f"NO.Gone{next(COUNT)}"
    async with connected(desk, "whatsapp") as (inbox, emulator):
        await emulator.say("Hello", sender=hidden)
        ticket = await one_ticket(desk, client, inbox)
        await reply(client, ticket, "Are you there?")
        await desk.settled(30)
        await emulator.report(emulator.sent[-1].id, "failed", 131026)
        await desk.settled(30)
        assert (await composer(client, ticket))["undeliverable_at"] is not None


async def test_a_comment_is_answered_below_the_post_and_opens_no_window(desk: Whole) -> None:
    _, client = await desk.agent()
    async with connected(desk, "messenger") as (inbox, emulator):
        await emulator.say("In private", channel="messenger")
        private = await one_ticket(desk, client, inbox)
        await _written_ago(desk, inbox, timedelta(hours=30))
        await emulator.comment("Is this in stock?", channel="messenger")
        public = await _other(desk, client, inbox, private)
        # Below the post there is no window, and an answer goes at any time.
        offered = await composer(client, public)
        assert (offered["window"], offered["refusals"]) == (None, [])
        assert offered["capabilities"]["tags"] == ["PRIVATE_REPLY"]
        await reply(client, public, "It is!")
        await desk.settled(30)
        assert (emulator.sent[-1].kind, emulator.sent[-1].text) == ("comment", "It is!")
        # The comment opened nothing for the private conversation.
        offered = await composer(client, private)
        assert offered["window"]["open"] is False
        assert offered["capabilities"]["tags"] == ["HUMAN_AGENT"]
        assert await refused(client, private) == ["window-closed"]
        assert await refused(client, private, tag="PRIVATE_REPLY") == ["not-public"]
        # The comment itself can be answered in private for a week.
        await reply(client, public, "Write to us", tag="PRIVATE_REPLY")
        await desk.settled(30)
        assert emulator.sent[-1].raw["recipient"] == {"comment_id": public_comment(emulator)}
        await _written_ago(desk, inbox, timedelta(days=8))
        assert await refused(client, public, tag="PRIVATE_REPLY") == ["window-closed"]
        assert await refused(client, private, tag="HUMAN_AGENT") == ["window-closed"]


def public_comment(emulator: Any) -> str:
    """The customer's comment, from the address that we answered below."""
    return next(str(sent.to) for sent in emulator.sent if sent.kind == "comment")


async def _written_ago(desk: Whole, inbox: Inbox, age: timedelta) -> None:
    async with desk.desk.units.write() as work:
        await work.session.execute(
            update(Message)
            .where(Message.inbox_id == inbox.id, Message.kind == "inbound")
            .values(occurred_at=work.now - age)
        )


async def _other(
    desk: Whole, client: httpx.AsyncClient, inbox: Inbox, known: dict[str, Any]
) -> dict[str, Any]:
    await desk.settled(30)
    (found,) = [one for one in await tickets(client, inbox) if one["id"] != known["id"]]
    return found


async def _own_comment(
    emulator: Any, thread: str, said: str, *, comment: str, verb: str = "add"
) -> None:
    """Meta tells of a comment of the page's own, in the branch of a customer's comment."""
    value = {
        "item": "comment", "verb": verb, "post_id": f"{emulator.page}_900", "parent_id": thread,
        "comment_id": comment, "message": said, "created_time": 1_750_000_000,
        "from": {"id": emulator.page, "name": "Demo Shop"},
    }  # fmt: skip
    change = {"field": "feed", "value": value}
    entry = {"id": emulator.page, "time": 1_750_000_000, "changes": [change]}
    await emulator.deliver("messenger", {"object": "page", "entry": [entry]})


async def test_our_own_comment_is_told_when_it_was_written_elsewhere(desk: Whole) -> None:
    _, client = await desk.agent()
    async with connected(desk, "messenger") as (inbox, emulator):
        await emulator.comment("Is this in stock?", channel="messenger")
        ticket = await one_ticket(desk, client, inbox)
        await reply(client, ticket, "It is!")
        await desk.settled(30)
        ours = emulator.sent[-1]
        await _own_comment(emulator, ours.to, "It is!", comment=ours.id)  # the desk's own: known
        await _own_comment(emulator, ours.to, "More on Friday", comment="900_77")
        await _own_comment(emulator, ours.to, "More on Friday", comment="900_77")  # once more
        await _own_comment(emulator, "900_404", "Elsewhere", comment="900_78")  # nobody's ticket
        await _own_comment(emulator, ours.to, "It was!", comment=ours.id, verb="edited")
        await desk.settled(30)
        lines = [(m["kind"], m["text"]) for m in await thread(client, ticket)]
        assert lines == [
            ("inbound", "Is this in stock?"),
            ("reply", "It is!"),
            ("system", "Messenger: our side wrote below a post: More on Friday"),
            ("system", "Messenger: our side changed what it wrote below a post: It was!"),
        ]


async def test_an_answer_below_a_post_whose_receipt_got_lost_is_known_by_its_words(
    desk: Whole,
) -> None:
    _, client = await desk.agent()
    async with connected(desk, "messenger") as (inbox, emulator):
        await emulator.comment("Is this in stock?", channel="messenger")
        ticket = await one_ticket(desk, client, inbox)
        emulator.fail(200, b"", after=True)
        sent = await reply(client, ticket, "It is,\nin three colours!")
        await desk.settled(30)
        assert (await message_of(desk, sent)).state == "queued"  # nobody knows yet
        ours = emulator.sent[-1]
        await _own_comment(emulator, ours.to, "It is, in three colours!", comment=ours.id)
        await desk.settled(30)
        row = await message_of(desk, sent)
        assert (row.state, row.channel_message_id, row.retry_at) == ("sent", ours.id, None)
        assert [m["kind"] for m in await thread(client, ticket)] == ["inbound", "reply"]
        desk.clock.forward(minutes=3)
        desk.desk.queue.wake()
        await desk.settled(30)
        assert [one.text for one in emulator.sent] == ["It is,\nin three colours!"]


async def test_an_answer_of_whatsapps_that_got_lost_is_found_by_its_status(desk: Whole) -> None:
    """The status carries our key and has two minutes to come, before anything is sent again."""
    _, client = await desk.agent()
    async with connected(desk, "whatsapp") as (inbox, emulator):
        await emulator.say("Hello")
        ticket = await one_ticket(desk, client, inbox)
        emulator.fail(200, b"", after=True)
        sent = await reply(client, ticket, "Hi")
        await desk.settled(30)
        row = await message_of(desk, sent)
        (attempt,) = await attempts(desk, sent)
        assert (row.state, attempt.code) == ("queued", "unanswered")
        assert row.retry_at is not None
        assert row.retry_at - attempt.started_at >= timedelta(minutes=2)
        await emulator.report(emulator.sent[-1].id, "delivered")
        await desk.settled(30)
        row = await message_of(desk, sent)
        assert (row.state, row.channel_message_id) == ("delivered", emulator.sent[-1].id)
        desk.clock.forward(minutes=3)
        desk.desk.queue.wake()
        await desk.settled(30)
        assert len(emulator.sent) == 1


async def test_a_text_that_went_without_its_file_is_never_sent_again(desk: Whole) -> None:
    _, client = await desk.agent()
    async with connected(desk, "messenger") as (inbox, emulator):
        await emulator.say("Hello", channel="messenger")
        ticket = await one_ticket(desk, client, inbox)
        upload = await client.post("/api/v1/files", files={"file": ("map.png", PNG)})
        # The file is taken, the text goes out, and then the file's place is refused.
        emulator.faults.extend([None, None])
        emulator.refuse(2018047, "no")
        sent = await reply(client, ticket, "Here", attachment_ids=[upload.json()["id"]])
        await desk.settled(30)
        row = await message_of(desk, sent)
        (attempt,) = await attempts(desk, sent)
        assert (row.state, attempt.code) == ("failed", "partial")
        assert "the text was sent, but not the file" in row.state_reason
        answer = await client.post(f"/api/v1/messages/{sent['id']}/retry")
        assert answer.status_code == 409
        assert "Send what is missing by itself" in answer.json()["detail"]
        many = await client.post("/api/v1/deliveries/retry", json={"ids": [sent["id"]]})
        assert many.json()["items"][0]["ok"] is False
        assert [one.text for one in emulator.sent] == ["Here"]


async def test_a_file_that_meta_does_not_have_any_more_is_told_and_not_asked_for_again(
    desk: Whole,
) -> None:
    _, client = await desk.agent()
    async with connected(desk, "whatsapp") as (inbox, emulator):
        before = len(emulator.requests)
        emulator.refuse(100, "Unsupported get request. Object does not exist")
        await emulator.say("Look", media=Attachment("photo.png", "image/png", PNG))
        ticket = await one_ticket(desk, client, inbox)
        (message,) = await thread(client, ticket)
        (file,) = message["attachments"]
        assert file["state"] == "failed"
        assert "30 days" in file["state_reason"]
        assert len(emulator.requests) == before + 1
