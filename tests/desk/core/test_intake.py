"""Mail in: kept before it is answered, one message each, in the ticket where it belongs."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from channels.contract import RawPayload
from channels.email.listener import Delivery, Recipient
from desk.contacts.models import Identity
from desk.files.models import Attachment
from desk.inboxes.models import Inbox
from desk.intake.models import RawInbound
from desk.tickets.models import Message, Ticket
from tests.desk.core.test_messages import thread
from tests.desk.core.test_ticket_changes import events, shown
from tests.desk.core.test_ticket_lists import ids, patch
from tests.desk.whole import Whole, mail, reply

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


async def raws(desk: Whole, inbox: Inbox) -> list[RawInbound]:
    async with desk.desk.units.read() as session:
        query = select(RawInbound).where(RawInbound.inbox_id == inbox.id).order_by(RawInbound.id)
        return list((await session.scalars(query)).all())


async def tickets(client: httpx.AsyncClient, inbox: Inbox) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/tickets", params={"inbox": str(inbox.id), "sort": "number"})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def answered(desk: Whole, client: httpx.AsyncClient, inbox: Inbox, who: str) -> EmailMessage:
    """A ticket of `who` with one answer; the mail that `who` got."""
    await desk.deliver(mail(who, inbox.address), inbox)
    (ticket,) = await tickets(client, inbox)
    await reply(client, ticket, "An answer")
    await desk.settled()
    return desk.sink.to(who)[-1]


async def test_250_means_stored(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    message = mail("ann@stored.test", inbox.address)
    await asyncio.to_thread(desk._submit, message, inbox, "")
    (row,) = await raws(desk, inbox)  # answered, whether it is processed yet or not
    assert (row.size, row.external_id) == (len(row.payload or b""), message["Message-ID"][1:-1])
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        await asyncio.to_thread(desk._submit, message, "nobody@desk.test", "")
    assert refusal.value.recipients["nobody@desk.test"][0] == 550


async def test_the_same_mail_twice_is_one_and_another_under_its_id_is_two(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    message = mail("ann@twice.test", inbox.address, text="the first")
    for hop in ("one", "two"):  # over two routes: only the traces differ
        traced = b"Received: from " + hop.encode() + b".test\r\n" + message.as_bytes()
        await desk.deliver(traced, inbox, "ann@twice.test")
    assert len(await raws(desk, inbox)) == 1
    other = mail("ann@twice.test", inbox.address, text="the second")
    other.replace_header("Message-ID", message["Message-ID"])
    for _ in range(2):
        await desk.deliver(other, inbox)
    assert len(await raws(desk, inbox)) == 2
    found = [await thread(client, ticket) for ticket in await tickets(client, inbox)]
    assert sorted(one["text"].strip() for messages in found for one in messages) == [
        "the first",
        "the second",
    ]


@pytest.mark.parametrize("how", ["references", "in_reply_to", "plus"])
async def test_an_answer_finds_its_ticket(desk: Whole, how: str) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    sent = await answered(desk, client, inbox, f"ann@{how}.test")
    to = inbox.address
    headers = {}
    if how == "plus":
        to = sent["Reply-To"].addresses[0].addr_spec
        assert "+" in to
    else:
        headers[how] = sent["Message-ID"]
    await desk.deliver(mail(f"ann@{how}.test", to, "A wholly new subject", **headers), to)
    (ticket,) = await tickets(client, inbox)
    assert ticket["last_seq"] == 3
    decision = next(e for e in await events(client, ticket) if e["kind"] == "decision.threading")
    assert decision["reason"]
    assert decision["data"]["sentence_key"].startswith("threading.")


async def test_who_takes_no_part_stays_outside(desk: Whole) -> None:
    inbox = await desk.mail_inbox(authserv_id="mx.desk.test")
    _, client = await desk.agent()
    sent = await answered(desk, client, inbox, "ann@outside.test")
    own = sent["Message-ID"]
    await desk.deliver(mail("mallory@evil.test", inbox.address, In_Reply_To=own), inbox)
    forged = mail("ann@outside.test", inbox.address, "Pay here", In_Reply_To=own)
    forged["Authentication-Results"] = "mx.desk.test; dmarc=fail header.from=outside.test"
    await desk.deliver(forged, inbox)
    first, stranger, fake = await tickets(client, inbox)
    assert first["last_seq"] == 2
    for apart in (stranger, fake):
        links = (await shown(client, apart))["links"]
        assert [link["ticket_id"] for link in links] == [first["id"]]
    reasons = [
        next(e["reason"] for e in await events(client, t) if e["kind"] == "decision.threading")
        for t in (stranger, fake)
    ]
    assert "takes no part" in reasons[0]
    assert "DMARC" in reasons[1]


async def test_who_was_copied_may_answer(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    first = mail("ann@copied.test", inbox.address)
    first["Cc"] = "bob@copied.test"
    await desk.deliver(first, inbox)
    (ticket,) = await tickets(client, inbox)
    await reply(client, ticket, "An answer", cc=["carol@copied.test"])
    await desk.settled()
    own = desk.sink.to("carol@copied.test")[-1]["Message-ID"]
    for who in ("bob@copied.test", "carol@copied.test"):
        await desk.deliver(mail(who, inbox.address, References=own), inbox)
    (ticket,) = await tickets(client, inbox)
    names = [one["author"]["name"] for one in await thread(client, ticket)]
    assert names[2:] == ["bob", "carol"]
    await reply(client, ticket, "To whom?")
    await desk.settled()
    assert len(desk.sink.to("ann@copied.test")) == 2  # the contact, not who wrote last


async def test_an_answer_to_a_closed_ticket_opens_a_follow_up(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    sent = await answered(desk, client, inbox, "ann@closed.test")
    (ticket,) = await tickets(client, inbox)
    await patch(client, ticket, status="closed")
    await desk.deliver(
        mail("ann@closed.test", inbox.address, In_Reply_To=sent["Message-ID"]), inbox
    )
    closed, new = await tickets(client, inbox)
    assert (closed["status"], closed["last_seq"], new["status"]) == ("closed", 2, "new")
    (link,) = (await shown(client, new))["links"]
    assert (link["kind"], link["ticket_id"]) == ("follow_up", closed["id"])
    assert new["contact"] == closed["contact"]


async def test_contacts_are_found_again_whatever_the_case(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    await desk.deliver(mail("ann@again.test", inbox.address), inbox)
    await desk.deliver(mail('"Ann Again" <ANN@Again.test>', inbox.address), inbox)
    first, second = await tickets(client, inbox)
    assert first["contact"]["id"] == second["contact"]["id"]
    contact = (await client.get(f"/api/v1/contacts/{first['contact']['id']}")).json()
    assert contact["name"] == "Ann Again"  # learned
    assert [i["value"] for i in contact["identities"]] == ["ann@again.test"]
    assert len(contact["tickets"]) == 2


async def test_attachments_are_what_they_are_and_can_do_nothing(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    message = mail("ann@files.test", inbox.address)
    files = [
        (PNG, "image", "jpeg", "shot.png", "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image", "svg+xml",
         "pic.svg", "image/svg+xml"),
        (b"<html><script>alert(1)</script>", "text", "plain", "note.txt", "text/html"),
        (b"%PDF-1.7 ...", "application", "octet-stream", "../../bill.pdf", "application/pdf"),
        (PNG, "image", "png", "again.png", "image/png"),
    ]  # fmt: skip
    for data, main, sub, name, _ in files:
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    await desk.deliver(message, inbox)
    (ticket,) = await tickets(client, inbox)
    (received,) = await thread(client, ticket)
    assert [a["content_type"] for a in received["attachments"]] == [kind for *_, kind in files]
    assert received["attachments"][3]["filename"] == "bill.pdf"
    async with desk.desk.units.read() as session:
        stored = await session.scalars(
            select(Attachment.sha256).where(Attachment.content_type == "image/png")
        )
        assert len(set(stored)) == 1  # one content, one file
    for shown_file, (data, *_) in zip(received["attachments"], files, strict=True):
        for query in ("", "?inline=1"):
            answer = await client.get(shown_file["url"] + query)
            assert answer.content == data
            assert "sandbox" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            raster = shown_file["content_type"] == "image/png" and query
            assert answer.headers["content-disposition"].startswith(
                "inline" if raster else "attachment"
            )
            kind = answer.headers["content-type"].partition(";")[0]
            assert kind == ("image/png" if raster else "application/octet-stream")


async def test_uploads_have_a_limit(desk: Whole) -> None:
    _, client = await desk.agent()
    limit = desk.desk.settings.max_attachment_bytes
    for data, status in ((b"", 422), (b"x" * (limit + 1), 413)):
        answer = await client.post("/api/v1/files", files={"file": ("a.bin", data)})
        assert answer.status_code == status, answer.text
    assert (await client.post("/api/v1/files", files={"file": ("", b"x")})).status_code < 500
    assert (await client.post("/api/v1/files", data={"file": "text"})).status_code == 422
    assert (await client.post("/api/v1/files", json={})).status_code == 422
    assert (await client.get(f"/api/v1/files/{uuid4()}")).status_code == 404


async def test_a_large_mail_lies_in_the_file_store(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent("lead")
    message = mail("ann@large.test", inbox.address)
    message.add_attachment(b"\x00\x01" * 200_000, maintype="application", subtype="x-big")
    await desk.deliver(message, inbox)
    (row,) = await raws(desk, inbox)
    assert (row.payload, row.state) == (None, "done")
    answer = await client.get(f"/api/v1/intake/{row.id}/raw")
    assert len(answer.content) == row.size
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_what_fails_is_shown_and_can_be_replayed(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, lead = await desk.agent("lead")
    await desk.deliver(b"Subject: nobody\r\n\r\nWho am I?\r\n", inbox, "")
    await desk.deliver(mail("ann@replay.test", inbox.address), inbox)
    failed, done = await raws(desk, inbox)
    assert (failed.state, done.state) == ("failed", "done")
    page = (await lead.get("/api/v1/intake", params={"state": "failed", "limit": 200})).json()
    (line,) = [item for item in page["items"] if item["id"] == str(failed.id)]
    assert "sender" in line["error"]
    for row in (failed, done):
        answer = await lead.post(f"/api/v1/intake/{row.id}/replay")
        assert answer.status_code == 202
    await desk.settled()
    assert [row.state for row in await raws(desk, inbox)] == ["failed", "done"]
    (ticket,) = await tickets(lead, inbox)
    assert ticket["last_seq"] == 1
    assert (await lead.post(f"/api/v1/intake/{uuid4()}/replay")).status_code == 404


def bounce_for(sent: EmailMessage, to: str, recipient: str) -> bytes:
    return f"""\
