"""Mail that other servers hand over is answered only once it is stored."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal, TypeVar

import pytest

from channels.contract import ChannelConfig, InboundMessage
from channels.email.adapter import EmailChannel
from channels.email.listener import Delivery, MailListener
from channels.email.threading import make_reply_token

T = TypeVar("T")
MAIL = b"From: a@example.org\r\nTo: support@desk.example\r\nSubject: Hi\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n"


class Inboxes:
    """Two known addresses; stores what comes."""

    def __init__(self) -> None:
        self.stored: list[Delivery] = []
        self.fails = False
        self.answered_before_store = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def accepts(self, address: str) -> str | None:
        return {"support@desk.example": "support", "sales@desk.example": "sales"}.get(address)

    async def store(self, delivery: Delivery) -> None:
        await self.gate.wait()
        if self.fails:
            raise RuntimeError("disk full")
        self.stored.append(delivery)


@asynccontextmanager
async def listening(
    inboxes: Inboxes, protocol: Literal["smtp", "lmtp"] = "smtp", max_bytes: int = 100_000
) -> AsyncIterator[tuple[str, int]]:
    """A listener on a free port."""
    listener = MailListener(inboxes.accepts, inboxes.store, protocol=protocol, max_bytes=max_bytes)
    try:
        yield await listener.start()
    finally:
        await listener.stop()


async def client(where: tuple[str, int], work: Callable[[smtplib.SMTP], T],
                 kind: type[smtplib.SMTP] = smtplib.SMTP) -> T:  # fmt: skip
    """Run a blocking standard client in a thread."""

    def run() -> T:
        with kind(*where, timeout=5) as connection:
            return work(connection)

    return await asyncio.to_thread(run)


async def test_a_mail_to_two_inboxes_is_stored_as_one_delivery() -> None:
    inboxes = Inboxes()
    async with listening(inboxes) as where:
        refused = await client(where, lambda smtp: smtp.sendmail(
            "a@example.org", ["Support@Desk.example", "sales@desk.example", "nobody@desk.example"], MAIL
        ))  # fmt: skip
    assert list(refused) == ["nobody@desk.example"]
    assert refused["nobody@desk.example"][0] == 550
    assert refused["nobody@desk.example"][1].startswith(b"5.1.1")
    (delivery,) = inboxes.stored
    assert [(one.address, one.inbox) for one in delivery.recipients] == [
        ("support@desk.example", "support"),
        ("sales@desk.example", "sales"),
    ]
    assert delivery.payload.body == MAIL
    assert delivery.sender == "a@example.org"


async def test_the_answer_waits_for_the_store() -> None:
    inboxes = Inboxes()
    inboxes.gate.clear()
    async with listening(inboxes) as where:
        sending = asyncio.create_task(
            client(
                where, lambda smtp: smtp.sendmail("a@example.org", ["support@desk.example"], MAIL)
            )
        )
        await asyncio.sleep(0.3)
        assert not sending.done()
        inboxes.gate.set()
        assert await sending == {}
    assert len(inboxes.stored) == 1


async def test_a_failed_store_leaves_the_mail_with_the_sender() -> None:
    inboxes = Inboxes()
    inboxes.fails = True
    async with listening(inboxes) as where:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            await client(
                where, lambda s: s.sendmail("a@example.org", ["support@desk.example"], MAIL)
            )
    assert caught.value.smtp_code == 451
    assert inboxes.stored == []


async def test_a_mail_that_is_too_large_is_refused() -> None:
    inboxes = Inboxes()
    big = MAIL + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 3000
    async with listening(inboxes) as where:

        def send(smtp: smtplib.SMTP) -> tuple[int, bytes]:
            smtp.ehlo()
            smtp.mail("a@example.org")
            smtp.rcpt("support@desk.example")
            return smtp.data(big)

        code, _ = await client(where, send)
    assert code == 552
    assert inboxes.stored == []


async def test_reports_with_an_empty_sender_long_lines_and_utf8_addresses_get_in() -> None:
    inboxes = Inboxes()
    long_line = MAIL + b"z" * 50_000 + b"\r\n"
    async with listening(inboxes) as where:

        def send(smtp: smtplib.SMTP) -> None:
            smtp.sendmail("", ["support@desk.example"], long_line)
            smtp.ehlo()
            smtp.mail("jörg@example.org", ["SMTPUTF8"])
            smtp.rcpt("support@desk.example")
            smtp.data(MAIL.replace(b"Hello", "Grüße".encode()))

        await client(where, send)
    assert [one.sender for one in inboxes.stored] == ["", "jörg@example.org"]
    assert inboxes.stored[0].payload.body == long_line


async def test_pipelined_commands_are_all_answered() -> None:
    inboxes = Inboxes()
    async with listening(inboxes) as where:

        def talk() -> bytes:
            with socket.create_connection(where, timeout=5) as sock:
                sock.sendall(
                    b"EHLO me\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\n"
                )
                sock.sendall(MAIL.replace(b"Hello", b"..dot") + b".\r\nQUIT\r\n")
                told = b""
                while piece := sock.recv(4096):
                    told += piece
                return told

        told = await asyncio.to_thread(talk)
    assert b"250 2.0.0 Stored" in told
    assert told.rstrip().splitlines()[-1].startswith(b"221")
    assert inboxes.stored[0].payload.body.endswith(b"\r\n.dot\r\n")


async def test_lmtp_answers_for_each_recipient() -> None:
    inboxes = Inboxes()
    async with listening(inboxes, "lmtp") as where:

        def talk() -> list[bytes]:
            with socket.create_connection(where, timeout=5) as sock, sock.makefile("rb") as lines:
                sock.sendall(b"LHLO me\r\nMAIL FROM:<a@example.org>\r\n"
                             b"RCPT TO:<support@desk.example>\r\nRCPT TO:<sales@desk.example>\r\n"
                             b"RCPT TO:<who@desk.example>\r\nDATA\r\n")  # fmt: skip
                for line in lines:
                    if line.startswith(b"354"):
                        break
                sock.sendall(MAIL + b".\r\nQUIT\r\n")
                return lines.readlines()

        told = await asyncio.to_thread(talk)
        assert [line[:3] for line in told] == [b"250", b"250", b"221"]
        inboxes.fails = True
        told = await asyncio.to_thread(talk)
        assert [line[:3] for line in told] == [b"451", b"451", b"221"]
    assert len(inboxes.stored) == 1


async def test_a_token_in_the_envelope_reaches_the_message() -> None:
    inboxes = Inboxes()
    token = make_reply_token("42", "a secret of the desk")
    async with listening(inboxes) as where:
        to = f"support+{token}@desk.example".upper()
        await client(where, lambda smtp: smtp.sendmail("a@example.org", [to], MAIL))
    (delivery,) = inboxes.stored
    assert delivery.recipients[0].inbox == "support"
    config = ChannelConfig("support", "support@desk.example", "Support")
    (message,) = EmailChannel().parse(delivery.payload, config)
    assert isinstance(message, InboundMessage)
    assert message.thread_hint == token


async def test_stopping_with_a_client_connected_does_not_hang() -> None:
    inboxes = Inboxes()
    listener = MailListener(inboxes.accepts, inboxes.store)
    where = await listener.start()
    reader, writer = await asyncio.open_connection(*where)
    await reader.readline()
    async with asyncio.timeout(2):
        await listener.stop()
    writer.close()
    with pytest.raises(OSError, match=r".*"):
        await asyncio.open_connection(*where)
