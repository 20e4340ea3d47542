"""Sending, fetching and connecting, over a socket, to Telegram's stand-in."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.contract import (
    Address,
    Attachment,
    Button,
    ChannelConfig,
    ChannelError,
    InboundMessage,
    OutboundMessage,
    RawPayload,
)
from channels.emulators.telegram import TOKEN
from channels.telegram.adapter import TelegramChannel
from tests.channels.telegram.samples import CONFIG, CheckedTelegram
from tests.support.serving import served

channel = TelegramChannel()
TO = Address("telegram", "4711")
PHOTO = Attachment("box.jpg", "image/jpeg", b"\xff\xd8\xff not really")
PDF = Attachment("faktura.pdf", "application/pdf", b"%PDF-1.7 not really")
Telegram = tuple[CheckedTelegram, ChannelConfig]


def outbound(text: str = "On its way", **more: Any) -> OutboundMessage:
    return OutboundMessage("message-1", TO, text, **more)


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    emulator = CheckedTelegram()
    async with served(emulator.app) as url:
        yield emulator, replace(CONFIG, options={"api_url": url})


async def test_a_text(telegram: Telegram) -> None:
    emulator, config = telegram
    receipt = await channel.send(outbound("*not* <b>marked</b> _up_"), config)
    assert receipt.external_id == emulator.sent[0].id
    assert emulator.sent[0].text == "*not* <b>marked</b> _up_"
    assert "parse_mode" not in emulator.sent[0].raw


async def test_a_reply_with_buttons(telegram: Telegram) -> None:
    emulator, config = telegram
    buttons = (Button("Yes", "csat:5"), Button("Track", url="https://shop.example/t"))
    await channel.send(outbound(reply_to="4711:42", buttons=buttons), config)
    raw = emulator.sent[0].raw
    assert raw["reply_parameters"] == {"message_id": 42, "allow_sending_without_reply": True}
    assert raw["reply_markup"]["inline_keyboard"] == [
        [{"text": "Yes", "callback_data": "csat:5"}],
        [{"text": "Track", "url": "https://shop.example/t"}],
    ]


async def test_a_group_topic_and_a_business_account_are_answered_there(telegram: Telegram) -> None:
    emulator, config = telegram
    await channel.send(outbound(conversation="-100123/55"), config)
    await channel.send(outbound(conversation="4711@BC1"), config)
    assert (emulator.sent[0].raw["chat_id"], emulator.sent[0].raw["message_thread_id"]) == (
        -100123,
        55,
    )
    assert emulator.sent[1].raw["business_connection_id"] == "BC1"


async def test_a_group_that_moved_is_followed(telegram: Telegram) -> None:
    emulator, config = telegram
    emulator.moved[-77] = -100123
    receipt = await channel.send(outbound(conversation="-77"), config)
    assert (emulator.sent[0].to, receipt.external_id) == ("-100123", emulator.sent[0].id)


@pytest.mark.parametrize(
    ("files", "kinds"),
    [
        ((PHOTO,), ["photo"]),
        ((PDF,), ["document"]),
        ((PHOTO, PDF), ["mediagroup"]),
        ((PHOTO, PHOTO), ["mediagroup"]),
    ],
)
async def test_files_go_with_their_text_in_one_call(
    files: tuple[Attachment, ...], kinds: list[str], telegram: Telegram
) -> None:
    emulator, config = telegram
    await channel.send(outbound("Look", attachments=files), config)
    assert [one.kind for one in emulator.sent] == kinds
    assert emulator.sent[0].text == "Look"
    assert [one.data for one in emulator.sent[0].media if isinstance(one, Attachment)] == [
        one.data for one in files
    ]


async def test_a_text_too_long_for_a_caption_goes_before_its_file(telegram: Telegram) -> None:
    emulator, config = telegram
    receipt = await channel.send(outbound("x" * 1025, attachments=(PDF,)), config)
    assert [one.kind for one in emulator.sent] == ["message", "document"]
    assert receipt.external_id == emulator.sent[0].id


async def test_when_only_the_text_got_through_it_is_not_sent_again(telegram: Telegram) -> None:
    emulator, config = telegram
    real = emulator.call

    def call(method: str, fields: Mapping[str, Any], parts: Mapping[str, Attachment]) -> Any:
        if method == "sendDocument":
            emulator.blocked.add(4711)
        return real(method, fields, parts)

    emulator.call = call  # type: ignore[method-assign]
    with pytest.raises(ChannelError, match="the text was sent, its files were not") as caught:
        await channel.send(outbound("x" * 1025, attachments=(PDF,)), config)
    assert not caught.value.retryable


async def test_a_reaction(telegram: Telegram) -> None:
    emulator, config = telegram
    await channel.send(outbound("", reply_to="4711:42", reaction="👍"), config)
    assert emulator.sent[0].raw["reaction"] == [{"type": "emoji", "emoji": "👍"}]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": "x" * 4097}, "longer than the 4096"),
        ({"text": "😀" * 2049}, "longer than the 4096"),  # counted as Telegram does
        ({"text": " "}, "no text and no file"),
        ({"to": Address("telegram", "@kari")}, "no chat"),
        ({"buttons": (Button("B", "x" * 65),)}, "64 bytes"),
        ({"attachments": (PDF,) * 11}, "takes 10 files"),
    ],
)
async def test_what_telegram_would_refuse_is_told_before(
    change: dict[str, Any], words: str, telegram: Telegram
) -> None:
    emulator, config = telegram
    with pytest.raises(ChannelError, match=words):
        await channel.send(replace(outbound(), **change), config)
    assert emulator.requests == []


async def test_a_customer_who_blocked_the_bot_is_told_of(telegram: Telegram) -> None:
    emulator, config = telegram
    emulator.blocked.add(4711)
    with pytest.raises(ChannelError, match="bot was blocked by the user") as caught:
        await channel.send(outbound(), config)
    assert (caught.value.code, caught.value.retryable) == ("403", False)


async def test_too_many_requests_say_when_to_come_back(telegram: Telegram) -> None:
    emulator, config = telegram
    told = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 14",
            "parameters": {"retry_after": 14}}  # fmt: skip
    emulator.fail(429, told)
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), config)
    assert caught.value.retry_after == timedelta(seconds=14)


async def test_a_fault_of_telegrams_is_worth_another_try(telegram: Telegram) -> None:
    emulator, config = telegram
    emulator.fail(502, b"<html>Bad Gateway</html>")
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), config)
    assert caught.value.retryable


async def test_what_may_have_arrived_is_for_a_person_to_repeat(telegram: Telegram) -> None:
    emulator, config = telegram
    with pytest.raises(ChannelError, match="may have arrived") as caught:
        await channel.send(outbound(uncertain_since=datetime.now(UTC)), config)
    assert (caught.value.retryable, emulator.sent) == (False, [])


async def test_the_token_is_in_no_log_and_no_error(
    telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    emulator, config = telegram
    caplog.set_level(logging.DEBUG)
    await channel.send(outbound(), config)
    emulator.files["F1"] = PDF
    from channels.contract import Media

    await channel.fetch(Media("F1"), config)
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), replace(config, options={"api_url": "http://127.0.0.1:9"}))
    secret = TOKEN.partition(":")[2]
    # Our side alone: the server of this test logs what it is asked.
    logged = [r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn")]
    assert any("/bot.../sendMessage" in one for one in logged)
    assert not any(secret in one for one in (*logged, str(caught.value)))


class TestRoundTrip:
    """Webhooks of the emulator are real ones."""

    async def test_connected_it_brings_messages_files_and_presses(self, telegram: Telegram) -> None:
        emulator, config = telegram
        url = config.webhook_url("telegram")
        assert not all(one.ok for one in await channel.check(config))
        assert all(one.ok for one in await channel.connect(config, url))
        assert all(one.ok for one in await channel.check(config))
        received: list[RawPayload] = []

        async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Any:
            import httpx

            payload = RawPayload(body, headers, headers["content-type"], url)
            received.append(payload)
            answer = channel.accepted(payload, config)
            kind = {"content-type": answer.content_type}
            return httpx.Response(answer.status, content=answer.body, headers=kind)

        emulator.post = post  # type: ignore[method-assign]
        await emulator.say("Here it is", file=PDF)
        channel.verify(received[0], config)
        (found,) = channel.parse(received[0], config)
        assert isinstance(found, InboundMessage)
        file = await channel.fetch(found.media[0], config)
        assert (file.data, file.filename, file.content_type) == (
            PDF.data, "faktura.pdf", "application/pdf")  # fmt: skip

        await channel.send(outbound(buttons=(Button("Yes", "csat:5"),)), config)
        await emulator.press("csat:5")
        channel.verify(received[1], config)
        (pressed,) = channel.parse(received[1], config)
        assert isinstance(pressed, InboundMessage)
        assert (pressed.text, pressed.in_reply_to) == ("Yes", emulator.sent[0].id)
        assert len(emulator.answered) == 1  # the button stopped waiting

    async def test_a_wrong_token_is_told_with_what_to_do(self, telegram: Telegram) -> None:
        _, config = telegram
        (line,) = await channel.check(replace(config, secrets={"bot_token": "1:wrong"}))
        assert (line.ok, "@BotFather" in line.remedy) == (False, True)

    async def test_another_bots_name_is_told(self, telegram: Telegram) -> None:
        _, config = telegram
        lines = await channel.check(replace(config, address="@other_bot"))
        assert any("@parley_bot" in one.remedy for one in lines if not one.ok)

    async def test_an_address_without_https_is_told(self, telegram: Telegram) -> None:
        _, config = telegram
        (line,) = await channel.connect(config, "http://desk.example/webhooks/telegram/i1")
        assert "https" in line.remedy
