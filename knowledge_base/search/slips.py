"""How likely a slip is: what people mistype into what, for words that are one slip apart.

A dropped letter, two swapped ones and a doubled one each have one place to happen at; a wrong
letter may be any of the alphabet, mostly a neighbour on the keyboard. So of several words that a
query may be a slip of, those with the slips that can happen in fewer ways are the likelier ones.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from rapidfuzz.distance import OSA

from knowledge_base.search.analysis import TWO_LETTERS

LIKELY, NEIGHBOUR, ANY = 0.0, 0.4, 1.0  # what a slip costs, for ranking

# Rows of the keyboards, folded, each row beginning half a key to the left of the next.
_LAYOUTS = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    ("/'קראטונמפ", "שדגכעיחלכפ", "זסבהנמצתצ"),
    ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ءءرلاهوزظ"),
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)

# Letters that fold to two are one key.
_TWO = tuple(zip(TWO_LETTERS, "æœ", strict=True))


@cache
def _near() -> dict[str, frozenset[str]]:
    """Each letter's neighbours, on any of the keyboards that have it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for rows in _LAYOUTS:
        for number, row in enumerate(rows):
            for at, letter in enumerate(row):
                found[letter].update(row[max(at - 1, 0) : at + 2])
                if number + 1 < len(rows):
                    for below in rows[number + 1][max(at - 1, 0) : at + 1]:
                        found[letter].add(below)
                        found[below].add(letter)
    return {letter: frozenset(others) for letter, others in found.items()}


def keys(word: str) -> str:
    """The word by keys: letters that fold to two as one."""
    for two, one in _TWO:
        word = word.replace(two, one)
    return word


def cost(typed: str, meant: str) -> float | None:
    """What it costs to have typed one for the other; None when that takes more than one slip."""
    if OSA.distance(typed, meant, score_cutoff=1) == 1:
        return _cost(typed, meant)
    typed, meant = keys(typed), keys(meant)
    return _cost(typed, meant) if OSA.distance(typed, meant, score_cutoff=1) == 1 else None


def _cost(typed: str, meant: str) -> float:
    at = 0
    least = min(len(typed), len(meant))
    while at < least and typed[at] == meant[at]:
        at += 1
    if len(typed) < len(meant):
        return LIKELY
    if len(typed) > len(meant):
        return _added(typed, at)
    if typed[at : at + 2] == meant[at : at + 2][::-1]:
        return LIKELY  # two swapped
    return NEIGHBOUR if typed[at : at + 1] in _near().get(meant[at : at + 1], ()) else ANY


def _added(typed: str, at: int) -> float:
    letter = typed[at]
    around = typed[max(at - 1, 0) : at] + typed[at + 1 : at + 2]
    if letter in around:
        return LIKELY  # a key that was hit twice
    near = _near().get(letter, frozenset())
    return NEIGHBOUR if near.intersection(around) else ANY
