"""Access tokens for a mailbox and its server (OAuth 2, RFC 6749 section 6: refreshing a token).

Presets for Google and Microsoft; others name their token URL. The refresh token comes from the
provider's consent page once and is a secret of the inbox.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx

from channels.contract import ChannelConfig, ChannelError

SECONDS: Final = 15.0
MAX_TOKENS: Final = 200
MARGIN_SECONDS: Final = 60.0  # a token is renewed so long before it ends
DEFAULT_LIFE_SECONDS: Final = 300.0  # when the provider does not say how long it lives
_TOKEN_URLS: Final[Mapping[str, str]] = {
    "google": "https://oauth2.googleapis.com/token",
    "microsoft": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
}
_SCOPES: Final[Mapping[str, str]] = {
    "google": "",
    "microsoft": "https://outlook.office.com/IMAP.AccessAsUser.All "
    "https://outlook.office.com/SMTP.Send offline_access",
}
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
# The consent was taken back or has ended: only a person can give it again.
_GONE: Final = frozenset({"invalid_grant", "interaction_required", "consent_required"})


@dataclass(frozen=True, slots=True)
class OAuth:
    """How to get a token."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""

    @classmethod
    def of(cls, config: ChannelConfig) -> OAuth | None:
        """Read the inbox's options; None when it uses no OAuth. Raises `ChannelError`."""
        options, secrets = config.options, config.secrets
        refresh = secrets.get("oauth_refresh_token", "")
        if not refresh:
            return None
        provider = str(options.get("oauth_provider") or "").lower()
        tenant = str(options.get("oauth_tenant") or "common")
        url = str(options.get("oauth_token_url") or _TOKEN_URLS.get(provider, ""))
        url = url.replace("{tenant}", tenant)
        client_id = str(options.get("oauth_client_id") or "")
        if not url or not client_id:
            reason = (
                "set oauth_client_id, and oauth_provider (google, microsoft) or oauth_token_url"
            )
            raise ChannelError(reason, retryable=False, code="config")
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ChannelError("oauth_token_url must be https", retryable=False, code="config")
        scope = str(options.get("oauth_scope") or _SCOPES.get(provider, ""))
        return cls(url, client_id, secrets.get("oauth_client_secret", ""), refresh, scope)


@dataclass(slots=True)
class _Token:
    value: str
    until: float  # on the monotonic clock


class Tokens:
    """Tokens, each kept until shortly before its end. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: dict[OAuth, _Token] = {}
        self._lock = threading.Lock()

    def get(self, oauth: OAuth) -> str:
        """A token that is valid now. Blocks. Raises `ChannelError`."""
        with self._lock:
            known = self._known.get(oauth)
            if known is not None and known.until > time.monotonic():
                return known.value
            token = _fetch(oauth)
            if len(self._known) >= MAX_TOKENS:
                self._known.clear()
            self._known[oauth] = token
            return token.value

    def forget(self, oauth: OAuth) -> None:
        """A server refused it although it should be valid: get another one next time."""
        with self._lock:
            self._known.pop(oauth, None)


def _fetch(oauth: OAuth) -> _Token:
    host = urlsplit(oauth.token_url).hostname or ""
    fields = {
        "grant_type": "refresh_token",
        "client_id": oauth.client_id,
        "refresh_token": oauth.refresh_token,
        **({"client_secret": oauth.client_secret} if oauth.client_secret else {}),
        **({"scope": oauth.scope} if oauth.scope else {}),
    }
    try:
        answer = httpx.post(
            oauth.token_url, data=fields, timeout=SECONDS, trust_env=host not in _LOOPBACK
        )
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        reason = f"{host} gave no token: {type(error).__name__}"
        raise ChannelError(reason, retryable=True, code="oauth") from error
    told = found if isinstance(found, dict) else {}
    token = told.get("access_token")
    if answer.is_success and isinstance(token, str) and token:
        life = told.get("expires_in")
        seconds = float(life) if isinstance(life, int | float) else DEFAULT_LIFE_SECONDS
        return _Token(token, time.monotonic() + max(seconds - MARGIN_SECONDS, seconds / 2))
    error_code = str(told.get("error") or answer.status_code)
    words = str(told.get("error_description") or "")[:300]
    if error_code in _GONE:
        reason = (
            f"{host} takes oauth_refresh_token no longer ({error_code}), authorise again. {words}"
        )
        raise ChannelError(reason.strip(), retryable=False, code="auth")
    refused = answer.is_client_error and answer.status_code not in (408, 429)
    reason = f"{host} gave no token ({error_code}). {words}".strip()
    raise ChannelError(reason, retryable=not refused, code="oauth")
