"""The mail sink keeps what it is given, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from channels.emulators.mail_sink import MailSink


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[tuple[MailSink, int]]:
    sink = MailSink(tmp_path / "sink", keep=3)
    _, port = await sink.start()
    yield sink, port
    await sink.stop()


async def send(port: int, subject: str, text: str = "hello") -> None:
    mail = EmailMessage()
    mail["From"] = "Support <support@demo.example>"
    mail["To"] = "Customer@Elsewhere.example"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{subject}@demo.example>"
    mail["In-Reply-To"] = "<first@elsewhere.example>"
    mail.set_content(text)
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=port, start_tls=False)


async def test_it_takes_mail_for_anybody_and_shows_it_as_text(sink: tuple[MailSink, int]) -> None:
    server, port = sink
    await send(port, "one", "שלום, 你好")
    (mail,) = server.mails()
    assert mail.recipients == ("customer@elsewhere.example",)
    assert mail.subject == "one"
    assert mail.text == "שלום, 你好"
    assert mail.in_reply_to == "<first@elsewhere.example>"
    assert not any(name.startswith("X-Sink") for name, _ in mail.headers)
    assert server.get(mail.id) == mail
    assert server.get("../../etc/passwd") is None


async def test_the_newest_are_kept_over_a_restart(sink: tuple[MailSink, int]) -> None:
    server, port = sink
    for number in range(5):
        await send(port, f"mail-{number}")
    assert [mail.subject for mail in server.mails()] == ["mail-4", "mail-3", "mail-2"]
    again = MailSink(server.folder, keep=3)
    assert [mail.subject for mail in again.mails(2)] == ["mail-4", "mail-3"]


async def test_a_mail_in_an_unknown_character_set_is_shown_all_the_same(
    sink: tuple[MailSink, int],
) -> None:
    server, port = sink
    raw = b"Subject: odd\r\nContent-Type: text/plain; charset=klingon\r\n\r\nas it came\r\n"
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        await client.sendmail("a@b.example", ["c@d.example"], raw)
    assert server.mails()[0].text == "as it came"
