"""Pictures of articles: how large they are, and whether readers see them."""

from __future__ import annotations

import struct
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import reading
from knowledge_base.models import ArticleFile

MAX_SIDE: Final = 20_000
_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG frames (ITU T.81, B.1)


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, read from the header; None when it says neither."""
    try:
        found = _dimensions(data)
    except (struct.error, IndexError):
        return None
    if found is None or not all(0 < side <= MAX_SIDE for side in found):
        return None
    return found


def _dimensions(data: bytes) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return (
            1 + int.from_bytes(data[24:27], "little"),
            1 + int.from_bytes(data[27:30], "little"),
        )
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 < len(data):
        if data[position] != 0xFF:  # noqa: PLR2004 - every segment begins with it
            return None
        marker = data[position + 1]
        if marker in _SOF:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return width, height
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


async def is_shown(session: AsyncSession, file: ArticleFile) -> bool:
    """Whether a published text names the file."""
    return await reading.may_fetch(session, file, reading.EVERYTHING)
