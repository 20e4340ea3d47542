"""Mail goes out as people expect it, and each way to fail says what to do."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels.contract import Address, Attachment, ChannelConfig, ChannelError, OutboundMessage
from channels.email.adapter import EmailChannel
from channels.email.parse import parse_email
from channels.email.threading import gather_evidence, verify_message_id
from tests.support.dovecot import free_port

SECRET = "0123456789abcdef0123"


class Sink:
    """A mail server that keeps what it gets, and refuses what it is told to."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.rcpt: dict[str, str] = {}
        self.data = "250 2.0.0 queued as 42"
        self.delay = 0.0

    async def handle_RCPT(self, _s: SMTP, _x: Session, envelope: Envelope, address: str,  # noqa: N802 - the library's name
                          _o: list[str]) -> str:  # fmt: skip
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _s: SMTP, _x: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        await asyncio.sleep(self.delay)
        if self.data.startswith("250"):
            self.mails.append(bytes(envelope.original_content or b""))
            self.recipients.append(list(envelope.rcpt_tos))
        return self.data


def _login(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str,
           auth: object) -> AuthResult:  # fmt: skip
    good = isinstance(auth, LoginPassword) and auth.password == b"right"
    return AuthResult(success=good, handled=good)


@asynccontextmanager
async def serving(sink: Sink, *, login: bool = False) -> AsyncIterator[int]:
    """The sink on a free port."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        if not login:
            return SMTP(sink, loop=loop, hostname="sink")
        return SMTP(sink, loop=loop, hostname="sink", auth_required=True, auth_require_tls=False,
                    authenticator=_login)  # fmt: skip

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def inbox(port: int, **options: object) -> ChannelConfig:
    """An inbox that sends through that port."""
    values = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none", "smtp_timeout": 2,
              "from_name": "Büro Nord", **options}  # fmt: skip
    return ChannelConfig("i1", "support@desk.example", "Support", values, {"hash_secret": SECRET})


def outbound(**more: object) -> OutboundMessage:
    """A reply to a customer."""
    values: dict[str, object] = {
        "key": "0192f0c1-7a1e-7c3d-8b53-000000000001",
        "to": Address("email", "kunde@müller.example", "Jürgen, Müller"),
        "text": "Guten Tag,\n\ndas Paket ist unterwegs.",
        "subject": "Ihr Paket 📦",
        **more,
    }
    return OutboundMessage(**values)  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    """As the customer's program reads it."""
    return message_from_bytes(raw, policy=default)


async def test_a_reply_threads_at_the_customers_and_back_at_ours() -> None:
    sink = Sink()
    token = "pd-k42aaaaaaaaaaaaaaaa"
    async with serving(sink) as port:
        receipt = await EmailChannel().send(
            outbound(in_reply_to="q@customer.example", references=("a@customer.example",),
                     reply_token=token, author_name="Anna", html="<p>Das <b>Paket</b></p>"),
            inbox(port, signature="Desk GmbH"),
        )  # fmt: skip
    (raw,) = sink.mails
    mail = read(raw)
    assert sink.recipients == [["kunde@xn--mller-kva.example"]]
    assert mail["Subject"] == "Ihr Paket 📦"
    assert mail["From"].addresses[0].display_name == "Anna (Büro Nord)"
    assert mail["To"].addresses[0].display_name == "Jürgen, Müller"
    assert mail["Reply-To"].addresses[0].addr_spec == f"support+{token}@desk.example"
    assert mail["In-Reply-To"] == "<q@customer.example>"
    assert mail["References"] == "<a@customer.example> <q@customer.example>"
    assert mail["Message-ID"] == f"<{receipt.external_id}>"
    assert verify_message_id(receipt.external_id, SECRET) == "0192f0c1-7a1e-7c3d-8b53-000000000001"
    assert mail["Auto-Submitted"] is None
    assert mail["X-Parley-Desk"] == "i1"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines()[-3:] == ["", "-- ", "Desk GmbH"]
    assert "<b>Paket</b>" in html.get_content()
    assert "queued as 42" in receipt.detail
    reply = parse_email(
        f"From: k@x.example\r\nIn-Reply-To: <{receipt.external_id}>\r\n\r\nok".encode()
    )
    assert gather_evidence(reply, SECRET)[0].kind == "own_message"


async def test_sending_again_uses_the_same_message_id() -> None:
    sink = Sink()
    async with serving(sink) as port:
        first = await EmailChannel().send(outbound(), inbox(port))
        again = await EmailChannel().send(outbound(), inbox(port))
    assert first.external_id == again.external_id


async def test_files_and_inline_images_arrive_unchanged() -> None:
    sink = Sink()
    files = (
        Attachment("Übersicht Zürich.pdf", "application/pdf", b"%PDF-1.4 \x00\xff"),
        Attachment("logo.png", "image/png", b"\x89PNG", inline=True, content_id="logo"),
        Attachment("frage.eml", "message/rfc822", b"Subject: old\r\n\r\nhello\r\n"),
        Attachment("../../etc/passwd", "no such type", b"x"),
    )
    async with serving(sink) as port:
        message = outbound(html='<img src="cid:logo">', attachments=files)
        await EmailChannel().send(message, inbox(port))
    seen = parse_email(sink.mails[0])
    found = {one.filename: one for one in seen.attachments}
    assert found["Übersicht Zürich.pdf"].data == b"%PDF-1.4 \x00\xff"
    assert found["logo.png"].content_id == "logo"
    assert found["logo.png"].inline
    assert b"Subject: old" in found["frage.eml"].data
    assert found["passwd"].content_type == "application/octet-stream"
    assert seen.automated == "loop"


