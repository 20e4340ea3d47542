"""What people do in LINE, as the desk reads it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from channels.contract import BadSignature, Inbound, InboundMessage, Notice, RawPayload, Unparsable
from channels.line.adapter import LineChannel
from tests.channels.line.samples import CONFIG, FIXTURES, signed, webhook

channel = LineChannel()
KARI = "U4af4980629" + "0" * 22
GROUP = "Ca56f94637c" + "0" * 22


def one(name: str) -> Inbound:
    (found,) = channel.parse(webhook(name), CONFIG)
    return found


def message(name: str) -> InboundMessage:
    found = one(name)
    assert isinstance(found, InboundMessage)
    return found


def notice(name: str) -> Notice:
    found = one(name)
    assert isinstance(found, Notice)
    return found


def test_a_text_with_an_emoji() -> None:
    found = message("text")
    assert found.text == "こんにちは (brown) 配送はいつですか"
    assert (found.sender.kind, found.sender.value, found.sender.verified) == ("line", KARI, True)
    assert found.extra["emojis"] == ["5ac1bfd5040ab15980c9b435/001"]
    assert found.sent_at is not None
    assert found.sent_at.microsecond > 0  # LINE tells milliseconds
    assert message("quote").in_reply_to == "468789577898262530"


@pytest.mark.parametrize(
    ("name", "kind", "filename"),
    [
        ("video", "video/mp4", "video.mp4"),
        ("audio", "audio/mp4", "audio.m4a"),
        ("file", "application/octet-stream", "請求書.pdf"),
    ],
)
def test_files_that_line_keeps(name: str, kind: str, filename: str) -> None:
    (media,) = message(name).media
    assert (media.content_type, media.filename) == (kind, filename)
    assert media.ref == f"content:{message(name).external_id}"


def test_pictures_sent_together_are_known_as_a_set() -> None:
    first, second = channel.parse(webhook("image-set"), CONFIG)
    assert isinstance(first, InboundMessage)
    assert isinstance(second, InboundMessage)
    assert first.extra["image_set"] == second.extra["image_set"] == "E005D41A7288F41B"
    assert message("image-external").media[0].ref == "https://img.example/a.jpg"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("location", "my location, 東京都千代田区紀尾井町1-3 (35.67966, 139.73669)"),
        ("sticker", "[sticker: hello, wave]"),
        ("postback", "csat:5"),
        ("postback-date", "datetime: 2026-12-01T10:00"),
    ],
)
def test_what_has_no_text_of_its_own_still_reads(name: str, text: str) -> None:
    assert message(name).text == text


def test_a_pressed_button_brings_its_payload() -> None:
    assert message("postback").extra["payload"] == "csat:5"
    assert message("postback-date").extra["payload"] == "slot"


def test_a_message_that_was_taken_back_is_named() -> None:
    assert message("unsend").deletes == "468789577898262001"


def test_friends_and_blocks_are_consent() -> None:
    follow, unfollow = notice("follow"), notice("unfollow")
    assert (follow.keyword, unfollow.keyword) == ("start", "stop")
    assert unfollow.about is not None
    assert unfollow.about.value == KARI


def test_in_groups_the_account_listens_when_it_is_mentioned() -> None:
    found = message("group-mention")
    assert (found.conversation, found.sender.value) == (GROUP, KARI)
    assert channel.parse(webhook("group-chatter"), CONFIG) == []
    everything = replace(CONFIG, options={"groups": "all"})
    assert len(channel.parse(webhook("group-chatter"), everything)) == 1


def test_a_nameless_member_is_the_room() -> None:
    found = message("room-nameless")
    assert found.sender.value == found.conversation
    assert not found.sender.verified


@pytest.mark.parametrize("name", ["join", "leave", "member-joined", "account-link", "unknown-kind"])
def test_what_nobody_wrote_is_told_and_not_lost(name: str) -> None:
    assert notice(name).text.startswith("LINE: ")
    assert "Kyoto" in notice("unknown-kind").text


def test_a_kind_of_message_that_is_new_still_reads() -> None:
    assert "A new kind" in message("unknown-message").text
    assert message("standby").extra["standby"] is True


def test_a_batch_is_taken_apart_and_nothing_is_lost() -> None:
    whole = webhook("batch")
    parts = channel.split(whole, CONFIG)
    assert len(parts) == 3
    read = [item for part in parts for item in channel.parse(part, CONFIG)]
    assert read == list(channel.parse(whole, CONFIG))
    keys = [channel.key(part, CONFIG) for part in parts]
    assert len({key.external_id for key in keys}) == 3
    assert len({key.lane for key in keys}) == 3


def test_a_redelivered_event_is_the_same_event() -> None:
    body = json.loads(webhook("text").body)
    again = json.loads(webhook("text").body)
    again["events"][0] |= {"deliveryContext": {"isRedelivery": True}, "replyToken": "another"}
    first = channel.key(signed(json.dumps(body).encode()), CONFIG)
    assert channel.key(signed(json.dumps(again).encode()), CONFIG) == first
    assert first.external_id == body["events"][0]["webhookEventId"]


def test_lines_question_whether_we_are_there_is_answered_at_once() -> None:
    empty = signed(b'{"destination": "U0", "events": []}')
    answer = channel.handshake(empty, CONFIG)
    assert answer is not None
    assert answer.status == 200
    with pytest.raises(BadSignature):
        channel.handshake(replace(empty, headers={}), CONFIG)
    assert channel.handshake(webhook("text"), CONFIG) is None


def test_the_signature_covers_the_raw_body() -> None:
    payload = webhook("text")
    channel.verify(payload, CONFIG)
    for wrong in (
        replace(payload, body=payload.body + b" "),
        replace(payload, headers={}),
        replace(payload, headers={"x-line-signature": "ÿ"}),
    ):
        with pytest.raises(BadSignature):
            channel.verify(wrong, CONFIG)
    with pytest.raises(BadSignature, match="channel_secret"):
        channel.verify(payload, replace(CONFIG, secrets={}))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"events": {}}', b'{"events": [1]}'])
def test_what_is_no_webhook_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Unparsable):
        channel.parse(RawPayload(body), CONFIG)


def test_each_fixture_has_its_own_name() -> None:
    parts = [part for path in FIXTURES.glob("*.json") for part in
             channel.split(RawPayload(path.read_bytes()), CONFIG)]  # fmt: skip
    assert len({channel.key(part, CONFIG).external_id for part in parts}) == len(parts)
