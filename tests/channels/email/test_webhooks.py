"""Mail by the webhooks of sending services: proved to be theirs, and read without loss."""
# ruff: noqa: E501 - payloads stay in one piece

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from channels.contract import (
    Address,
    BadSignature,
    ChannelConfig,
    ChannelError,
    InboundMessage,
    Notice,
    OutboundMessage,
    RawPayload,
    StatusUpdate,
    Unparsable,
)
from channels.email.adapter import EmailChannel
from channels.email.compose import compose
from tests.channels.email.samples import FIXTURES, fixture

HOOKS = FIXTURES / "webhooks"
NOW = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
KEY = "0190c5b2-7c3e-7a10-8a10-2f6f5f0f0f0f"
URL = "https://desk.example/webhooks/email/i"
CHANNEL = EmailChannel()
MESSAGE = OutboundMessage(key=KEY, to=Address("email", "anna@example.org"), text="Hello")
TOPIC = "arn:aws:sns:eu-west-1:1:mail"


def config(provider: str, **secrets: str) -> ChannelConfig:
    options = {"inbound_provider": provider, "sns_topic": TOPIC}
    return ChannelConfig("i", "support@desk.example", "Support", options, secrets)


def post(body: bytes, kind: str = "application/json", url: str = URL, **headers: str) -> RawPayload:
    return RawPayload(body, {k.replace("_", "-"): v for k, v in headers.items()}, kind, url, NOW)


def hook(name: str) -> Any:
    return json.loads((HOOKS / name).read_text())


def form(
    fields: dict[str, bytes | str], files: dict[str, tuple[str, str, bytes]] | None = None
) -> tuple[bytes, str]:
    out = b""
    for name, value in fields.items():
        data = value.encode() if isinstance(value, str) else value
        out += (
            f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
            + data
            + b"\r\n"
        )
    for name, (filename, kind, data) in (files or {}).items():
        out += (
            f'--xx\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
            + data
            + b"\r\n"
        )
    return out + b"--xx--\r\n", "multipart/form-data; boundary=xx"


def one_mail(payload: RawPayload, using: ChannelConfig) -> InboundMessage:
    (part,) = CHANNEL.split(payload, using)
    (message,) = CHANNEL.parse(part, using)
    assert isinstance(message, InboundMessage)
    key = CHANNEL.key(part, using)
    assert key.external_id == message.external_id
    assert key.lane == f"email:{message.sender.value}"
    return message


def updates(payload: RawPayload, using: ChannelConfig) -> list[Any]:
    return [item for part in CHANNEL.split(payload, using) for item in CHANNEL.parse(part, using)]


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"parley:{password}".encode()).decode()


@pytest.mark.parametrize("provider", ["postmark", "sendgrid"])
def test_a_password_in_the_url_opens_and_nothing_else_does(provider: str) -> None:
    using = config(provider, webhook_password="s3cret-password")
    CHANNEL.verify(post(b"{}", authorization=basic("s3cret-password")), using)
    CHANNEL.verify(post(b"{}", url=f"{URL}?token=s3cret-password"), using)
    for wrong in (post(b"{}"), post(b"{}", authorization=basic("wrong")), post(b"{}", url=f"{URL}?token="),
                  post(b"{}", authorization="Basic ***"), post(b"{}", authorization="Bearer s3cret-password")):  # fmt: skip
        with pytest.raises(BadSignature):
            CHANNEL.verify(wrong, using)
    with pytest.raises(BadSignature):
        CHANNEL.verify(post(b"{}", url=f"{URL}?token="), config(provider))


def test_an_inbox_without_a_service_takes_no_webhooks() -> None:
    for provider in ("none", "", "strange"):
        with pytest.raises(BadSignature):
            CHANNEL.verify(post(b"{}"), config(provider))
    CHANNEL.verify(RawPayload(b"From: a@b.c\r\n\r\nx"), config("none"))  # our own listener's


