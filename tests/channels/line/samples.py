"""An official account and its webhooks."""

from __future__ import annotations

from pathlib import Path

from channels.contract import ChannelConfig, RawPayload
from channels.emulators.line import SECRET, TOKEN
from channels.signing import hmac_base64

FIXTURES = Path(__file__).resolve().parents[3] / "channels" / "line" / "fixtures"
CONFIG = ChannelConfig(
    "i1",
    "@parley",
    "Support",
    secrets={"channel_secret": SECRET, "channel_access_token": TOKEN},
    public_url="https://desk.example",
)


def webhook(name: str) -> RawPayload:
    """A recorded webhook, signed."""
    return signed((FIXTURES / f"{name}.json").read_bytes())


def signed(body: bytes) -> RawPayload:
    headers = {"x-line-signature": hmac_base64(SECRET, body)}
    return RawPayload(body, headers, "application/json")
