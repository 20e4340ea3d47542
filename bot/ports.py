"""What the bot needs from outside, and the values that cross: knowledge, and answers to intents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a published article, found by a search."""

    article_id: str
    version: str
    title: str
    url: str
    section: str  # the heading it stands under; "" at the top
    locale: str  # BCP 47
    text: str  # plain


class KnowledgeSource(Protocol):
    """Published articles that this customer may read, and a search over them."""

    def search(self, query: str, locale: str, k: int) -> Sequence[Passage]:
        """The `k` best passages, the best first; in `locale` and, after those, in others."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Something the bot can say to a question, with where it is from."""

    id: str  # of the article with its section, or of the intent
    text: str  # quoted, in `locale`
    locale: str
    title: str = ""
    url: str = ""
    version: str = ""
    score: float = 0.0


class IntentAnswers(Protocol):
    """What editors wrote as answers to intents."""

    def answer(self, intent: str, language: str) -> Answer | None:
        """The answer in `language`, or in another one, or None when there is none."""

    def title(self, intent: str, language: str) -> str:
        """The intent in the customer's words, for a list of choices."""


@dataclass(frozen=True, slots=True)
class FixedAnswers:
    """Answers kept in memory: {intent: {language: text}} and titles alike."""

    texts: Mapping[str, Mapping[str, str]]
    titles: Mapping[str, Mapping[str, str]]

    def answer(self, intent: str, language: str) -> Answer | None:
        """The answer in the language, else in any."""
        found = _local(self.texts.get(intent, {}), language)
        return Answer(intent, found[1], found[0]) if found else None

    def title(self, intent: str, language: str) -> str:
        """The title in the language, else in any, else the intent's name in words."""
        found = _local(self.titles.get(intent, {}), language)
        return found[1] if found else intent.replace("_", " ").replace("-", " ").capitalize()


def _local(texts: Mapping[str, str], language: str) -> tuple[str, str] | None:
    base = language.split("-", maxsplit=1)[0]
    for wanted in (language, base, "en"):
        if wanted in texts:
            return wanted, texts[wanted]
    return next(iter(texts.items()), None)
