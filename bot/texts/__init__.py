"""What the bot says, in the ten languages of the desk. A test holds them complete."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts import ar, de, en, es, fr, he, hu, ja, nb, zh

CATALOGUE: Mapping[str, Mapping[str, str]] = {
    "en": en.TEXTS,
    "he": he.TEXTS,
    "ar": ar.TEXTS,
    "es": es.TEXTS,
    "de": de.TEXTS,
    "fr": fr.TEXTS,
    "nb": nb.TEXTS,
    "hu": hu.TEXTS,
    "zh": zh.TEXTS,
    "ja": ja.TEXTS,
}
_SAME = {"no": "nb", "nn": "nb", "da": "nb", "iw": "he"}


def known(language: str) -> str | None:
    """The catalogue's language for a BCP 47 tag, or None: `pt-BR` has none, `zh-Hant` is `zh`."""
    base = language.replace("_", "-").split("-")[0].lower()
    base = _SAME.get(base, base)
    return base if base in CATALOGUE else None


def say(key: str, language: str, /, **values: str) -> str:
    """A text with its values; in English where the language has no catalogue."""
    return CATALOGUE[known(language) or "en"][key].format(**values)


# What the chat sends when a visitor presses its button for a person: in the language that the
# page is in, which need not be the visitor's. `tests/bot/test_texts.py` compares the two.
PERSON_PLEASE: Mapping[str, str] = {
    "en": "I would like to talk to a person.",
    "he": "אני רוצה לדבר עם נציג.",
}
_BUTTONS = frozenset(PERSON_PLEASE.values())


def is_button(text: str) -> bool:
    """Whether a message is what the chat itself writes for the one who presses a button."""
    return " ".join(text.split()) in _BUTTONS
