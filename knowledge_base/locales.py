"""The languages that articles are written in. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
_RTL: Final = frozenset({"ar", "fa", "he", "ps", "ur", "yi", "dv", "ckb"})
_NAMES: Final = {
    "ar": "العربية",
    "da": "Dansk",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hu": "Magyar",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nb": "Norsk",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}
# Without spaces between words: read by the character.
BY_CHARACTER: Final = frozenset({"ja", "zh"})


def is_locale(text: str) -> bool:
    """Whether it is a language tag as the desk writes them: `en`, `pt-BR`, `zh-Hant`."""
    return _TAG.fullmatch(text) is not None


def language(locale: str) -> str:
    """The language alone: `pt` of `pt-BR`."""
    return locale.partition("-")[0].lower()


def direction(locale: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if language(locale) in _RTL else "ltr"


def own_name(locale: str) -> str:
    """What the language calls itself."""
    return _NAMES.get(locale) or _NAMES.get(language(locale)) or locale


def best(wanted: Sequence[str], there: Collection[str], default: str) -> str:
    """The first wanted language that is there, by tag and then by language alone."""
    for tag in wanted:
        if tag in there:
            return tag
        same = [locale for locale in sorted(there) if language(locale) == language(tag)]
        if same:
            return same[0]
    return default


def accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header (RFC 9110, 12.5.4), the most wanted first."""
    weighed: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:1000].split(",")):
        tag, _, parameters = part.strip().partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{1,3})?)\s*", parameters)
        value = float(weight.group(1)) if weight else 1.0
        if tag and tag != "*" and value > 0:
            base, _, rest = tag.replace("_", "-").partition("-")
            base = "nb" if base.lower() == "no" else base.lower()
            weighed.append((-value, position, f"{base}-{rest.upper()}" if rest else base))
    return [tag for _, _, tag in sorted(weighed)]
