"""Text into the tokens that are searched, each with its place in the text as it was given.

Words are split at spaces and punctuation; e-mail addresses, versions, order numbers and hyphened
words come whole and in parts. Scripts without spaces (Chinese, Japanese, Thai) come in pairs of
characters, with the last one of a run alone, so that a single character is the start of a token.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from knowledge_base.search.fold import compose, fold

# plain: a word. whole: a word with punctuation inside. part: a piece of the whole before it.
# pair, last: characters of a run without spaces.
Kind = Literal["plain", "whole", "part", "pair", "last"]

LONGEST = 64  # characters of a token; what is longer is no word

_UNSPACED = (
    "\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u1000-\u103f\u1780-\u17d3"
)
_MARKS = "".join(
    chr(code)
    for code in range(0x300, 0xFF00)
    if unicodedata.category(chr(code)) in {"Mn", "Mc"} and not re.match(f"[{_UNSPACED}]", chr(code))
)
_IGNORED = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
# A word's characters: letters, digits and what is written on them.
_CHARACTER = f"(?:(?![{_UNSPACED}])[^\\W_]|[{_MARKS}{_IGNORED}])"
_WORD = f"(?![{_MARKS}{_IGNORED}]){_CHARACTER}+"
_JOINTS = "\\-\u2010\u2011_.@:/'\u2019\u02bc\u05f3\"\u05f4"
_TOKEN = re.compile(
    f"(?P<run>[{_UNSPACED}]+)|{_WORD}(?P<joint>(?:[{_JOINTS}]{_WORD})+)?(?P<tail>\\+\\+|#)?"
)
_PIECES = re.compile(f"[^{_JOINTS}]+")
_DROPPED = re.compile("[-\u2010\u2011_'\u2019\u02bc\u05f3\"\u05f4]")
_QUOTE = re.compile('["\u05f4]')
_HEBREW = re.compile("[\u05d0-\u05ea]")
_UNIT = re.compile(f"[\\s\\S][{''.join(chr(c) for c in range(0xE31, 0xE4F))}]*")
_MIXED = re.compile("(\\d+)")
_MIXED_PIECES = 3  # AB1234 and iphone15, but not the digits of a hash


class Token(NamedTuple):
    """A folded word or pair and the half-open range it came from."""

    text: str
    start: int
    end: int
    kind: Kind = "plain"


def tokens(text: str) -> list[Token]:
    """All tokens in the order of the text."""
    composed, spans = compose(text)
    found = list(_scan(composed))
    if spans is None:
        return found
    return [
        Token(token.text, spans[token.start][0], spans[token.end - 1][1], token.kind)
        for token in found
    ]


def _scan(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match["run"]:
            yield from _pairs(match.group(), start)
        elif match["joint"]:
            yield from _joined(match.group(), start)
        else:
            folded = fold(match.group())
            if match["tail"]:
                yield Token(folded, start, end, "whole")
                yield Token(fold(match.group().rstrip("+#")), start, end, "part")
            elif folded.isalpha():
                if len(folded) <= LONGEST:
                    yield Token(folded, start, end)
            else:
                yield from _numbered(folded, match.group(), start)


def _numbered(folded: str, raw: str, start: int) -> Iterator[Token]:
    """AB1234 whole, and as AB and 1234."""
    if len(folded) > LONGEST or not folded:
        return
    pieces = [piece for piece in _MIXED.split(raw) if piece]
    if not 1 < len(pieces) <= _MIXED_PIECES:
        yield Token(folded, start, start + len(raw))
        return
    yield Token(folded, start, start + len(raw), "whole")
    for piece in pieces:
        text = fold(piece)
        if len(text) > 1:
            yield Token(text, start, start + len(piece), "part")
        start += len(piece)


def _pairs(run: str, start: int) -> Iterator[Token]:
    units = [(fold(unit.group()), *unit.span()) for unit in _UNIT.finditer(run)]
    for (first, begin, _), (second, _, end) in pairwise(units):
        yield Token(first + second, start + begin, start + end, "pair")
    text, begin, end = units[-1]
    yield Token(text, start + begin, start + end, "last")


def _joined(raw: str, start: int) -> Iterator[Token]:
    if _QUOTE.search(raw):
        if not _HEBREW.search(raw):  # "quoted"words are two words, צה"ל is one
            for piece in re.finditer('[^"\u05f4]+', raw):
                yield from _scan_again(piece.group(), start + piece.start())
            return
        raw_parts: list[re.Match[str]] = []
    else:
        raw_parts = list(_PIECES.finditer(raw))
    whole = fold(_DROPPED.sub("", raw))
    if whole and len(whole) <= LONGEST:
        yield Token(whole, start, start + len(raw), "whole" if raw_parts else "plain")
    for part in raw_parts:
        text = fold(part.group())
        if len(text) > 1 or text.isdecimal():
            yield Token(text, start + part.start(), start + part.end(), "part")


def _scan_again(piece: str, start: int) -> Iterator[Token]:
    for token in _scan(piece):
        yield Token(token.text, start + token.start, start + token.end, token.kind)


def is_word(token: str) -> bool:
    """Whether a token is made of letters of a script with spaces: it may have typos and endings."""
    return token.isalpha() and not _PAIR.match(token)


_PAIR = re.compile(f"[{_UNSPACED}]")
