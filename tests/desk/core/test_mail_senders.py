"""Whether a mail's sender is who it says is checked by the desk, and said to the agent."""

from __future__ import annotations

import pytest

from channels.email.adapter import EmailChannel
from tests.channels.email.test_authentication import Zone
from tests.desk.core.test_intake import tickets
from tests.desk.core.test_messages import thread
from tests.desk.core.test_ticket_changes import events
from tests.desk.whole import Whole, mail

RECORDS = {
    ("customer.test", "TXT"): ["v=spf1 ip4:127.0.0.1 -all"],
    ("_dmarc.customer.test", "TXT"): ["v=DMARC1; p=reject"],
}


async def test_a_forged_sender_is_said_to_be_one(
    desk: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = desk.desk.shelf.channels.get("email")
    assert isinstance(channel, EmailChannel)
    monkeypatch.setattr(channel, "_resolver", Zone(RECORDS))
    for module in ("adapter", "authentication"):  # as if the loopback were the open
        monkeypatch.setattr(f"channels.email.{module}.is_open", lambda _ip: True)
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    await desk.deliver(mail("ann@customer.test", inbox.address), inbox)
    await desk.deliver(mail("ann@customer.test", inbox.address), inbox, "mallory@evil.test")
    real, forged = await tickets(client, inbox)
    (first,) = await thread(client, real)
    assert (first["envelope"]["auth"]["spf"], first["envelope"]["auth"]["dmarc"]) == (
        "pass",
        "pass",
    )
    (second,) = await thread(client, forged)
    assert second["envelope"]["auth"]["dmarc"] == "fail"
    said = [e for e in await events(client, forged) if e["kind"] == "decision.identity"]
    assert any("may be forged" in event["reason"] for event in said)
    assert not [
        e
        for e in await events(client, real)
        if e["kind"] == "decision.identity" and "forged" in e["reason"]
    ]


async def test_mail_arrives_when_no_name_server_answers(
    desk: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = desk.desk.shelf.channels.get("email")
    silent = frozenset({"quiet.test", "_dmarc.quiet.test"})
    monkeypatch.setattr(channel, "_resolver", Zone(silent=silent))
    for module in ("adapter", "authentication"):
        monkeypatch.setattr(f"channels.email.{module}.is_open", lambda _ip: True)
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    await desk.deliver(mail("ann@quiet.test", inbox.address), inbox)
    (ticket,) = await tickets(client, inbox)
    (first,) = await thread(client, ticket)
    assert first["envelope"]["auth"]["dmarc"] == "temperror"
