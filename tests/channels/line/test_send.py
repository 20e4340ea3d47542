"""Sending, fetching and connecting, over a socket, to LINE's stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from channels.contract import (
    Address,
    Attachment,
    Button,
    ChannelConfig,
    ChannelError,
    InboundMessage,
    Media,
    OutboundMessage,
    RawPayload,
)
from channels.emulators.line import LineEmulator
from channels.line.adapter import LineChannel
from tests.channels.line.samples import CONFIG
from tests.support.serving import served

channel = LineChannel()
TO = Address("line", "U" + "1" * 32)
KEY = "0199ac00-0000-7000-8000-000000000001"
PHOTO = Attachment("box.jpg", "image/jpeg", b"\xff\xd8\xff not really")
PDF = Attachment("invoice.pdf", "application/pdf", b"%PDF-1.7 not really")
Line = tuple[LineEmulator, ChannelConfig]


def outbound(text: str = "On its way", **more: Any) -> OutboundMessage:
    return OutboundMessage(more.pop("key", KEY), TO, text, **more)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    emulator = LineEmulator()
    async with served(emulator.app) as url:
        yield emulator, replace(CONFIG, options={"api_url": url})


async def test_a_text_goes_under_our_key(line: Line) -> None:
    emulator, config = line
    receipt = await channel.send(outbound(), config)
    assert (emulator.sent[0].text, emulator.sent[0].key) == ("On its way", KEY)
    assert receipt.external_id == emulator.sent[0].id


async def test_sending_again_sends_once(line: Line) -> None:
    """The answer got lost; the second call is told that the first one was accepted."""
    emulator, config = line
    emulator.fail(500, {"message": "Internal"}, after=True)
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), config)
    assert caught.value.retryable
    receipt = await channel.send(outbound(), config)
    assert len(emulator.sent) == 1
    assert "already" in receipt.detail


async def test_a_key_that_is_no_uuid_becomes_one_and_stays_it(line: Line) -> None:
    emulator, config = line
    await channel.send(outbound(key="order-7"), config)
    await channel.send(outbound(key="order-7"), config)
    assert len(emulator.sent) == 1
    assert str(UUID(emulator.sent[0].key)) == emulator.sent[0].key


async def test_pictures_are_shown_and_other_files_are_linked(line: Line) -> None:
    emulator, config = line
    linked = replace(config, file_url=lambda file: f"https://desk.example/f/{file.filename}")
    await channel.send(outbound("Here", attachments=(PHOTO, PDF)), linked)
    assert emulator.sent[0].text == "Here\ninvoice.pdf: https://desk.example/f/invoice.pdf"
    assert emulator.sent[0].media == ("https://desk.example/f/box.jpg",)
    with pytest.raises(ChannelError, match="DESK_PUBLIC_URL"):
        await channel.send(outbound("Here", attachments=(PHOTO,)), config)


async def test_buttons_are_quick_replies(line: Line) -> None:
    emulator, config = line
    buttons = (Button("Yes, that is a long title", "csat:5"), Button("T", url="https://x.example"))
    await channel.send(outbound(buttons=buttons), config)
    first, second = emulator.sent[0].raw["messages"][-1]["quickReply"]["items"]
    assert first["action"] == {"type": "postback", "label": "Yes, that is a long…",
                               "data": "csat:5",
                               "displayText": "Yes, that is a long title"}  # fmt: skip
    assert second["action"]["uri"] == "https://x.example"


async def test_a_group_is_answered_in_the_group(line: Line) -> None:
    emulator, config = line
    await channel.send(outbound(conversation="Cgroup"), config)
    assert emulator.sent[0].to == "Cgroup"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": "x" * 5001}, "longer than the 5000"),
        ({"text": ""}, "no text and no file"),
        ({"buttons": (Button("B"),) * 14}, "takes 13 buttons"),
        ({"buttons": (Button("B", "x" * 301),)}, "300 characters"),
    ],
)
async def test_what_line_would_refuse_is_told_before(
    change: dict[str, Any], words: str, line: Line
) -> None:
    emulator, config = line
    with pytest.raises(ChannelError, match=words):
        await channel.send(replace(outbound(), **change), config)
    assert emulator.requests == []


async def test_a_used_up_month_is_not_tried_again_and_a_rush_is(line: Line) -> None:
    emulator, config = line
    emulator.limit = 0
    with pytest.raises(ChannelError, match="used up") as caught:
        await channel.send(outbound(), config)
    assert (caught.value.retryable, caught.value.code) == (False, "quota")
    emulator.fail(429, {"message": "Too many requests"}, headers={"retry-after": "3"})
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), config)
    assert caught.value.retry_after == timedelta(seconds=3)


async def test_lines_words_about_a_wrong_request_are_told(line: Line) -> None:
    emulator, config = line
    details = [{"message": "must be an https URL", "property": "x"}]
    emulator.fail(400, {"message": "The request body has 1 error(s)", "details": details})
    with pytest.raises(ChannelError, match="must be an https URL") as caught:
        await channel.send(outbound(), config)
    assert not caught.value.retryable


async def test_a_video_that_is_not_ready_is_asked_for_again(line: Line) -> None:
    emulator, config = line
    emulator.files["9"] = None
    with pytest.raises(ChannelError, match="still preparing") as caught:
        await channel.fetch(Media("content:9"), config)
    assert caught.value.retryable
    with pytest.raises(ChannelError, match="404") as caught:
        await channel.fetch(Media("content:gone"), config)
    assert not caught.value.retryable


async def test_a_file_comes_in_and_the_token_goes_nowhere_else(line: Line) -> None:
    emulator, config = line
    emulator.callback = config.webhook_url("line")
    received: list[RawPayload] = []

    async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Any:
        received.append(RawPayload(body, headers, headers["content-type"], url))

    emulator.post = post  # type: ignore[method-assign]
    await emulator.say(file=PDF)
    channel.verify(received[0], config)
    (found,) = channel.parse(received[0], config)
    assert isinstance(found, InboundMessage)
    file = await channel.fetch(found.media[0], config)
    assert (file.data, file.filename) == (PDF.data, "invoice.pdf")
    # Somebody else's server is neither trusted nor given the token.
    with pytest.raises(ChannelError, match="https only"):
        await channel.fetch(Media("http://127.0.0.1:9/a.jpg"), config)


async def test_the_display_name_is_looked_up(line: Line) -> None:
    emulator, config = line
    emulator.names[TO.value] = "Kari"
    assert (await channel.profile(TO, config)).name == "Kari"


class TestSetUp:
    """Check and connect, as the set-up page uses them."""

    async def test_connected_it_checks_out(self, line: Line) -> None:
        emulator, config = line
        assert not all(one.ok for one in await channel.check(config))
        assert all(one.ok for one in await channel.connect(config, config.webhook_url("line")))
        assert all(one.ok for one in await channel.check(config))
        emulator.in_use = False
        (bad,) = [one for one in await channel.check(config) if not one.ok]
        assert "Use webhook" in bad.remedy

    async def test_an_address_that_line_does_not_reach_is_told(self, line: Line) -> None:
        emulator, config = line
        emulator.reachable = False
        (told,) = await channel.connect(config, config.webhook_url("line"))
        assert (told.ok, "COULD_NOT_CONNECT" in told.detail) == (False, True)
        (told,) = await channel.connect(config, "http://desk.example/webhooks/line/i1")
        assert "https" in told.remedy

    async def test_a_wrong_token_is_told_with_what_to_do(self, line: Line) -> None:
        _, config = line
        wrong = replace(config, secrets={**config.secrets, "channel_access_token": "wrong"})
        (told,) = await channel.check(wrong)
        assert (told.ok, "access token" in told.remedy) == (False, True)

    async def test_a_used_up_month_is_told(self, line: Line) -> None:
        emulator, config = line
        emulator.limit = 0
        assert any(one.name == "quota" and not one.ok for one in await channel.check(config))
