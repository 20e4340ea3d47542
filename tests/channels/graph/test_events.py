"""Whatever happens in a conversation on Messenger or Instagram, an agent can read it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.contract import (
    Address,
    InboundMessage,
    Media,
    Notice,
    RawPayload,
    StatusUpdate,
    Unparsable,
)
from tests.channels.graph.samples import (
    CHANNELS,
    FIXTURES,
    INBOX,
    KINDS,
    PEOPLE,
    inbox,
    message,
    notice,
    raw,
    status,
)

BOTH = pytest.mark.parametrize("kind", KINDS)
EVERY = pytest.mark.parametrize(("kind", "name"), FIXTURES)
PAGE = {"messenger": "1906385232743451", "instagram": "17841400008460056"}


@BOTH
def test_a_text_with_its_sender_and_time(kind: str) -> None:
    found = message(kind, "text")
    assert found.sender == Address(kind, PEOPLE[kind], "", verified=True)
    assert found.text == found.reply_text == "Hei, er dere åpne?"
    assert found.external_id == "m_1"
    assert found.sent_at == datetime(2025, 11, 25, 7, 0, 1, tzinfo=UTC)
    assert not found.own
    assert message(kind, "text-reply").in_reply_to == "m_out_1"


@BOTH
def test_files_are_named_for_fetching(kind: str) -> None:
    assert message(kind, "image").media == (Media("https://cdn.example/a.jpg?oh=1"),)
    both = message(kind, "several-files")
    assert both.text == "To filer"
    assert [media.ref for media in both.media] == [
        "https://cdn.example/a.jpg", "https://cdn.example/b.mp4"]  # fmt: skip
    assert message(kind, "shared-link").media == ()  # a link is read, not fetched
    assert message(kind, "shared-link").text.count("https://shop.example/x") == 1


@BOTH
def test_buttons_and_where_people_come_from(kind: str) -> None:
    quick, start = message(kind, "quick-reply"), message(kind, "postback")
    assert (quick.text, quick.extra["payload"]) == ("Ja takk", "order-yes")
    assert (start.text, start.extra["payload"], start.external_id) == (
        "Kom i gang", "GET_STARTED", "m_8")  # fmt: skip
    assert start.extra["referral"] == {"ref": "kampanje-7", "source": "SHORTLINK",
                                       "type": "OPEN_THREAD"}  # fmt: skip
    advert = message(kind, "from-ad").extra["referral"]
    assert isinstance(advert, dict)
    assert advert["headline"] == "Sommersalg"
    assert "hylle-3" in message(kind, "referral").text


@BOTH
def test_reactions_edits_and_unsends(kind: str) -> None:
    put, taken = message(kind, "reaction"), message(kind, "reaction-removed")
    assert (put.reaction, put.in_reply_to) == ("❤", "m_out_1")
    assert (taken.reaction, taken.in_reply_to) == ("", "m_out_1")
    assert put.external_id != taken.external_id
    edited, deleted = message(kind, "edit"), message(kind, "deleted")
    assert (edited.edits, edited.text) == ("m_1", "Hei, er dere åpne i dag?")
    assert deleted.deletes == "m_1"
    assert len({edited.external_id, deleted.external_id, "m_1"}) == 3


@BOTH
def test_our_own_message_comes_back_as_proof_and_not_as_a_message(kind: str) -> None:
    found = status(kind, "echo-of-ours")
    assert (found.external_id, found.state, found.key) == ("m_out_1", "sent", "0198c0de-aaaa")
    assert found.recipient == PEOPLE[kind]
    # Also when the inbox does not say which app is ours: the mark in the message does.
    (same,) = CHANNELS[kind].parse(raw(kind, "echo-of-ours"), inbox(app_id=""))
    assert isinstance(same, StatusUpdate)


@BOTH
def test_what_colleagues_write_elsewhere_is_ours(kind: str) -> None:
    found = message(kind, "echo-from-inbox")
    assert found.own
    assert found.sender.value == PAGE[kind]
    assert [to.value for to in found.to] == [PEOPLE[kind]]
    lane = CHANNELS[kind].key(raw(kind, "echo-from-inbox"), INBOX).lane
    assert lane == CHANNELS[kind].key(raw(kind, "text"), INBOX).lane == f"{kind}:{PEOPLE[kind]}"


@BOTH
def test_handovers_are_told_beside_the_conversation(kind: str) -> None:
    taken, given = notice(kind, "handover-taken"), notice(kind, "handover-to-us")
    assert "taken over by the app 263902037430900: from the inbox" in taken.text
    assert "handed to us: bot gave up" in given.text
    assert taken.about is not None
    assert taken.about.value == PEOPLE[kind]
    assert message(kind, "standby").extra["standby"] is True
    assert "standby" not in message(kind, "text").extra


@BOTH
def test_kinds_from_the_future_are_written_out(kind: str) -> None:
    assert "score: 12" in message(kind, "unknown-event").text
    assert message(kind, "unknown-attachment").text == "[hologram]\ncaption: Se"
    assert "does not hand over" in message(kind, "unsupported").text


@EVERY
def test_every_recorded_payload_is_read(kind: str, name: str) -> None:
    for part in CHANNELS[kind].split(raw(kind, name), INBOX):
        found = CHANNELS[kind].parse(part, INBOX)
        assert found
        for item in found:
            if isinstance(item, InboundMessage):
                assert item.text or item.media
                assert item.sender.value
                assert item.external_id
            elif not isinstance(item, StatusUpdate):
                assert item.text


@BOTH
def test_an_event_of_another_page_does_not_enter_this_inbox(kind: str) -> None:
    other = inbox(page_id="999", instagram_id="999")
    with pytest.raises(Unparsable, match="make an inbox for that one"):
        CHANNELS[kind].parse(raw(kind, "text"), other)
    stranger = "instagram" if kind == "messenger" else "messenger"
    with pytest.raises(Unparsable, match="of the object"):
        CHANNELS[kind].parse(raw(stranger, "text"), INBOX)


@BOTH
def test_receipts(kind: str) -> None:
    seen = status(kind, "read")
    assert (seen.state, seen.recipient) == ("read", PEOPLE[kind])
    if kind == "instagram":
        assert (seen.external_id, seen.up_to) == ("m_out_1", None)
        return
    assert (seen.external_id, seen.up_to) == ("", datetime(2025, 11, 25, 7, 1, tzinfo=UTC))
    items = CHANNELS[kind].parse(raw(kind, "delivery"), INBOX)
    assert [(i.external_id, i.state) for i in items if isinstance(i, StatusUpdate)] == [
        ("m_out_1", "delivered"), ("m_out_2", "delivered")]  # fmt: skip
    old = status(kind, "delivery-watermark")
    assert (old.state, old.up_to is not None) == ("delivered", True)


@BOTH
def test_comments_are_messages_in_a_conversation_of_their_own(kind: str) -> None:
    first, reply = message(kind, "comment"), message(kind, "comment-reply")
    assert first.text == "Kommer den i blått?"
    assert first.sender.value == PEOPLE[kind]
    assert first.sender.name in {"Kari Nordmann", "kari.nordmann"}
    assert first.conversation == reply.conversation == f"comment:{first.external_id}"
    assert first.conversation.startswith(CHANNELS[kind].capabilities.public)
    assert first.extra["public"] is True
    assert reply.in_reply_to == first.external_id
    assert reply.sender.value != first.sender.value
    assert message(kind, "text").conversation == ""


@BOTH
def test_our_own_comment_comes_back_as_proof_and_is_told(kind: str) -> None:
    proof, told = CHANNELS[kind].parse(raw(kind, "comment-of-ours"), INBOX)
    assert isinstance(proof, StatusUpdate)
    assert proof.external_id == CHANNELS[kind].key(raw(kind, "comment-of-ours"), INBOX).external_id
    assert isinstance(told, Notice)
    assert told.text.endswith("our side wrote below a post: Ja!")
    assert told.conversation == message(kind, "comment").conversation


@BOTH
def test_what_only_one_of_them_has(kind: str) -> None:
    if kind == "instagram":
        story = message(kind, "story-reply")
        assert (story.text, story.extra["story"], story.media[0].filename) == (
            "Så fin!", "st1", "story")  # fmt: skip
        assert message(kind, "story-mention").text == "Mentioned you in a story"
        reel = message(kind, "reel")
        assert reel.text == "Shared a reel: Lampen vår"
        assert reel.media[0].ref.endswith("reel.mp4")
        assert message(kind, "comment-in-entry").text == "Fin"
        assert message(kind, "message-in-change").external_id == "m_30"
        assert "17894227972186120" in notice(kind, "mention").text
        return
    assert message(kind, "location").extra["location"] == {
        "latitude": 59.91273, "longitude": 10.74609}  # fmt: skip
    assert message(kind, "sticker").extra["sticker"] == "369239263222822"
    assert message(kind, "template-echo").text == "Hva gjelder det?\n[Levering]"
    assert message(kind, "optin").text == "Asked to be notified: Nyheter"
    assert notice(kind, "policy").warning
    edited, removed = message(kind, "comment-edited"), message(kind, "comment-removed")
    assert (edited.edits, edited.text) == ("900_1", "Kommer den i grønt?")
    assert removed.deletes == "900_1"
    post = message(kind, "post-by-visitor")
    assert (post.text, post.conversation) == (
        "Jeg fikk feil vare!", "comment:1906385232743451_901")  # fmt: skip
    assert not notice(kind, "post-reaction").warning


@BOTH
def test_what_makes_no_sense_says_so(kind: str) -> None:
    for body in (b"", b"[]", b"{}", b'{"entry": [{}]}', b'{"entry": [{"messaging": [7]}]}'):
        with pytest.raises(Unparsable):
            CHANNELS[kind].parse(RawPayload(body), INBOX)
