"""What in a mail points at a ticket: our Message-IDs, reply tokens and marks. Pure.

Message-IDs and reply tokens of ours carry a MAC, so that nobody can make one up; and whoever got
hold of one still has to be a participant of the ticket. The subject alone never decides.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from uuid import UUID

from channels.contract import Address, InboundMessage
from channels.threading import Evidence

_MAC_CHARS = 16  # 80 bits
_PREFIX = "pd-"
_SAFE_KEY = re.compile(r"[a-z0-9-]{1,36}")
_TOKEN = r"pd-[ukb][a-z0-9-]{17,76}"  # noqa: S105 - a pattern
_PLUS = re.compile(rf"\+({_TOKEN})@", re.IGNORECASE)
_MARKER = re.compile(rf"\[ref:\s?({_TOKEN})\]", re.IGNORECASE)
_OWN_ID = re.compile(r"parley\.([ukb][a-z0-9-]{1,250})\.([a-z2-7]{16})@", re.IGNORECASE)


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _from_base32(text: str) -> bytes:
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


def _pack(key: str) -> str:
    """A key in characters that survive lower-casing; short for UUIDs."""
    try:
        uuid = UUID(key)
    except ValueError:
        uuid = None
    if uuid is not None and str(uuid) == key:
        return "u" + _base32(uuid.bytes)
    if _SAFE_KEY.fullmatch(key):
        return "k" + key
    return "b" + _base32(key.encode("utf-8"))


def _unpack(packed: str) -> str | None:
    try:
        if packed.startswith("k"):
            return packed[1:]
        data = _from_base32(packed[1:])
        return str(UUID(bytes=data)) if packed.startswith("u") else data.decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _mac(purpose: str, value: str, secret: str) -> str:
    digest = hmac.digest(secret.encode("utf-8"), f"{purpose}:{value}".encode(), hashlib.sha256)
    return _base32(digest)[:_MAC_CHARS]


def make_message_id(message_key: str, secret: str, domain: str) -> str:
    """The Message-ID of an outgoing mail, without angle brackets."""
    packed = _pack(message_key)
    return f"parley.{packed}.{_mac('message-id', packed, secret)}@{domain}"


def verify_message_id(message_id: str, secret: str) -> str | None:
    """The message key inside a Message-ID of ours; None for any other."""
    match = _OWN_ID.match(message_id.strip("<> "))
    if match is None:
        return None
    packed = match[1].lower()
    if not hmac.compare_digest(match[2].lower(), _mac("message-id", packed, secret)):
        return None
    return _unpack(packed)


def make_reply_token(ticket_key: str, secret: str) -> str:
    """A token for a plus-address or a body marker; lower-case letters, digits and hyphens."""
    packed = _pack(ticket_key)
    return f"{_PREFIX}{packed}{_mac('reply-token', packed, secret)}"


def read_reply_token(token: str, secret: str) -> str | None:
    """The ticket key inside a token of ours; None for any other."""
    rest = token.strip().lower()
    if not rest.startswith(_PREFIX) or len(rest) <= len(_PREFIX) + _MAC_CHARS:
        return None
    packed, mac = rest[len(_PREFIX) : -_MAC_CHARS], rest[-_MAC_CHARS:]
    if not hmac.compare_digest(mac.encode(), _mac("reply-token", packed, secret).encode()):
        return None
    return _unpack(packed)


def body_marker(token: str) -> str:
    """The token as it is written into a mail's text."""
    return f"[ref:{token}]"


def find_reply_token(recipients: Iterable[Address], text: str) -> str | None:
    """A token in a plus-address, else in the text; not verified yet."""
    for address in recipients:
        match = _PLUS.search(address.value)
        if match:
            return match[1].lower()
    marker = _MARKER.search(text)
    return marker[1].lower() if marker else None


def gather_evidence(message: InboundMessage, secret: str) -> tuple[Evidence, ...]:
    """Everything that points at a ticket, the strongest first, each once."""
    found: dict[Evidence, None] = {}
    for bounce in message.bounces:
        key = verify_message_id(bounce.original_message_id or "", secret)
        if key is not None:
            found[Evidence("bounced", key)] = None
    ids = [*([message.in_reply_to] if message.in_reply_to else []), *reversed(message.references)]
    for one in ids:
        key = verify_message_id(one, secret)
        if key is not None:
            found[Evidence("own_message", key)] = None
    delivered = message.extra.get("delivered_to", ())
    others = delivered if isinstance(delivered, tuple) else ()
    recipients = [address.value for address in (*message.to, *message.cc)]
    for value in (*recipients, *(str(one) for one in others)):
        match = _PLUS.search(value)
        key = read_reply_token(match[1], secret) if match else None
        if key is not None:
            found[Evidence("reply_token", key)] = None
    for marker in _MARKER.finditer(message.text):
        key = read_reply_token(marker[1], secret)
        if key is not None:
            found[Evidence("body_marker", key)] = None
    found.update((Evidence("known_message", one), None) for one in ids
                 if verify_message_id(one, secret) is None)  # fmt: skip
    return tuple(found)
