"""The contract of every channel whose provider is called: sending, refusals, checks, secrets."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from channels.contract import (
    ChannelConfig,
    ChannelError,
    InboundMessage,
    OutboundMessage,
    RawPayload,
    StatusUpdate,
)
from tests.channels.cases import CALLED, CASES, REGISTRY, Case
from tests.support.serving import served

KEY = "0199ac00-0000-7000-8000-000000000001"


def outbound(case: Case, text: str = "On its way") -> OutboundMessage:
    return OutboundMessage(KEY, case.to, text)


@pytest.mark.parametrize("kind", CALLED)
class TestSending:
    """Against each provider's stand-in, over a socket."""

    async def test_the_receipt_names_the_message(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        async with provider(case) as (emulator, config):
            receipt = await channel.send(outbound(case), config)
            (sent,) = emulator.sent
            assert (receipt.external_id, sent.text) == (sent.id, "On its way")
            assert receipt.state in {"sent", "delivered"}
            if case.report is None:
                return  # this provider reports nothing about single messages
            received = catch(emulator, case, config)
            await case.report(emulator, sent.id, "delivered")
            channel.verify(received[0], config)
            (told,) = channel.parse(received[0], config)
            assert isinstance(told, StatusUpdate)
            assert (told.external_id, told.state) == (receipt.external_id, "delivered")

    async def test_what_a_customer_says_is_signed_and_read(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        async with provider(case) as (emulator, config):
            received = catch(emulator, case, config)
            if case.kind == "telegram":
                await channel.connect(config, config.webhook_url(kind))
            say: Any = emulator
            await say.say("Where is my parcel?", **case.say)
            channel.verify(received[0], config)
            (found,) = channel.parse(received[0], config)
            assert isinstance(found, InboundMessage)
            assert found.text == "Where is my parcel?"
            # Whoever wrote can be answered.
            answer = OutboundMessage(KEY, found.sender, "Here", conversation=found.conversation)
            await channel.send(answer, config)

    @pytest.mark.parametrize(
        ("status", "retryable"), [(429, True), (500, True), (503, True), (400, False)]
    )
    async def test_refusals_say_whether_to_try_again(
        self, kind: str, status: int, retryable: bool
    ) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        async with provider(case) as (emulator, config):
            emulator.fail(status, case.refusal(status), headers={"retry-after": "7"})
            with pytest.raises(ChannelError) as caught:
                await channel.send(outbound(case), config)
            assert caught.value.retryable is retryable
            assert caught.value.reason
            if status == 429:
                assert caught.value.retry_after == timedelta(seconds=7)
            assert emulator.sent == []

    async def test_nobody_at_the_other_end_is_worth_another_try(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        with pytest.raises(ChannelError) as caught:
            await channel.send(outbound(case), case.at("http://127.0.0.1:9"))
        assert caught.value.retryable
        assert caught.value.code in {"connection", "timeout"}

    async def test_a_wrong_credential_is_found_with_what_to_do(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        async with provider(case) as (_, config):
            wrong = replace(config, secrets={**config.secrets, case.wrong: "9:" + "w" * 30})
            bad = [line for line in await channel.check(wrong) if not line.ok]
            assert bad
            assert all(line.remedy for line in bad)
            bare = [
                line for line in await channel.check(replace(config, secrets={})) if not line.ok
            ]
            assert bare
            assert all(line.remedy for line in bare)

    async def test_no_secret_is_told_or_logged(
        self, kind: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        caplog.set_level(logging.DEBUG)
        told: list[str] = []
        async with provider(case) as (emulator, config):
            await channel.send(outbound(case), config)
            told += [str(line) for line in await channel.check(config)]
            for status in (400, 401, 429, 500):
                emulator.fail(status, case.refusal(status), times=2)
                told.append(await failure(channel, case, config))
                emulator.faults.clear()
        told.append(await failure(channel, case, case.at("http://127.0.0.1:9")))
        # The stand-in's own server logs what it is asked; that is not us.
        told += [r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn")]
        for name, secret in case.config.secrets.items():
            hidden = secret.partition(":")[2] or secret
            assert not any(hidden in one for one in told), f"{name} was told"


async def failure(channel: Any, case: Case, config: ChannelConfig) -> str:
    """The whole text of a failure, causes included."""
    try:
        await channel.send(outbound(case), config)
    except ChannelError as error:
        return "".join(traceback.format_exception_only(error)) + repr(error.__cause__)
    return ""


@asynccontextmanager
async def provider(case: Case) -> AsyncIterator[tuple[Any, ChannelConfig]]:
    """The stand-in behind a socket, and the inbox that calls it."""
    assert case.emulator is not None
    emulator = case.emulator()
    async with served(emulator.app) as url:
        yield emulator, case.at(url)


def catch(emulator: Any, case: Case, config: ChannelConfig) -> list[RawPayload]:
    """What the stand-in would post to the desk."""
    received: list[RawPayload] = []

    async def post(url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        now = datetime.now(UTC)
        received.append(RawPayload(body, headers, case.content_type, url, now))
        return httpx.Response(200)

    emulator.post = post
    emulator.callback = config.webhook_url(case.kind)
    if hasattr(emulator, "callbacks"):
        emulator.callbacks[case.kind] = emulator.callback
    return received
