"""What partners may send, and in which words they are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.contract import (
    BadSignature,
    Inbound,
    InboundMessage,
    RawPayload,
    StatusUpdate,
    Unparsable,
)
from channels.open.adapter import OpenChannel
from tests.channels.open.samples import CONFIG, NOW, items, signed, webhook

channel = OpenChannel()
MESSAGE = {"type": "message", "id": "m-1", "sender": {"id": "c-1"}, "text": "hi"}


def one(name: str) -> Inbound:
    (found,) = channel.parse(webhook(name), CONFIG)
    return found


def message(name: str) -> InboundMessage:
    found = one(name)
    assert isinstance(found, InboundMessage)
    return found


def status(name: str) -> StatusUpdate:
    found = one(name)
    assert isinstance(found, StatusUpdate)
    return found


def test_a_message_with_all_that_surrounds_it() -> None:
    found = message("message")
    assert found.text == "Hei! Hvor er pakken?"
    assert found.sent_at == datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    assert (found.subject, found.conversation, found.locale) == ("Order 1234", "chat-9", "nb")
    assert found.extra["metadata"] == {"order": "1234", "vip": True}
    assert (found.sender.kind, found.sender.value) == ("open", "customer-1")


def test_other_addresses_of_the_customer_are_claims() -> None:
    aliases = {(one.kind, one.value, one.verified) for one in message("known-customer").aliases}
    assert aliases == {("email", "ola@example.org", False), ("phone", "+4790000002", False)}


def test_files_come_inside_or_by_link() -> None:
    found = message("attachments")
    assert (found.attachments[0].filename, found.attachments[0].data) == ("note.txt", b"hei\n")
    assert (found.media[0].ref, found.media[0].size) == ("https://files.example/box.jpg", 12345)


def test_buttons_reactions_edits_and_deletions() -> None:
    assert message("button").extra["payload"] == "csat:5"
    assert message("button").in_reply_to == "p-1"
    assert message("reaction").reaction == "👍"
    assert message("reaction-off").reaction == ""
    assert message("edit").edits == "m-1"
    assert message("delete").deletes == "m-1"
    assert message("stop").keyword == "stop"
    assert message("message").reaction is None


def test_statuses() -> None:
    delivered, failed = status("status-delivered"), status("status-failed")
    assert (delivered.external_id, delivered.state) == ("p-1", "delivered")
    assert delivered.key == "0199ac00-0000-7000-8000-000000000001"
    assert (failed.reason, failed.code, failed.permanent) == (
        "the number is out of service", "E7", True)  # fmt: skip


def test_a_batch_is_taken_apart_and_nothing_is_lost() -> None:
    whole = webhook("batch")
    parts = channel.split(whole, CONFIG)
    assert len(parts) == 4
    assert [i for part in parts for i in channel.parse(part, CONFIG)] == list(
        channel.parse(whole, CONFIG)
    )
    keys = [channel.key(part, CONFIG).external_id for part in parts]
    assert keys == ["message:m-20", "status:p-20:sent", "message:m-21", "status:p-20:delivered"]
    assert channel.key(parts[0], CONFIG).lane == "open:customer-1"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"hello", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"items": []}', '"version" must be 1'),
        (b'{"version": 1}', '"items" must be a list'),
        (b'{"version": 1, "items": [1]}', '"items" must be a list'),
    ],
)
def test_a_wrong_batch_is_refused_in_words(body: bytes, words: str) -> None:
    with pytest.raises(Unparsable, match=words):
        channel.parse(RawPayload(body), CONFIG)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "call"}, r"items\[0\].type is 'call'"),
        ({"id": ""}, "needs an id and a sender.id"),
        ({"sender": "c-1"}, "needs an id and a sender.id"),
        ({"text": ""}, "neither text nor attachments"),
        ({"txt": "hi"}, "does not know: txt; put them into metadata"),
        ({"sent_at": "yesterday"}, "sent_at is not a time"),
        ({"sent_at": "2026-01-01T00:00:00"}, "has no time zone"),
        ({"attachments": [{"data": "***"}]}, r"attachments\[0\].data is not base64"),
        ({"attachments": [{"filename": "x"}]}, "neither a url nor data"),
        ({"attachments": [{"url": "https://x.example"}] * 21}, "may hold 20"),
    ],
)
def test_a_wrong_message_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Unparsable, match=words):
        channel.parse(items({**MESSAGE, **change}), CONFIG)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"type": "status", "state": "sent"}, "needs the id"),
        ({"type": "status", "id": "p-1", "state": "lost"}, "state must be one of"),
    ],
)
def test_a_wrong_status_is_refused_in_words(found: dict[str, str], words: str) -> None:
    with pytest.raises(Unparsable, match=words):
        channel.parse(items(found), CONFIG)


class TestSignature:
    """HMAC over the time and the body, five minutes of tolerance."""

    payload = items(MESSAGE)

    def test_a_fresh_signed_call_passes(self) -> None:
        channel.verify(self.payload, CONFIG)
        late = replace(self.payload, received_at=NOW + timedelta(minutes=5))
        channel.verify(late, CONFIG)

    def test_an_old_one_is_refused_although_it_is_signed(self) -> None:
        for minutes in (6, -6):
            old = replace(self.payload, received_at=NOW + timedelta(minutes=minutes))
            with pytest.raises(BadSignature, match="clock"):
                channel.verify(old, CONFIG)

    def test_the_time_is_signed_too(self) -> None:
        later = {**self.payload.headers, "parley-timestamp": str(int(NOW.timestamp()) + 400)}
        moved = replace(self.payload, headers=later, received_at=NOW + timedelta(seconds=400))
        with pytest.raises(BadSignature):
            channel.verify(moved, CONFIG)

    def test_two_signatures_let_a_secret_be_replaced(self) -> None:
        both = f"v1={'0' * 64}, {self.payload.headers['parley-signature']}"
        headers = {**self.payload.headers, "parley-signature": both}
        channel.verify(replace(self.payload, headers=headers), CONFIG)

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"parley-timestamp": "x"},
            {"parley-timestamp": "9" * 40},
            {"parley-timestamp": str(int(NOW.timestamp())), "parley-signature": "v1="},
        ],
    )
    def test_anything_else_is_refused(self, headers: dict[str, str]) -> None:
        with pytest.raises(BadSignature):
            channel.verify(replace(self.payload, headers=headers), CONFIG)

    def test_without_a_secret_nothing_passes(self) -> None:
        with pytest.raises(BadSignature, match="signing_secret"):
            channel.verify(self.payload, replace(CONFIG, secrets={}))

    def test_the_body_counts_byte_for_byte(self) -> None:
        with pytest.raises(BadSignature):
            channel.verify(replace(signed(b"{}"), body=b"{} "), CONFIG)
