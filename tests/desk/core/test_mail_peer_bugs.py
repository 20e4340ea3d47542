"""What went wrong with mail in other desks, by its number there, and does not here."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import httpx
from sqlalchemy import select

from desk.contacts.models import Identity
from desk.inboxes.models import Inbox
from tests.desk.core.test_intake import answered, raws, tickets
from tests.desk.core.test_messages import thread
from tests.desk.core.test_ticket_changes import events, shown
from tests.desk.core.test_ticket_lists import patch
from tests.desk.whole import Whole, mail, reply

WELCOME = "Hello {{ contact.name }}, we have your mail as #{{ ticket.number }}."


async def texts(client: httpx.AsyncClient, ticket: dict[str, Any]) -> list[str]:
    return [one["text"].strip() for one in await thread(client, ticket)]


def report(inbox: Inbox, sent: EmailMessage, who: str, status: str = "5.1.1") -> bytes:
    """A failure report about a mail of ours."""
    head = (
        f"From: MAILER-DAEMON@mx.test\r\nTo: {inbox.address}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nReturn-Path: <>\r\n"
        f"Message-ID: <report-{status}-{who}>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    )
    fields = f"Final-Recipient: rfc822; {who}\r\nAction: failed\r\nStatus: {status}\r\n"
    return (
        f"{head}--b\r\n\r\nIt did not arrive.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{fields}\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {sent['Message-ID']}\r\n--b--\r\n"
    ).encode()


async def test_freescout_5284_4748_2807_zammad_1578_one_mail_to_several_inboxes_is_one_ticket(
    desk: Whole,
) -> None:
    one = await desk.mail_inbox(auto_reply=WELCOME)
    two = await desk.mail_inbox(auto_reply=WELCOME)
    three = await desk.mail_inbox(auto_reply=WELCOME)
    _, client = await desk.agent()
    message = mail("Ann <ann@several.test>", f"{two.address}, {one.address}", text="To you all")
    message["Cc"] = three.address
    # The copies come apart, the one of the inbox that was named first comes last.
    for inbox in (three, one, two):
        await desk.deliver(message, inbox.address)
    found = [(await tickets(client, inbox)) for inbox in (one, two, three)]
    assert [len(items) for items in found] == [1, 1, 1]
    assert len({items[0]["id"] for items in found}) == 1
    (ticket,) = found[0]
    assert ticket["inbox_id"] == str(two.id)
    assert (await texts(client, ticket))[0] == "To you all"
    assert len(await texts(client, ticket)) == 2  # and the automatic answer
    assert len(desk.sink.to("ann@several.test")) == 1
    for inbox in (one, two, three):
        assert {row.state for row in await raws(desk, inbox)} == {"done"}
    reasons = [
        e["reason"] for e in await events(client, ticket) if e["kind"].startswith("decision")
    ]
    assert any(one.address in reason for reason in reasons)
    # An answer by one team is seen by the others; the customer's answer to all stays one message.
    await reply(client, ticket, "An answer")
    await desk.settled()
    own = desk.sink.to("ann@several.test")[-1]["Message-ID"]
    back = mail("ann@several.test", f"{two.address}, {one.address}", In_Reply_To=own, text="Back")
    await desk.deliver(back, [one.address, two.address])
    (ticket,) = await tickets(client, one)
    assert (await texts(client, ticket)).count("Back") == 1


async def test_one_message_id_under_two_mails_is_two_messages(desk: Whole) -> None:
    one, two = await desk.mail_inbox(), await desk.mail_inbox()
    _, client = await desk.agent()
    first = mail("ann@sameid.test", one.address, text="The first")
    other = mail("ann@sameid.test", two.address, text="The second")
    other.replace_header("Message-ID", first["Message-ID"])
    await desk.deliver(first, one)
    await desk.deliver(other, two)
    assert await texts(client, (await tickets(client, one))[0]) == ["The first"]
    assert await texts(client, (await tickets(client, two))[0]) == ["The second"]


async def test_freescout_4250_zammad_5428_frappe_3628_machines_do_not_talk_to_each_other(
    desk: Whole,
) -> None:
    one = await desk.mail_inbox(auto_reply=WELCOME)
    two = await desk.mail_inbox(auto_reply=WELCOME)
    _, client = await desk.agent()
    before = len(desk.sink.mails)
    automated = {
        "oof@loops.test": {"Subject": "Automatic reply: hello"},
        "auto@loops.test": {"Auto-Submitted": "auto-replied"},
        "list@loops.test": {"List-Id": "<news.loops.test>"},
        "bulk@loops.test": {"Precedence": "bulk"},
        "quiet@loops.test": {"X-Auto-Response-Suppress": "All"},
        "no-reply@loops.test": {},
        two.address: {},
    }
    for who, fields in automated.items():
        await desk.deliver(mail(who, one.address, **fields), one)
    assert len(await tickets(client, one)) == len(automated)
    assert len(desk.sink.mails) == before
    # A person gets an answer, marked so that no machine answers it; the desk knows its own again.
    await desk.deliver(mail("ann@loops.test", one.address), one)
    (answer,) = desk.sink.to("ann@loops.test")
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["X-Auto-Response-Suppress"] == "All"
    back = answer.as_bytes().replace(b"To: ann <ann@loops.test>", f"To: {two.address}".encode())
    await desk.deliver(back, two, one.address)
    assert len(desk.sink.mails) == before + 1


async def test_frappe_3628_a_bounce_never_answers_a_bounce(desk: Whole) -> None:
    inbox = await desk.mail_inbox(auto_reply=WELCOME)
    _, client = await desk.agent()
    await desk.deliver(mail("ann@bounced.test", inbox.address), inbox)
    (answer,) = desk.sink.to("ann@bounced.test")
    await desk.deliver(report(inbox, answer, "ann@bounced.test"), inbox, "x@mx.test")
    (ticket,) = await tickets(client, inbox)
    messages = await thread(client, ticket)
    assert [one["state"] for one in messages] == ["received", "failed", "received"]
    assert len(desk.sink.to("ann@bounced.test")) == 1
    assert desk.sink.to("mailer-daemon@mx.test") == []
    async with desk.desk.units.read() as session:
        query = select(Identity.undeliverable_at).where(Identity.value == "ann@bounced.test")
        assert (await session.scalars(query)).one() is not None


async def test_a_customer_gets_few_automatic_answers_in_an_hour(desk: Whole) -> None:
    inbox = await desk.mail_inbox(auto_reply={"en": WELCOME, "de": "Hallo {{ contact.name }}"})
    for number in range(5):
        message = mail("ann@often.test", inbox.address, f"Question {number}")
        await desk.deliver(message, inbox)
    assert len(desk.sink.to("ann@often.test")) == 3
    desk.clock.forward(hours=2)
    german = mail("ann@often.test", inbox.address, "Frage", "Wo ist mein Paket?")
    german["Content-Language"] = "de"
    await desk.deliver(german, inbox)
    assert "Hallo ann" in desk.sink.to("ann@often.test")[-1].get_content()
    assert len(desk.sink.to("ann@often.test")) == 4


async def test_zammad_5064_2444_who_only_knows_the_number_stays_outside(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    sent = await answered(desk, client, inbox, "ann@number.test")
    (ticket,) = await tickets(client, inbox)
    number = ticket["number"]
    for subject in (f"Re: [#{number}] Hello", f"Re: Hello [Ticket#{number}]", sent["Subject"]):
        await desk.deliver(mail("mallory@evil.test", inbox.address, subject), inbox)
    with_token = sent["Reply-To"].addresses[0].addr_spec
    await desk.deliver(mail("mallory@evil.test", with_token, "Hello"), with_token)
    (ticket, *others) = await tickets(client, inbox)
    assert ticket["last_seq"] == 2
    assert len(others) == 4
    decision = next(
        e for e in await events(client, others[-1]) if e["kind"] == "decision.threading"
    )
    assert "takes no part" in decision["reason"]


async def test_zammad_2754_one_bad_mail_does_not_hold_up_the_others(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    await desk.deliver(b"Subject: nobody wrote this\r\n\r\n\xff\xfe\x00", inbox, "x@bad.test")
    await desk.deliver(mail("ann@good.test", inbox.address, text="Hello"), inbox)
    (ticket,) = await tickets(client, inbox)
    assert await texts(client, ticket) == ["Hello"]
    assert sorted(row.state for row in await raws(desk, inbox)) == ["done", "failed"]


async def test_zammad_1239_6308_a_refused_mail_says_so_in_its_ticket(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    await desk.deliver(mail("ann@refused.test", inbox.address), inbox)
    desk.sink.answers["ann@refused.test"] = ["550 5.7.1 not today"]
    (ticket,) = await tickets(client, inbox)
    await reply(client, ticket, "An answer")
    await desk.settled()
    last = (await thread(client, ticket))[-1]
    assert last["state"] == "failed"
    assert "not today" in last["state_reason"]


async def test_chatwoot_13502_answers_of_different_people_to_one_newsletter_stay_apart(
    desk: Whole,
) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    for who in ("ann@news.test", "bob@news.test"):
        message = mail(who, inbox.address, "Re: News in March", In_Reply_To="<news-3@shop.test>")
        message["References"] = "<news-3@shop.test>"
        await desk.deliver(message, inbox)
    first, second = await tickets(client, inbox)
    assert {first["contact"]["name"], second["contact"]["name"]} == {"ann", "bob"}


async def test_chatwoot_10028_an_answer_from_outlook_does_not_fork(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    sent = await answered(desk, client, inbox, "ann@outlook.test")
    # Outlook makes a new id, gives only the newest one in References and adds headers of its own.
    message = mail("ann@outlook.test", inbox.address, "RE: Hello", References=sent["Message-ID"])
    message["Thread-Topic"] = "Hello"
    message["Thread-Index"] = "AdrwFOO"
    await desk.deliver(message, inbox)
    again = mail("ANN@Outlook.test", sent["Reply-To"].addresses[0].addr_spec, "RE: Hello")
    await desk.deliver(again, sent["Reply-To"].addresses[0].addr_spec)
    (ticket,) = await tickets(client, inbox)
    assert ticket["last_seq"] == 4


async def test_chatwoot_15365_a_reply_address_in_cc_counts(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    sent = await answered(desk, client, inbox, "ann@incc.test")
    message = mail("ann@incc.test", "bob@incc.test", "Look at this")
    message["Cc"] = sent["Reply-To"].addresses[0].addr_spec
    await desk.deliver(message, sent["Reply-To"].addresses[0].addr_spec)
    (ticket,) = await tickets(client, inbox)
    assert ticket["last_seq"] == 3


async def test_utils_69_nobody_is_quietly_copied(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    message = mail("ann@quiet.test", inbox.address)
    message["Cc"] = "bob@quiet.test"
    await desk.deliver(message, inbox)
    (ticket,) = await tickets(client, inbox)
    await reply(client, ticket, "To the customer alone")
    copied = [inbox.address.replace("@", "+x@"), inbox.address, "carol@quiet.test"]
    await reply(client, ticket, "And to Carol, who was named", cc=copied)
    await desk.settled()
    first, second = desk.sink.to("ann@quiet.test")
    assert first["Cc"] is None
    assert [one.addr_spec for one in second["Cc"].addresses] == ["carol@quiet.test"]
    assert desk.sink.to("bob@quiet.test") == []
    assert desk.sink.to(inbox.address) == []


async def test_a_mail_forwarded_by_an_agent_belongs_to_its_author(desk: Whole) -> None:
    inbox = await desk.mail_inbox(authserv_id="mx.desk.test", auto_reply=WELCOME)
    agent, client = await desk.agent()
    text = (
        "She has waited since Monday.\n\n---------- Forwarded message ---------\n"
        "From: Ann Shopper <ann@shopper.test>\nDate: Tue, 3 Mar 2026 at 14:05\n"
        f"Subject: Broken lamp\nTo: <{agent.email}>\n\nMy lamp is broken.\n\nAnn\n"
    )
    message = mail(agent.email, inbox.address, "Fwd: Broken lamp", text)
    message.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="a.png")
    await desk.deliver(message, inbox)
    (ticket,) = await tickets(client, inbox)
    assert ticket["contact"]["name"] == "Ann Shopper"
    assert ticket["subject"] == "Broken lamp"
    first, note = await thread(client, ticket)
    assert first["text"] == "My lamp is broken.\n\nAnn"
    assert [file["filename"] for file in first["attachments"]] == ["a.png"]
    assert (note["kind"], note["text"]) == ("note", "She has waited since Monday.")
    assert note["author"]["name"] == agent.name
    assert any("forwarded it" in e["reason"] for e in await events(client, ticket))
    await reply(client, ticket, "Send it to us.")
    await desk.settled()
    (answer,) = desk.sink.to("ann@shopper.test")  # and no automatic one: she never wrote here
    assert "Send it to us." in answer.get_content()
    # Who is no agent, or only claims to be one, speaks for nobody else.
    await desk.deliver(mail("bob@other.test", inbox.address, "Fwd: Broken lamp", text), inbox)
    forged = mail(agent.email, inbox.address, "Fwd: Broken lamp", text)
    forged["Authentication-Results"] = "mx.desk.test; dmarc=fail header.from=desk.test"
    await desk.deliver(forged, inbox)
    _, stranger, fake = await tickets(client, inbox)
    assert stranger["contact"]["name"] == "bob"
    assert fake["contact"]["name"] != "Ann Shopper"


async def test_a_mail_forwarded_as_an_attachment_brings_its_files(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    agent, client = await desk.agent()
    inner = mail("Ann <ann@attached.test>", agent.email, "Broken lamp", "My lamp is broken.")
    inner.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="bill.pdf")
    outer = mail(agent.email, inbox.address, "FW: Broken lamp", "Please help.")
    outer.add_attachment(inner)
    await desk.deliver(outer, inbox)
    stranger = mail("bob@attached.test", inbox.address, "FW: Broken lamp", "Please help.")
    stranger.add_attachment(inner)
    await desk.deliver(stranger, inbox)
    mine, theirs = await tickets(client, inbox)
    first, note = await thread(client, mine)
    assert first["text"].strip() == "My lamp is broken."
    assert note["text"] == "Please help."
    names = {file["filename"] for file in first["attachments"]}
    assert "bill.pdf" in names
    assert any(name.endswith(".eml") for name in names)
    (kept,) = await thread(client, theirs)
    assert len(kept["attachments"]) == 1


async def test_a_follow_up_to_a_closed_ticket_names_it(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    sent = await answered(desk, client, inbox, "ann@reopened.test")
    (ticket,) = await tickets(client, inbox)
    await patch(client, ticket, status="closed")
    await desk.deliver(
        mail("ann@reopened.test", inbox.address, In_Reply_To=sent["Message-ID"]), inbox
    )
    _, new = await tickets(client, inbox)
    assert [link["kind"] for link in (await shown(client, new))["links"]] == ["follow_up"]


async def test_mail_of_another_desk_of_our_kind_is_a_persons(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    other = "01a211a8-6f2c-73ac-82a5-8ece426cb1af"
    message = mail("helper@partner.test", inbox.address)
    message["X-Parley-Desk"] = other
    await desk.deliver(message, inbox)
    (ticket,) = await tickets(client, inbox)
    (first,) = await thread(client, ticket)
    assert first["automated"] is None
