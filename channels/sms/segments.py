"""How many SMS a text costs: GSM-7 and UCS-2, as 3GPP TS 23.038 and 23.040 count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # an escape and a character: two septets
# (alone, each of several): a concatenated message spends six octets of every part on its header.
_ROOM: Final[dict[Encoding, tuple[int, int]]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
_ASTRAL: Final = 0x10000
SHOWN: Final = 10

# What Twilio's SmartEncoded replaces, as far as it is sure: a count must not promise too much.
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u02bb\u02bc\u02c8`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u200b\u200d\ufeff\u2060", ""),
        "\u2026": "...",
        "\u2028": "\n",
        "\u2029": "\n",
        "\t": " ",
    }
)


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text comes to. `units` and `remaining` are septets, or UTF-16 code units in UCS-2."""

    encoding: Encoding
    segments: int
    units: int
    remaining: int  # room left in the last segment
    non_gsm: tuple[str, ...]  # the first characters that made it UCS-2, each once


def count(text: str) -> Segments:
    """Count the segments of a text as it stands."""
    foreign = tuple(dict.fromkeys(c for c in text if c not in _BASIC and c not in _EXTENDED))
    encoding: Encoding = "UCS-2" if foreign else "GSM-7"
    widths = [width(c, encoding) for c in text]
    units = sum(widths)
    alone, each = _ROOM[encoding]
    if units <= alone:
        return Segments(encoding, min(units, 1), units, alone - units, foreign[:SHOWN])
    segments, used = _fill(widths, each)
    return Segments(encoding, segments, units, each - used, foreign[:SHOWN])


def width(char: str, encoding: Encoding) -> int:
    """Units that one character takes."""
    if encoding == "GSM-7":
        return 2 if char in _EXTENDED else 1
    return 2 if ord(char) >= _ASTRAL else 1


def smart_encode(text: str) -> str:
    """The text with typographic characters in their GSM-7 form, where that saves the encoding.

    A text that stays UCS-2 all the same is left alone.
    """
    plain = text.translate(_PLAIN)
    return plain if not count(plain).non_gsm else text


def _fill(widths: Iterable[int], room: int) -> tuple[int, int]:
    # An escape sequence or a surrogate pair is never cut in two, so a segment may end one early.
    segments, used = 1, 0
    for one in widths:
        if used + one > room:
            segments, used = segments + 1, 0
        used += one
    return segments, used
