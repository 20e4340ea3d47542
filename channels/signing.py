"""HMAC signatures of webhooks: made and compared in one place, always in constant time."""

from __future__ import annotations

import base64
import hmac
from typing import Literal

Digest = Literal["sha1", "sha256", "sha512"]


def hmac_bytes(secret: str | bytes, body: bytes, digest: Digest = "sha256") -> bytes:
    """The keyed digest of the body, RFC 2104. An empty secret is refused with ValueError."""
    key = secret.encode() if isinstance(secret, str) else secret
    if not key:
        raise ValueError("a signature needs a secret")
    return hmac.digest(key, body, digest)


def hmac_hex(secret: str | bytes, body: bytes, digest: Digest = "sha256") -> str:
    """The keyed digest in lower-case hex."""
    return hmac_bytes(secret, body, digest).hex()


def hmac_base64(secret: str | bytes, body: bytes, digest: Digest = "sha256") -> str:
    """The keyed digest in standard base64."""
    return base64.b64encode(hmac_bytes(secret, body, digest)).decode("ascii")


def same(ours: str, theirs: str) -> bool:
    """Whether two strings are equal, in a time that tells nothing. False when either is empty."""
    return bool(ours) and bool(theirs) and hmac.compare_digest(_bytes(ours), _bytes(theirs))


def same_hex(ours: str, theirs: str) -> bool:
    """The same for hex digits, whose case means nothing."""
    return same(ours.lower(), theirs.strip().lower())


def _bytes(text: str) -> bytes:
    # Whatever a header may hold: lone surrogates, too.
    return text.encode("utf-8", "surrogatepass")