def test_a_mail_by_postmark() -> None:
    mail = one_mail(post((HOOKS / "postmark-inbound.json").read_bytes()), config("postmark"))
    assert (mail.sender.value, mail.sender.name) == ("anna@example.org", "Anna Berg")
    assert (mail.subject, mail.message_id) == ("Größe der Lampe", "abc@mail.example.org")
    assert (mail.in_reply_to, mail.references) == ("sent-1@desk.example", ("sent-1@desk.example",))
    assert [one.value for one in (*mail.to, *mail.cc)] == [
        "support@desk.example",
        "bob@example.org",
    ]
    assert "Wie groß ist sie?" in mail.text
    assert 'src="cid:logo"' in (mail.html or "")
    assert mail.sent_at == datetime(2026, 3, 3, 13, 5, tzinfo=UTC)
    assert [(f.filename, f.content_type, f.data, f.content_id) for f in mail.attachments] == [
        ("bill.pdf", "application/pdf", b"%PDF-1.4", None), ("logo.png", "image/png", b"\x89PNG\r\n\x1a\n", "logo")]  # fmt: skip
    assert mail.extra["delivered_to"] == ("support+pd-x@desk.example",)


def test_the_whole_mail_by_postmark_is_taken_as_it_was() -> None:
    raw = fixture("reply-gmail.eml")
    body = json.dumps({**hook("postmark-inbound.json"), "RawEmail": raw.decode("latin-1")}).encode()
    assert one_mail(post(body), config("postmark")).message_id == "reply-1@mail.example.org"


def test_events_of_postmark() -> None:
    (bounce,) = updates(post((HOOKS / "postmark-bounce.json").read_bytes()), config("postmark"))
    assert isinstance(bounce, StatusUpdate)
    assert (bounce.state, bounce.permanent, bounce.key, bounce.recipient) == (
        "failed",
        True,
        KEY,
        "gone@example.org",
    )
    assert "550 5.1.1" in bounce.reason
    soft = json.dumps({**hook("postmark-bounce.json"), "Type": "SoftBounce"}).encode()
    assert updates(post(soft), config("postmark")) == []
    spam = json.dumps({**hook("postmark-bounce.json"), "RecordType": "SpamComplaint"}).encode()
    (notice,) = updates(post(spam), config("postmark"))
    assert isinstance(notice, Notice)
    assert notice.warning
    for kind, state in (("Delivery", "delivered"), ("Open", "read")):
        body = {"RecordType": kind, "MessageID": "1", "Recipient": "a@b.c", "DeliveredAt": "2026-03-03T14:05:00Z",
                "ReceivedAt": "2026-03-03T14:05:00Z", "Metadata": {"parley": KEY}}  # fmt: skip
        (update,) = updates(post(json.dumps(body).encode()), config("postmark"))
        assert (update.state, update.key, update.at) == (state, KEY, NOW)


def mailgun_signed(key: str = "key-1", at: datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "timestamp": stamp,
        "token": "tok",
        "signature": hmac.new(key.encode(), f"{stamp}tok".encode(), hashlib.sha256).hexdigest(),
    }


MAILGUN: dict[str, bytes | str] = {
    "recipient": "support@desk.example", "sender": "bounce@example.org", "from": "Anna <anna@example.org>", "subject": "Größe", "body-plain": "Wie groß?",
    "body-html": "<p>Wie groß?</p>", "stripped-text": "Wie groß?", "Message-Id": "<mg@example.org>",
    "message-headers": json.dumps([["From", "Anna <anna@example.org>"], ["Subject", "Größe"], ["Message-Id", "<mg@example.org>"], ["References", "<sent-1@desk.example>"]]),
    "content-id-map": json.dumps({"<logo>": "attachment-1"}), "attachment-count": "2",
}  # fmt: skip


def test_mailgun_signs() -> None:
    using = config("mailgun", webhook_signing_key="key-1")
    CHANNEL.verify(post(*form({**MAILGUN, **mailgun_signed()})), using)
    CHANNEL.verify(
        post(
            urlencode({"recipient": "a", **mailgun_signed()}).encode(),
            "application/x-www-form-urlencoded",
        ),
        using,
    )
    event = json.dumps({**hook("mailgun-failed.json"), "signature": mailgun_signed()}).encode()
    CHANNEL.verify(post(event), using)
    for wrong in (
        mailgun_signed("key-2"),
        mailgun_signed(at=NOW - timedelta(hours=1)),
        {},
        {**mailgun_signed(), "token": "other"},
    ):
        with pytest.raises(BadSignature):
            CHANNEL.verify(post(*form({**MAILGUN, **wrong})), using)
    with pytest.raises(BadSignature):
        CHANNEL.verify(post(*form({**MAILGUN, **mailgun_signed()})), config("mailgun"))


