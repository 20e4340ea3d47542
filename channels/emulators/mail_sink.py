"""A mail server that keeps whatever it is given: the other end of the demo's outgoing mail."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import MIMEPart
from email.parser import BytesParser
from pathlib import Path
from typing import Final

from channels.email.headers import normalise_address
from channels.email.listener import Delivery, MailListener

KEEP: Final = 500
_FROM, _TO = "X-Sink-From", "X-Sink-To"  # the envelope, written above the mail's own headers
_PARSER: Final = BytesParser(policy=policy.default)


@dataclass(frozen=True, slots=True)
class SunkMail:
    """A mail as it was received. `recipients` are those of the envelope, in lower case."""

    id: str
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    in_reply_to: str
    reply_to: str
    text: str
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[str, ...]


class MailSink:
    """Takes mail for anybody and keeps the newest `keep` of them in `folder`, one file each."""

    def __init__(self, folder: Path, keep: int = KEEP) -> None:
        self.folder = folder
        self.keep = keep
        self._count = itertools.count()
        self._listener = MailListener(self._anybody, self._store)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> tuple[str, int]:
        """Listen. Returns the address in use. Raises OSError."""
        (self.folder / "new").mkdir(parents=True, exist_ok=True)
        (self.folder / "tmp").mkdir(exist_ok=True)
        return await self._listener.start(host, port)

    async def stop(self) -> None:
        """Stop listening; the mails stay."""
        await self._listener.stop()

    def mails(self, limit: int = KEEP) -> Sequence[SunkMail]:
        """The newest first."""
        return [_read(path) for path in reversed(self._files()[-limit:])]

    def get(self, mail_id: str) -> SunkMail | None:
        """One mail, or None when it is not (or no longer) here."""
        found = next((path for path in self._files() if path.stem == mail_id), None)
        return _read(found) if found is not None else None

    def _files(self) -> list[Path]:
        return sorted((self.folder / "new").glob("*.eml"))

    @staticmethod
    async def _anybody(address: str) -> str:
        return normalise_address(address)

    async def _store(self, delivery: Delivery) -> None:
        """As a maildir does it: written beside, then moved into place whole."""
        name = f"{time.time_ns():020d}-{next(self._count):06d}.eml"
        envelope = (
            f"{_FROM}: {delivery.sender}\r\n"
            f"{_TO}: {', '.join(one.address for one in delivery.recipients)}\r\n"
        )
        written = self.folder / "tmp" / name
        written.write_bytes(envelope.encode() + delivery.payload.body)
        written.replace(self.folder / "new" / name)
        for old in self._files()[: -self.keep]:
            old.unlink(missing_ok=True)


def _read(path: Path) -> SunkMail:
    mail = _PARSER.parsebytes(path.read_bytes())
    body = mail.get_body(("plain", "html"))
    return SunkMail(
        id=path.stem,
        at=datetime.fromtimestamp(int(path.stem.partition("-")[0]) / 1e9, UTC),
        sender=str(mail.get("From", mail[_FROM])),
        recipients=tuple(one for one in str(mail[_TO]).split(", ") if one),
        subject=str(mail.get("Subject", "")),
        message_id=str(mail.get("Message-ID", "")),
        in_reply_to=str(mail.get("In-Reply-To", "")),
        reply_to=str(mail.get("Reply-To", "")),
        text=_text(body) if body is not None else "",
        headers=tuple(
            (name, str(value)) for name, value in mail.items() if name not in {_FROM, _TO}
        ),
        attachments=tuple(part.get_filename() or "file" for part in mail.iter_attachments()),
    )


def _text(body: MIMEPart) -> str:
    try:
        return str(body.get_content()).strip()
    except (LookupError, UnicodeError):  # an unknown character set: the bytes, as far as they go
        data = body.get_payload(decode=True)
        return data.decode("utf-8", "replace").strip() if isinstance(data, bytes) else ""
