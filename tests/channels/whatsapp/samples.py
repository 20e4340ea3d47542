"""WhatsApp payloads and an inbox for them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels.contract import (
    Address,
    ChannelConfig,
    Inbound,
    InboundMessage,
    OutboundMessage,
    RawPayload,
    StatusUpdate,
)
from channels.signing import hmac_hex
from channels.whatsapp.adapter import WhatsAppChannel

FIXTURES = Path(__file__).resolve().parents[3] / "channels" / "whatsapp" / "fixtures"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
OURS = "wamid.HBgKNDc5MDEyMzQ1NhUCABEYEjRFMkQ5NzY4NURFRjlEOUY2RgA="
KARI = Address("phone", "+4790123456", "Kari Nordmann", verified=True)
NOW = datetime(2026, 11, 25, tzinfo=UTC)

WHATSAPP = WhatsAppChannel()
INBOX = ChannelConfig(
    inbox_id="0198c0de",
    address="+15550783881",
    name="WhatsApp",
    options={
        "phone_number_id": "106540352242922",
        "waba_id": "102290129340398",
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


def fixture(name: str) -> RawPayload:
    return RawPayload((FIXTURES / f"{name}.json").read_bytes(), content_type="application/json")


def raw(body: object) -> RawPayload:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawPayload(data, content_type="application/json")


def signed(payload: RawPayload, secret: str = "emulated-app-secret") -> RawPayload:
    headers = {"x-hub-signature-256": f"sha256={hmac_hex(secret, payload.body)}"}
    return replace(payload, headers=headers)


def parsed(name: str) -> Inbound:
    (item,) = WHATSAPP.parse(fixture(name), INBOX)
    return item


def message(name: str) -> InboundMessage:
    item = parsed(name)
    assert isinstance(item, InboundMessage)
    return item


def status(name: str) -> StatusUpdate:
    item = parsed(name)
    assert isinstance(item, StatusUpdate)
    return item


def hook(field: str = "messages", **value: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    change = {"field": field, "value": whole}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [change]}],
    }


def text(number: int, body: str, sender: str = "4790123456") -> dict[str, Any]:
    return {
        "from": sender,
        "id": f"wamid.{number:020d}",
        "timestamp": str(1_764_054_000 + number),
        "type": "text",
        "text": {"body": body},
    }


def outbound(body: str = "Hei!", **more: Any) -> OutboundMessage:
    return OutboundMessage(key="0198c0de-aaaa", to=KARI, text=body, **more)
