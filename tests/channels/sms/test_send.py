"""Sending with Twilio's own client, over a socket, to its stand-in."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from channels.contract import (
    Address,
    Attachment,
    ChannelConfig,
    ChannelError,
    InboundMessage,
    OutboundMessage,
    RawPayload,
    StatusUpdate,
)
from channels.sms.adapter import SmsChannel
from channels.sms.codes import CODES
from tests.channels.sms.samples import TOKEN, with_options
from tests.channels.sms.spec import NAME, CheckedTwilio
from tests.support.serving import served
from tests.support.shared import needs_spec

channel = SmsChannel()
PHOTO = Attachment("box.jpg", "image/jpeg", b"\xff\xd8\xff not really")
TO = Address("phone", "+4790000001")


def outbound(text: str = "Your parcel is on its way", **more: Any) -> OutboundMessage:
    return OutboundMessage("message-1", TO, text, **more)


@pytest.fixture
async def twilio() -> AsyncIterator[tuple[CheckedTwilio, ChannelConfig]]:
    emulator = CheckedTwilio()
    async with served(emulator.app) as url:
        yield emulator, with_options(api_url=url)


Twilio = tuple[CheckedTwilio, ChannelConfig]


def fields(emulator: CheckedTwilio) -> Mapping[str, list[str]]:
    return cast("Mapping[str, list[str]]", emulator.sent[-1].raw)


@needs_spec(NAME)
def test_the_description_is_read() -> None:
    from tests.channels.sms.spec import check_form, operation

    known = operation("POST", "/2010-04-01/Accounts/AC" + "0" * 32 + "/Messages.json")
    with pytest.raises(AssertionError, match="knows no"):
        check_form(known, {"To": ["+4790000001"], "Txt": ["hi"]})


async def test_a_text_goes_out_with_our_key_in_its_callback(twilio: Twilio) -> None:
    emulator, config = twilio
    receipt = await channel.send(outbound(), config)
    assert receipt.external_id == emulator.sent[0].id
    assert fields(emulator) == {
        "To": ["+4790000001"],
        "From": ["+15005550006"],
        "Body": ["Your parcel is on its way"],
        "StatusCallback": ["https://desk.example/webhooks/sms/i1?key=message-1"],
        "SmartEncoded": ["true"],
    }


async def test_a_messaging_service_picks_the_sender(twilio: Twilio) -> None:
    emulator, config = twilio
    options = {**config.options, "messaging_service_sid": "MG" + "1" * 32}
    options |= {"validity_seconds": "600", "smart_encoded": False}
    await channel.send(outbound(), replace(config, options=options))
    assert fields(emulator)["MessagingServiceSid"] == ["MG" + "1" * 32]
    assert fields(emulator)["ValidityPeriod"] == ["600"]
    assert {"From", "SmartEncoded"}.isdisjoint(fields(emulator))


async def test_files_go_as_links_that_the_desk_makes(twilio: Twilio) -> None:
    emulator, config = twilio
    linked = replace(config, file_url=lambda file: f"https://desk.example/f/{file.filename}")
    await channel.send(outbound("", attachments=(PHOTO, PHOTO)), linked)
    assert fields(emulator)["MediaUrl"] == ["https://desk.example/f/box.jpg"] * 2
    with pytest.raises(ChannelError, match="DESK_PUBLIC_URL") as caught:
        await channel.send(outbound("", attachments=(PHOTO,)), config)
    assert not caught.value.retryable


async def test_a_whatsapp_conversation_is_answered_on_whatsapp(twilio: Twilio) -> None:
    emulator, config = twilio
    await channel.send(outbound(conversation="whatsapp:+4790000001"), config)
    assert fields(emulator)["To"] == ["whatsapp:+4790000001"]
    assert fields(emulator)["From"] == ["whatsapp:+15005550006"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": "x" * 1601}, "1601 characters"),
        ({"text": "  "}, "no text and no file"),
        ({"to": Address("sms", "BANK")}, "takes no messages"),
        ({"attachments": (PHOTO,) * 11}, "takes 10 files"),
    ],
)
async def test_what_cannot_be_sent_is_told_before_it_costs(
    change: dict[str, Any], words: str, twilio: Twilio
) -> None:
    emulator, config = twilio
    with pytest.raises(ChannelError, match=words) as caught:
        await channel.send(replace(outbound(), **change), config)
    assert not caught.value.retryable
    assert emulator.requests == []


async def test_a_refusal_has_twilios_number_and_words(twilio: Twilio) -> None:
    emulator, config = twilio
    emulator.opted_out.add(TO.value)
    with pytest.raises(ChannelError, match="opted out") as caught:
        await channel.send(outbound(), config)
    assert (caught.value.code, caught.value.retryable) == ("21610", False)


async def test_too_many_requests_say_when_to_come_back(twilio: Twilio) -> None:
    emulator, config = twilio
    emulator.fail(429, {"code": 20429, "message": "Too many"}, headers={"retry-after": "7"})
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), config)
    assert caught.value.retryable
    assert caught.value.retry_after == timedelta(seconds=7)


async def test_an_answer_that_gets_lost_does_not_send_twice(twilio: Twilio) -> None:
    """Twilio took it and then answered 500: the message is found, nothing is sent again."""
    emulator, config = twilio
    emulator.fail(500, {"code": 20500, "message": "Internal"}, after=True)
    receipt = await channel.send(outbound(), config)
    assert [one.id for one in emulator.sent] == [receipt.external_id]
    assert "found" in receipt.detail


async def test_a_later_attempt_looks_before_it_sends(twilio: Twilio) -> None:
    emulator, config = twilio
    since = datetime.now(UTC)
    first = await channel.send(outbound(), config)  # and the process was killed here
    again = await channel.send(outbound(uncertain_since=since), config)
    assert again.external_id == first.external_id
    assert len(emulator.sent) == 1
    other = await channel.send(outbound("another text", uncertain_since=since), config)
    assert other.external_id != first.external_id


async def test_what_smart_encoding_exchanged_is_still_found(twilio: Twilio) -> None:
    emulator, config = twilio
    since = datetime.now(UTC)
    first = await channel.send(outbound("It’s “here” – …"), config)
    emulator.messages[first.external_id]["body"] = 'It\'s "here" - ...'
    again = await channel.send(outbound("It’s “here” – …", uncertain_since=since), config)
    assert again.external_id == first.external_id
    thumbs = await channel.send(outbound("👍", uncertain_since=since), config)
    assert thumbs.external_id != first.external_id


async def test_the_same_words_an_hour_later_are_a_message_of_their_own(twilio: Twilio) -> None:
    emulator, config = twilio
    await channel.send(outbound("Ok"), config)
    later = datetime.now(UTC) + timedelta(hours=1)
    await channel.send(outbound("Ok", uncertain_since=later), config)
    assert len(emulator.sent) == 2


async def test_an_answer_that_got_lost_before_it_was_sent_is_tried_again(twilio: Twilio) -> None:
    emulator, config = twilio
    emulator.fail(503, {"code": 20503, "message": "Down"})
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), config)
    assert (caught.value.retryable, caught.value.code) == (True, "unanswered")
    assert emulator.sent == []


async def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    with pytest.raises(ChannelError, match="cannot be reached") as caught:
        await channel.send(outbound(), with_options(api_url="http://127.0.0.1:9"))
    assert (caught.value.retryable, caught.value.code) == (True, "connection")


async def test_no_secret_is_logged_or_told(
    twilio: Twilio, caplog: pytest.LogCaptureFixture
) -> None:
    emulator, config = twilio
    caplog.set_level(logging.DEBUG)
    emulator.fail(401, {"code": 20003, "message": f"Authenticate {TOKEN}"[:12]})
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), config)
    assert "credentials" in caught.value.reason
    await channel.send(outbound(), config)
    assert TOKEN not in caplog.text + caught.value.reason
    assert TO.value not in caplog.text


class TestRoundTrip:
    """The emulator's webhooks are real: signed, and read by the adapter."""

    async def test_a_customers_photo_comes_in(self, twilio: Twilio) -> None:
        emulator, config = twilio
        received = await self.receive(emulator, say=True, media=(PHOTO,), url=config)
        channel.verify(received, config)
        (found,) = channel.parse(received, config)
        assert isinstance(found, InboundMessage)
        file = await channel.fetch(found.media[0], config)
        assert (file.data, file.content_type) == (PHOTO.data, "image/jpeg")

    async def test_statuses_name_the_message_and_our_key(self, twilio: Twilio) -> None:
        emulator, config = twilio
        receipt = await channel.send(outbound(), config)
        for state in ("sent", "delivered"):
            received = await self.receive(emulator, sid=receipt.external_id, state=state)
            channel.verify(received, config)
            (found,) = channel.parse(received, config)
            assert isinstance(found, StatusUpdate)
            assert (found.external_id, found.state) == (receipt.external_id, state)
            assert found.key == "message-1"

    @staticmethod
    async def receive(emulator: CheckedTwilio, *, say: bool = False, sid: str = "",
                      state: str = "", media: tuple[Attachment, ...] = (),
                      url: ChannelConfig | None = None) -> RawPayload:  # fmt: skip
        received: list[RawPayload] = []

        async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Any:
            received.append(RawPayload(body, headers, headers["content-type"], url))

        emulator.post = post  # type: ignore[method-assign]
        emulator.callback = "https://desk.example/webhooks/sms/i1"
        if say:
            origin = str(url.options["api_url"]) if url else ""
            await emulator.say("Look", media=media, origin=origin)
        else:
            await emulator.report(sid, state)
        return received[0]


