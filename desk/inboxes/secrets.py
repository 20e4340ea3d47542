"""Inbox secrets at rest: encrypted with a key derived from the desk's secret key."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken

from desk.errors import ConfigurationError


class SecretBox:
    """Encrypts and decrypts short strings."""

    def __init__(self, secret: str) -> None:
        digest = hashlib.sha256(b"inbox-secrets:" + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def seal(self, values: Mapping[str, str]) -> dict[str, str]:
        """Encrypt each value."""
        return {name: self._fernet.encrypt(text.encode()).decode() for name, text in values.items()}

    def open(self, sealed: Mapping[str, object]) -> dict[str, str]:
        """Decrypt each value. Raises ConfigurationError when the desk's key has changed."""
        try:
            return {
                name: self._fernet.decrypt(str(text).encode()).decode()
                for name, text in sealed.items()
            }
        except InvalidToken as error:
            raise ConfigurationError(
                "The inbox secrets were encrypted with another key. Set DESK_SECRET_KEY back to "
                "the former value, or enter the passwords of the inboxes again."
            ) from error
