"""Mails damaged at random are still read, without one parser giving up.

`PARLEY_FUZZ=100000` runs that many; a hundredth of them run with the other tests.
"""

# ruff: noqa: E501 - a table
from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from channels.contract import ChannelConfig, RawPayload
from channels.email.adapter import EmailChannel
from channels.email.parse import parse_email
from tests.channels.email.samples import FIXTURES, SHARED

COUNT = int(os.environ.get("PARLEY_FUZZ", "1000"))
MAX_BYTES = 40_000
CONFIG = ChannelConfig("i", "support@desk.example", "Support")
TOKENS = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"--", b"Content-Type: multipart/mixed; boundary=", b"=?utf-8?q?",
    b"Content-Transfer-Encoding: base64\r\n", b"\x00", b"\xff\xfe", b"\x1b$B", b"<blockquote type=cite>",
    b"</div>", b"Final-Recipient: rfc822;", b"begin 644 x\r\n", b"> ", b"filename*0*=", b"message/rfc822",
    b"On Tue, 3 Mar 2026 at 14:05, X <a@b.c> wrote:\r\n", b"application/pkcs7-mime", b"text/calendar",
)  # fmt: skip


def _seeds() -> list[bytes]:
    paths = [*sorted(FIXTURES.glob("*.eml")), *sorted(SHARED.glob("mime/*"))]
    paths += [*sorted(SHARED.glob("bounces/*.eml")), *sorted(SHARED.glob("quotes*/**/*.txt"))]
    return [data for path in paths if len(data := path.read_bytes()) < MAX_BYTES]


def _damaged(rng: random.Random, seeds: list[bytes]) -> bytes:
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 10)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0:
                del data[at : at + rng.randint(1, 80)]
            case 1:
                data[at:at] = rng.randbytes(rng.randint(1, 8))
            case 2:
                data[at:at] = data[at // 2 : at // 2 + 120]
            case 3:
                data[at:at] = rng.choice(TOKENS)
            case 4:
                other = rng.choice(seeds)
                start = rng.randrange(len(other) + 1)
                data[at:at] = other[start : start + 300]
            case _:
                data[at : at + 1] = bytes([rng.randrange(256)])
    return bytes(data)


def _mails() -> Iterator[tuple[int, bytes]]:
    seeds = _seeds()
    assert seeds
    for number in range(COUNT):
        yield number, _damaged(random.Random(number), seeds)


@pytest.mark.timeout(max(120, COUNT // 25))  # seconds
def test_damaged_mail_is_read() -> None:
    for number, raw in _mails():
        mail = parse_email(raw)
        given_up = [one for one in mail.problems if "could not be taken apart" in one]
        assert not given_up, (number, given_up)
        assert EmailChannel().key(RawPayload(raw), CONFIG).external_id == mail.external_id, number
        mail.text.encode("utf-8")
        (mail.html or "").encode("utf-8")