def test_a_mail_by_mailgun() -> None:
    noise = bytes(range(256)) * 3 + b"\r\n\n\r"
    files = {
        "attachment-1": ("logo.png", "image/png", b"\x89PNG"),
        "attachment-2": ("noise.bin", "application/octet-stream", noise),
    }
    mail = one_mail(post(*form(MAILGUN, files)), config("mailgun"))
    assert (mail.sender.name, mail.subject, mail.text.strip(), mail.message_id) == (
        "Anna",
        "Größe",
        "Wie groß?",
        "mg@example.org",
    )
    assert mail.references == ("sent-1@desk.example",)
    assert [(f.filename, f.data, f.content_id) for f in mail.attachments] == [
        ("logo.png", b"\x89PNG", "logo"),
        ("noise.bin", noise, None),
    ]
    raw = fixture("reply-gmail.eml")
    assert (
        one_mail(post(*form({**MAILGUN, "body-mime": raw})), config("mailgun")).message_id
        == "reply-1@mail.example.org"
    )
    stored = {
        **MAILGUN,
        "attachments": json.dumps([{"name": "bill.pdf", "url": "https://storage.example/1"}]),
    }
    assert (
        "bill.pdf: https://storage.example/1"
        in one_mail(post(*form(stored)), config("mailgun")).text
    )


def test_events_of_mailgun() -> None:
    (failed,) = updates(post((HOOKS / "mailgun-failed.json").read_bytes()), config("mailgun"))
    assert (failed.state, failed.permanent, failed.key, failed.external_id, failed.code) == (
        "failed",
        True,
        KEY,
        "parley.x@desk.example",
        "550",
    )
    later = hook("mailgun-failed.json")
    later["event-data"]["severity"] = "temporary"
    assert updates(post(json.dumps(later).encode()), config("mailgun")) == []


def test_a_mail_by_sendgrid() -> None:
    fields: dict[str, bytes | str] = {
        "headers": "From: Anna <anna@example.org>\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\nMessage-ID: <sg@example.org>\nReferences: <sent-1@desk.example>\n <sent-2@desk.example>",
        "envelope": json.dumps({"to": ["support+x@desk.example"], "from": "anna@example.org"}), "charsets": json.dumps({"text": "iso-8859-1", "html": "UTF-8"}),
        "text": "Wie groß?".encode("latin-1"), "html": "<p>Wie groß?</p>", "from": "Anna <anna@example.org>", "attachments": "1",
        "attachment-info": json.dumps({"attachment1": {"filename": "Größe.pdf", "type": "application/pdf"}}),
    }  # fmt: skip
    mail = one_mail(
        post(*form(fields, {"attachment1": ("x.pdf", "application/pdf", b"%PDF")})),
        config("sendgrid"),
    )
    assert (mail.subject, mail.text.strip(), mail.message_id) == (
        "Größe",
        "Wie groß?",
        "sg@example.org",
    )
    assert mail.references == ("sent-1@desk.example", "sent-2@desk.example")
    assert [(f.filename, f.data) for f in mail.attachments] == [("Größe.pdf", b"%PDF")]
    raw = one_mail(post(*form({"email": fixture("reply-gmail.eml")})), config("sendgrid"))
    assert raw.message_id == "reply-1@mail.example.org"


def test_events_of_sendgrid_are_taken_one_by_one() -> None:
    using = config("sendgrid")
    payload = post((HOOKS / "sendgrid-events.json").read_bytes())
    parts = CHANNEL.split(payload, using)
    assert len({CHANNEL.key(part, using).external_id for part in parts}) == 4
    delivered, bounced, spam = updates(payload, using)
    assert (delivered.state, delivered.external_id, delivered.key) == (
        "delivered",
        "parley.a@desk.example",
        KEY,
    )
    assert (bounced.state, bounced.permanent, bounced.recipient) == (
        "failed",
        True,
        "gone@example.org",
    )
    assert isinstance(spam, Notice)


