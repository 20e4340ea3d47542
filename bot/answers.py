"""Answers from the knowledge base: the passage that answers a question, or none.

A search finds candidates; here meaning (sentence embedding) and words decide which one is quoted,
and whether any is close enough to be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.nlu.embedding import Embedder, clip
from bot.nlu.lexical import normalise, tokens
from bot.ports import Answer, Passage

# Embeddings of this model lie close together: unrelated texts at about 0.78, equal ones at 1.
_UNRELATED = 0.78
_RELATED = 0.92
_MEANING = 0.65  # share of the meaning in a passage's score; the rest is words in common
# Score below which nothing is quoted. `python -m bench.nlu_answers`, the demo's articles in ten
# languages and no intents: 60 % of the questions answered rightly, 14 % from another article, 3 %
# of the foreign ones answered. A bot that has been taught intents leans on those first.
GATE = 0.46
_FRESH = 2  # passages embedded within a turn; further ones are judged by words alone
_QUOTED = 600  # characters
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n{2,}")


class Cached(Protocol):
    """An embedder that knows which vectors are free."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row for each text."""

    def knows(self, text: str) -> bool:
        """Whether the vector is in memory."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage and how well it answers a question, from 0 to 1."""

    passage: Passage
    score: float


def passage_key(passage: Passage) -> str:
    """What is embedded of a passage: its headings and its beginning."""
    head = " ".join(part for part in (passage.title, passage.section) if part)
    return clip(f"{head}. {' '.join(passage.text.split())}")


def warm(passages: Sequence[Passage], embedder: Embedder) -> None:
    """Compute the passages' vectors ahead of the questions; part of the job that publishes."""
    embedder.embed([passage_key(passage) for passage in passages])


def choose(
    question: str,
    passages: Sequence[Passage],
    language: str,
    embedder: Cached | None,
    *,
    gate: float = GATE,
    most: int = 3,
) -> tuple[Answer, ...]:
    """Up to `most` answers, the best first; passages of one article count once, none is forced.

    The customer's language comes first: another one is used only where it has no answer.
    """
    return chosen(question, ranked(question, passages, embedder), language, gate=gate, most=most)


def ranked(
    question: str, passages: Sequence[Passage], embedder: Cached | None
) -> tuple[Scored, ...]:
    """Each passage with how well it answers, the best first."""
    scores = _scores(question, passages, embedder)
    found = [Scored(passage, score) for passage, score in zip(passages, scores, strict=True)]
    return tuple(sorted(found, key=lambda one: (-one.score, one.passage.article_id)))


def chosen(
    question: str, scored: Sequence[Scored], language: str, *, gate: float = GATE, most: int = 3
) -> tuple[Answer, ...]:
    """Those that pass the gate, as `choose` has it."""
    found: list[Answer] = []
    seen: set[str] = set()
    for one in scored:
        if one.score < gate or one.passage.article_id in seen:
            continue
        seen.add(one.passage.article_id)
        found.append(_answer(question, one.passage, one.score))
    base = language.split("-", maxsplit=1)[0]
    return tuple(sorted(found, key=lambda answer: answer.locale.split("-")[0] != base)[:most])


def _answer(question: str, passage: Passage, score: float) -> Answer:
    return Answer(
        id=passage.article_id,
        text=quote(question, passage.text),
        locale=passage.locale,
        title=passage.title,
        url=passage.url,
        version=passage.version,
        score=score,
    )


def quote(question: str, text: str, most: int = _QUOTED) -> str:
    """The part of a passage to show, whole sentences, around the one nearest to the question."""
    plain = "\n\n".join(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
    if len(plain) <= most:
        return plain
    sentences = [part for part in _SENTENCE.split(plain) if part.strip()]
    best = max(range(len(sentences)), key=lambda i: (overlap(question, sentences[i]), -i))
    first = last = best
    size = len(sentences[best])
    while True:
        if last + 1 < len(sentences) and size + len(sentences[last + 1]) < most:
            last += 1
            size += len(sentences[last]) + 1
        elif first > 0 and size + len(sentences[first - 1]) < most:
            first -= 1
            size += len(sentences[first]) + 1
        else:
            break
    shown = " ".join(sentence.strip() for sentence in sentences[first : last + 1])
    if len(shown) > most:
        shown = shown[: most - 1].rsplit(" ", 1)[0] + "…"
    return ("… " if first else "") + shown + (" …" if last + 1 < len(sentences) else "")


def overlap(question: str, text: str) -> float:
    """Share of the question's words, long ones counting more, that a text has; endings aside."""
    asked = tokens(normalise(question))
    there = {_stem(token) for token in tokens(normalise(text))}
    weights = [(len(token) if len(token) > 3 else 1, _stem(token)) for token in asked]  # noqa: PLR2004
    total = sum(weight for weight, _ in weights)
    return sum(weight for weight, stem in weights if stem in there) / total if total else 0.0


def _stem(token: str) -> str:
    """The word without what endings usually change: `lieferungen` and `lieferung` meet."""
    return token if len(token) < 5 else token[: max(4, len(token) - 3)]  # noqa: PLR2004


def _scores(question: str, passages: Sequence[Passage], embedder: Cached | None) -> list[float]:
    words = [
        overlap(question, f"{passage.title} {passage.section} {passage.text}")
        for passage in passages
    ]
    if embedder is None or not passages:
        return words
    keys = [passage_key(passage) for passage in passages]
    fresh = [key for key in keys if not embedder.knows(key)][:_FRESH]
    usable = [key for key in keys if key in fresh or embedder.knows(key)]
    vectors = embedder.embed([question, *usable])
    cosines = dict(zip(usable, (vectors[1:] @ vectors[0]).tolist(), strict=True))
    scores = []
    for key, word in zip(keys, words, strict=True):
        if key in cosines:
            close = (cosines[key] - _UNRELATED) / (_RELATED - _UNRELATED)
            scores.append(_MEANING * min(1.0, max(0.0, close)) + (1 - _MEANING) * word)
        else:
            scores.append(word * (1 - _MEANING) + _MEANING * word * 0.5)
    return scores
