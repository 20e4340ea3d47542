"""The other forms of a word: without its proclitics or its ending, in the other spelling.

Light on purpose: a rule may strip too much, since both sides are stripped alike and a form ranks
below the word itself. All words are folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MINIMUM = 2  # letters that a stripped form keeps, in Hebrew and Arabic
_HEBREW_HEAD = frozenset("והבלמשכ")
_HEBREW_HEADS = 3  # וכשה is longer, and rare
_HEBREW_ENDINGS = ("יימ", "יות", "ימ", "ות", "ית", "ה", "ת", "י")
_ARABIC_HEADS = ("وبال", "وكال", "فبال", "وال", "بال", "كال", "فال", "ولل", "لل", "ال", "و", "ف",
                 "ب", "ك", "ل", "س")  # fmt: skip
_ARABIC_ENDINGS = ("يات", "ات", "ون", "ين", "ان", "ها", "هم", "يه", "نا", "ه", "ي", "ك")
_ENDING_KEEPS = 3

# Endings by language, the longest that fits is taken off. Folded.
_ENDINGS = {
    "en": ("ies", "ing", "ed", "es", "s", "y", "ied", "e"),
    "de": ("ungen", "ung", "en", "er", "es", "em", "ern", "e", "n", "s"),
    "nl": ("en", "s", "e", "t"),
    "nb": ("ene", "ane", "ers", "ets", "ens", "en", "et", "er", "ar", "a", "e", "s", "r", "t"),
    "sv": ("arna", "erna", "orna", "ens", "ets", "en", "et", "er", "ar", "or", "na", "a", "e", "s"),
    "da": ("erne", "ene", "ens", "ets", "en", "et", "er", "e", "s", "r"),
    "fr": ("aux", "es", "ez", "er", "ee", "e", "s", "x"),
    "es": ("es", "os", "as", "ar", "er", "o", "a", "e", "s"),
    "pt": ("oes", "es", "os", "as", "ar", "er", "o", "a", "e", "s"),
    "it": ("i", "e", "o", "a"),
    "hu": (
        "okat", "eket", "akat", "oknak", "eknek", "oknal", "nal", "nel", "nak", "nek", "ban",
        "ben", "bol", "rol", "tol", "hoz", "hez", "val", "vel", "kent", "unk", "ok", "ek", "ak",
        "at", "et", "ot", "ba", "be", "ra", "re", "on", "en", "ja", "je", "ig", "ul", "k", "t",
        "a", "e", "m", "d", "n", "i",
    ),
    "pl": ("ami", "ach", "ego", "owi", "om", "ow", "ie", "em", "a", "e", "i", "y", "u", "o"),
    "cs": ("ami", "ach", "eho", "ovi", "um", "em", "u", "a", "e", "i", "y", "o"),
    "ru": ("ами", "ями", "ого", "его", "ах", "ях", "ов", "ев", "ей", "ом", "ем", "ам", "ям", "ой",
           "ый", "ий", "ая", "ое", "ые", "а", "я", "ы", "и", "у", "ю", "е", "о", "ь"),
    "uk": ("ами", "ями", "ого", "ах", "ях", "ів", "ей", "ом", "ем", "ам", "ий", "а", "я", "и", "і",
           "у", "ю", "е", "о", "ь"),
    "tr": ("lari", "leri", "lar", "ler", "dan", "den", "da", "de", "in", "un", "i", "u", "a", "e"),
    "fi": ("ssa", "sta", "lla", "lta", "lle", "ksi", "iin", "en", "an", "in", "t", "a", "n"),
}  # fmt: skip
_ENDINGS["no"] = _ENDINGS["nn"] = _ENDINGS["nb"]
_SORTED = {name: sorted(endings, key=len, reverse=True) for name, endings in _ENDINGS.items()}
_STEM_KEEPS = 3

# One letter with a mark, written as two: Müller, Mueller; Ålesund, Aalesund; lærer.
_TWO_FOR_ONE = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"), ("ae", "e"))
_ONE_FOR_TWO = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
_HEBREW = re.compile("[א-ת]+")
_ARABIC = re.compile("[ء-ي\u0671-\u06d3]+")


def stems(word: str, locale: str) -> list[str]:
    """The forms that stand for the word besides itself; the likeliest first."""
    if word.isascii():
        return _latin(word, locale)
    if _HEBREW.fullmatch(word):
        return _unique(word, _hebrew(word))
    if _ARABIC.fullmatch(word):
        return _unique(word, _arabic(word))
    return _latin(word, locale)


def _unique(word: str, forms: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(form for form in forms if form != word))


def _latin(word: str, locale: str) -> list[str]:
    for ending in _SORTED.get(locale.partition("-")[0], ()):
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_KEEPS:
            return [word[: -len(ending)]]
    return []


def _hebrew(word: str) -> Iterator[str]:
    bare = [word]
    for count in range(1, _HEBREW_HEADS + 1):
        if word[count - 1 : count] not in _HEBREW_HEAD or len(word) - count < MINIMUM:
            break
        bare.append(word[count:])
        yield word[count:]
    for form in bare:
        for ending in _HEBREW_ENDINGS:
            if form.endswith(ending) and len(form) - len(ending) >= _ENDING_KEEPS:
                yield form[: -len(ending)]
                break


def _arabic(word: str) -> Iterator[str]:
    bare = [word]
    for head in _ARABIC_HEADS:
        if word.startswith(head) and len(word) - len(head) >= MINIMUM:
            bare.append(word[len(head) :])
            yield word[len(head) :]
            if head in {"لل", "ولل"}:  # لل is ل and ال
                yield "ال" + word[len(head) :]
    for form in bare:
        for ending in _ARABIC_ENDINGS:
            if form.endswith(ending) and len(form) - len(ending) >= _ENDING_KEEPS:
                yield form[: -len(ending)]
                break


def spellings(raw: str, folded: str) -> list[str]:
    """Other spellings of a word in a query: `raw` as typed (composed, lower case) and folded."""
    found: list[str] = []
    if any(letter in _ONE_FOR_TWO for letter in raw):
        found.append("".join(_ONE_FOR_TWO.get(letter, letter) for letter in raw))
    if folded.isascii():
        for two, one in _TWO_FOR_ONE:
            if two in folded:
                found.append(folded.replace(two, one))
    return list(dict.fromkeys(spelling for spelling in found if spelling != folded))
