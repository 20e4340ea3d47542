"""Mails damaged at random: each has a number, and the same number is always the same mail.

    PARLEY_FUZZ=100000 .venv/bin/python -m tests.channels.email.fuzz [--first N] [--count N]

reads as many, shows how far it is, and says with what number to go on when it is stopped. Several
at once, each with its own `--first`, share the work. A mail that is not read is named and the
others are tried all the same.
"""

# ruff: noqa: E501, T201 - a table; a command speaks to its terminal
from __future__ import annotations

import argparse
import os
import random
import sys
import time
import warnings
from collections.abc import Sequence

from channels.contract import ChannelConfig, RawPayload
from channels.email.adapter import EmailChannel
from channels.email.parse import parse_email
from tests.channels.email.samples import FIXTURES, SHARED

MAX_BYTES = 40_000
NEWS_SECONDS = 5.0
CONFIG = ChannelConfig("i", "support@desk.example", "Support")
TOKENS = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"--", b"Content-Type: multipart/mixed; boundary=", b"=?utf-8?q?",
    b"Content-Transfer-Encoding: base64\r\n", b"\x00", b"\xff\xfe", b"\x1b$B", b"<blockquote type=cite>",
    b"</div>", b"Final-Recipient: rfc822;", b"begin 644 x\r\n", b"> ", b"filename*0*=", b"message/rfc822",
    b"On Tue, 3 Mar 2026 at 14:05, X <a@b.c> wrote:\r\n", b"application/pkcs7-mime", b"text/calendar",
)  # fmt: skip


def seeds() -> list[bytes]:
    """The mails that are damaged."""
    paths = [*sorted(FIXTURES.glob("*.eml")), *sorted(SHARED.glob("mime/*"))]
    paths += [*sorted(SHARED.glob("bounces/*.eml")), *sorted(SHARED.glob("quotes*/**/*.txt"))]
    return [data for path in paths if len(data := path.read_bytes()) < MAX_BYTES]


def damaged(number: int, seeds: Sequence[bytes]) -> bytes:
    """Mail `number`."""
    rng = random.Random(number)
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


def check(number: int, raw: bytes) -> None:
    """Raise unless the mail is read: every parser bears it, and what was read can be stored."""
    mail = parse_email(raw)
    given_up = [one for one in mail.problems if "could not be taken apart" in one]
    assert not given_up, (number, given_up)
    assert EmailChannel().key(RawPayload(raw), CONFIG).external_id == mail.external_id, number
    mail.text.encode("utf-8")
    (mail.html or "").encode("utf-8")


def run(first: int, count: int) -> int:
    """Try `count` mails from number `first` on; returns how many were not read."""
    warnings.simplefilter("error")
    found = seeds()
    print(f"{count} damaged mails from number {first} on, made of {len(found)} mails", flush=True)
    began = told = time.monotonic()
    failed: list[int] = []
    slowest = (0.0, first)
    number = first
    try:
        for number in range(first, first + count):
            started = time.process_time()
            raw = damaged(number, found)
            try:
                check(number, raw)
            except Exception as error:  # noqa: BLE001 - the others are tried, too
                failed.append(number)
                print(f"mail {number} was not read: {error!r}", flush=True)
            slowest = max(slowest, (time.process_time() - started, number))
            now = time.monotonic()
            if now - told >= NEWS_SECONDS:
                told = now
                done = number - first + 1
                left = (now - began) / done * (count - done)
                print(f"{done} of {count} ({done / count:.0%}), {len(failed)} not read, about "
                      f"{left:.0f} s left", flush=True)  # fmt: skip
    except KeyboardInterrupt:
        print(f"Stopped. Go on with: --first {number} --count {first + count - number}")
        return 1
    seconds, which = slowest
    print(f"{count} mails in {time.monotonic() - began:.0f} s, {len(failed)} not read"
          f"{': ' if failed else ''}{', '.join(map(str, failed[:50]))}; the slowest was number "
          f"{which}, {seconds:.2f} s of CPU")  # fmt: skip
    return len(failed)


def main(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.channels.email.fuzz", description="Read mails damaged at random."
    )
    parser.add_argument("--first", type=int, default=0, help="number of the first mail")
    parser.add_argument("--count", type=int, default=int(os.environ.get("PARLEY_FUZZ", "1000")),
                        help="how many; PARLEY_FUZZ says it, too")  # fmt: skip
    chosen = parser.parse_args(arguments)
    return 1 if run(chosen.first, chosen.count) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