def test_signed_events_of_sendgrid() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = base64.b64encode(private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()  # fmt: skip
    body = (HOOKS / "sendgrid-events.json").read_bytes()
    signed = base64.b64encode(
        private.sign(b"1772546700" + body, ec.ECDSA(hashes.SHA256()))
    ).decode()
    headers = {
        "x-twilio-email-event-webhook-signature": signed,
        "x-twilio-email-event-webhook-timestamp": "1772546700",
    }
    using = config("sendgrid", sendgrid_public_key=public, webhook_password="p" * 16)
    CHANNEL.verify(post(body, **headers), using)
    for wrong in (
        post(body + b" ", **headers),
        post(body),
        post(body, url=f"{URL}?token={'p' * 16}"),
    ):
        with pytest.raises(BadSignature):
            CHANNEL.verify(wrong, using)


class Amazon:
    """A signing key, its certificate, and a server that hands it out."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
        )
        built = (
            built.serial_number(1)
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=900))
        )
        self.pem = built.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.asked: list[str] = []
        self.port = 0

    def note(
        self, message: str, kind: str = "Notification", version: str = "2", **more: str
    ) -> dict[str, str]:
        note = {"Type": kind, "MessageId": "m-1", "TopicArn": TOPIC, "Message": message, "Timestamp": "2026-03-03T14:05:00Z", "SignatureVersion": version,
                "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem", **more}  # fmt: skip
        names = (
            "Message",
            "MessageId",
            "SubscribeURL",
            "Subject",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type",
        )
        text = "".join(f"{name}\n{note[name]}\n" for name in names if name in note)
        digest = hashes.SHA256() if version == "2" else hashes.SHA1()
        note["Signature"] = base64.b64encode(
            self.key.sign(text.encode(), padding.PKCS1v15(), digest)
        ).decode()
        return note

    def config(self, **options: str) -> ChannelConfig:
        found = {
            "inbound_provider": "ses",
            "sns_topic": TOPIC,
            "api_url": f"http://127.0.0.1:{self.port}",
            **options,
        }
        return ChannelConfig("i", "support@desk.example", "Support", found)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split()[1].decode())
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
            % (len(self.pem), self.pem)
        )
        await writer.drain()
        writer.close()


@pytest.fixture
async def amazon() -> AsyncIterator[Amazon]:
    made = Amazon()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()


async def taken(payload: RawPayload, using: ChannelConfig, channel: EmailChannel) -> None:
    """What the desk does with a webhook before it stores it."""
    await channel.prepare(payload, using)
    if channel.handshake(payload, using) is None:
        channel.verify(payload, using)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_mail_by_ses(amazon: Amazon, version: str) -> None:
    raw = fixture("reply-gmail.eml")
    inner = {"notificationType": "Received", "receipt": {"recipients": ["support@desk.example"], "action": {"type": "SNS", "encoding": "BASE64"}},
             "mail": {}, "content": base64.b64encode(raw).decode()}  # fmt: skip
    channel = EmailChannel()
    payload = post(
        json.dumps(amazon.note(json.dumps(inner), version=version, Subject="Amazon SES")).encode(),
        "text/plain",
    )
    for _ in range(2):
        await taken(payload, amazon.config(), channel)
    assert len(amazon.asked) == 1  # the certificate is fetched once
    assert one_mail(payload, amazon.config()).message_id == "reply-1@mail.example.org"


async def test_who_is_not_amazon_is_refused(amazon: Amazon) -> None:
    good = amazon.note("{}")
    other = Amazon()
    forged = {
        "content": {**good, "Message": "{ }"}, "key": other.note("{}"), "topic": amazon.note("{}", TopicArn="arn:aws:sns:eu-west-1:2:mine"),
        "host": {**good, "SigningCertURL": "https://sns.evil.example/SimpleNotificationService-0123456789abcdef.pem"},
        "suffix": {**good, "SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem"},
        "bucket": {**good, "SigningCertURL": "https://sns.s3.amazonaws.com.s3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"},
        "user": {**good, "SigningCertURL": "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem"},
        "http": {**good, "SigningCertURL": good["SigningCertURL"].replace("https", "http")}, "path": {**good, "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/x.pem"},
        "type": {**good, "Type": "Other"}, "empty": {},
    }  # fmt: skip
    await taken(post(json.dumps(good).encode()), amazon.config(), EmailChannel())
    for note in forged.values():
        with pytest.raises(ChannelError):
            await taken(post(json.dumps(note).encode()), amazon.config(), EmailChannel())
    with pytest.raises(BadSignature):
        await taken(post(json.dumps(good).encode()), amazon.config(sns_topic=""), EmailChannel())


async def test_a_subscription_is_confirmed_for_our_topic_only(amazon: Amazon) -> None:
    confirm = {
        "Token": "t",
        "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t",
    }
    ours = amazon.note("You have chosen to subscribe", "SubscriptionConfirmation", **confirm)
    channel = EmailChannel()
    payload = post(json.dumps(ours).encode())
    await channel.prepare(payload, amazon.config())
    assert channel.handshake(payload, amazon.config()) is not None
    assert amazon.asked[-1] == "/?Action=ConfirmSubscription&Token=t"
    before = len(amazon.asked)
    theirs = amazon.note(
        "x", "SubscriptionConfirmation", TopicArn="arn:aws:sns:eu-west-1:2:mine", **confirm
    )
    away = amazon.note(
        "x",
        "SubscriptionConfirmation",
        Token="t",
        SubscribeURL="https://10.0.0.1/?Action=ConfirmSubscription",
    )
    for note in (theirs, away):
        with pytest.raises(BadSignature):
            await channel.prepare(post(json.dumps(note).encode()), amazon.config())
    assert len(amazon.asked) == before


async def test_events_of_ses_and_a_mail_that_is_elsewhere(amazon: Amazon) -> None:
    (bounce,) = updates(
        post(json.dumps(amazon.note((HOOKS / "ses-bounce.json").read_text())).encode()),
        amazon.config(),
    )
    assert (bounce.state, bounce.permanent, bounce.key, bounce.external_id, bounce.code) == (
        "failed",
        True,
        KEY,
        "parley.x@desk.example",
        "5.1.1",
    )
    in_s3 = {
        "notificationType": "Received",
        "receipt": {"action": {"type": "S3", "bucketName": "mails", "objectKey": "k1"}},
        "mail": {},
    }
    with pytest.raises(Unparsable, match="S3 at mails/k1"):
        updates(post(json.dumps(amazon.note(json.dumps(in_s3))).encode()), amazon.config())


@pytest.mark.parametrize(("provider", "header"), [("postmark", "X-PM-Metadata-parley"), ("mailgun", "X-Mailgun-Variables"),
                                                  ("sendgrid", "X-SMTPAPI"), ("ses", "X-SES-MESSAGE-TAGS")])  # fmt: skip
def test_our_mails_carry_their_key_for_the_services_events(provider: str, header: str) -> None:
    mail = compose(MESSAGE, config(provider), date=NOW, message_id="1@x.y").message
    assert MESSAGE.key in mail[header]
    assert compose(MESSAGE, config("none"), date=NOW, message_id="1@x.y").message[header] is None


@pytest.mark.parametrize("provider", ["postmark", "mailgun", "sendgrid", "ses"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"[[]]",
        b'{"event-data": 3}',
        b"\xff\xfe",
        b'{"RecordType": []}',
        b"--xx\r\n",
    ],
)
@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=xx", "text/plain"]
)
def test_nonsense_is_named_and_refused_politely(provider: str, body: bytes, kind: str) -> None:
    payload, using = post(body, kind), config(provider)
    assert CHANNEL.key(payload, using).external_id is not None
    with contextlib.suppress(Unparsable):  # nothing else may come out
        CHANNEL.parse(payload, using)
