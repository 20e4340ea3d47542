"""An SMTP or LMTP listener in the running loop that says 250 only once the mail is stored."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import AnyStr, Literal

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.contract import RawPayload
from channels.email.headers import normalise_address

_log = logging.getLogger(__name__)

MAX_BYTES = 50 * 1024 * 1024
MAX_RECIPIENTS = 100
TIMEOUT_SECONDS = 120.0
STORE_SECONDS = 60.0
_LINE_BYTES = 1024 * 1024  # much mail ignores the 1000 of RFC 5321


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone that the mail is for, and the inbox that takes it."""

    address: str  # as given, in lower case, with its plus part
    inbox: str  # what `accepts` returned


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail for one or several of our inboxes."""

    sender: str  # of the envelope; "" for reports
    recipients: tuple[Recipient, ...]
    payload: RawPayload


Accepts = Callable[[str], Awaitable[str | None]]
Store = Callable[[Delivery], Awaitable[None]]


def base_address(address: str) -> str:
    """The address without its plus part."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _now() -> datetime:
    return datetime.now(UTC)


class _Handler:
    """What aiosmtpd asks us. One for each listener."""

    def __init__(
        self, accepts: Accepts, store: Store, clock: Callable[[], datetime], *, each: bool
    ) -> None:
        self._accepts = accepts
        self._store = store
        self._clock = clock
        self._each = each  # LMTP answers for each recipient

    async def handle_RCPT(  # noqa: N802 - the library's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        wanted = normalise_address(address)
        try:
            inbox = await self._accepts(wanted) or await self._accepts(base_address(wanted))
        except Exception:  # noqa: BLE001 - our fault, and logged; the sender tries again
            _log.exception("could not look up a recipient")
            return "451 4.3.0 Try again later"
        if inbox is None:
            return "550 5.1.1 No such address here"
        known: dict[str, Recipient] = getattr(envelope, "parley_recipients", {})
        known[address] = Recipient(wanted, inbox)
        envelope.parley_recipients = known  # type: ignore[attr-defined]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        known: dict[str, Recipient] = getattr(envelope, "parley_recipients", {})
        recipients = tuple(known.values())
        sender = normalise_address(envelope.mail_from or "")
        payload = RawPayload(
            body=bytes(envelope.original_content or b""),
            headers={
                "envelope-from": sender,
                "envelope-to": ", ".join(one.address for one in recipients),
                "peer-ip": _peer(session),
                "helo": str(session.host_name or "")[:255],
            },
            content_type="message/rfc822",
            received_at=self._clock(),
        )
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await self._store(Delivery(sender, recipients, payload))
        except Exception:  # noqa: BLE001 - whatever it was, the sender keeps the mail
            _log.exception("a mail could not be stored")
            answer = "451 4.3.0 Not stored, try again later"
        else:
            answer = "250 2.0.0 Stored"
        return "\r\n".join([answer] * len(envelope.rcpt_tos)) if self._each else answer


def _peer(session: Session) -> str:
    """The address of the machine that speaks to us; "" on a Unix socket."""
    peer: object = session.peer
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


class _Smtp(SMTP):
    line_length_limit = _LINE_BYTES


def _text(status: str | bytes) -> str:
    return status if isinstance(status, str) else status.decode()


class _Lmtp(LMTP):
    line_length_limit = _LINE_BYTES
    _in_data = False

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the library's name
        self._in_data = True
        try:
            await super().smtp_DATA(arg)
        finally:
            self._in_data = False

    async def push(self, status: AnyStr) -> None:
        """Refusals of the content, too, are given once for each recipient (RFC 2033, 4.2)."""
        told = _text(status)
        count = len(self.envelope.rcpt_tos) if self.envelope else 1
        if self._in_data and told.startswith(("500 Line", "552")):
            await super().push("\r\n".join([told] * count))
        else:
            await super().push(status)


class MailListener:
    """Takes mail from an MTA or from the world.

    `accepts(address)` names the inbox of a recipient (asked with and without the plus part) or
    returns None (550 5.1.1). `store(delivery)` is called once for each mail, with all recipients
    that were accepted; the sender is told 250 only after it returned, 451 when it raised.
    """

    def __init__(
        self,
        accepts: Accepts,
        store: Store,
        *,
        protocol: Literal["smtp", "lmtp"] = "smtp",
        max_bytes: int = MAX_BYTES,
        hostname: str = "localhost",
        tls_context: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._handler = _Handler(accepts, store, clock, each=protocol == "lmtp")
        self._class: type[SMTP] = _Lmtp if protocol == "lmtp" else _Smtp
        self._max_bytes = max_bytes
        self._hostname = hostname
        self._tls = tls_context
        self._timeout = timeout
        self._server: asyncio.Server | None = None
        self._open: set[SMTP] = set()

    def _protocol(self) -> SMTP:
        server = self._class(
            self._handler,
            data_size_limit=self._max_bytes,
            enable_SMTPUTF8=True,
            hostname=self._hostname,
            ident="Parley",
            tls_context=self._tls,
            timeout=self._timeout,
            loop=asyncio.get_running_loop(),
        )
        self._open = {one for one in self._open if one.transport is not None} | {server}
        return server

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> tuple[str, int]:
        """Listen. Returns the address in use (port 0 takes a free one)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, host, port)
        found = self._server.sockets[0].getsockname()
        return str(found[0]), int(found[1])

    async def start_unix(self, path: str) -> None:
        """Listen on a Unix socket, as MTAs like it for LMTP."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._protocol, path)

    async def stop(self) -> None:
        """Stop listening and drop the connections; an unanswered mail stays with its sender."""
        if self._server is None:
            return
        self._server.close()
        for one in self._open:
            if one.transport is not None:
                one.transport.close()
        await asyncio.sleep(0)
        await self._server.wait_closed()
        self._server = None
