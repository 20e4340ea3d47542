"""A page and an Instagram account, and what Meta sends about them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from channels.contract import (
    Address,
    Channel,
    ChannelConfig,
    Inbound,
    InboundMessage,
    Notice,
    OutboundMessage,
    RawPayload,
    StatusUpdate,
)
from channels.instagram.adapter import InstagramChannel
from channels.messenger.adapter import MessengerChannel

ROOT = Path(__file__).resolve().parents[3] / "channels"
CHANNELS: dict[str, Channel] = {
    "messenger": MessengerChannel(),
    "instagram": InstagramChannel(),
}
PEOPLE = {"messenger": "7001", "instagram": "6001"}
KINDS = tuple(CHANNELS)
FIXTURES = [(kind, path.stem) for kind in KINDS
            for path in sorted((ROOT / kind / "fixtures").glob("*.json"))]  # fmt: skip
INBOX = ChannelConfig(
    inbox_id="0198c0de",
    address="Demo Shop",
    name="Demo Shop",
    options={
        "page_id": "1906385232743451",
        "instagram_id": "17841400008460056",
        "app_id": "812345678901234",
    },
    secrets={
        "access_token": "emulated-access-token",
        "app_secret": "emulated-app-secret",
        "verify_token": "a-long-random-text",
    },
)


def inbox(api_url: str = "", **options: object) -> ChannelConfig:
    more = {"api_url": api_url} if api_url else {}
    return replace(INBOX, options={**INBOX.options, **more, **options})


def raw(kind: str, name: str) -> RawPayload:
    return RawPayload((ROOT / kind / "fixtures" / f"{name}.json").read_bytes())


def body_of(kind: str, name: str) -> Any:
    return json.loads(raw(kind, name).body)


def parsed(kind: str, name: str) -> Inbound:
    (item,) = CHANNELS[kind].parse(raw(kind, name), INBOX)
    return item


def message(kind: str, name: str) -> InboundMessage:
    item = parsed(kind, name)
    assert isinstance(item, InboundMessage)
    return item


def status(kind: str, name: str) -> StatusUpdate:
    item = parsed(kind, name)
    assert isinstance(item, StatusUpdate)
    return item


def notice(kind: str, name: str) -> Notice:
    item = parsed(kind, name)
    assert isinstance(item, Notice)
    return item


def outbound(kind: str, text: str = "Hei!", **more: Any) -> OutboundMessage:
    fields: dict[str, Any] = {"key": "0198c0de-aaaa", "to": Address(kind, PEOPLE[kind]), **more}
    return OutboundMessage(text=text, **fields)
