"""The help center's own words, in the ten languages of the interface."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time, get_timezone_location

from knowledge_base.locales import direction, language

FOLDER: Final = Path(__file__).parent / "words"
LANGUAGES: Final = ("en", "he", "ar", "es", "de", "fr", "nb", "hu", "zh", "ja")
_RENDERED: Final = (
    "note", "tip", "important", "warning", "caution", "table", "done", "open",
)  # fmt: skip


class Words:
    """The words of one language, and how it writes dates."""

    def __init__(self, locale: str, texts: Mapping[str, str]) -> None:
        self.locale = locale
        self.direction = direction(locale)
        self._texts = texts
        try:
            self._babel = Locale.parse(locale, sep="-")
        except (UnknownLocaleError, ValueError):
            self._babel = Locale("en")

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values filled in."""
        return self._texts[key].format(**values) if values else self._texts[key]

    @property
    def rendered(self) -> dict[str, str]:
        """What articles themselves need: labels of callouts, tables and tasks."""
        return {key: self._texts[key] for key in _RENDERED}

    def date(self, at: datetime) -> str:
        """A day, written out."""
        return format_date(at, "long", locale=self._babel)

    def time(self, at: datetime) -> str:
        """A time of day, in the zone that `at` carries."""
        return format_time(at, "short", tzinfo=at.tzinfo, locale=self._babel)

    def day_and_time(self, at: datetime) -> str:
        """A weekday and a time, in the zone that `at` carries."""
        return format_datetime(at, "EEE HH:mm", tzinfo=at.tzinfo, locale=self._babel)

    def zone(self, name: str) -> str:
        """A time zone by its place."""
        return get_timezone_location(name, locale=self._babel, return_city=True)


class Catalogue:
    """Every language's words, read once. A language of articles without its own has English."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._texts = {
            tag: msgspec.json.decode((folder / f"{tag}.json").read_bytes(), type=dict[str, str])
            for tag in LANGUAGES
        }
        self._made: dict[str, Words] = {}

    def of(self, locale: str) -> Words:
        """The words for pages in this language."""
        known = self._made.get(locale)
        if known is None:
            texts = self._texts.get(locale) or self._texts.get(language(locale))
            known = Words(locale, texts or self._texts["en"])
            self._made[locale] = known
        return known
