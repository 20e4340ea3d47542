"""An inbox at Twilio, and how its webhooks look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from channels.contract import ChannelConfig, RawPayload
from channels.emulators.twilio import ACCOUNT

FIXTURES = Path(__file__).resolve().parents[3] / "channels" / "sms" / "fixtures"
TOKEN = "emulated-auth-token"
URL = "https://desk.example/webhooks/sms/i1"
CONFIG = ChannelConfig(
    "i1",
    "+15005550006",
    "Support",
    options={"account_sid": ACCOUNT},
    secrets={"auth_token": TOKEN},
    public_url="https://desk.example",
)


def with_options(**options: Any) -> ChannelConfig:
    return replace(CONFIG, options={**CONFIG.options, **options})


def form(name: str, url: str = URL) -> RawPayload:
    """A recorded webhook."""
    body = (FIXTURES / f"{name}.form").read_bytes()
    return RawPayload(body, content_type="application/x-www-form-urlencoded", url=url)


def webhook(fields: Mapping[str, str], url: str = URL) -> RawPayload:
    body = urlencode(fields).encode()
    return RawPayload(body, content_type="application/x-www-form-urlencoded", url=url)


def signed(payload: RawPayload, params: Any, token: str = TOKEN, **more: Any) -> RawPayload:
    signature = RequestValidator(token).compute_signature(payload.url, params, **more)
    return replace(payload, headers={**payload.headers, "x-twilio-signature": signature})
