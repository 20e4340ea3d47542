"""What people do in Telegram, as the desk reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from channels.contract import (
    BadSignature,
    Inbound,
    InboundMessage,
    Media,
    Notice,
    RawPayload,
    Unparsable,
)
from channels.telegram.adapter import TelegramChannel
from channels.telegram.chats import Spot
from tests.channels.telegram.samples import CONFIG, FIXTURES, NAME, fits, spec, update, wrong
from tests.support.shared import needs_spec

channel = TelegramChannel()


def one(name: str) -> Inbound:
    (found,) = channel.parse(update(name), CONFIG)
    return found


def message(name: str) -> InboundMessage:
    found = one(name)
    assert isinstance(found, InboundMessage)
    return found


def notice(name: str) -> Notice:
    found = one(name)
    assert isinstance(found, Notice)
    return found


@needs_spec(NAME)
@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_the_fixtures_are_what_telegram_describes(path: Path) -> None:
    if path.stem == "unknown-message":  # a kind of the future
        return
    found = json.loads(path.read_text())
    assert not wrong(found, spec()["types"]["Update"]["fields"]), path.stem
    assert fits(found, "Update")


def test_a_text_with_a_link_behind_its_words() -> None:
    found = message("text")
    assert found.text == "Hei 📦 se her (https://shop.example/a) eller der"
    assert (found.sender.kind, found.sender.value) == ("telegram", "4711")
    assert found.sender.name == "Kari Nordmann"
    assert found.sender.verified
    assert found.locale == "nb"
    assert found.conversation == ""
    assert found.sent_at is not None
    assert found.sent_at.year == 2026


@pytest.mark.parametrize(
    ("name", "ref", "kind", "filename"),
    [
        ("photo", "large", "image/jpeg", "photo.jpg"),
        ("document", "doc1", "application/pdf", "faktura.pdf"),
        ("voice", "v1", "audio/ogg", "voice.ogg"),
        ("audio", "a1", "audio/mpeg", "audio.mp3"),
        ("video", "vid1", "video/mp4", "video.mp4"),
        ("animation", "an1", "video/mp4", "animation.mp4"),
        ("sticker", "st1", "image/webp", "sticker.webp"),
    ],
)
def test_every_kind_of_file(name: str, ref: str, kind: str, filename: str) -> None:
    (found,) = message(name).media
    assert isinstance(found, Media)
    assert (found.ref, found.content_type, found.filename) == (ref, kind, filename)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("location", "59.91, 10.75"),
        ("venue", "Shop, Storgata 1 (59.91, 10.75)"),
        ("contact", "Ola +4790000002"),
        ("poll", "Which one?\n- Red\n- Blue"),
        ("dice", "🎲 6"),
        ("sticker", "👍"),
        ("photo", "Broken"),
        ("unknown-message", "hologram:\ntitle: A new kind\ndepth: 3"),
    ],
)
def test_what_has_no_text_of_its_own_still_reads(name: str, text: str) -> None:
    assert message(name).text == text


def test_replies_and_edits_name_the_message_they_mean() -> None:
    assert message("reply").in_reply_to == "4711:42"
    edited = message("edited")
    assert (edited.edits, edited.external_id) == ("4711:77", "4711:77:edit:1795590060")


def test_a_pressed_button_reads_as_its_title() -> None:
    found = message("callback")
    assert (found.text, found.extra["payload"]) == ("Yes", "csat:5")
    assert found.in_reply_to == "4711:42"
    answer = channel.accepted(update("callback"), CONFIG)
    assert b'"callback_query_id": "4382"' in answer.body
    assert channel.accepted(update("text"), CONFIG).body == b""


def test_a_reaction() -> None:
    found = message("reaction")
    assert (found.reaction, found.in_reply_to, found.text) == ("👍", "4711:42", "")


def test_blocking_the_bot_is_a_stop_and_letting_it_in_a_start() -> None:
    blocked, unblocked = notice("blocked"), notice("unblocked")
    assert (blocked.keyword, unblocked.keyword) == ("stop", "start")
    assert blocked.about is not None
    assert blocked.about.value == "4711"
    assert message("stop").keyword == "stop"


def test_opening_the_chat_is_no_message_unless_it_carries_something() -> None:
    assert notice("start").keyword == "start"
    assert message("start-payload").extra["payload"] == "order-77"


@pytest.mark.parametrize("name", ["group-mention", "group-command", "group-reply", "forum-topic"])
def test_in_groups_the_bot_listens_when_it_is_spoken_to(name: str) -> None:
    found = message(name)
    assert found.sender.value == "4711"
    assert found.conversation.startswith("-1001234567890")
    assert found.extra["group"] == "Shop friends"


def test_in_groups_it_does_not_listen_to_anything_else() -> None:
    chatter = update("group-chatter")
    assert channel.parse(chatter, CONFIG) == []
    assert len(channel.parse(chatter, replace(CONFIG, options={"groups": "all"}))) == 1
    none = replace(CONFIG, options={"groups": "none"})
    assert channel.parse(update("group-mention"), none) == []


def test_a_forum_topic_is_a_conversation_of_its_own() -> None:
    assert message("forum-topic").conversation == "-1001234567890/55"
    assert message("group-mention").conversation == "-1001234567890"


@pytest.mark.parametrize("text", ["4711", "-100/55", "4711@BC1", "-100/5@B_-1"])
def test_a_conversation_is_read_as_it_is_written(text: str) -> None:
    assert str(Spot.read(text)) == text


def test_a_business_account_is_answered_through_its_connection() -> None:
    theirs, ours = message("business-message"), message("business-own")
    assert theirs.conversation == ours.conversation == "4711@BC1"
    assert (theirs.own, ours.own) == (False, True)
    assert ours.to[0].value == "4711"
    deleted = channel.parse(update("business-deleted"), CONFIG)
    assert [m.deletes for m in deleted if isinstance(m, InboundMessage)] == [
        "4711@BC1:3", "4711@BC1:4"]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("service", "new chat members"),
        ("channel-post", "Sale today"),
        ("business-connection", "BC1"),
        ("group-added", "added to Shop friends"),
        ("unknown-update", "poll_answer"),
    ],
)
def test_what_nobody_wrote_to_us_is_told_and_not_lost(name: str, words: str) -> None:
    assert words in notice(name).text


def test_one_lane_for_each_chat_and_one_name_for_each_update() -> None:
    keys = {path.stem: channel.key(update(path.stem), CONFIG) for path in FIXTURES.glob("*.json")}
    assert len({key.external_id for key in keys.values()}) == len(keys)
    assert keys["text"].lane == keys["callback"].lane == keys["blocked"].lane == "telegram:4711"
    assert keys["group-mention"].lane == "telegram:-1001234567890"


def test_the_secret_of_the_webhook_is_checked() -> None:
    payload = update("text")
    with pytest.raises(BadSignature):
        channel.verify(payload, CONFIG)
    wrong = replace(payload, headers={"x-telegram-bot-api-secret-token": "a" * 64})
    with pytest.raises(BadSignature):
        channel.verify(wrong, CONFIG)
    with pytest.raises(BadSignature, match="bot_token"):
        channel.verify(wrong, replace(CONFIG, secrets={}))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id": 1}', b"\xff", b'{"a": 1}'])
def test_what_is_no_update_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Unparsable):
        channel.parse(RawPayload(body), CONFIG)
