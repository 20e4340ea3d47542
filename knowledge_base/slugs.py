"""The part of an address that names an article. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_CHARS: Final = 120
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "å": "a", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
_SLUG: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_GAPS: Final = re.compile(r"[\W_]+")


def slugify(title: str) -> str:
    """Words joined by hyphens. Latin letters lose their marks; other scripts stay themselves."""
    text = unicodedata.normalize("NFKC", title).casefold().translate(_LETTERS)
    kept = "".join(
        _plain(char) if char.isalnum() else ("" if unicodedata.category(char) == "Mn" else char)
        for char in text.replace("'", "").replace("\u2019", "").replace("״", "").replace("׳", "")
    )
    slug = _GAPS.sub("-", kept).strip("-")
    if len(slug) > MAX_CHARS:
        slug = slug[:MAX_CHARS].rpartition("-")[0] or slug[:MAX_CHARS]
    return slug or "article"


def _plain(char: str) -> str:
    """A Latin letter without its marks; any other letter as it is."""
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char


def is_slug(text: str) -> bool:
    """Whether it can stand in an address as it is."""
    return len(text) <= MAX_CHARS and _SLUG.fullmatch(text) is not None and text == text.casefold()


def numbered(slug: str, number: int) -> str:
    """The slug for the next one of that name."""
    suffix = f"-{number}"
    return slug[: MAX_CHARS - len(suffix)].rstrip("-") + suffix
