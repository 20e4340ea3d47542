"""Mail is handed over encrypted, and never to a server that nobody vouches for."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest
from aiosmtpd.smtp import SMTP

from channels.contract import ChannelConfig, ChannelError
from channels.email.adapter import EmailChannel
from channels.email.listener import MailListener
from tests.channels.email.test_listener import MAIL, Inboxes
from tests.channels.email.test_send import Sink, inbox, outbound
from tests.support.certificates import write_certificate


@asynccontextmanager
async def serving(
    sink: Sink, context: ssl.SSLContext, mode: Literal["starttls", "tls"]
) -> AsyncIterator[int]:
    """The sink, with either kind of encryption."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        upgrade = context if mode == "starttls" else None
        return SMTP(sink, loop=loop, hostname="sink", tls_context=upgrade)

    wrapped = context if mode == "tls" else None
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=wrapped)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_sending_encrypted(tmp_path: Path, mode: Literal["starttls", "tls"]) -> None:
    trusted, context = write_certificate(tmp_path)
    sink = Sink()
    async with serving(sink, context, mode) as port:
        await EmailChannel().send(
            outbound(), inbox(port, smtp_tls=mode, tls_ca_file=str(trusted), smtp_timeout=5)
        )
        assert len(sink.mails) == 1
        stranger = inbox(port, smtp_tls=mode, smtp_timeout=5)
        with pytest.raises(ChannelError) as caught:
            await EmailChannel().send(outbound(), stranger)
        assert caught.value.code == "certificate"
        checks = {check.name: check for check in await EmailChannel().check(stranger)}
        assert "tls_ca_file" in checks["smtp"].remedy
    assert len(sink.mails) == 1


async def test_a_server_without_encryption_gets_nothing() -> None:
    sink = Sink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, loop=loop), "127.0.0.1", 0)
    config: ChannelConfig = inbox(server.sockets[0].getsockname()[1], smtp_tls="starttls")
    with pytest.raises(ChannelError) as caught:
        await EmailChannel().send(outbound(), config)
    server.close()
    assert not caught.value.retryable
    assert sink.mails == []


async def test_the_listener_takes_starttls(tmp_path: Path) -> None:
    trusted, context = write_certificate(tmp_path)
    inboxes = Inboxes()
    listener = MailListener(inboxes.accepts, inboxes.store, tls_context=context)
    where = await listener.start()

    def send() -> None:
        with smtplib.SMTP(*where, timeout=5) as smtp:
            smtp.starttls(context=ssl.create_default_context(cafile=str(trusted)))
            smtp.sendmail("a@example.org", ["support@desk.example"], MAIL)

    await asyncio.to_thread(send)
    await listener.stop()
    assert len(inboxes.stored) == 1
