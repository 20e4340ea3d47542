"""A real mail server at the other end, whose refusals a test decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """A mail server at the other end. `answers` maps a recipient to refusals, used up in order."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    rcpts: list[list[str]] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        waiting = self.answers.get(address.lower())
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        parser = BytesParser(policy=default)
        mail = parser.parsebytes(bytes(envelope.original_content or b""))
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.rcpts.append(list(envelope.rcpt_tos))
        return "250 2.0.0 Stored"

    def to(self, address: str) -> list[EmailMessage]:
        """What this recipient got, in order."""
        return [
            mail
            for mail, rcpts in zip(self.mails, self.rcpts, strict=True)
            if address.lower() in [rcpt.lower() for rcpt in rcpts]
        ]


def body_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@asynccontextmanager
async def sinking() -> AsyncIterator[Sink]:
    """A mail server on a free port."""
    sink = Sink()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(sink, loop=loop, hostname="sink.test", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    sink.port = listening.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        listening.close()
        await asyncio.sleep(0)
