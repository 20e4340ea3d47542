"""What Outlook wraps into a winmail.dat is unwrapped."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import base64
import struct

from hypothesis import given
from hypothesis import strategies as st

from channels.email.parse import parse_email
from channels.email.tnef import unpack


def attribute(kind: int, value: bytes, level: int = 2) -> bytes:
    """One attribute with its checksum."""
    return (
        struct.pack("<BII", level, kind, len(value))
        + value
        + struct.pack("<H", sum(value) & 0xFFFF)
    )


def prop(name: int, text: str) -> bytes:
    """A Unicode property, padded."""
    value = text.encode("utf-16-le") + b"\0\0"
    padded = value + b"\0" * (-len(value) % 4)
    return struct.pack("<HHII", 31, name, 1, len(value)) + padded


def winmail() -> bytes:
    """Two files: one with a long name, one with the short one only."""
    start = struct.pack("<IH", 0x223E9F78, 1) + attribute(
        0x00069007, struct.pack("<II", 1252, 0), 1
    )
    props = struct.pack("<I", 3) + struct.pack("<HHI", 3, 0x0E21, 0)
    props += prop(0x3707, "Angebot März 2026.pdf") + prop(0x370E, "application/pdf")
    first = (attribute(0x00069002, b"\0" * 14) + attribute(0x00018010, b"ANGEBO~1.PDF\0")
             + attribute(0x0006800F, b"%PDF-1.4") + attribute(0x00069005, props))  # fmt: skip
    second = attribute(0x00069002, b"\0" * 14) + attribute(
        0x00018010, "Grüße.txt\0".encode("cp1252")
    )
    return start + first + second + attribute(0x0006800F, b"hello")


def test_the_files_come_out_with_their_names() -> None:
    body = base64.encodebytes(winmail())
    raw = (b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n"
           b"--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
           b"Content-Transfer-Encoding: base64\r\n\r\n" + body + b"\r\n--b--\r\n")  # fmt: skip
    mail = parse_email(raw)
    assert [(one.filename, one.content_type, one.data) for one in mail.attachments] == [
        ("Angebot März 2026.pdf", "application/pdf", b"%PDF-1.4"),
        ("Grüße.txt", "application/octet-stream", b"hello"),
    ]


@given(st.integers(0, 400), st.binary(max_size=8))
def test_a_damaged_one_gives_what_is_left(at: int, junk: bytes) -> None:
    whole = winmail()
    for damaged in (whole[:at], whole[:at] + junk + whole[at + len(junk) :]):
        assert len(unpack(damaged)) <= 10
