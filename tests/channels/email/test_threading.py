"""A mail joins the ticket it answers, and only if its sender takes part in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import InboundMessage
from channels.email.parse import parse_email
from channels.email.threading import (
    body_marker,
    gather_evidence,
    make_message_id,
    make_reply_token,
    read_reply_token,
    verify_message_id,
)
from channels.threading import Evidence, TicketFacts, decide
from tests.channels.email.samples import fixture

SECRET = "a secret of the desk"
TICKET = "0192f0c1-7a1e-7c3d-8b53-00000000002a"
TOKEN = make_reply_token(TICKET, SECRET)
OURS = make_message_id("0192f0c1-7a1e-7c3d-8b53-000000000001", SECRET, "desk.example")
PARTICIPANTS = frozenset({"kunde@example.org", "kollegin@example.org"})


def mail(head: str, body: str = "Hallo") -> InboundMessage:
    """A mail of the customer."""
    start = "" if "From:" in head else "From: kunde@example.org\r\n"
    return parse_email(f"{start}Subject: Re: Ticket #42\r\n{head}\r\n\r\n{body}".encode())


def facts(message: InboundMessage) -> dict[Evidence, TicketFacts]:
    """Every piece of evidence leads to the one ticket."""
    return {one: TicketFacts("T42", 42, PARTICIPANTS) for one in gather_evidence(message, SECRET)}


@pytest.mark.parametrize(("head", "kind"), [
    (f"In-Reply-To: <{OURS}>", "own_message"),
    (f"References: <x@y.example> <{OURS}> <z@y.example>", "own_message"),
    (f"In-Reply-To: <{OURS.upper()}>", "own_message"),
    (f"To: Support <support+{TOKEN}@desk.example>", "reply_token"),
    (f"To: chef@example.org\r\nCc: SUPPORT+{TOKEN.upper()}@DESK.EXAMPLE", "reply_token"),
    (f"Delivered-To: support+{TOKEN}@desk.example", "reply_token"),
    (f"X-Original-To: support+{TOKEN}@desk.example", "reply_token"),
    ("In-Reply-To: <seen@customer.example>", "known_message"),
])  # fmt: skip
def test_what_leads_to_a_ticket(head: str, kind: str) -> None:
    message = mail(head)
    decision = decide(message, gather_evidence(message, SECRET), facts(message))
    assert decision.ticket == "T42"
    assert decision.reason.key == f"threading.{kind}"
    assert decision.reason.text


def test_a_marker_in_the_quoted_text_leads_to_a_ticket() -> None:
    message = mail("X: y", f"Hallo\r\n> {body_marker(TOKEN)}")
    (evidence,) = gather_evidence(message, SECRET)
    assert (evidence.kind, evidence.key) == ("body_marker", TICKET)
    assert message.thread_hint == TOKEN


def test_the_subject_alone_never_decides() -> None:
    message = mail("X: y")
    assert gather_evidence(message, SECRET) == ()
    assert decide(message, (), {}).ticket is None


def test_a_stranger_who_knows_the_id_opens_a_ticket_of_his_own() -> None:
    message = mail(f"From: fremd@example.net\r\nIn-Reply-To: <{OURS}>")
    decision = decide(message, gather_evidence(message, SECRET), facts(message))
    assert (decision.ticket, decision.related) == (None, "T42")
    assert decision.reason.key == "threading.stranger"
    assert "fremd@example.net" in decision.reason.text


def test_a_copied_colleague_may_answer() -> None:
    message = mail(f"From: Kollegin@Example.org\r\nIn-Reply-To: <{OURS}>")
    assert decide(message, gather_evidence(message, SECRET), facts(message)).ticket == "T42"


def test_a_forged_sender_stays_outside() -> None:
    raw = (f"Authentication-Results: mx.desk.example; dmarc=fail\r\nFrom: kunde@example.org\r\n"
           f"In-Reply-To: <{OURS}>\r\n\r\nx")  # fmt: skip
    message = parse_email(raw.encode(), authserv_id="mx.desk.example")
    decision = decide(message, gather_evidence(message, SECRET), facts(message))
    assert decision.ticket is None
    assert decision.reason.key == "threading.forged"


def test_evidence_that_leads_nowhere_is_passed_over() -> None:
    message = mail(f"In-Reply-To: <{OURS}>\r\nTo: support+{TOKEN}@desk.example")
    token = Evidence("reply_token", TICKET)
    known = {token: TicketFacts("T42", 42, PARTICIPANTS)}
    decision = decide(message, gather_evidence(message, SECRET), known)
    assert decision.reason.key == "threading.reply_token"


def test_a_report_joins_the_ticket_of_the_mail_that_failed() -> None:
    raw = fixture("bounce-postfix.eml").replace(b"sent-1@desk.example", OURS.encode())
    message = parse_email(raw)
    evidence = gather_evidence(message, SECRET)
    assert evidence[0] == Evidence("bounced", "0192f0c1-7a1e-7c3d-8b53-000000000001")
    assert decide(message, evidence, facts(message)).ticket == "T42"


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=20))
def test_ids_and_tokens_say_what_was_put_in_and_nobody_else_can_make_them(
    key: str, secret: str
) -> None:
    one = make_message_id(key, secret, "desk.example")
    token = make_reply_token(key, secret)
    assert verify_message_id(f"<{one}>", secret) == key
    assert verify_message_id(one.upper(), secret) == key
    assert read_reply_token(token.upper(), secret) == key
    assert token == token.lower()
    assert all(char.isascii() and (char.isalnum() or char == "-") for char in token)
    assert verify_message_id(one, secret + "x") is None
    assert read_reply_token(token, secret + "x") is None
    assert read_reply_token(token[:-1] + ("a" if token[-1] != "a" else "b"), secret) is None


def test_a_reply_address_fits_into_a_local_part() -> None:
    assert len(f"support+{TOKEN}") <= 64


@given(st.text(max_size=100))
def test_any_text_is_no_token(text: str) -> None:
    assert read_reply_token(text, SECRET) is None
    assert verify_message_id(text, SECRET) is None
