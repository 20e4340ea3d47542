"""Things named in a text that follow a rule: order numbers, mail addresses, phones, amounts."""

from __future__ import annotations

import re
import unicodedata

from bot.nlu.engine import Entity

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# No word boundaries: Chinese and Japanese put no space around a number.
_LEFT, _RIGHT = r"(?<![A-Za-z0-9@._/+-])", r"(?![A-Za-z0-9@]|[-./]\d)"
_MARKED = re.compile(
    r"(?:#|№|\bno\.?\s?|\bnr\.?\s?)\s?([A-Za-z]{0,4}-?\d{3,18})" + _RIGHT, re.IGNORECASE
)
_CODE = re.compile(_LEFT + r"([A-Za-z]{1,5}-?\d{4,16}(?:-\d{1,8})*)" + _RIGHT)
_NUMBER = re.compile(_LEFT + r"(\d{5,18}|\d{3}-\d{7}-\d{7})" + _RIGHT)
_PHONE = re.compile(r"(?<![\w+])\+\d[\d ()-]{7,17}\d(?!\w)")
_AMOUNT = re.compile(
    r"(?:[€$£¥₪₩]\s?\d[\d.,]*\d?|\d[\d.,]*\s?(?:€|\$|£|¥|₪|₩|kr\b|Ft\b|元|円|USD\b|EUR\b|GBP\b|NOK\b))"
)


def find_entities(text: str) -> tuple[Entity, ...]:
    """What is named in `text`, in its order, without overlaps. Full-width digits count."""
    plain = _one_to_one(text)
    taken: list[Entity] = []
    for kind, pattern in (
        ("email", _EMAIL),
        ("phone", _PHONE),
        ("amount", _AMOUNT),
        ("order_number", _MARKED),
        ("order_number", _CODE),
        ("order_number", _NUMBER),
    ):
        for match in pattern.finditer(plain):
            group = 1 if match.lastindex else 0
            start, end = match.span(group)
            if all(end <= other.start or start >= other.end for other in taken):
                taken.append(Entity(kind, _value(kind, match[group]), start, end))
    return tuple(sorted(taken, key=lambda entity: entity.start))


def _one_to_one(text: str) -> str:
    """Full-width forms as ASCII; every character keeps its place."""
    forms = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(
        form if len(form) == 1 else character for form, character in zip(forms, text, strict=True)
    )


def _value(kind: str, found: str) -> str:
    if kind == "email":
        return found.strip(".").lower()
    if kind == "phone":
        return "+" + re.sub(r"\D", "", found)
    if kind == "order_number":
        return found.replace(" ", "").upper()
    return found.strip()
