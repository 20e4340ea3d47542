"""The stand-ins behave as providers do, over real HTTP in both directions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.contract import (
    BadSignature,
    Channel,
    ChannelConfig,
    InboundMessage,
    OutboundMessage,
    RawPayload,
    StatusUpdate,
)
from channels.emulators.asgi import Answer, Emulator, Request
from channels.emulators.partner import PartnerEmulator
from channels.emulators.twilio import TwilioEmulator
from tests.channels.cases import CASES, REGISTRY
from tests.support.serving import served


class Desk(Emulator):
    """The webhook's side of a desk: checks, and reads what is signed."""

    def __init__(self, channel: Channel, config: ChannelConfig) -> None:
        super().__init__()
        self.channel, self.config = channel, config
        self.items: list[Any] = []

    def handle(self, request: Request) -> Answer:
        query = "&".join(f"{k}={v}" for k, v in request.query.items())
        url = f"{self.config.public_url}{request.path}" + (f"?{query}" if query else "")
        payload = RawPayload(request.body, request.headers,
                             request.headers.get("content-type", ""), url,
                             datetime.now(UTC))  # fmt: skip
        try:
            self.channel.verify(payload, self.config)
        except BadSignature as error:
            return Answer({"error": error.reason}, 401)
        for part in self.channel.split(payload, self.config):
            self.items += self.channel.parse(part, self.config)
        answer = self.channel.accepted(payload, self.config)
        return Answer(answer.body, answer.status, {"content-type": answer.content_type})


@pytest.mark.parametrize(
    ("kind", "emulator"),
    [
        ("sms", TwilioEmulator(steps=("sent", "delivered"))),
        ("open", PartnerEmulator(steps=("sent", "delivered", "read"))),
    ],
)
async def test_a_conversation_with_its_statuses(kind: str, emulator: Any) -> None:
    channel, case = REGISTRY.get(kind), CASES[kind]
    desk = Desk(channel, case.config)
    async with served(desk.app) as home, served(emulator.app) as provider:
        config = replace(case.at(provider), public_url=home)
        desk.config = config
        emulator.callback = config.webhook_url(kind)
        said = await emulator.say("Where is it?")
        assert said.status_code == 200
        (question,) = desk.items
        assert isinstance(question, InboundMessage)
        receipt = await channel.send(OutboundMessage("k-1", question.sender, "Here"), config)
        await emulator.settle()
        told = [one for one in desk.items if isinstance(one, StatusUpdate)]
        assert tuple(one.state for one in told) == emulator.steps
        assert {(one.external_id, one.key) for one in told} == {(receipt.external_id, "k-1")}


@pytest.mark.parametrize("kind", ["sms", "telegram", "line", "open", "whatsapp"])
async def test_an_unknown_call_is_refused(kind: str) -> None:
    """A slip in an adapter must not pass because its stand-in takes anything."""
    case = CASES[kind]
    assert case.emulator is not None
    answer = case.emulator().handle(Request("POST", "/no/such/call", {}, {}, b"{}"))
    assert answer.status >= 400
