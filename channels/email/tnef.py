"""The files inside a winmail.dat (TNEF), as some Outlooks wrap them.

Source: [MS-OXTNEF], sections 2.1.3 and 2.2. Never raises: a damaged one gives what it still holds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from channels.email.charsets import decode

MAX_FILES = 200

_SIGNATURE = 0x223E9F78
_OEM_CODEPAGE = 0x00069007
_ATTACH_START = 0x00069002
_ATTACH_TITLE = 0x00018010
_ATTACH_DATA = 0x0006800F
_ATTACH_PROPS = 0x00069005
_LONG_NAME, _MIME_TAG, _CONTENT_ID = 0x3707, 0x370E, 0x3712
_STRING8, _UNICODE, _OBJECT, _BINARY = 30, 31, 13, 258
_VARIABLE = frozenset({_STRING8, _UNICODE, _OBJECT, _BINARY})
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_NAMED = 0x8000
_MULTI = 0x1000


@dataclass(slots=True)
class TnefFile:
    """A file that was wrapped."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    data: bytes = b""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        """The next bytes. Raises `ValueError` at the end."""
        if count < 0 or self.at + count > len(self.data):
            raise ValueError("cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form: str) -> int:
        """The next little-endian number."""
        return int(struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0])


def _attributes(reader: _Reader) -> Iterator[tuple[int, bytes]]:
    while reader.at < len(reader.data):
        reader.number("B")  # level: message or attachment, which the id tells as well
        kind = reader.number("I")
        value = reader.take(reader.number("I"))
        reader.number("H")  # checksum: broken ones are common, the content is still wanted
        yield kind, value


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    reader = _Reader(data)
    for _ in range(min(reader.number("I"), 1000)):
        kind, name = reader.number("H"), reader.number("H")
        if name >= _NAMED:
            reader.take(16)
            if reader.number("I") == 0:
                reader.take(4)
            else:
                length = reader.number("I")
                reader.take(length + -length % 4)
        base = kind & ~_MULTI
        count = reader.number("I") if kind & _MULTI or base in _VARIABLE else 1
        for _ in range(min(count, 1000)):
            if base in _VARIABLE:
                length = reader.number("I")
                value = reader.take(length + -length % 4)[:length]
            else:
                value = reader.take(_SIZES.get(base, 4))
            yield base, name, value


def _string(kind: int, value: bytes, codepage: str) -> str:
    if kind == _UNICODE:
        return value.decode("utf-16-le", "replace").rstrip("\x00")
    return decode(value.rstrip(b"\x00"), codepage)[0]


def _apply(file: TnefFile, props: bytes, codepage: str) -> None:
    for kind, name, value in _properties(props):
        if kind not in (_STRING8, _UNICODE):
            continue
        text = _string(kind, value, codepage)
        if name == _LONG_NAME and text:
            file.name = text
        elif name == _MIME_TAG:
            file.content_type = text
        elif name == _CONTENT_ID:
            file.content_id = text


def _collect(files: list[TnefFile], kind: int, value: bytes, codepage: str) -> None:
    """Add what one attribute says about the file that is being read."""
    if kind == _ATTACH_START:
        files.append(TnefFile())
    elif files and kind == _ATTACH_TITLE:
        files[-1].name = files[-1].name or _string(_STRING8, value, codepage)
    elif files and kind == _ATTACH_DATA:
        files[-1].data = value
    elif files and kind == _ATTACH_PROPS:
        _apply(files[-1], value, codepage)


def unpack(data: bytes) -> list[TnefFile]:
    """The files, as far as they can be read; empty when it is no TNEF."""
    reader = _Reader(data)
    files: list[TnefFile] = []
    codepage = "cp1252"
    try:
        if reader.number("I") != _SIGNATURE:
            return []
        reader.number("H")
        for kind, value in _attributes(reader):
            if kind == _OEM_CODEPAGE and len(value) >= 4:  # noqa: PLR2004 - a 32-bit number
                codepage = f"cp{struct.unpack('<I', value[:4])[0]}"
            _collect(files, kind, value, codepage)
            if len(files) >= MAX_FILES:
                break
    except ValueError:
        return [file for file in files if file.data]
    return [file for file in files if file.data]
