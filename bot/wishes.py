"""What a customer wants of the conversation itself: a person, an end, yes, no, another language.

Rules, not statistics: whoever asks for a human is understood, in any of these languages, whatever
language the conversation is in. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from bot import wish_words as words

Wish = Literal[
    "human", "yes", "no", "cancel", "repeat", "greeting", "thanks", "goodbye", "how_are_you", "who"
]

_SHORT = 5  # words: a message that hardly says more than the wish itself
_SHORT_UNSPACED = 14  # characters, where words have no spaces
_FULL = {wish: re.compile(pattern) for wish, pattern in words.WHOLE.items()}
_PERSON = re.compile(words.PERSON)
_CONTACT = re.compile(words.CONTACT)
_DIRECT = re.compile(words.DIRECT)
_REFUSED = re.compile(words.REFUSED)
_BOT = re.compile(words.NO_BOT)
_ANGRY = re.compile(words.ANGRY)
_CURSING = re.compile(words.CURSING)
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿]")
_ENOUGH = 2  # signals that make anger


def plain(text: str) -> str:
    """Lower case, one kind of white space and apostrophe, no marks, no Arabic vowel signs."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("`", "'")
    text = re.sub(r"[\u0591-\u05c7\u064b-\u0652\u0640\u200b-\u200f\u202a-\u202e]", "", text)
    text = text.translate(words.LETTERS)
    return " ".join(text.split())


def wish(text: str) -> Wish | None:
    """The wish that a message consists of, or that comes before all else (a person)."""
    said = plain(text)
    bare = said.strip(" .!?,;:…¡¿。！？、،؟~()[]\"'😀🙂👍🙏❤️")
    if wants_human(text):
        return "human"
    for name, pattern in _FULL.items():
        if pattern.fullmatch(bare):
            return name  # type: ignore[return-value]  # the keys are wishes
    return None


def wants_human(text: str) -> bool:
    """Whether the customer asks for a person: `agent`, `can I talk to someone`, `转人工`."""
    said = plain(text)
    asked = _REFUSED.sub(" ", said)
    if _DIRECT.search(asked) or _BOT.search(asked):
        return True
    person = _PERSON.search(asked)
    if not person:
        return False
    if _CONTACT.search(asked):
        return True
    if _UNSPACED.search(said):
        return len(said) <= _SHORT_UNSPACED and len(said) - len(person[0]) <= 4  # noqa: PLR2004 - 请, 吗
    return len(asked.split()) <= _SHORT and not words.ABOUT_PERSON.search(asked)


def is_angry(text: str) -> bool:
    """Whether the message is so angry that a machine should not answer it."""
    said = plain(text)
    signals = 2 * len(_CURSING.findall(said)) + len(_ANGRY.findall(said))
    letters = [character for character in text if character.isalpha() and character.isascii()]
    shouting = len(letters) >= 12 and sum(map(str.isupper, letters)) > 0.8 * len(letters)  # noqa: PLR2004
    signals += shouting
    signals += bool(re.search(r"[!！]{3,}|[?？!！]{4,}", text))
    return signals >= _ENOUGH


def wanted_language(text: str) -> str | None:
    """The language that the customer asks to be answered in: `auf Deutsch bitte`, `in English`."""
    said = plain(text).strip(" .!?。！？؟")
    for language, pattern in words.SWITCH.items():
        if re.fullmatch(pattern, said):
            return language
    return None
