"""Secrets that prove who calls: session and API tokens, and the CSRF token of a session."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from uuid import UUID

PREFIX = "ply_"  # lets secret scanners and people recognise one
_LENGTH = len(PREFIX) + 43


def new_token() -> str:
    """A random 256-bit token."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def looks_like_token(text: str) -> bool:
    """Whether it is worth a look in the database."""
    return len(text) == _LENGTH and text.startswith(PREFIX)


def csrf_token(secret: str, session_id: UUID) -> str:
    """The CSRF token of a session: an HMAC of its id, so it needs no storage."""
    return hmac.new(secret.encode(), b"csrf:" + session_id.bytes, hashlib.sha256).hexdigest()


def csrf_matches(secret: str, session_id: UUID, given: str) -> bool:
    """Compare in constant time."""
    expected = csrf_token(secret, session_id)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))
