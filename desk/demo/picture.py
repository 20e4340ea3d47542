"""Small pictures for the demo's attachments, drawn here so that no file has to be shipped."""

from __future__ import annotations

import struct
import zlib
from typing import Final

WIDTH: Final = 240
HEIGHT: Final = 160
COUNT: Final = 6
_SKIES: Final = (
    (247, 205, 160),
    (176, 208, 232),
    (214, 197, 226),
    (250, 226, 170),
    (190, 222, 206),
    (232, 186, 178),
)
_ROCK: Final = (58, 72, 88)
_SNOW: Final = (244, 246, 248)


def png(number: int) -> bytes:
    """A mountain under a sky; `number` picks the sky and the summit's place."""
    sky = _SKIES[number % len(_SKIES)]
    summit = 60 + 25 * (number % COUNT)
    rows = b"".join(_row(y, summit, sky) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def _row(y: int, summit: int, sky: tuple[int, int, int]) -> bytes:
    top = 30
    half = max(0, y - top)
    left, right = max(0, summit - half), min(WIDTH, summit + half)
    inside = _SNOW if y < top + 25 else _ROCK
    pixels = bytes(sky) * left + bytes(inside) * (right - left) + bytes(sky) * (WIDTH - right)
    return b"\x00" + pixels


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
