"""Setting channels up: what each takes, where it calls us, whether it works."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desk.inboxes import service as inboxes
from tests.desk.core.test_webhooks import letter
from tests.desk.whole import Whole


async def test_every_channel_says_what_it_takes(desk: Whole) -> None:
    _, client = await desk.agent()
    items = (await client.get("/api/v1/channels")).json()["items"]
    kinds = {item["kind"]: item for item in items}
    assert {"email", "webchat", "sms", "whatsapp", "pigeon"} <= kinds.keys()
    whatsapp = kinds["whatsapp"]
    assert whatsapp["webhook"] is True
    assert whatsapp["capabilities"]["reply_window_seconds"] == 86400
    assert {f["name"] for f in whatsapp["secrets"] if f["required"]} >= {"app_secret"}
    assert {f["name"] for f in whatsapp["common_options"]} >= {"reopen_hours", "quiet_hours"}
    for item in items:
        assert all(f["doc"] for f in item["options"] + item["secrets"])


async def test_an_inbox_shows_its_webhook_and_what_came_last(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, admin = await desk.agent("admin")
    await desk.flies(inbox, letter("ann"))
    boxes = {box["id"]: box for box in (await admin.get("/api/v1/inboxes")).json()["items"]}
    shown = boxes[str(inbox.id)]
    url = f"{desk.desk.settings.public_url}/webhooks/pigeon/{inbox.id}"
    assert shown["webhook_url"] == url
    assert shown["inbound"]["success_at"] is not None
    connected = await admin.post(f"/api/v1/inboxes/{inbox.id}/connect")
    assert (connected.status_code, connected.json()) == (200, {"items": []})
    chat = await desk.chat_inbox()
    assert (await admin.post(f"/api/v1/inboxes/{chat.id}/connect")).status_code == 422
    assert (await admin.post(f"/api/v1/inboxes/{uuid4()}/connect")).status_code == 404
    _, agent = await desk.agent()
    assert (await agent.post(f"/api/v1/inboxes/{inbox.id}/connect")).status_code == 403
    plain = (await agent.get("/api/v1/inboxes")).json()["items"]
    assert {box["webhook_url"] for box in plain} == {None}


async def test_our_own_number_may_be_a_short_code(desk: Whole) -> None:
    _, admin = await desk.agent("admin")
    new = {"channel": "sms", "name": "Codes", "address": " 72727 "}
    made = await admin.post("/api/v1/inboxes", json=new)
    assert (made.status_code, made.json()["address"]) == (201, "72727")
    refused = await admin.post("/api/v1/inboxes", json={**new, "address": "12"})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"reopen_hours": "soon"}, "options.reopen_hours"),
        ({"sends_per_second": 0}, "options.sends_per_second"),
        ({"quiet_hours": {"from": "25:00", "to": "08:00"}}, "options.quiet_hours"),
        ({"quiet_hours": "night"}, "options.quiet_hours"),
        ({"consent_texts": {"go": {"en": "x"}}}, "options.consent_texts"),
        ({"consent_texts": {"stop": {"en": ""}}}, "options.consent_texts"),
        ({"timezone": "Mars/Base"}, "options.timezone"),
        ({"unheard": 1}, "options.unheard"),
    ],
)
async def test_options_that_make_no_sense_are_refused(
    desk: Whole, options: dict[str, object], field: str
) -> None:
    _, admin = await desk.agent("admin")
    inbox = await desk.pigeon_inbox()
    answer = await admin.patch(f"/api/v1/inboxes/{inbox.id}", json={"options": options})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_good_options_are_taken(desk: Whole) -> None:
    _, admin = await desk.agent("admin")
    inbox = await desk.pigeon_inbox()
    options = {
        "reopen_hours": 24,
        "sends_per_second": 2.5,
        "quiet_hours": {"from": "21:00", "to": "08:00"},
        "consent_texts": {"stop": {"en": "Bye."}},
        "timezone": "Europe/Oslo",
        "loft": "the roof",
    }
    answer = await admin.patch(f"/api/v1/inboxes/{inbox.id}", json={"options": options})
    assert (answer.status_code, answer.json()["options"]) == (200, options)


async def test_an_sms_is_counted_as_it_will_be_billed(desk: Whole) -> None:
    _, client = await desk.agent()
    async with desk.desk.units.write() as work:
        inbox = await inboxes.create(
            work, desk.desk.shelf.box, channel="sms", name="SMS", address="+4790009999"
        )
    path = f"/api/v1/inboxes/{inbox.id}/segments"
    plain = (await client.post(path, json={"text": "x" * 161})).json()
    assert (plain["encoding"], plain["segments"]) == ("GSM-7", 2)
    foreign = (await client.post(path, json={"text": "x" * 70 + "ש"})).json()
    assert (foreign["encoding"], foreign["segments"], foreign["non_gsm"]) == ("UCS-2", 2, ["ש"])
    pigeon = await desk.pigeon_inbox()
    other = await client.post(f"/api/v1/inboxes/{pigeon.id}/segments", json={"text": "x"})
    assert other.status_code == 422
