"""What a form's fields take from a message: told in passing, or answered when asked. Pure."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names

from bot.dialogue_state import Field
from bot.nlu.engine import Entity

LONGEST_PATTERN = 60
_MOST = 500  # characters of an answer that are looked at
_DATE = re.compile(r"(?<!\d)(\d{1,4})\s?[-./年]\s?(\d{1,2})\s?[-./月]\s?(\d{1,4})\s?日?(?!\d)")
_NAMED = re.compile(r"(?<!\d)(\d{1,2})\D{0,4}?[\s.-]([^\W\d_]{3,12})[\s.,-]{1,3}(\d{4})(?!\d)")
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,12})[\s.]{1,2}(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\.?\s([^\W\d_]{3,12})\s(\d{1,2})(?!\d)")
_CENTURY = 1000  # years from which on four digits are a year


@functools.lru_cache(maxsize=256)
def mask(pattern: str) -> re.Pattern[str]:
    """A pattern as editors write it: `#` is a digit, `?` a letter, `*` letters and digits.

    Everything else stands for itself, small and capital letters alike; ` or ` parts alternatives.
    It finds a value inside a sentence, also where no spaces stand around it. No pattern of this
    kind can make matching slow. Raises `ValueError`, which says what to write instead.
    """
    parts = [part.strip() for part in pattern.split(" or ")]
    if len(pattern) > LONGEST_PATTERN or not all(parts):
        raise ValueError(f"a pattern has 1 to {LONGEST_PATTERN} characters, such as FS-#####")
    if any(part.count("*") > 1 for part in parts):
        raise ValueError("a pattern has at most one *, such as FS-*")
    if any(not re.search(r"[#?*]", part) for part in parts):
        raise ValueError("a pattern has # for a digit, ? for a letter or * for several of both")
    signs = {"#": r"\d", "?": "[A-Za-z]", "*": "[A-Za-z0-9]{1,40}", " ": r"\s?"}
    written = "|".join("".join(signs.get(c, re.escape(c)) for c in part) for part in parts)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{written})(?![A-Za-z0-9])", re.IGNORECASE)


def told(field: Field, text: str, entities: Sequence[Entity]) -> str | None:
    """The field's value where a message says it in passing."""
    if field.kind in {"text", "date", "choice"} and not field.pattern:
        return None
    return _masked(field, text) if field.pattern else _of_kind(field, entities)


def answered(field: Field, text: str, entities: Sequence[Entity], language: str) -> str | None:
    """The field's value in a message that was asked for it, or None."""
    text = text[:_MOST]
    if field.pattern:
        return _masked(field, text)
    if field.kind == "text":
        return text if any(character.isalnum() for character in text) else None
    if field.kind == "date":
        found = read_date(text, language)
        return found.isoformat() if found else None
    if found_one := _of_kind(field, entities):
        return found_one
    if field.kind == "order_number":
        # Asked for, a bare number of four digits is one; in passing it could be a year.
        short = re.search(
            r"(?<![\dA-Za-z])[A-Za-z]{0,5}[-# ]?\d{4,18}(?![\dA-Za-z])", ascii_digits(text)
        )
        return short[0].strip(" #-").replace(" ", "").upper() if short else None
    if field.kind == "phone":
        digits = re.sub(r"\D", "", text)
        written = re.fullmatch(r"[+\d ()/.-]{8,24}", text) and text.startswith("+")
        return f"+{digits}" if written else None
    return None


def read_date(text: str, language: str) -> date | None:
    """A date as people write it: 2026-11-25, 25.11.2026, 25 November 2026, 2026年11月25日.

    Where both could be the month the day stands first; what was understood is shown and confirmed.
    """
    plain = ascii_digits(text)
    if match := _DATE.search(plain):
        first, second, third = (int(part) for part in match.groups())
        if first >= _CENTURY:
            return _date(first, second, third)
        return _date(third, second, first) or _date(third, first, second)
    for pattern, order in (
        (_NAMED, (3, 2, 1)),
        (_MONTH_FIRST, (3, 1, 2)),
        (_YEAR_FIRST, (1, 2, 3)),
    ):
        if (match := pattern.search(plain)) and (month := _month(match[order[1]], language)):
            return _date(int(match[order[0]]), month, int(match[order[2]]))
    return None


def ascii_digits(text: str) -> str:
    """The text with full-width forms and digits of any script as ASCII."""
    plain = unicodedata.normalize("NFKC", text)
    digits = ((c, unicodedata.decimal(c, None)) for c in plain)
    return "".join(c if value is None else str(value) for c, value in digits)


def _masked(field: Field, text: str) -> str | None:
    found = mask(field.pattern).search(ascii_digits(text[:_MOST]))
    return found[0].upper() if found else None


def _of_kind(field: Field, entities: Sequence[Entity]) -> str | None:
    return next((entity.value for entity in entities if entity.kind == field.kind), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= _CENTURY else None
    except ValueError:
        return None


def _month(word: str, language: str) -> int | None:
    """The number of a month's name, or of its beginning; prefixes that Hebrew writes count off."""
    said = word.casefold().strip(".")
    for names in (_months(language or "en"), _months("en")):
        for number, name in names:
            if name.startswith(said) or said.removeprefix("ב") == name:
                return number
    return None


@functools.lru_cache(maxsize=32)
def _months(language: str) -> tuple[tuple[int, str], ...]:
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return tuple(
        (number, name.casefold().strip("."))
        for context in ("format", "stand-alone")
        for number, name in get_month_names("wide", context, locale).items()
    )
