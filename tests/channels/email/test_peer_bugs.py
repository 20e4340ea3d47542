"""What went wrong with mail in other desks, by its number there: the part that is pure.

The rest is in `tests/desk/core/test_mail_peer_bugs.py`, the mailbox's own in `test_imap.py`.
"""

# ruff: noqa: E501 - a table
from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.contract import Address, ChannelConfig, OutboundMessage, RawPayload
from channels.email.adapter import EmailChannel
from channels.email.compose import compose
from channels.email.parse import parse_email
from channels.email.threading import gather_evidence, make_message_id, make_reply_token
from channels.threading import Evidence, TicketFacts, decide

SECRET = "a secret of the tests"
CONFIG = ChannelConfig("i", "support@desk.example", "Support", secrets={"hash_secret": SECRET})
KEY = "0190c5b2-7c3e-7a10-8a10-2f6f5f0f0f0f"
FACTS = TicketFacts("t1", 1001, frozenset({"ann@example.org"}))


def raw(*lines: str, text: str = "Hello") -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


def test_chatwoot_10028_outlooks_own_headers_and_shortened_references_do_not_fork() -> None:
    ours = make_message_id(KEY, SECRET, "desk.example")
    mail = parse_email(
        raw(
            "From: Ann <ann@example.org>",
            f"In-Reply-To: <{ours.upper()}>",  # some servers write ids in capitals
            f"References: <{ours}>\r\n\t<x@outlook.example>",
            "Thread-Index: AdrwFOO",
            "Subject: RE: Hello",
        )
    )
    assert gather_evidence(mail, SECRET)[0] == Evidence("own_message", KEY)


def test_chatwoot_15365_a_reply_token_in_cc_is_found() -> None:
    token = make_reply_token("1001", SECRET)
    mail = parse_email(
        raw("From: ann@example.org", "To: bob@example.org", f"Cc: support+{token}@desk.example")
    )
    assert mail.thread_hint == token
    assert Evidence("reply_token", "1001") in gather_evidence(mail, SECRET)


@pytest.mark.parametrize("subject", ["Re: [#1001] Lamp", "Re: Lamp [Ticket#1001]", "#1001"])
def test_zammad_5064_2444_a_number_in_the_subject_is_no_evidence(subject: str) -> None:
    mail = parse_email(raw("From: mallory@evil.example", f"Subject: {subject}"))
    assert gather_evidence(mail, SECRET) == ()


def test_zammad_2444_a_token_in_the_wrong_hands_keeps_the_ticket_closed() -> None:
    token = make_reply_token("1001", SECRET)
    mail = parse_email(raw("From: mallory@evil.example", f"To: support+{token}@desk.example"))
    evidence = gather_evidence(mail, SECRET)
    decision = decide(mail, evidence, dict.fromkeys(evidence, FACTS))
    assert (decision.ticket, decision.related) == (None, "t1")


def test_a_made_up_token_or_message_id_is_none() -> None:
    token = make_reply_token("1001", "another secret")
    ours = make_message_id(KEY, "another secret", "desk.example")
    mail = parse_email(
        raw("From: ann@example.org", f"To: s+{token}@desk.example", f"In-Reply-To: <{ours}>")
    )
    assert [one.kind for one in gather_evidence(mail, SECRET)] == ["known_message"]


def test_utils_69_a_copied_address_is_copied_only_when_it_is_named() -> None:
    message = OutboundMessage(
        key=KEY,
        to=Address("email", "ann@example.org"),
        text="Hello",
        cc=(
            Address("email", "Support+x@Desk.example"),
            Address("email", "carol@example.org"),
            Address("email", "ann@example.org"),
        ),
    )
    sent = compose(message, CONFIG, date=datetime(2026, 3, 3, tzinfo=UTC), message_id="1@x.y")
    assert sent.recipients == ("ann@example.org", "carol@example.org")
    assert str(sent.message["Cc"]) == "carol@example.org"


@pytest.mark.parametrize("head", [
    "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated", "X-Autoreply: yes", "Precedence: auto_reply",
    "X-Auto-Response-Suppress: All\r\nSubject: Automatic reply: Hello", "Subject: Out of office", "Precedence: bulk",
    "X-MS-Exchange-Inbox-Rules-Loop: a@b.c", "List-Unsubscribe: <https://x.example>", "Return-Path: <>\r\nIn-Reply-To: <1@x.y>",
])  # fmt: skip
def test_freescout_4250_zammad_5428_frappe_3628_a_machine_is_known(head: str) -> None:
    assert parse_email(raw("From: ann@example.org", head)).automated is not None


def test_freescout_2807_a_mail_without_message_id_is_kept_and_found_again() -> None:
    data = raw("From: ann@example.org", "Subject: x")
    key = EmailChannel().key(RawPayload(data), CONFIG)
    assert key.external_id == parse_email(data).external_id
    assert key.external_id.startswith("sha256-")
    assert parse_email(data).message_id is None


def test_chatwoot_13502_two_people_who_answer_one_newsletter_share_no_evidence_of_ours() -> None:
    for who in ("ann@example.org", "bob@example.org"):
        mail = parse_email(raw(f"From: {who}", "In-Reply-To: <news-3@shop.example>"))
        evidence = gather_evidence(mail, SECRET)
        assert evidence == (Evidence("known_message", "news-3@shop.example"),)
        facts = {evidence[0]: TicketFacts("t", 1, frozenset({"ann@example.org"}))}
        assert (decide(mail, evidence, facts).ticket is not None) is (who == "ann@example.org")
