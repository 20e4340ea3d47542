"""Files that stand uuencoded in the middle of a text, as old programs send them. Pure."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

MAX_FILES = 50
_BEGIN = re.compile(r"^begin(?:-base64)? [0-7]{3,4} (\S[^\n]{0,200})\n", re.MULTILINE)
_END = re.compile(r"^(?:`|\s?)\n?end[ \t]*$|^====[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class UuFile:
    """A file found in a text."""

    name: str
    data: bytes


def _decode(lines: list[str]) -> bytes | None:
    out = []
    for line in lines:
        if not line.strip("`\n "):
            continue
        try:
            out.append(binascii.a2b_uu(line.encode("ascii")))
        except (binascii.Error, ValueError):
            size = (((ord(line[0]) - 32) & 63) * 4 + 5) // 3  # some encoders pad the last line
            try:
                out.append(binascii.a2b_uu(line[:size].encode("ascii")))
            except (binascii.Error, ValueError):
                return None
    return b"".join(out)


def extract(text: str) -> tuple[str, list[UuFile]]:
    """The text without the files that stand in it, and those files."""
    files: list[UuFile] = []
    kept: list[str] = []
    at = 0
    while len(files) < MAX_FILES and (begin := _BEGIN.search(text, at)) is not None:
        end = _END.search(text, begin.end())
        data = None if end is None else _decode(text[begin.end() : end.start()].split("\n"))
        if end is None or not data:
            kept.append(text[at : begin.end()])
            at = begin.end()
            continue
        files.append(UuFile(begin[1].strip(), data))
        kept.append(text[at : begin.start()])
        at = end.end()
    kept.append(text[at:])
    return ("".join(kept) if files else text), files
