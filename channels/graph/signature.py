"""Who called: Meta's signature over the raw body, and the question whether the URL is ours."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlsplit

from channels.contract import BadSignature, ChannelConfig, RawPayload, WebhookAnswer
from channels.signing import hmac_hex, same, same_hex

HEADER: Final = "x-hub-signature-256"
_PREFIX: Final = "sha256="
_MAX_CHALLENGE: Final = 256


def verify(payload: RawPayload, config: ChannelConfig) -> None:
    """Raise `BadSignature` unless the app secret signed the body.

    https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
    """
    secret = config.secrets.get("app_secret", "")
    if not secret:
        raise BadSignature("no app_secret is set for this inbox, so nothing can be checked")
    header = payload.headers.get(HEADER, "")
    if not header:
        raise BadSignature("the request carries no X-Hub-Signature-256")
    if not header.startswith(_PREFIX):
        raise BadSignature("X-Hub-Signature-256 does not start with sha256=")
    if not same_hex(hmac_hex(secret, payload.body), header.removeprefix(_PREFIX)):
        raise BadSignature


def handshake(payload: RawPayload, config: ChannelConfig) -> WebhookAnswer | None:
    """The challenge given back, when the verify token is ours. Raises `BadSignature`."""
    if payload.method.upper() != "GET":
        return None
    asked = dict(parse_qsl(urlsplit(payload.url).query, keep_blank_values=True))
    token = config.secrets.get("verify_token", "")
    if asked.get("hub.mode") != "subscribe" or not same(token, asked.get("hub.verify_token", "")):
        raise BadSignature("the verify token is not the one of this inbox")
    challenge = asked.get("hub.challenge", "")
    if not challenge.isalnum() or len(challenge) > _MAX_CHALLENGE:
        raise BadSignature("the challenge is not one of Meta's")  # it is given back as it came
    return WebhookAnswer(body=challenge.encode())