From: MAILER-DAEMON@mx.test
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{uuid4()}@mx.test>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system at host mx.test.

<{recipient}>: host mx.test said: 550 5.1.1 User unknown
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
--b
Content-Type: text/rfc822-headers

Message-ID: {sent["Message-ID"]}
To: {recipient}
--b--
""".encode()


async def test_a_bounce_marks_its_message_and_the_address(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    sent = await answered(desk, client, inbox, "gone@bounce.test")
    await desk.wrote(inbox, "alive@bounce.test")
    # Anybody can write a report; one about somebody we sent nothing to flags nobody.
    await desk.deliver(bounce_for(sent, inbox.address, "alive@bounce.test"), inbox, "x@mx.test")
    await desk.deliver(bounce_for(sent, inbox.address, "gone@bounce.test"), inbox, "x@mx.test")
    ticket = (await tickets(client, inbox))[0]
    messages = await thread(client, ticket)
    assert messages[1]["state"] == "failed"
    assert "5.1.1" in messages[1]["state_reason"]
    assert {m["automated"] for m in messages[2:]} == {"bounce"}
    async with desk.desk.units.read() as session:
        flags = {
            value: at is not None
            for value, at in await session.execute(
                select(Identity.value, Identity.undeliverable_at).where(
                    Identity.value.like("%@bounce.test")
                )
            )
        }
    assert flags == {"gone@bounce.test": True, "alive@bounce.test": False}
    await desk.deliver(mail("gone@bounce.test", inbox.address, "I am back"), inbox)
    assert len(await ids(client, inbox=str(inbox.id), q="gone@bounce")) == 2
    async with desk.desk.units.read() as session:
        flag = await session.scalar(
            select(Identity.undeliverable_at).where(Identity.value == "gone@bounce.test")
        )
    assert flag is None


HEADERS = ("From", "To", "Subject", "Message-ID", "References", "Date", "Content-Type", "Cc")
header = st.tuples(
    st.sampled_from(HEADERS),
    st.binary(max_size=60)
    | st.sampled_from([b"a@b.test", b"<x@y>", b"\x00@\xff", b"=?x?b?/w==?="]),
)
mails = st.binary(max_size=300) | st.builds(
    lambda fields, body: (
        b"".join(
            name.encode() + b": " + value.replace(b"\n", b" ") + b"\r\n" for name, value in fields
        )
        + b"\r\n"
        + body
    ),
    st.lists(header, max_size=8),
    st.binary(max_size=200),
)


async def test_any_bytes_whatsoever_are_kept_and_accounted_for(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, lead = await desk.agent("lead")
    samples: list[bytes] = [b"", b"\x00", b"From: \x00@\x00\r\n\r\n\x00", b"\xff" * 50]

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(mails)
    def collect(sample: bytes) -> None:
        samples.append(sample)

    collect()
    for number, sample in enumerate(samples):
        to = (Recipient(inbox.address, str(inbox.id)),)
        await desk.desk.mail.store(
            Delivery(
                "", to, RawPayload(sample, {"envelope-from": f"\x00{number}"}, "message/rfc822")
            )
        )
    await desk.settled(60)
    rows = await raws(desk, inbox)
    assert {row.state for row in rows} <= {"done", "failed"}
    assert all(row.error for row in rows if row.state == "failed")
    async with desk.desk.units.read() as session:
        made = await session.scalars(
            select(Message.raw_inbound_id).join(Ticket).where(Ticket.inbox_id == inbox.id)
        )
        assert set(made) >= {row.id for row in rows if row.state == "done"}
    before = len(await tickets(lead, inbox))
    for row in rows[:10]:
        await lead.post(f"/api/v1/intake/{row.id}/replay")
    await desk.settled(60)
    assert len(await tickets(lead, inbox)) == before
