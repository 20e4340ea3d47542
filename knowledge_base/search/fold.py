"""Letters made alike: width, case, marks and spelling variants that readers do not tell apart.

Folding is by character, so that every folded character knows where it came from. What is one
letter with a mark in one language and another letter in the next (å, ł, й) is decided here once:
the base letter where people type it when the mark is missing on their keyboard, the letter itself
where they do not.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose, or decomposes into something nobody types.
_LETTERS = {
    "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i",
    "ŋ": "n", "ŧ": "t", "ĸ": "k", "ſ": "s", "ƒ": "f", "ə": "e", "ё": "е",
    # Arabic: forms of alef, yeh, teh marbuta and heh; the Persian and Urdu keyboards' kaf and yeh.
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ۀ": "ه",
    "ہ": "ه", "ھ": "ه", "ە": "ه", "ک": "ك", "ی": "ي", "ے": "ي", "ێ": "ي",
    # Hebrew final letters.
    "ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ",
}  # fmt: skip

# Marks that are not written as a rule: Latin and Greek accents, Hebrew points, Arabic vowels.
# Those of Thai or Devanagari are letters and stay.
_DROPPED = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff]"
)
_KATAKANA = range(0x30A1, 0x30F7)
_TO_HIRAGANA = 0x60
_CYRILLIC = 0x0400
_EXTENDED_LATIN = range(0x1E00, 0x2000)


def _marks_fall(letter: str) -> bool:
    """Latin and Greek letters lose their marks; й and the like are letters of their own."""
    code = ord(letter)
    return code < _CYRILLIC or code in _EXTENDED_LATIN


def _fold_one(character: str) -> str:
    if unicodedata.category(character) == "Cf" or _DROPPED.match(character):
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    folded = []
    for part in unicodedata.normalize("NFKC", character).casefold():
        known = _LETTERS.get(part)
        if known is not None:
            folded.append(known)
        elif ord(part) in _KATAKANA:
            folded.append(chr(ord(part) - _TO_HIRAGANA))
        elif _marks_fall(part):
            bare = _DROPPED.sub("", unicodedata.normalize("NFD", part))
            folded.append("".join(_LETTERS.get(letter, letter) for letter in bare))
        elif not _DROPPED.match(part):
            folded.append(part)
    return "".join(folded)


class _Table(dict[int, str]):
    """For `str.translate`: each character is worked out once."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_one(chr(code))
        return folded


_TABLE = _Table()


@lru_cache(65_536)
def fold(word: str) -> str:
    """The folded form of a word or of a few; the text must be composed."""
    return word.translate(_TABLE)


# Marks that follow their letter, the half-width voiced marks, and Korean in pieces.
_CLUSTER = re.compile(
    "[\u1100-\u11ff]+|[\\s\\S](?:[\uff9e\uff9f\u3099\u309a]|"
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u093c\u0b3e\u0b57\u0bbe\u0bd7])*"
)


def compose(text: str) -> tuple[str, list[tuple[int, int]] | None]:
    """The text with every letter in one piece, and where each character came from.

    The second is None when the text is its own composition, as nearly every text is.
    """
    if unicodedata.is_normalized("NFC", text) and not _HALF_WIDTH_MARKS.search(text):
        return text, None
    composed: list[str] = []
    spans: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        piece = cluster.group()
        half = _HALF_WIDTH_MARKS.search(piece)
        whole = unicodedata.normalize("NFKC" if half else "NFC", piece)
        composed.append(whole)
        spans += [cluster.span()] * len(whole)
    return "".join(composed), spans


_HALF_WIDTH_MARKS = re.compile("[\uff9e\uff9f]")
