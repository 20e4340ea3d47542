"""Links to single files that open without signing in, for a while: providers fetch what we send."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from channels.contract import Attachment
from desk.errors import NotFound
from desk.files import sniff

PATH: Final = "/files/public"
LIFETIME: Final = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Linked:
    """The file behind a link."""

    sha256: str
    filename: str
    content_type: str


class FileLinks:
    """Makes and reads the links: the file's name and hash, encrypted and dated."""

    def __init__(self, secret: str, public_url: str) -> None:
        digest = hashlib.sha256(b"file-links:" + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        self._base = public_url.rstrip("/") + PATH

    def url(self, file: Attachment) -> str:
        """A link to a file whose content is in the file store."""
        fields = [
            hashlib.sha256(file.data).hexdigest(),
            sniff.safe_name(file.filename),
            file.content_type,
        ]
        return f"{self._base}/{self._fernet.encrypt(msgspec.json.encode(fields)).decode()}"

    def open(self, token: str) -> Linked:
        """The file that a link names. Raises NotFound when it is forged or too old."""
        try:
            plain = self._fernet.decrypt(token.encode(), int(LIFETIME.total_seconds()))
            return Linked(*msgspec.json.decode(plain, type=tuple[str, str, str]))
        except (InvalidToken, UnicodeEncodeError, msgspec.MsgspecError) as error:
            raise NotFound("This link is no longer valid.") from error
