"""How both sides sign: HMAC-SHA256 over the time and the body, with one shared secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from channels.contract import BadSignature, ChannelConfig, RawPayload
from channels.signing import hmac_hex, same

TIMESTAMP: Final = "parley-timestamp"
SIGNATURE: Final = "parley-signature"
TOLERANCE: Final = timedelta(minutes=5)
_SCHEME: Final = "v1="
_LONGEST: Final = 10  # digits of a time in seconds: until the year 2286


def sign(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that go with a body."""
    seconds = str(int(at.timestamp()))
    return {TIMESTAMP: seconds, SIGNATURE: _SCHEME + _mac(secret, seconds, body)}


def _mac(secret: str, seconds: str, body: bytes) -> str:
    return hmac_hex(secret, seconds.encode() + b"." + body)


def verify(payload: RawPayload, config: ChannelConfig) -> None:
    """Raise BadSignature unless the partner signed this body within five minutes of its arrival.

    The signature header may hold several, separated by commas, while a secret is being replaced.
    """
    secret = config.secrets.get("signing_secret", "")
    if not secret:
        raise BadSignature("signing_secret is not set, so no webhook can be checked")
    seconds = payload.headers.get(TIMESTAMP, "").strip()
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= _LONGEST):
        raise BadSignature("the header Parley-Timestamp is missing or no number of seconds")
    if payload.received_at is None:
        raise BadSignature("it is not known when the webhook arrived, so its age is not either")
    ours = _SCHEME + _mac(secret, seconds, payload.body)
    theirs = payload.headers.get(SIGNATURE, "").split(",")[:5]
    if not any(same(ours, one.strip()) for one in theirs):
        raise BadSignature
    age = payload.received_at - datetime.fromtimestamp(int(seconds), UTC)
    if abs(age) > TOLERANCE:
        raise BadSignature("Parley-Timestamp is more than five minutes away; check the clock")
