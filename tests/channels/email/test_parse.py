"""Whatever comes in is kept and readable; nothing raises and nothing harms."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import ChannelConfig, RawPayload
from channels.email.adapter import EmailChannel
from channels.email.parse import parse_email
from tests.channels.email.samples import FIXTURES, SHARED, fixture, needs_shared


def test_a_reply_in_two_versions() -> None:
    mail = parse_email(fixture("reply-gmail.eml"))
    assert mail.subject == "Re: Ihr Paket 📦"
    assert (mail.sender.value, mail.sender.name) == ("juergen@example.org", "Jürgen Müller")
    assert [(one.value, one.name) for one in mail.cc] == [("anna@example.org", "Meier, Anna")]
    assert mail.sent_at == datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
    assert mail.message_id == mail.external_id == "reply-1@mail.example.org"
    assert mail.in_reply_to == "sent-1@desk.example"
    assert mail.references == ("first@mail.example.org", "sent-1@desk.example")
    assert mail.reply_text == "Danke, es ist da!"
    assert "Ihr Paket ist unterwegs." in mail.quoted
    assert mail.automated is None
    assert mail.problems == ()


def test_html_is_safe_to_show_and_calls_nobody() -> None:
    html = parse_email(fixture("reply-gmail.eml")).html or ""
    assert "Danke, es ist da!" in html
    for evil in (
        "script",
        "alert",
        "onerror",
        "javascript:",
        "<form",
        "<input",
        "position",
        "url(",
    ):
        assert evil not in html
    assert 'data-src="https://tracker.example/p.gif?id=1"' in html
    assert ' src="https://' not in html
    assert 'src="cid:logo"' in html
    assert 'href="https://example.org/" target="_blank" rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize("html", [
    '<img src="//t.example/a">', "<img src='HTTPS://t.example/a'>", '<img srcset="https://t.example/a 2x">',
    '<table background="https://t.example/a">', '<img alt="<img src=\'" src="https://t.example/a">',
    '<svg><image href="https://t.example/a"/></svg>', '<link rel=stylesheet href="https://t.example/a">',
    '<img src="data:image/svg+xml,<svg onload=x>">', '<video poster="https://t.example/a"></video>',
    '<p style="background-image:url(https://t.example/a)">', '<input type=image src="https://t.example/a">',
    "<math><mtext><table><mglyph><style><img src=https://t.example/a>",
])  # fmt: skip
def test_no_way_to_load_a_remote_image(html: str) -> None:
    mail = parse_email(b"Content-Type: text/html\r\n\r\n" + html.encode())
    shown = (mail.html or "").replace("data-src=", "")
    assert ' src="' not in shown
    assert "background" not in shown
    assert "srcset" not in shown
    assert "onload" not in shown


def test_answers_between_quotes_survive_in_html_only_mail() -> None:
    mail = parse_email(fixture("html-only-interleaved.eml"))
    assert "color:red" not in mail.text
    assert "Blau." in mail.reply_text
    assert "XL, bitte." in mail.reply_text
    assert "> Welche Farbe?" in mail.text
    assert "Viele Grüße" in mail.quoted


@pytest.mark.parametrize(("name", "words"), [
    ("japanese.eml", "荷物はまだ届いていません。"),
    ("wrong-charset.eml", "Die Straße ist gesperrt – früh."),
    ("cp1251.eml", "Здравствуйте! Мой заказ ещё не пришёл"),
])  # fmt: skip
def test_text_is_readable_whatever_was_declared(name: str, words: str) -> None:
    assert words in parse_email(fixture(name)).text


@pytest.mark.parametrize("codec", [
    "gb18030", "big5", "euc-kr", "shift_jis", "windows-1250", "windows-1253", "windows-1255",
    "windows-1256", "koi8-r", "iso-8859-2", "iso-8859-15", "utf-16", "utf-7", "windows-874",
])  # fmt: skip
def test_declared_charsets(codec: str) -> None:
    words = {"gb18030": "你好，我的包裹", "big5": "您好，我的包裹", "euc-kr": "안녕하세요", "shift_jis": "こんにちは",
             "windows-1250": "Dobrý deň, žiadam", "windows-1253": "Καλημέρα", "windows-1255": "שלום",
             "windows-1256": "مرحبا", "koi8-r": "Привет", "iso-8859-2": "Zażółć", "windows-874": "สวัสดี",
             "iso-8859-15": "10 €", "utf-16": "Grüße", "utf-7": "Grüße"}[codec]  # fmt: skip
    body = words.encode({"windows-874": "cp874"}.get(codec, codec))
    raw = f"Content-Type: text/plain; charset={codec}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
    assert parse_email(raw + body).text == words
    if codec not in ("utf-16", "utf-7"):
        import base64

        word = base64.b64encode(body).decode()
        subject = parse_email(f"Subject: =?{codec}?B?{word}?=\r\n\r\n".encode()).subject
        assert subject == words


def test_a_character_cut_between_two_encoded_words() -> None:
    raw = b"Subject: =?utf-8?B?R3LDvMO=?=\r\n =?utf-8?B?n2U=?= =?utf-8?Q?_und_mehr?=\r\n\r\n"
    assert parse_email(raw).subject == "Grüße und mehr"


def test_attachments_keep_names_and_content() -> None:
    mail = parse_email(fixture("filenames.eml"))
    assert mail.text.strip() == "Files."
    assert [(one.filename, one.content_type) for one in mail.attachments] == [
        ("Übersicht 2026.pdf", "application/pdf"),
        ("Größe.png", "image/png"),
        ("pass_wd", "text/plain"),
        ("invite.ics", "text/calendar"),
        ("message.eml", "message/rfc822"),
        ("smime.p7s", "application/pkcs7-signature"),
    ]
    assert mail.attachments[0].data == b"%PDF"
    assert b"The inner mail." in mail.attachments[4].data


def test_a_winmail_that_cannot_be_opened_is_kept() -> None:
    mail = parse_email(fixture("winmail.eml"))
    assert mail.text.strip() == "See attached."
    assert [one.filename for one in mail.attachments] == ["winmail.dat"]


def test_format_flowed() -> None:
    mail = parse_email(fixture("flowed.eml"))
    assert mail.reply_text == "This is one paragraph that was wrapped.\nA new one."
    assert "> quoted and wrapped" in mail.text


def test_a_mail_without_message_id_has_a_stable_name() -> None:
    raw = b"From: a@example.org\r\nSubject: x\r\n\r\nhello"
    mail, again = parse_email(raw), parse_email(raw)
    assert mail.message_id is None
    assert mail.external_id == again.external_id
    assert mail.external_id != parse_email(raw + b"!").external_id


def test_the_cheap_key_names_the_same_mail_as_the_parser() -> None:
    channel, config = EmailChannel(), ChannelConfig("i", "support@desk.example", "Support")
    for path in sorted(FIXTURES.glob("*.eml")):
        raw = path.read_bytes()
        key = channel.key(RawPayload(raw), config)
        mail = parse_email(raw)
        assert key.external_id == mail.external_id
        assert key.lane == f"email:{mail.sender.value}"


def test_headers_hold_no_line_breaks() -> None:
    raw = (b"Subject: =?utf-8?Q?a=0D=0ABcc:_x@y.z?=\r\nFrom: =?utf-8?Q?n=0A=0D?= <a@example.org>\r\n"
           b'Content-Type: application/pdf; name="=?utf-8?Q?a=0D=0Ab.pdf?="\r\n\r\nx')  # fmt: skip
    mail = parse_email(raw)
    assert mail.subject == "a Bcc: x@y.z"
    assert "\n" not in mail.sender.name + mail.attachments[0].filename


def test_only_the_trusted_server_vouches() -> None:
    raw = (b"Authentication-Results: evil.example; dmarc=pass\r\n"
           b"Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom=a; dkim=pass; dmarc=fail\r\n"
           b"From: a@example.org\r\n\r\nx")  # fmt: skip
    assert parse_email(raw).auth_results == {}
    verdicts = parse_email(raw, authserv_id="mx.desk.example").auth_results
    assert verdicts == {"spf": "pass", "dkim": "pass", "dmarc": "fail"}


def test_a_mail_carried_in_a_mail_carried_in_a_mail_is_kept() -> None:
    head = b"From: a@example.org\r\nSubject: Deep\r\nMessage-ID: <deep@x.example>\r\n"
    carried = b"Content-Type: message/rfc822\r\n\r\n" * 2999 + b"the end"
    mail = parse_email(head + b"Content-Type: message/rfc822\r\n\r\n" + carried)
    assert (mail.sender.value, mail.subject, mail.message_id) == (
        "a@example.org", "Deep", "deep@x.example")  # fmt: skip
    assert [file.data for file in mail.attachments] == [carried]


def test_a_mail_that_no_parser_wants_still_has_its_sender_and_subject(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("channels.email.parse.read_mail", refuse)
    mail = parse_email(b"From: a@example.org\r\nSubject: Odd\r\nMessage-ID: <1@x.y>\r\n\r\nthe end")
    assert (mail.sender.value, mail.subject, mail.message_id) == ("a@example.org", "Odd", "1@x.y")
    assert mail.text == "the end"
    assert mail.problems == ("could not be taken apart (RecursionError), kept as text",)


def _nested(count: int) -> bytes:
    parts = [
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(count)
    ]
    return ("".join(parts) + "\r\ndeep").encode()


@pytest.mark.parametrize("raw", [
    _nested(400),
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5000,
    b"Content-Type: text/html\r\n\r\n" + b"<div>" * 60_000 + b"x",
    b"Content-Type: text/html\r\n\r\n" + b"<ul><li>" * 20_000 + b"x",
    b"X: y\r\n" * 100_000 + b"\r\nx",
    b"From: " + b"(" * 50_000 + b"\r\n\r\nx",
    b"Subject: " + b"=?a?q?" * 10_000 + b"\r\n\r\nx",
    b"Subject: x\r\n\r\n" + (b"-" * 900 + b"x\r\n") * 500,
    b"Subject: x\r\n\r\n" + b"From: 1\r\n" * 15_000,
    b"From: mailer-daemon@x.y\r\nSubject: Undeliverable\r\n\r\n" + b"a@b " * 5000,
    b"Content-Type: message/rfc822\r\n\r\n" * 3000,
], ids=range(11))  # fmt: skip
def test_hostile_mail_costs_little(raw: bytes) -> None:
    began = time.monotonic()
    mail = parse_email(raw)
    assert time.monotonic() - began < 5.0
    assert mail.external_id


@given(st.binary(max_size=2000))
def test_any_bytes_become_a_message(raw: bytes) -> None:
    mail = parse_email(raw)
    assert mail.channel == "email"
    mail.text.encode("utf-8")


_PIECES = st.sampled_from([
    b"Content-Type: ", b"multipart/mixed; boundary=a", b"text/html; charset=", b"\r\n", b"\r\n\r\n", b"--a",
    b"--a--", b"=?utf-8?q?", b"?=", b"base64", b"Content-Transfer-Encoding: ", b"From: ", b"<a@b.c>", b'"',
    b"Subject:", b"message/rfc822", b"message/delivery-status", b"Final-Recipient: rfc822;", b"Status: 5.1.1",
    b"Date: ", b"References: ", b"quoted-printable", b"uuencode", b"begin 644 x", b"\xff\xfe", b"\x1b$B", b";",
    b"filename*0*=", b"<html>", b"<blockquote type=cite>", b"On 1.1.2020 x wrote:", b"> ", b"multipart/report",
])  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(_PIECES, st.binary(max_size=6)), max_size=60))
def test_anything_that_looks_like_mail_becomes_a_message(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    mail = parse_email(raw)
    config = ChannelConfig("i", "support@desk.example", "Support")
    assert EmailChannel().key(RawPayload(raw), config).external_id == mail.external_id
    assert not [problem for problem in mail.problems if "could not be taken apart" in problem]


@needs_shared
def test_real_mail_with_random_damage_becomes_a_message() -> None:
    rng = random.Random(20260303)
    paths = sorted((SHARED / "mime").iterdir())
    assert paths
    for path in paths:
        raw = path.read_bytes()
        for _ in range(4):
            cut = bytearray(raw)
            for _ in range(rng.randint(1, 12)):
                at = rng.randrange(len(cut) + 1)
                match rng.randrange(4):
                    case 0:
                        del cut[at : at + rng.randint(1, 60)]
                    case 1:
                        cut[at:at] = rng.randbytes(rng.randint(1, 8))
                    case 2:
                        cut[at:at] = cut[at // 2 : at // 2 + 80]
                    case _:
                        cut[at : at + 1] = b"\n"
            assert parse_email(bytes(cut)).external_id


@needs_shared
@pytest.mark.parametrize(("name", "words", "files"), [
    ("low-quality__bad-final-boundary", "A text section", 1),
    ("low-quality__bad-header-wrap", "A text section", 1),
    ("low-quality__unk-charset-part", "A text section", 1),
    ("low-quality__unk-encoding-part", "A text section", 1),
    ("low-quality__malformed-base64-attach", "A text section", 1),
    ("low-quality__missing-content-type", "A plain text email", 0),
    ("mail__multipart-wo-boundary", "without boundary", 0),
    ("mail__qp-utf8-header-no-break", "Lorem ipsum", 0),
    ("mail__non-mime-missing-charset", "Euro Sign: €", 0),
    ("mail__mime-bad-8bit-filename", "Text part", 1),
    ("mail__mime-signed", "Section one\n\nSection two", 1),
    ("mail__other-multi-related", "Plain text.", 2),
    ("mail__inlinemultipart", "Simple text.", 2),
])  # fmt: skip
def test_broken_mail_of_the_corpus(name: str, words: str, files: int) -> None:
    mail = parse_email((SHARED / "mime" / f"testdata__{name}.raw").read_bytes())
    assert words in mail.text
    assert len(mail.attachments) == files
