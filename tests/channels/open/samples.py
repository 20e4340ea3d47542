"""A partner of the open channel."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels.contract import ChannelConfig, RawPayload
from channels.emulators.partner import SECRET
from channels.open.signature import sign

FIXTURES = Path(__file__).resolve().parents[3] / "channels" / "open" / "fixtures"
NOW = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
CONFIG = ChannelConfig(
    "i1",
    "chat.example",
    "Support",
    secrets={"signing_secret": SECRET},
    public_url="https://desk.example",
)


def webhook(name: str) -> RawPayload:
    """A recorded call, signed."""
    return signed((FIXTURES / f"{name}.json").read_bytes())


def items(*found: Any, **more: Any) -> RawPayload:
    return signed(json.dumps({"version": 1, "items": list(found), **more}).encode())


def signed(body: bytes) -> RawPayload:
    headers = sign(SECRET, body, NOW)
    return RawPayload(body, headers, "application/json", received_at=NOW)
