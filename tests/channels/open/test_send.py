"""Sending to a partner, over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
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
    StatusUpdate,
)
from channels.emulators.partner import PartnerEmulator
from channels.open.adapter import OpenChannel
from tests.channels.open.samples import CONFIG, NOW
from tests.support.serving import served

channel = OpenChannel()
TO = Address("open", "customer-1", "Kari")
PDF = Attachment("invoice.pdf", "application/pdf", b"%PDF-1.7 not really")
Partner = tuple[PartnerEmulator, ChannelConfig]


def outbound(text: str = "On its way", **more: Any) -> OutboundMessage:
    return OutboundMessage("message-1", TO, text, **more)


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    emulator = PartnerEmulator()
    async with served(emulator.app) as url:
        yield emulator, replace(CONFIG, options={"url": f"{url}/parley?tenant=7"})


async def test_a_message_arrives_whole_and_signed(partner: Partner) -> None:
    emulator, config = partner
    message = outbound(author_name="Ada", conversation="chat-9", reply_to="m-1", locale="nb",
                       subject="Order", buttons=(Button("Yes", "csat:5"),))  # fmt: skip
    receipt = await channel.send(message, config)
    assert receipt.external_id == emulator.sent[0].id == "p-1"
    assert emulator.sent[0].raw == {
        "version": 1, "inbox": "i1", "type": "message", "id": "message-1",
        "to": {"id": "customer-1", "name": "Kari"}, "conversation": "chat-9",
        "text": "On its way", "subject": "Order", "author": "Ada", "locale": "nb",
        "reply_to": "m-1", "buttons": [{"title": "Yes", "payload": "csat:5"}],
    }  # fmt: skip
    assert emulator.requests[0].query == {"tenant": "7"}


async def test_sending_again_sends_once(partner: Partner) -> None:
    emulator, config = partner
    emulator.fail(500, {}, after=True)
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), config)
    assert caught.value.retryable
    receipt = await channel.send(outbound(), config)
    assert [one.id for one in emulator.sent] == [receipt.external_id]
    assert "already" in receipt.detail


async def test_files_go_inside_or_as_links(partner: Partner) -> None:
    emulator, config = partner
    await channel.send(outbound(attachments=(PDF,)), config)
    (inside,) = emulator.sent[0].media
    assert isinstance(inside, Attachment)
    assert inside.data == PDF.data
    linked = replace(config, file_url=lambda file: f"https://desk.example/f/{file.filename}")
    await channel.send(replace(outbound(attachments=(PDF,)), key="message-2"), linked)
    assert emulator.sent[1].media == ("https://desk.example/f/invoice.pdf",)
    large = Attachment("big.bin", "application/octet-stream", bytes(5 * 1024 * 1024 + 1))
    with pytest.raises(ChannelError, match="DESK_PUBLIC_URL"):
        await channel.send(outbound(attachments=(large,)), config)


@pytest.mark.parametrize(
    ("status", "retryable"), [(400, False), (404, False), (422, False), (429, True), (503, True)]
)
async def test_the_status_says_whether_to_try_again(
    status: int, retryable: bool, partner: Partner
) -> None:
    emulator, config = partner
    emulator.fail(status, {"error": "not today"}, headers={"retry-after": "9"})
    with pytest.raises(ChannelError, match="not today") as caught:
        await channel.send(outbound(), config)
    assert (caught.value.retryable, caught.value.code) == (retryable, str(status))
    if retryable:
        assert caught.value.retry_after == timedelta(seconds=9)


async def test_an_answer_without_an_id_is_fine(partner: Partner) -> None:
    emulator, config = partner
    emulator.fail(204, b"")
    assert (await channel.send(outbound(), config)).external_id == "message-1"


async def test_what_is_not_set_is_named(partner: Partner) -> None:
    _, config = partner
    with pytest.raises(ChannelError, match="url is not set"):
        await channel.send(outbound(), replace(config, options={}))
    with pytest.raises(ChannelError, match="signing_secret is not set"):
        await channel.send(outbound(), replace(config, secrets={}))


async def test_check_says_who_is_wrong(partner: Partner) -> None:
    _, config = partner
    assert all(one.ok for one in await channel.check(config))
    (told,) = await channel.check(replace(config, secrets={"signing_secret": "another"}))
    assert (told.ok, "same signing_secret" in told.remedy) == (False, True)
    (told,) = await channel.check(replace(config, options={"url": "http://127.0.0.1:9/"}))
    assert not told.ok


async def test_both_ways(partner: Partner) -> None:
    emulator, config = partner
    emulator.callback = config.webhook_url("open")
    received: list[RawPayload] = []

    async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Any:
        from datetime import UTC, datetime

        now = datetime.now(UTC)
        received.append(RawPayload(body, headers, headers["content-type"], url, now))

    emulator.post = post  # type: ignore[method-assign]
    await emulator.say("Hei", sent_at=NOW.isoformat())
    await channel.send(outbound(), config)
    await emulator.report(emulator.sent[0], "delivered")
    for payload in received:
        channel.verify(payload, config)
    (said,), (told,) = (channel.parse(one, config) for one in received)
    assert isinstance(said, InboundMessage)
    assert isinstance(told, StatusUpdate)
    assert (said.text, told.external_id, told.key) == (
        "Hei", emulator.sent[0].id, "message-1")  # fmt: skip
