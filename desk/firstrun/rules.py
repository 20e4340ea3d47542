"""Who may become the first owner, and what the links to get in hold. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from desk.errors import Invalid, NotFound

STEPS: Final = ("desk", "hours", "channel", "team", "widget", "message")
_TOKEN_CHARS: Final = 24  # of base32: 120 bits


def owner_token(secret: str) -> str:
    """What proves that somebody can read the desk's console; the same in every process."""
    mac = hmac.new(secret.encode(), b"first-owner", hashlib.sha256).digest()
    return base64.b32encode(mac).decode()[:_TOKEN_CHARS]


def token_matches(secret: str, given: str) -> bool:
    """Compare in constant time; spaces and case do not count."""
    tidy = "".join(given.split()).upper()
    return hmac.compare_digest(owner_token(secret).encode(), tidy.encode("utf-8", "replace"))


def needs_token(
    *, bound: str, public_url: str, peer: str, asked_host: str, forwarded: bool
) -> bool:
    """Whether the first owner has to show the console's token.

    Not on a desk that only its own machine reaches: it listens on loopback, its public URL is
    there, and so are the caller and the host that was asked for (a page elsewhere that had its
    name resolve to 127.0.0.1 asks for its own name). A request through a proxy is from outside.
    """
    asked = urlsplit(f"//{asked_host}").hostname or ""
    hosts = (bound, urlsplit(public_url).hostname or "", peer, asked)
    return forwarded or not all(is_loopback(host) for host in hosts)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def invitation_token(secret: str, invitation_id: UUID) -> str:
    """The secret part of an invitation's link: its id and an HMAC of it, so nothing is stored."""
    mac = hmac.new(secret.encode(), b"invitation:" + invitation_id.bytes, hashlib.sha256).digest()
    return f"{invitation_id.hex}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def invitation_of(secret: str, token: str) -> UUID:
    """The invitation that a token stands for. Raises NotFound for any other text."""
    refused = NotFound("This invitation is not known; ask for a new one.")
    try:
        invitation_id = UUID(hex=token.partition(".")[0])
    except ValueError as error:
        raise refused from error
    expected = invitation_token(secret, invitation_id)
    if not hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace")):
        raise refused
    return invitation_id


def origin_of(url: str) -> str:
    """Scheme, host and port of a page's address; "" where it is none of the web's."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")


def check_steps(steps: list[str]) -> list[str]:
    """Steps that may be skipped, in their order. Raises Invalid."""
    unknown = set(steps) - set(STEPS)
    if unknown:
        raise Invalid(errors=[("skipped", f"The steps are {', '.join(STEPS)}.")])
    return [step for step in STEPS if step in steps]
