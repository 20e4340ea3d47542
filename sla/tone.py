"""How urgent and how angry a message sounds, word by word; negation turns a word off."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sla.words import LEXICONS, SAME, Lexicon

READ: Final = 4000  # characters; what comes later is quotes and signatures
_NEAR: Final = 3  # words before a word in which a negator counts
_NEAR_SIGNS: Final = 3  # the same where words are not set apart
_SHOUTED: Final = 12  # letters at least, before capitals count as shouting
_SHARE: Final = 0.7
_MARKS: Final = re.compile(r"[!！]{2,}")
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# Said in any language.
_EVERYWHERE: Final = frozenset({"urgent", "asap", "sos"})


@dataclass(frozen=True, slots=True)
class Tone:
    """What was found: the words as written, those that were negated, and how it is written."""

    urgent: tuple[str, ...] = ()
    angry: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    shouting: bool = False
    exclaiming: bool = False


@dataclass(frozen=True, slots=True)
class _Compiled:
    lexicon: Lexicon
    urgent: re.Pattern[str]
    angry: re.Pattern[str]
    negators: frozenset[str]


def hear(text: str, language: str) -> Tone:
    """Listen to a message; a language without a lexicon is heard by English and by its marks."""
    original = text[:READ]
    plain = fold(original)
    compiled = _compiled(_lexicon_of(language))
    urgent, off = _found(compiled.urgent, plain, compiled)
    angry, off_too = _found(compiled.angry, plain, compiled)
    if not urgent and not off:
        urgent = [word for word in _WORD.findall(plain) if word in _EVERYWHERE]
    letters = [sign for sign in original if sign.isalpha() and sign.lower() != sign.upper()]
    capitals = sum(sign.isupper() for sign in letters)
    return Tone(
        urgent=tuple(dict.fromkeys(urgent)),
        angry=tuple(dict.fromkeys(angry)),
        negated=tuple(dict.fromkeys(off + off_too)),
        shouting=len(letters) >= _SHOUTED and capitals >= _SHARE * len(letters),
        exclaiming=_MARKS.search(original) is not None,
    )


def fold(text: str) -> str:
    """Compatibility forms, no case, no Arabic or Hebrew points, one form of alef."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    kept = (sign for sign in folded if unicodedata.category(sign) != "Mn")
    return "".join(kept).translate(_LETTERS)


_LETTERS: Final = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": None})


def _lexicon_of(language: str) -> str:
    base = language.partition("-")[0].casefold()
    base = SAME.get(base, base)
    return base if base in LEXICONS else "en"


@lru_cache(maxsize=len(LEXICONS))
def _compiled(language: str) -> _Compiled:
    lexicon = LEXICONS[language]
    return _Compiled(
        lexicon,
        _pattern(lexicon.urgent, lexicon),
        _pattern(lexicon.angry, lexicon),
        frozenset(fold(word) for word in lexicon.negators),
    )


def _pattern(words: tuple[str, ...], lexicon: Lexicon) -> re.Pattern[str]:
    ordered = sorted((fold(word) for word in words), key=len, reverse=True)
    choices = "|".join(
        re.escape(word.removesuffix("*")).replace(r"\ ", r"\s+")
        + (r"\w*" if word.endswith("*") else "")
        for word in ordered
    )
    if not lexicon.spaces:
        return re.compile(f"({choices})")
    prefix = f"[{lexicon.prefixes}]{{0,2}}" if lexicon.prefixes else ""
    return re.compile(rf"(?<!\w){prefix}({choices})(?!\w)")


def _found(pattern: re.Pattern[str], text: str, its: _Compiled) -> tuple[list[str], list[str]]:
    on: list[str] = []
    off: list[str] = []
    for match in pattern.finditer(text):
        negated = _negated(text, match.start(), match.end(), its)
        (off if negated else on).append(match.group(1))
    return on, off


def _negated(text: str, start: int, end: int, its: _Compiled) -> bool:
    """Whether a negator stands just before a word (or after it), within the sentence."""
    before = re.split(r"[.!?;,\n。！？、，؛،]", text[max(0, start - 60) : start])[-1]
    after = re.split(r"[.!?;,\n。！？、，؛،]", text[end : end + 20])[0]
    if its.lexicon.spaces:
        words = _WORD.findall(before)[-_NEAR:]
        if its.lexicon.negated_after:
            words += _WORD.findall(after)[:1]
        return any(word in its.negators for word in words)
    near = before[-_NEAR_SIGNS:]
    if its.lexicon.negated_after:
        return any(after.lstrip().startswith(negator) for negator in its.negators)
    return any(negator in near for negator in its.negators)
