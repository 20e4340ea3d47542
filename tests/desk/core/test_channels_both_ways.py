"""Every channel both ways, against its provider's stand-in, over real HTTP and real signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from channels.contract import Attachment
from channels.emulators.graph import GraphEmulator
from channels.emulators.telegram import TelegramEmulator
from channels.emulators.twilio import TwilioEmulator
from channels.signing import hmac_hex
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from tests.channels.cases import CALLED, CASES
from tests.desk.core.test_delivery import message_of
from tests.desk.core.test_intake import PNG, tickets
from tests.desk.core.test_messages import thread
from tests.desk.whole import COUNT, Whole, reply
from tests.support.serving import served


@asynccontextmanager
async def connected(desk: Whole, kind: str) -> AsyncIterator[tuple[Inbox, Any]]:
    """An inbox whose provider runs on loopback and calls us; set up as an admin would."""
    case = CASES[kind]
    assert case.emulator is not None
    emulator: Any = case.emulator()
    async with served(emulator.app) as url:
        config = case.at(url)
        async with desk.desk.units.write() as work:
            inbox = await inboxes.create(
                work,
                desk.desk.shelf.box,
                channel=kind,
                name=f"{kind} {next(COUNT)}",
                address=config.address,
                options=dict(config.options),
                secrets=dict(config.secrets),
            )
        if isinstance(emulator, GraphEmulator):
            emulator.origin = url
        _, admin = await desk.agent("admin")
        try:
            answer = await admin.post(f"/api/v1/inboxes/{inbox.id}/connect")
            assert answer.status_code == 200, answer.text
            callback = f"{desk.url}/webhooks/{kind}/{inbox.id}"
            if isinstance(emulator, TelegramEmulator):
                # Telegram calls no address without TLS, and the desk passes that on.
                assert "https" in answer.json()["items"][0]["remedy"]
                secret = hmac_hex(config.secrets["bot_token"], f"webhook:{inbox.id}".encode())
                emulator.callback, emulator.secret = callback, secret
            elif isinstance(emulator, GraphEmulator):
                assert emulator.callbacks[kind] == callback  # it asked us, and we answered
            else:
                emulator.callback = callback
            yield inbox, emulator
        finally:
            async with desk.desk.units.write() as work:  # the next test has the same address
                await inboxes.change(
                    work,
                    desk.desk.shelf.box,
                    inbox.id,
                    {"active": False, "address": _another(kind)},
                )


def _another(kind: str) -> str:
    number = next(COUNT)
    return f"+4791{number:06d}" if kind in {"sms", "whatsapp"} else f"former-{number}"


async def one_ticket(desk: Whole, client: httpx.AsyncClient, inbox: Inbox) -> dict[str, Any]:
    await desk.settled(30)
    (ticket,) = await tickets(client, inbox)
    return ticket


@pytest.mark.parametrize("kind", CALLED)
async def test_a_customer_writes_and_is_answered(desk: Whole, kind: str) -> None:
    case = CASES[kind]
    _, client = await desk.agent()
    async with connected(desk, kind) as (inbox, emulator):
        answer = await emulator.say("Where is my parcel?", **case.say)
        assert answer.is_success, answer.text
        ticket = await one_ticket(desk, client, inbox)
        assert ticket["channel"] == kind
        assert ticket["last_message"]["preview"] == "Where is my parcel?"
        sent = await reply(client, ticket, "On its way!")
        await desk.settled(30)
        assert (await message_of(desk, sent)).state == "sent"
        assert emulator.sent[-1].text == "On its way!"
        await emulator.say("Thank you", **case.say)
        ticket = await one_ticket(desk, client, inbox)
        texts = [m["text"] for m in await thread(client, ticket)]
        assert texts == ["Where is my parcel?", "On its way!", "Thank you"]
        if case.report is not None:
            await case.report(emulator, emulator.sent[-1].id, "delivered")
            await desk.settled(30)
            assert (await message_of(desk, sent)).state == "delivered"


async def test_files_go_both_ways_by_whatsapp(desk: Whole) -> None:
    _, client = await desk.agent()
    picture = Attachment("photo.png", "image/png", PNG)
    async with connected(desk, "whatsapp") as (inbox, emulator):
        await emulator.say("Look", media=picture)
        ticket = await one_ticket(desk, client, inbox)
        (message,) = await thread(client, ticket)
        (file,) = message["attachments"]
        assert (file["state"], file["content_type"]) == ("stored", "image/png")
        assert (await client.get(file["url"])).content == PNG
        upload = await client.post("/api/v1/files", files={"file": ("map.png", PNG)})
        await reply(client, ticket, "Here", attachment_ids=[upload.json()["id"]])
        await desk.settled(30)
        assert emulator.sent[-1].kind == "image"


async def test_files_go_both_ways_by_mms(desk: Whole) -> None:
    _, client = await desk.agent()
    picture = Attachment("photo.png", "image/png", PNG)
    async with connected(desk, "sms") as (inbox, emulator):
        assert isinstance(emulator, TwilioEmulator)
        async with served(emulator.app) as origin:
            async with desk.desk.units.write() as work:
                row = await work.session.get_one(Inbox, inbox.id)
                row.options = {**row.options, "api_url": origin}
            await emulator.say("Look", media=[picture], origin=origin)
            ticket = await one_ticket(desk, client, inbox)
            (file,) = (await thread(client, ticket))[0]["attachments"]
            assert (file["state"], file["content_type"]) == ("stored", "image/png")
            upload = await client.post("/api/v1/files", files={"file": ("map.png", PNG)})
            await reply(client, ticket, "Here", attachment_ids=[upload.json()["id"]])
            await desk.settled(30)
        (link,) = emulator.sent[-1].media
        # The carrier fetches it by its link alone.
        fetched = await desk.client().get(str(link))
        assert (fetched.content, fetched.headers["content-type"]) == (PNG, "image/png")


async def test_stop_by_sms_is_obeyed(desk: Whole) -> None:
    _, client = await desk.agent()
    async with connected(desk, "sms") as (inbox, emulator):
        await emulator.say("STOP")
        ticket = await one_ticket(desk, client, inbox)
        body = {"kind": "reply", "text": "But", "last_seen_seq": 9, "client_id": ticket["id"]}
        refused = await client.post(f"/api/v1/tickets/{ticket['id']}/messages", json=body)
        assert refused.json()["refusals"][0]["code"] == "opted-out"
        await emulator.say("START")
        ticket = await one_ticket(desk, client, inbox)
        await reply(client, ticket, "Welcome back")


async def test_a_short_code_is_not_answered(desk: Whole) -> None:
    _, client = await desk.agent()
    async with connected(desk, "sms") as (inbox, emulator):
        await emulator.say("Your code is 4711", sender="72727")
        ticket = await one_ticket(desk, client, inbox)
        offered = await client.get(
            f"/api/v1/inboxes/{inbox.id}/composer", params={"ticket": ticket["id"]}
        )
        assert [item["code"] for item in offered.json()["refusals"]] == ["no-answer"]
        body = {"kind": "reply", "text": "Hi", "last_seen_seq": 9, "client_id": ticket["id"]}
        refused = await client.post(f"/api/v1/tickets/{ticket['id']}/messages", json=body)
        assert refused.status_code == 422
        assert "72727" in refused.json()["refusals"][0]["text"]


async def test_a_pressed_button_comes_back_with_its_payload(desk: Whole) -> None:
    _, client = await desk.agent()
    buttons = [{"title": "Yes", "payload": "confirm"}, {"title": "No", "payload": "cancel"}]
    for kind in ("whatsapp", "telegram"):
        async with connected(desk, kind) as (inbox, emulator):
            await emulator.say("Hello", **CASES[kind].say)
            ticket = await one_ticket(desk, client, inbox)
            await reply(client, ticket, "Shall we?", buttons=buttons)
            await desk.settled(30)
            if isinstance(emulator, TelegramEmulator):
                await emulator.press("confirm")
            else:
                await emulator.press("Yes", "confirm", emulator.sent[-1].id)
            ticket = await one_ticket(desk, client, inbox)
            extra = (await thread(client, ticket))[-1]["extra"]
            assert extra["payload"] == "confirm", kind


async def test_the_same_person_by_sms_and_whatsapp_is_one_contact(desk: Whole) -> None:
    _, client = await desk.agent()
    found = []
    for kind, sender in (("sms", "+4793000001"), ("whatsapp", "4793000001")):
        async with connected(desk, kind) as (inbox, emulator):
            await emulator.say("Hello", sender=sender)
            found.append((await one_ticket(desk, client, inbox))["contact"]["id"])
    assert found[0] == found[1]


async def test_a_check_up_names_what_is_wrong(desk: Whole) -> None:
    for kind in ("whatsapp", "sms", "telegram"):
        async with connected(desk, kind) as (inbox, emulator):
            _, admin = await desk.agent("admin")
            good = (await admin.post(f"/api/v1/inboxes/{inbox.id}/check")).json()["items"]
            assert good, kind
            patch = {"secrets": {CASES[kind].wrong: "123:wrong"}}
            await admin.patch(f"/api/v1/inboxes/{inbox.id}", json=patch)
            bad = (await admin.post(f"/api/v1/inboxes/{inbox.id}/check")).json()["items"]
            assert any(not line["ok"] and line["remedy"] for line in bad), kind
            assert emulator.sent == []
