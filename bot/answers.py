"""Answers from the knowledge base: the passage that answers a question, or none.

A search finds candidates; here meaning (sentence embedding) and words decide which one is quoted,
and whether any is close enough to be.
"""

from __future__ import annotations

import math
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
# A passage's score: its meaning, its title's meaning, and the words that both have in common.
_MEANING, _TITLE, _TITLE_WORDS, _WORDS = 0.5, 0.3, 0.1, 0.1
# The chance that the best passage answers: logistic in its score and in how far it is ahead of the
# second article, fitted on the questions of `python -m bench.nlu_answers`. An only candidate is
# taken to be ahead by `_ALONE`.
_BY_SCORE, _BY_MARGIN, _BIAS = 7.67, 9.78, -4.45
_ALONE = 0.15
# Chance below which nothing is quoted. With the demo's articles in ten languages and no intents it
# answers 64 % of the questions rightly, 1.5 % from another article and none of 92 foreign ones.
GATE = 0.80
_NEXT = 0.50  # score from which another article is worth a try after one that did not help
_WORDS_GATE = 0.46  # share of the question's words that counts as the gate without an embedding
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
    """A passage, how like the question it is, and the chance that it answers (0 to 1)."""

    passage: Passage
    score: float
    chance: float


def passage_key(passage: Passage) -> str:
    """What is embedded of a passage: its headings and its beginning."""
    head = " ".join(part for part in (passage.title, passage.section) if part)
    return clip(f"{head}. {' '.join(passage.text.split())}")


def title_key(passage: Passage) -> str:
    """What is embedded of an article's title."""
    return clip(" ".join(passage.title.split()))


def warm(passages: Sequence[Passage], embedder: Embedder) -> NDArray[np.float32]:
    """The passages' vectors, computed ahead of the questions, and their titles' with them."""
    keys = [passage_key(passage) for passage in passages]
    titles = dict.fromkeys(title_key(passage) for passage in passages)
    return embedder.embed([*keys, *titles])[: len(keys)]


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
    # The same matter told in another language is no rival.
    rivals: dict[str, dict[str, float]] = {}
    for passage, score in zip(passages, scores, strict=True):
        articles = rivals.setdefault(_base(passage.locale), {})
        articles[passage.article_id] = max(score, articles.get(passage.article_id, score))
    found = []
    for passage, score in zip(passages, scores, strict=True):
        articles = rivals[_base(passage.locale)]
        others = [value for article, value in articles.items() if article != passage.article_id]
        margin = score - max(others) if others else _ALONE
        chance = score * GATE / _WORDS_GATE if embedder is None else _chance(score, margin)
        found.append(Scored(passage, score, min(1.0, chance)))
    return tuple(sorted(found, key=lambda one: (-one.score, one.passage.article_id)))


def _base(locale: str) -> str:
    return locale.split("-", maxsplit=1)[0]


def _chance(score: float, margin: float) -> float:
    return 1 / (1 + math.exp(-(_BY_SCORE * score + _BY_MARGIN * margin + _BIAS)))


def chosen(
    question: str, scored: Sequence[Scored], language: str, *, gate: float = GATE, most: int = 3
) -> tuple[Answer, ...]:
    """Those that pass the gate, as `choose` has it; after them what may be tried next."""
    sure = sorted(
        (one for one in scored if one.chance >= gate),
        key=lambda one: _base(one.passage.locale) != _base(language),
    )
    if not sure:
        return ()
    found: dict[str, Answer] = {}
    for one in (*sure, *(one for one in scored if one.score >= _NEXT)):
        if one.passage.article_id not in found:
            found[one.passage.article_id] = _answer(question, one.passage, one.chance)
    return tuple(found.values())[:most]


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
    titles = [title_key(passage) for passage in passages]
    fresh = [key for key in dict.fromkeys(keys) if not embedder.knows(key)][:_FRESH]
    fresh += [key for key in dict.fromkeys(titles) if not embedder.knows(key)][:_FRESH]
    usable = [key for key in dict.fromkeys((*keys, *titles)) if key in fresh or embedder.knows(key)]
    vectors = embedder.embed([question, *usable])
    near = dict(zip(usable, (vectors[1:] @ vectors[0]).tolist(), strict=True))
    scores = []
    for passage, key, title, word in zip(passages, keys, titles, words, strict=True):
        # What is not embedded yet is judged by its other half, else by its words.
        meaning = _close(near.get(key, near.get(title, _UNRELATED + word * 0.07)))
        named = _close(near[title]) if title in near else meaning
        scores.append(
            _MEANING * meaning
            + _TITLE * named
            + _TITLE_WORDS * overlap(question, passage.title)
            + _WORDS * word
        )
    return scores


def _close(cosine: float) -> float:
    """A cosine on the scale from unrelated (0) to related (1), and a little beyond."""
    return min(1.4, max(0.0, (cosine - _UNRELATED) / (_RELATED - _UNRELATED)))
