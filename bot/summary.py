"""What the customer wants, in the customer's own words: for the handoff's card. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.wishes import wish

_LENGTH = 280  # characters
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
_OPENING = re.compile(
    r"^(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|sehr geehrte\w*"
    r"|hola|buenos d[ií]as|buenas tardes|estimad\w+|bonjour|bonsoir|madame|monsieur|hei|hej|god (?:dag|morgen)|kj[æa]re"
    r"|szia|jó napot|tisztelt|שלום|היי|مرحبا|السلام عليكم|你好|您好|こんにちは|お世話になっております)\b[^.!?。]{0,30}[,.!:、。\n]\s*",
    re.IGNORECASE,
)
_ASKING = re.compile(r"[?？؟]")
_WORDS = re.compile(r"[^\W\d_]+")


def summarise(messages: Sequence[str]) -> str:
    """The sentences that say most, in their order; greetings and wishes about the chat left out."""
    sentences: list[tuple[float, int, str]] = []
    for message in messages:
        if wish(message) is not None and len(message) < 60:  # noqa: PLR2004 - nothing else in it
            continue
        plain = _OPENING.sub("", message.strip())
        for sentence in _SENTENCE.split(plain):
            said = sentence.strip()
            if said:
                sentences.append((_weight(said, len(sentences)), len(sentences), said))
    chosen: list[tuple[int, str]] = []
    room = _LENGTH
    known: set[str] = set()
    for _, position, said in sorted(sentences, key=lambda item: (-item[0], item[1])):
        if said.casefold() in known:
            continue
        if chosen and len(said) > room:
            continue
        known.add(said.casefold())
        chosen.append((position, said if len(said) <= room else said[: room - 1].rstrip() + "…"))
        room -= len(said)
        if room <= 0:
            break
    return " ".join(said for _, said in sorted(chosen))


def _weight(sentence: str, position: int) -> float:
    """Questions, numbers and content weigh; what comes later weighs a little less."""
    words = len(_WORDS.findall(sentence))
    dense = sum(character > "⺀" for character in sentence) / 2
    content = min(words + dense, 20) / 20
    return (
        content
        + 0.6 * bool(_ASKING.search(sentence))
        + 0.4 * bool(re.search(r"\d{3,}", sentence))
        - 0.03 * position
    )
