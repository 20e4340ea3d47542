"""A mail by a service's webhook, over real HTTP, is a mail like any other."""

from __future__ import annotations

from uuid import uuid4

from desk.inboxes.service import change
from tests.channels.email.test_webhooks import HOOKS
from tests.desk.core.test_intake import tickets
from tests.desk.core.test_messages import thread
from tests.desk.whole import Whole, reply


async def test_a_mail_by_postmark_opens_a_ticket_and_a_bounce_marks_the_answer(desk: Whole) -> None:
    inbox = await desk.mail_inbox(inbound_provider="postmark")
    async with desk.desk.units.write() as work:
        await change(work, desk.desk.shelf.box, inbox.id, {}, {"webhook_password": "s3cret"})
    _, client = await desk.agent()
    stranger = desk.client()
    who = f"{uuid4().hex}@shopper.test"
    body = (HOOKS / "postmark-inbound.json").read_text().replace("anna@example.org", who)
    body = body.replace("support@desk.example", inbox.address).replace(
        "abc@mail", f"{uuid4()}@mail"
    )
    url = f"/webhooks/email/{inbox.id}"
    assert (await stranger.post(url, content=body)).status_code in {401, 403}
    for _ in range(2):  # it may be sent again
        answer = await stranger.post(url, content=body, auth=("parley", "s3cret"))
        assert answer.status_code == 200, answer.text
    await desk.settled()
    (ticket,) = await tickets(client, inbox)
    (first,) = await thread(client, ticket)
    assert "Wie groß ist sie?" in first["text"]
    assert {file["filename"] for file in first["attachments"]} == {"bill.pdf", "logo.png"}

    await reply(client, ticket, "30 cm")
    await desk.settled()
    (sent,) = desk.sink.to(who)
    bounce = (HOOKS / "postmark-bounce.json").read_text().replace("gone@example.org", who)
    bounce = bounce.replace(
        "0190c5b2-7c3e-7a10-8a10-2f6f5f0f0f0f", str(sent["X-PM-Metadata-parley"])
    )
    answer = await stranger.post(url, content=bounce, auth=("parley", "s3cret"))
    assert answer.status_code == 200
    await desk.settled()
    last = (await thread(client, ticket))[-1]
    assert last["state"] == "failed"
    assert "550 5.1.1" in last["state_reason"]