async def test_nothing_in_a_message_can_add_a_header() -> None:
    sink = Sink()
    evil = "x\r\nBcc: victim@example.org\r\n\r\nbody"
    async with serving(sink) as port:
        await EmailChannel().send(
            outbound(subject=evil, author_name=evil, locale=evil, in_reply_to=evil, references=(evil,),
                     to=Address("email", "k@example.org", evil),
                     attachments=(Attachment(evil, evil, b"x"),)),
            inbox(port, from_name=evil),
        )  # fmt: skip
    mail = read(sink.mails[0])
    assert mail["Bcc"] is None
    assert sink.recipients == [["k@example.org"]]
    with pytest.raises(ChannelError):  # noqa: PT012 - needs its setting
        to = Address("email", "k@example.org>\r\nRCPT TO:<victim@example.org")
        await EmailChannel().send(outbound(to=to), inbox(1))


async def test_automatic_mail_says_so() -> None:
    sink = Sink()
    async with serving(sink) as port:
        await EmailChannel().send(outbound(automated=True, in_reply_to="q@x.example"), inbox(port))
    mail = read(sink.mails[0])
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"


@pytest.mark.parametrize(
    ("answer", "retryable", "code"),
    [("450 4.2.0 Greylisted", True, "4.2.0"), ("550 5.1.1 No such user", False, "5.1.1")],
)
async def test_a_refused_customer(answer: str, code: str, *, retryable: bool) -> None:
    sink = Sink()
    sink.rcpt["k@example.org"] = answer
    async with serving(sink) as port:
        with pytest.raises(ChannelError) as caught:
            await EmailChannel().send(outbound(to=Address("email", "k@example.org")), inbox(port))
    assert caught.value.retryable is retryable
    assert caught.value.code == code
    assert answer[4:] in caught.value.reason


@pytest.mark.parametrize(
    ("answer", "retryable"), [("451 4.3.0 Later", True), ("554 5.7.1 Spam", False)]
)
async def test_a_refused_content(answer: str, *, retryable: bool) -> None:
    sink = Sink()
    sink.data = answer
    async with serving(sink) as port:
        with pytest.raises(ChannelError) as caught:
            await EmailChannel().send(outbound(), inbox(port))
    assert caught.value.retryable is retryable


async def test_a_copied_one_that_is_refused_is_told_and_not_fatal() -> None:
    sink = Sink()
    sink.rcpt["cc@example.org"] = "550 5.1.1 No such user"
    message = outbound(to=Address("email", "k@example.org"), cc=(
        Address("email", "cc@example.org"), Address("email", "K@example.org")))  # fmt: skip
    async with serving(sink) as port:
        receipt = await EmailChannel().send(message, inbox(port))
        assert "cc@example.org (550 5.1.1 No such user)" in receipt.detail
        sink.rcpt = {"k@example.org": "450 4.2.1 busy"}
        with pytest.raises(ChannelError) as caught:
            await EmailChannel().send(message, inbox(port))
    assert not caught.value.retryable


async def test_a_server_that_is_away_or_silent_is_tried_again() -> None:
    with pytest.raises(ChannelError) as caught:
        await EmailChannel().send(outbound(), inbox(free_port()))
    assert (caught.value.retryable, caught.value.code) == (True, "connection")
    sink = Sink()
    sink.delay = 5
    async with serving(sink) as port:
        with pytest.raises(ChannelError) as caught:
            await EmailChannel().send(outbound(), inbox(port, smtp_timeout=0.3))
    assert (caught.value.retryable, caught.value.code) == (True, "timeout")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
async def test_logging_in() -> None:
    sink = Sink()
    async with serving(sink, login=True) as port:
        good = inbox(port, smtp_user="desk")
        good = ChannelConfig(good.inbox_id, good.address, good.name, good.options,
                             {"hash_secret": SECRET, "smtp_password": "right"})  # fmt: skip
        await EmailChannel().send(outbound(), good)
        bad = ChannelConfig(good.inbox_id, good.address, good.name, good.options,
                            {"hash_secret": SECRET, "smtp_password": "wrong"})  # fmt: skip
        with pytest.raises(ChannelError) as caught:
            await EmailChannel().send(outbound(), bad)
        checks = {check.name: check for check in await EmailChannel().check(bad)}
    assert len(sink.mails) == 1
    assert not caught.value.retryable
    assert "password" in caught.value.reason
    assert "smtp_password" in checks["smtp"].remedy


async def test_an_address_that_the_server_cannot_write_to_is_said() -> None:
    async with serving(Sink()) as port:
        with pytest.raises(ChannelError) as caught:
            await EmailChannel().send(
                outbound(to=Address("email", "jörg@example.org")), inbox(port)
            )
    assert caught.value.code == "smtputf8"
    assert not caught.value.retryable
