"""Conversational channels: one ticket a conversation, each message at its place, nothing lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update

from channels.contract import Address, InboundMessage
from desk.contacts.models import Contact, Identity
from desk.inboxes.models import Inbox
from desk.intake import service as intake
from desk.intake.habits import Habits
from desk.tickets import reconcile
from desk.tickets.models import Ticket
from tests.desk.core.test_intake import raws, tickets
from tests.desk.core.test_messages import thread
from tests.desk.core.test_ticket_changes import events, shown
from tests.desk.core.test_ticket_lists import patch
from tests.desk.core.test_webhooks import letter
from tests.desk.whole import Whole, reply

HABITS = Habits(joins=True, clock=True, consent=True)


def now(desk: Whole) -> float:
    return desk.clock().timestamp()


async def texts(client: httpx.AsyncClient, ticket: dict[str, Any]) -> list[str]:
    return [message["text"] for message in await thread(client, ticket)]


async def test_messages_join_the_open_ticket_and_a_closed_one_is_followed_up(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("ann", "one"))
    await desk.flies(inbox, letter("bob", "other"))
    await desk.flies(inbox, letter("ann", "two"))
    ann, bob = await tickets(client, inbox)
    assert (await texts(client, ann), await texts(client, bob)) == (["one", "two"], ["other"])
    await patch(client, ann, status="resolved")
    await desk.flies(inbox, letter("ann", "again"))
    assert (await shown(client, ann))["status"] == "open"
    await patch(client, ann, status="closed")
    await desk.flies(inbox, letter("ann", "new matter"))
    closed, _, new = await tickets(client, inbox)
    assert (closed["status"], closed["last_seq"], new["subject"]) == ("closed", 3, "new matter")
    (link,) = (await shown(client, new))["links"]
    assert (link["kind"], link["ticket_id"]) == ("follow_up", closed["id"])
    decision = next(e for e in await events(client, new) if e["kind"] == "decision.threading")
    assert str(closed["number"]) in decision["reason"]


async def test_a_resolved_ticket_reopens_within_the_hours_that_the_inbox_says(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox(reopen_hours=2)
    _, client = await desk.agent()
    await desk.flies(inbox, letter("ann"))
    (ticket,) = await tickets(client, inbox)
    for hours, count in ((1, 1), (3, 2)):
        await patch(client, ticket, status="resolved")
        async with desk.desk.units.write() as work:
            await work.session.execute(
                update(Ticket)
                .where(Ticket.id == UUID(ticket["id"]))
                .values(resolved_at=work.now - timedelta(hours=hours))
            )
        await desk.flies(inbox, letter("ann"))
        assert len(await tickets(client, inbox)) == count


async def test_conversations_of_one_person_stay_apart(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(
        inbox,
        letter("ann", "direct"),
        letter("ann", "below a post", conversation="post-1"),
        letter("ann", "more below it", conversation="post-1"),
        letter("ann", "direct again"),
    )
    found = [await texts(client, ticket) for ticket in await tickets(client, inbox)]
    assert found == [["direct", "direct again"], ["below a post", "more below it"]]
    post = (await tickets(client, inbox))[1]
    await reply(client, post, "Thanks!")
    await desk.settled()
    assert desk.loft.to("ann")[-1].conversation == "post-1"


async def take(desk: Whole, inbox: Inbox, sender: str, text: str) -> None:
    message = InboundMessage(
        channel="pigeon", sender=Address("pigeon", sender), text=text, external_id=text
    )
    async with desk.desk.units.write() as work:
        await intake.accept(work, inbox, message, habits=HABITS)


async def test_first_messages_at_the_same_moment_make_one_contact_and_one_ticket(
    desk: Whole,
) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    # Round the lanes: as if several processes took them in at once.
    await asyncio.gather(*(take(desk, inbox, "rush", f"rush {n}") for n in range(12)))
    (ticket,) = await tickets(client, inbox)
    assert sorted(await texts(client, ticket)) == sorted(f"rush {n}" for n in range(12))
    async with desk.desk.units.read() as session:
        owners = await session.scalars(select(Identity).where(Identity.value == "rush"))
        assert len(owners.all()) == 1


async def test_what_comes_late_stands_at_its_place_and_says_so(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    start = now(desk) - 3600
    await desk.flies(inbox, letter("ann", "first", at=start))
    await desk.flies(inbox, letter("ann", "third", at=start + 20))
    (ticket,) = await tickets(client, inbox)
    answer = await reply(client, ticket, "An answer")
    await desk.flies(inbox, letter("ann", "second", at=start + 10))
    shown_thread = await thread(client, ticket)
    assert [m["text"] for m in shown_thread] == ["first", "second", "third", "An answer"]
    assert [m["seq"] for m in shown_thread] == [1, 4, 2, 3]
    assert [m["late"] for m in shown_thread] == [False, True, False, False]
    (row,) = await tickets(client, inbox)
    # The list row shows what was said last; the late one still counts as new and unread.
    assert row["last_message"]["preview"] == "An answer"
    assert (row["last_inbound_seq"], row["last_seq"], row["unread"]) == (4, 4, True)
    stale = await client.post(
        f"/api/v1/tickets/{ticket['id']}/messages",
        json={"kind": "reply", "text": "?", "client_id": answer["id"], "last_seen_seq": 3},
    )
    assert (stale.status_code, stale.json()["newer"][0]["text"]) == (409, "second")
    path = f"/api/v1/tickets/{ticket['id']}/messages"
    before = (await client.get(path, params={"before_seq": 2, "limit": 1})).json()
    assert ([m["text"] for m in before["items"]], before["has_more"]) == (["second"], True)
    after = (await client.get(path, params={"after_seq": 3})).json()
    assert [m["text"] for m in after["items"]] == ["second"]
    async with desk.desk.units.read() as session:
        wrong = await reconcile.differences(session)
    assert [d for d in wrong if str(d.ticket_id) == ticket["id"]] == []


async def test_a_clock_that_goes_ahead_is_held_to_ours(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("ann", "from tomorrow", at=now(desk) + 86400))
    await desk.flies(inbox, letter("ann", "from today", at=now(desk)))
    (ticket,) = await tickets(client, inbox)
    assert await texts(client, ticket) == ["from tomorrow", "from today"]


async def test_answers_from_the_providers_own_app_are_replies_that_notify_nobody(
    desk: Whole,
) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("absent", "A question", name="Ann"))
    echo = letter("absent", "An answer by phone", own=True)
    await desk.flies(inbox, echo)
    await desk.flies(inbox, {**echo})
    (ticket,) = await tickets(client, inbox)
    asked, answered = await thread(client, ticket)
    assert (answered["kind"], answered["state"]) == ("reply", "sent")
    assert answered["author"] == {"kind": "system", "id": None, "name": "Sent from elsewhere"}
    assert answered["extra"]["elsewhere"] is True
    assert (ticket["waiting_since"], ticket["last_inbound_seq"]) == (None, asked["seq"])
    kinds = [e["kind"] for e in await events(client, ticket)]
    assert "message.mirrored" in kinds
    assert "message.queued" not in kinds  # nothing is sent again
    assert desk.loft.to("absent") == []


async def test_the_echo_of_our_own_message_is_not_another_one(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("echo", "A question"))
    (ticket,) = await tickets(client, inbox)

    async def echo_first(external_id: str) -> None:
        desk.loft.before_answer = None
        await desk.webhook(inbox, {**letter("echo", "Ours", own=True), "id": external_id})
        for _ in range(500):
            if [row for row in await raws(desk, inbox) if row.state == "done"][1:]:
                return
            await asyncio.sleep(0.01)

    desk.loft.before_answer = echo_first
    message = await reply(client, ticket, "Ours")
    await desk.settled()
    states = {m["id"]: m["state"] for m in await thread(client, ticket) if m["kind"] == "reply"}
    assert states.pop(message["id"]) == "sent"
    assert list(states.values()) == ["canceled"]


async def test_reactions_edits_and_unsends_change_the_message_they_are_about(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    said = letter("ann", "Hello wrold", name="Ann")
    await desk.flies(inbox, said)
    (ticket,) = await tickets(client, inbox)
    await reply(client, ticket, "Hi")
    await desk.settled()
    ours = next(iter(reversed(desk.loft.sent)))[0].key
    name = desk.loft.by_key[ours]
    await desk.flies(inbox, letter("ann", reply_to=name, reaction="👍"))
    await desk.flies(inbox, letter("ann", "Hello world", edits=said["id"], at=now(desk)))
    first, second = await thread(client, ticket)
    assert second["extra"]["reactions"][0]["emoji"] == "👍"
    assert (first["text"], first["extra"]["versions"][0]["text"]) == ("Hello world", "Hello wrold")
    assert first["edited_at"] is not None
    # An edit that was overtaken by a newer one changes nothing.
    await desk.flies(inbox, letter("ann", "Hello w", edits=said["id"], at=now(desk) - 60))
    await desk.flies(inbox, letter("ann", reply_to=name, reaction=""))
    await desk.flies(inbox, letter("ann", deletes=said["id"]))
    first, second = await thread(client, ticket)
    assert (first["text"], second["extra"]["reactions"]) == ("Hello world", [])
    assert first["removed_at"] is not None
    (row,) = await tickets(client, inbox)
    assert (row["last_seq"], row["waiting_since"]) == (2, None)  # nobody has to answer that
    what = [
        e["data"]["what"] for e in await events(client, ticket) if e["kind"] == "message.changed"
    ]
    assert sorted(what) == ["edit", "reaction", "reaction", "removed"]


async def test_a_word_on_a_message_that_we_never_had_is_not_lost(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("ann", "👍", reply_to="long ago", reaction="👍"))
    (ticket,) = await tickets(client, inbox)
    (message,) = await thread(client, ticket)
    assert (ticket["status"], message["extra"]["reaction"]) == ("resolved", "👍")
    await desk.flies(inbox, letter("ann", "The corrected text", edits="long ago"))
    (ticket,) = await tickets(client, inbox)
    assert (ticket["status"], await texts(client, ticket)) == ("open", ["👍", "The corrected text"])


async def test_a_quoted_message_and_a_pressed_button_are_kept(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    said = letter("ann", "Which one?")
    await desk.flies(inbox, said)
    await desk.flies(
        inbox, letter("ann", "The red one", reply_to=said["id"], extra={"payload": "red"})
    )
    (ticket,) = await tickets(client, inbox)
    extra = (await thread(client, ticket))[1]["extra"]
    assert extra == {"payload": "red", "reply_to_seq": 1}


async def test_another_name_of_the_same_person_is_the_same_contact(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("known-name", "one"))
    await desk.flies(inbox, letter("new-name", "two", aliases=[["pigeon", "known-name"]]))
    (ticket,) = await tickets(client, inbox)
    contact = (await client.get(f"/api/v1/contacts/{ticket['contact']['id']}")).json()
    assert sorted(i["value"] for i in contact["identities"]) == ["known-name", "new-name"]


async def test_a_name_that_the_channel_did_not_send_is_asked_for(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    desk.loft.names["7001"] = "Kari Nordmann"
    await desk.flies(inbox, letter("7001", "Hello"))
    (ticket,) = await tickets(client, inbox)
    assert ticket["contact"]["name"] == "Kari Nordmann"
    async with desk.desk.units.read() as session:
        stored = await session.get_one(Contact, UUID(ticket["contact"]["id"]))
    assert stored.name == "Kari Nordmann"


async def test_a_notice_is_a_line_in_its_ticket_or_an_alarm(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, letter("ann", "Hello"))
    notice = {"id": "n1", "from": "ann", "notice": "Ann has a new number."}
    await desk.flies(inbox, notice)
    for row in await raws(desk, inbox):  # replaying makes no second one
        _, lead = await desk.agent("lead")
        await lead.post(f"/api/v1/intake/{row.id}/replay")
    await desk.settled()
    (ticket,) = await tickets(client, inbox)
    lines = [(m["kind"], m["text"]) for m in await thread(client, ticket)]
    assert lines == [("inbound", "Hello"), ("system", "Ann has a new number.")]
    await desk.flies(inbox, {"id": "n2", "notice": "The loft is restricted.", "warning": True})
    _, admin = await desk.agent("admin")
    alarms = (await admin.get("/api/v1/audit", params={"kind": "alarm.raised"})).json()["items"]
    assert any(item["reason"] == "The loft is restricted." for item in alarms)
