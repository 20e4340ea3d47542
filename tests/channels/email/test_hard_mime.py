"""Nothing a customer wrote or attached is lost, however strangely it was packed."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import base64
import binascii
import subprocess
from pathlib import Path

import pytest

from channels.email.parse import parse_email

PDF = b"%PDF-1.4 the very file \xe2\xff\x00 with every kind of byte"
B64 = base64.encodebytes(PDF).decode()
HEAD = "From: a@example.org\r\nSubject: x\r\n"


def parts(*bodies: str, kind: str = "mixed", boundary: str = "b", end: str = "--b--\r\n") -> bytes:
    inner = "".join(f"--{boundary}\r\n{body}\r\n" for body in bodies)
    declared = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
    return (HEAD + declared + inner + end).encode("utf-8", "surrogateescape")


TEXT = "Content-Type: text/plain\r\n\r\nThe words."
FILE = f"Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{B64}"


@pytest.mark.parametrize(("name", "raw"), [
    ("plain", parts(TEXT, FILE)),
    ("no end boundary", parts(TEXT, FILE, end="")),
    ("junk behind the end boundary", parts(TEXT, FILE, end="--b-->\r\nspam\r\n")),
    ("bare LF", parts(TEXT, FILE).replace(b"\r\n", b"\n")),
    ("bare CR", parts(TEXT, FILE).replace(b"\r\n", b"\r")),
    ("boundary in capitals", parts(TEXT, FILE).replace(b"Content-Type: multipart", b"CONTENT-TYPE: MULTIPART", 1)),
    ("spaces behind boundaries", parts(TEXT, FILE).replace(b"--b\r\n", b"--b  \r\n")),
    ("no declared boundary", parts(TEXT, FILE).replace(b'; boundary="b"', b"")),
    ("boundary with colons", parts(TEXT, FILE, boundary="=_Next:1(2)'3", end="--=_Next:1(2)'3--\r\n")),
    ("unquoted boundary with equals", parts(TEXT, FILE).replace(b'"b"', b"b")),
    ("preamble and epilogue", parts(TEXT, FILE, end="--b--\r\nEpilogue").replace(b"\r\n\r\n--b", b"\r\n\r\nPreamble\r\n--b", 1)),
    ("nested", parts(f"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n{TEXT}\r\n--c\r\n{FILE}\r\n--c--")),
    ("nested without end", parts(f"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n{TEXT}\r\n--c\r\n{FILE}\r\n")),
    ("nested, one boundary the start of the other", parts(f"Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n{TEXT}\r\n--bb\r\n{FILE}\r\n--bb--")),
    ("signed", parts(f"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n{TEXT}\r\n--c\r\n{FILE}\r\n--c--", kind="signed")),
    ("related", parts(TEXT, FILE, kind="related")),
    ("report", parts(TEXT, FILE, kind="report")),
    ("unknown multipart", parts(TEXT, FILE, kind="x-strange")),
    ("file in an alternative", parts(TEXT, FILE, kind="alternative")),
    ("digest", parts(TEXT, FILE, kind="digest")),
    ("one bad character in base64", parts(TEXT, FILE.replace(B64[:20], B64[:20] + "*"))),
    ("base64 in one line", parts(TEXT, FILE.replace(B64, B64.replace("\n", "")))),
    ("base64 without padding", parts(TEXT, FILE.replace("=", "") if B64.rstrip().endswith("=") else FILE)),
    ("MIME-Version twice", b"MIME-Version: 1.0\r\nMIME-Version: 1.0\r\n" + parts(TEXT, FILE)),
    ("Subject twice", b"Subject: y\r\n" + parts(TEXT, FILE)),
    ("mbox line", b"From a@example.org Tue Mar  3 14:05:00 2026\r\n" + parts(TEXT, FILE)),
    ("folded header without indent", parts(TEXT, FILE.replace("; name=a.pdf", ";\r\nname=a.pdf"))),
])  # fmt: skip
def test_text_and_file_come_through(name: str, raw: bytes) -> None:
    mail = parse_email(raw)
    texts = mail.text + "".join(
        f.data.decode("latin-1") for f in mail.attachments if f.filename != "a.pdf"
    )
    assert "The words." in texts, name
    assert PDF in [file.data for file in mail.attachments], (name, mail.problems)


@pytest.mark.parametrize("disposition", [
    'filename="Größe.pdf"', "filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf", "filename*0*=UTF-8''Gr%C3%B6; filename*1*=%C3%9Fe.pdf",
    'filename="=?utf-8?B?R3LDtsOfZS5wZGY=?="', "filename==?utf-8?Q?Gr=C3=B6=C3=9Fe.pdf?=", "filename=Größe.pdf",
    "filename*=iso-8859-1'de'Gr%F6%DFe.pdf", 'filename="=?iso-8859-1?Q?Gr=F6=DF?=\r\n =?iso-8859-1?Q?e.pdf?="',
    "filename*0=Gr\u00f6\u00df; filename*1=e.pdf", 'filename="C:\\\\Temp\\\\Größe.pdf"', 'filename="../../Größe.pdf"',
    'filename="Größe.pdf"; filename="zwei.pdf"', "filename *= UTF-8''Gr%C3%B6%C3%9Fe.pdf", "FILENAME=Größe.pdf",
])  # fmt: skip
def test_names_of_files(disposition: str) -> None:
    raw = parts(
        TEXT,
        f"Content-Type: application/pdf\r\nContent-Disposition: attachment; {disposition}\r\n\r\n%PDF",
    )
    assert [file.filename for file in parse_email(raw).attachments] == ["Größe.pdf"]


@pytest.mark.parametrize("raw", [
    HEAD.encode() + b"Content-Transfer-Encoding: x-uuencode\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nbegin 644 a.pdf\r\n"
    + b"".join(binascii.b2a_uu(PDF[n : n + 45]) for n in range(0, len(PDF), 45)) + b"`\r\nend\r\n",
    HEAD.encode() + b"\r\nThe words.\r\n\r\nbegin 644 a.pdf\r\n"
    + b"".join(binascii.b2a_uu(PDF[n : n + 45]) for n in range(0, len(PDF), 45)) + b"`\r\nend\r\n\r\nMore words.\r\n",
], ids=["as encoding", "in the text"])  # fmt: skip
def test_uuencoded_files(raw: bytes) -> None:
    mail = parse_email(raw)
    assert [(file.filename, file.data) for file in mail.attachments] == [("a.pdf", PDF)]
    assert "begin 644" not in mail.text
    assert ("More words." in mail.text) is (b"More" in raw)


def test_prose_about_uuencode_stays() -> None:
    text = "You begin 644 steps from here.\nbegin 644 file\nand so on\nend\nbegin 100 years\n"
    assert parse_email(HEAD.encode() + b"\r\n" + text.encode()).text == text


INVITE = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
DTSTART;TZID=Europe/Oslo:20260303T140000
DTEND;TZID=Europe/Oslo:20260303T150000
SUMMARY:Lamp\\, repaired?
LOCATION:Room 1
ORGANIZER;CN="Anna Berg":mailto:anna@example.org
DESCRIPTION:Please\\nbring it
 \x20along.
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_an_invitation_alone_is_readable_and_kept() -> None:
    raw = (
        f"{HEAD}Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n{INVITE}".encode()
    )
    mail = parse_email(raw)
    for words in (
        "Lamp, repaired?",
        "2026-03-03 14:00 Europe/Oslo",
        "Room 1",
        "Anna Berg <anna@example.org>",
        "bring it along.",
    ):
        assert words in mail.text
    assert [(file.filename, file.content_type) for file in mail.attachments] == [
        ("invite.ics", "text/calendar")
    ]


def test_an_invitation_beside_words_leaves_them_alone() -> None:
    mail = parse_email(
        parts(
            TEXT, f"Content-Type: text/calendar; method=REQUEST\r\n\r\n{INVITE}", kind="alternative"
        )
    )
    assert mail.text.strip() == "The words."
    assert [file.filename for file in mail.attachments] == ["invite.ics"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("smime")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", home / "key.pem",
                    "-out", home / "cert.pem", "-days", "2", "-subj", "/CN=anna"], check=True, capture_output=True)  # fmt: skip
    return home


def _openssl(home: Path, *arguments: str) -> bytes:
    done = subprocess.run(["openssl", "cms", *arguments], cwd=home, input=parts(TEXT, FILE).partition(b"Content")[1]
                          + parts(TEXT, FILE).partition(b"Content")[2], check=True, capture_output=True)  # fmt: skip
    return HEAD.encode() + done.stdout


@pytest.mark.parametrize("form", [(), ("-stream",)])
def test_an_opaque_signed_mail_is_shown_and_its_signature_kept(
    certificate: Path, form: tuple[str, ...]
) -> None:
    mail = parse_email(
        _openssl(
            certificate, "-sign", "-nodetach", "-signer", "cert.pem", "-inkey", "key.pem", *form
        )
    )
    assert mail.text.strip() == "The words."
    assert PDF in [file.data for file in mail.attachments]
    assert [file.filename for file in mail.attachments] == ["smime.p7m", "a.pdf"]


def test_an_encrypted_mail_says_so_and_is_kept(certificate: Path) -> None:
    mail = parse_email(_openssl(certificate, "-encrypt", "-aes128", "cert.pem"))
    assert [file.filename for file in mail.attachments] == ["smime.p7m"]
    assert mail.problems == ("encrypted (S/MIME), only its recipients can read it",)


def test_openpgp() -> None:
    box = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n-----END PGP MESSAGE-----"
    raw = parts(
        "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
        f"Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n{box}",
        kind="encrypted",
    )
    mail = parse_email(raw)
    assert "encrypted.asc" in [file.filename for file in mail.attachments]
    assert mail.problems == ("encrypted (OpenPGP), only its recipients can read it",)
    assert "encrypted (OpenPGP)" in parse_email(HEAD.encode() + b"\r\n" + box.encode()).problems[0]


def test_a_carried_mail_and_its_kin_are_kept_whole() -> None:
    inner = "From: c@example.org\r\nSubject: Inner\r\n\r\nInner words."
    raw = parts(TEXT, f"Content-Type: message/rfc822\r\n\r\n{inner}", f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(inner.encode()).decode()}",
                f"Content-Type: message/partial; id=1; number=1\r\n\r\n{inner}",
                'Content-Type: message/external-body; access-type=URL; URL="https://x.example/a"\r\n\r\nContent-Type: image/png\r\n\r\n',
                "Content-Type: application/applefile\r\nContent-Transfer-Encoding: base64\r\n\r\nAAUWBw==")  # fmt: skip
    mail = parse_email(raw)
    assert len(mail.attachments) == 5
    assert all(
        b"Inner words." in file.data.replace(b"\n", b"\r\n") for file in mail.attachments[:3]
    )
    assert mail.text.strip() == "The words."


@pytest.mark.parametrize(("charset", "data", "words"), [
    ("iso-2022-jp", "①㈱髙橋".encode("iso2022_jp_ext", "ignore") or b"", "橋"),
    ("iso-2022-jp", b"\x1b$B$3$s\x1b(B", "こん"), ("iso-2022-jp-3", "こんにちは".encode("iso2022_jp_3"), "こんにちは"),
    ("iso-2022-kr", "안녕".encode("iso2022_kr"), "안녕"), ("gb18030", "你好𠀀".encode("gb18030"), "你好𠀀"),
    ("gbk", "你好".encode("gbk"), "你好"), ("big5-hkscs", "您好".encode("big5hkscs"), "您好"),
    ("x-sjis", "㈱髙橋①".encode("cp932"), "㈱髙橋①"), ("ks_c_5601-1987", "안녕".encode("cp949"), "안녕"),
    ("koi8-u", "Привіт".encode("koi8-u"), "Привіт"), ("windows-1257", "Ačiū".encode("cp1257"), "Ačiū"),
    ("windows-1258", "Xin chào".encode("cp1258"), "Xin chào"), ("x-mac-ce", "Dobrý".encode("mac_latin2"), "Dobrý"),
    ("cp-850", "Größe".encode("cp850"), "Größe"), ("ibm852", "Dobrý".encode("cp852"), "Dobrý"),
    ("utf-7", b"Gr+APYA3w-e", "Größe"), ("unicode-1-1-utf-7", b"Gr+APYA3w-e", "Größe"),
    ("us-ascii", "Größe".encode(), "Größe"), ("utf-8", "Größe Straße".encode("cp1252"), "Größe Straße"),
    ("iso-8859-1", "“quoted” €".encode("cp1252"), "“quoted” €"), ("none", "Größe".encode(), "Größe"),
    ("_iso-2022-jp$ESC", b"\x1b$B$3$s\x1b(B", "こん"), ("utf8", "Größe".encode(), "Größe"), ("UTF-8;", "Größe".encode(), "Größe"),
    ("utf-16le", "Größe".encode("utf-16-le"), "Größe"), ("cp65001", "Größe".encode(), "Größe"), ("tis-620", "สวัสดี".encode("cp874"), "สวัสดี"),
    ("iso-8859-8-i", "שלום".encode("iso-8859-8"), "שלום"), ("hz-gb-2312", b"~{<:Ky2;W9~}", "己所不"),
])  # fmt: skip
def test_charsets(charset: str, data: bytes, words: str) -> None:
    raw = (
        f'{HEAD}Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'.encode()
        + base64.encodebytes(data)
    )
    assert words in parse_email(raw).text


@pytest.mark.parametrize("header", [
    "Größe".encode(), "Größe".encode("latin-1"), b"=?utf-8?q?Gr=C3=B6=C3=9Fe?=", b"=?utf-8?b?R3LDtsOfZQ==?=", b"=?UTF8?Q?Gr=C3=B6=C3=9Fe?=",
    b"=?utf-8?q?Gr=C3=B6?=\r\n =?utf-8?q?=C3=9Fe?=", b"=?utf-8?q?Gr=C3?= =?utf-8?q?=B6=C3=9Fe?=", b"=?iso-8859-1*de?q?Gr=F6=DFe?=",
    b"=?unknown-8bit?q?Gr=F6=DFe?=", b"=?utf-8?b?R3LDtsOfZQ?=", b"=?utf-8?q?Gr=C3=B6=C3=9Fe",
])  # fmt: skip
def test_eight_bit_and_broken_headers(header: bytes) -> None:
    subject = parse_email(b"From: a@example.org\r\nSubject: " + header + b"\r\n\r\nx").subject
    assert subject == (
        "Größe" if header.endswith(b"?=") or b"=?" not in header else "=?utf-8?q?Gr=C3=B6=C3=9Fe"
    )


def test_what_is_too_big_or_too_deep_is_said() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(40)
    )
    assert "nested deeper" in " ".join(parse_email(HEAD.encode() + deep + b"\r\nx").problems)
    many = parts(*[TEXT] * 700)
    assert "more than 500 parts" in " ".join(parse_email(many).problems)
    long = parse_email(HEAD.encode() + b"\r\n" + b"word " * 300_000)
    assert len(long.text) == 1_000_000
    assert "text cut" in " ".join(long.problems)