class TestSetUp:
    """Check and connect, as the set-up page uses them."""

    async def test_a_wrong_token_is_told_with_what_to_do(self, twilio: Twilio) -> None:
        _, config = twilio
        (line,) = await channel.check(replace(config, secrets={"auth_token": "wrong"}))
        assert not line.ok
        assert "Auth Token" in line.remedy

    async def test_missing_credentials_are_named(self) -> None:
        (line,) = await channel.check(replace(with_options(), secrets={}))
        assert (line.ok, "auth_token" in line.detail) == (False, True)

    async def test_a_number_is_connected_and_then_checks_out(self, twilio: Twilio) -> None:
        emulator, config = twilio
        before = await channel.check(config)
        assert [(one.name, one.ok) for one in before][-1] == ("webhook", False)
        url = config.webhook_url("sms")
        assert all(one.ok for one in await channel.connect(config, url))
        assert emulator.numbers["+15005550006"] == url
        assert all(one.ok for one in await channel.check(config))

    async def test_a_messaging_service_is_connected(self, twilio: Twilio) -> None:
        emulator, config = twilio
        sid = "MG" + "1" * 32
        config = replace(config, options={**config.options, "messaging_service_sid": sid})
        url = config.webhook_url("sms")
        assert all(one.ok for one in await channel.connect(config, url))
        assert emulator.services[sid] == url
        assert all(one.ok for one in await channel.check(config))

    async def test_a_number_of_somebody_else_is_told(self, twilio: Twilio) -> None:
        _, config = twilio
        lines = await channel.check(replace(config, address="+4799999999"))
        assert "not among the account's numbers" in lines[-1].detail


def test_the_table_of_codes_contradicts_nothing() -> None:
    # What can be repeated is not a dead address, and each says something.
    assert all(one.words and not (one.retryable and one.permanent) for one in CODES.values())
