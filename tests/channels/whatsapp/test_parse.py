"""Whatever a customer sends by WhatsApp, an agent can read it and knows who it was."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from channels.contract import Address, InboundMessage, Media, Notice, StatusUpdate, Unparsable
from tests.channels.whatsapp import spec
from tests.channels.whatsapp.samples import (
    INBOX,
    KARI,
    NAMES,
    OURS,
    WHATSAPP,
    fixture,
    hook,
    inbox,
    message,
    parsed,
    raw,
    status,
    text,
)
from tests.support.shared import needs_spec

SHA = base64.b64decode("SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=").hex()


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_payload_is_read(name: str) -> None:
    items = WHATSAPP.parse(fixture(name), INBOX)
    assert items
    for item in items:
        if not isinstance(item, StatusUpdate):
            assert item.text or (isinstance(item, InboundMessage) and item.media), name
        assert item.external_id


def test_a_text_with_its_sender_and_time() -> None:
    found = message("text")
    assert found.sender == KARI
    assert found.text == found.reply_text == "Hei! Kommer den i en annen farge?"
    assert found.sent_at == datetime(2025, 11, 25, 7, 0, 1, tzinfo=UTC)
    assert found.external_id.startswith("wamid.")
    assert (found.in_reply_to, found.own, found.automated) == (None, False, None)


def test_what_a_text_answers_or_came_from() -> None:
    assert message("text-reply").in_reply_to == OURS
    assert message("text-forwarded").extra["forwarded"] is True
    assert message("text-about-product").extra["product"] == "di9ozbzfi4"
    referral = message("text-from-ad").extra["referral"]
    assert isinstance(referral, dict)
    assert referral["source_url"] == "https://fb.me/3cr4Wqqkv"
    assert referral["headline"] == "Skriv til oss"


@pytest.mark.parametrize(
    ("name", "text", "media"),
    [
        ("image", "Slik ser den ut", Media("1003383421387001", "image/jpeg")),
        ("video", "", Media("1003383421387002", "video/mp4")),
        ("voice", "", Media("1003383421387003", "audio/ogg")),
        ("audio", "", Media("1003383421387004", "audio/mpeg")),
        (
            "document",
            "Kvitteringen",
            Media("1003383421387005", "application/pdf", "kvittering.pdf"),
        ),
        ("sticker", "", Media("1003383421387006", "image/webp")),
    ],
)
def test_files_are_named_for_fetching(name: str, text: str, media: Media) -> None:
    found = message(name)
    assert found.text == text
    (file,) = found.media
    assert (file.ref, file.content_type, file.filename) == (
        media.ref,
        media.content_type,
        media.filename,
    )
    assert file.sha256 == SHA  # written in base64 here, in hex by the API
    assert bool(found.extra.get("voice")) == (name == "voice")


def test_places_people_and_orders_are_readable() -> None:
    place = message("location")
    assert place.text.startswith("Location: Rådhuset, Rådhusplassen 1, Oslo\n59.912730, 10.746090")
    assert place.extra["location"] == {"latitude": 59.91273, "longitude": 10.74609}
    card = message("contacts").text
    assert card == "Contact: Lucía Gómez, Example SA, +34 612 345 678, lucia@example.com"
    assert message("order").text.splitlines() == [
        "Order",
        "2 × di9ozbzfi4, 30.5 NOK",
        "1 × nqryix03ez, 25 NOK",
        "Pakk den inn",
    ]


def test_reactions_come_and_go() -> None:
    put, taken = message("reaction"), message("reaction-removed")
    assert (put.reaction, put.in_reply_to, put.text) == ("👍", OURS, "Reacted with 👍")
    assert (taken.reaction, taken.in_reply_to) == ("", OURS)
    assert taken.text == "Took the reaction back"


@pytest.mark.parametrize(
    ("name", "text", "payload"),
    [
        ("button-of-template", "Meld meg av", "unsubscribe-7"),
        ("interactive-button", "Ja takk", "order-yes"),
        ("interactive-list", "Ekspress\nI morgen", "express"),
    ],
)
def test_pressed_buttons_are_text_with_a_payload(name: str, text: str, payload: str) -> None:
    found = message(name)
    assert (found.text, found.extra["payload"], found.in_reply_to) == (text, payload, OURS)


def test_a_filled_form_is_readable_and_its_token_is_not_shown() -> None:
    found = message("interactive-flow")
    assert found.text == "Sent\norder: 4711\nreason:\nbroken\nlate"
    assert "t-1" not in found.text


def test_edits_and_deletions_name_the_earlier_message() -> None:
    edited, deleted = message("edit"), message("revoke")
    assert (edited.edits, edited.text) == ("wamid.first", "Hei! Kommer den i blått?")
    assert deleted.deletes == "wamid.first"


def test_kinds_from_the_future_are_written_out() -> None:
    poll = message("unknown-kind")
    assert "kind “poll”" in poll.text
    assert "Når passer det?" in poll.text
    assert "Tirsdag" in poll.text
    unsupported = message("unsupported")
    assert "does not hand over" in unsupported.text
    assert "Message type is currently not supported" in unsupported.text
    assert "forsvinner" in message("ephemeral").text


def test_a_new_number_moves_the_person_along() -> None:
    found = message("system-number-changed")
    assert found.sender.value == "+4790123456"
    assert [alias.value for alias in found.aliases] == ["+4791234567"]
    assert found.automated == "auto_reply"
    assert "changed from" in found.text


def test_who_hides_the_number_is_still_somebody() -> None:
    hidden = message("hidden-number")
    assert hidden.sender == Address("whatsapp", "US.13491208655302741918", "Sam", verified=True)
    both = message("number-and-id")
    assert both.sender == KARI
    assert [(a.kind, a.value) for a in both.aliases] == [("whatsapp", "NO.13491208655302741919")]


def test_what_colleagues_write_in_the_app_is_ours() -> None:
    found = message("echo")
    assert found.own
    assert [to.value for to in found.to] == ["+4790123456"]
    assert found.sender.value == "+15550783881"
    assert message("group").conversation == "Y2FwaV9ncm91cDoxNTU1"


@pytest.mark.parametrize(
    ("wa_id", "value"),
    [
        ("4790123456", "+4790123456"),
        ("5215512345678", "+525512345678"),  # Mexico's old 1 for mobiles
        ("525512345678", "+525512345678"),
        ("551187654321", "+5511987654321"),  # Brazil's ninth digit
        ("5511987654321", "+5511987654321"),
        ("551132654321", "+551132654321"),  # a landline has eight
        ("972501234567", "+972501234567"),
    ],
)
def test_numbers_are_those_that_sms_has(wa_id: str, value: str) -> None:
    (found,) = WHATSAPP.parse(raw(hook(messages=[text(1, "hei", wa_id)])), INBOX)
    assert isinstance(found, InboundMessage)
    assert found.sender == Address("phone", value, "", verified=True)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("status-sent", "sent"),
        ("status-delivered", "delivered"),
        ("status-read", "read"),
        ("status-played", "read"),
        ("status-failed-window", "failed"),
    ],
)
def test_statuses(name: str, state: str) -> None:
    found = status(name)
    assert (found.external_id, found.state, found.recipient) == (OURS, state, "+4790123456")
    assert found.at is not None


def test_a_status_gives_our_key_back() -> None:
    assert status("status-sent").key == "0198c0de-0000-7000-8000-000000000001"
    assert status("status-delivered").key == ""


def test_a_failure_says_why_and_what_to_do() -> None:
    late = status("status-failed-window")
    assert late.code == "131047"
    assert "more than 24 hours have passed" in late.reason
    assert "send an approved template" in late.reason
    assert not late.permanent  # the number is fine
    gone = status("status-failed-undeliverable")
    assert gone.permanent
    assert "not on WhatsApp" in gone.reason


@pytest.mark.parametrize(
    ("name", "warning", "words"),
    [
        ("template-rejected", True, "order_update"),
        ("template-approved", False, "order_update"),
        ("account-alert", True, "More information is needed."),
        ("account-error", True, "throughput limit"),
        ("status-deleted", False, "deleted"),
    ],
)
def test_news_about_the_account_is_kept_readable(name: str, words: str, *, warning: bool) -> None:
    found = parsed(name)
    assert isinstance(found, Notice)
    assert found.warning == warning
    assert words in found.text


def test_who_stops_marketing_messages_in_whatsapp_is_heard() -> None:
    found = parsed("marketing-stopped")
    assert isinstance(found, Notice)
    assert (found.keyword, found.extra["purpose"]) == ("stop", "marketing")
    assert found.about is not None
    assert found.about.value == "+4790123456"
    resumed = hook("user_preferences", user_preferences=[{"wa_id": "4790123456",
                                                          "value": "resume"}])  # fmt: skip
    (again,) = WHATSAPP.parse(raw(resumed), INBOX)
    assert isinstance(again, Notice)
    assert again.keyword == "start"


def test_a_call_that_nobody_could_take_is_seen() -> None:
    found = parsed("call-missed")
    assert isinstance(found, Notice)
    assert found.text == "WhatsApp call from the customer: terminate failed"
    assert found.about is not None
    assert found.about.value == "+4790123456"


def test_a_chat_history_that_was_shared_is_told_in_short() -> None:
    """A business that brings its app along shares up to six months; the payload keeps it all."""
    old = [text(n, "before") for n in range(500)]
    shared = hook("history", history=[{"metadata": {"phase": 0}, "threads": [
        {"id": str(n), "messages": old} for n in range(50)]}])  # fmt: skip
    (found,) = WHATSAPP.parse(raw(shared), INBOX)
    assert isinstance(found, Notice)
    assert found.text.startswith("WhatsApp: history")
    assert len(found.text) < 10_000
    assert not found.warning


def test_a_message_for_another_number_does_not_enter_this_inbox() -> None:
    with pytest.raises(Unparsable, match="make an inbox for that number"):
        WHATSAPP.parse(fixture("text"), inbox(phone_number_id="999"))
    assert WHATSAPP.parse(fixture("text"), inbox(phone_number_id=""))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"entry": []}',
     b'{"object": "page", "entry": [{"changes": [{}]}]}',
     b'{"entry": [{"changes": [{"value": {"messages": [{"type": "text"}]}}]}]}'],
)  # fmt: skip
def test_what_makes_no_sense_says_so(body: bytes) -> None:
    with pytest.raises(Unparsable):
        WHATSAPP.parse(raw(body), INBOX)


# Newer than Meta's published file, which knows neither people without a number nor these kinds.
BEYOND = {
    "hidden-number",
    "number-and-id",
    "group",
    "ephemeral",
    "edit",
    "revoke",
    "unknown-kind",
    "interactive-flow",
    "system-number-changed",
    "status-deleted",
    "status-played",
    "batch",
}


@needs_spec(spec.NAME)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in BEYOND])
def test_recorded_payloads_are_shaped_as_meta_describes(name: str) -> None:
    for entry in json.loads(fixture(name).body)["entry"]:
        for change in entry["changes"]:
            for found in change["value"].get("messages", ()):
                spec.check_inbound(found)
            for found in change["value"].get("statuses", ()):
                spec.check_status(found)
