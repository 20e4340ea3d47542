"""How well a document answers a query: pure, on the few documents that the index proposes.

Two steps: by title and keywords, of all that are proposed; by the body, too, of the first of them.
BM25 in the body, words in the title far above it, and what readers expect of a first hit: the
title they typed, words that stand together, then what was changed last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log

from knowledge_base.search.dialect import Row
from knowledge_base.search.engine import Why
from knowledge_base.search.expand import SYNONYM, Sense, prefix_quality

TITLE, STRONG, BODY = 4.0, 2.5, 1.2  # what a word is worth by where it stands
AS_WRITTEN = 0.9  # an exact word anywhere; what is only similar may be another word
EVERY = 1.5  # several words, each as it is written or all of them in the title
SATURATION, LENGTH = 1.2, 0.75  # BM25's k1 and b
SAME_TITLE, TITLE_BEGINS, PHRASE_IN_TITLE, TITLE_SHARE = 4.0, 0.4, 1.2, 1.5
PHRASE_IN_BODY, NEAR = 0.6, 0.5
AS_TYPED = 0.5  # letter by letter in the title: のレ and ノレ are folded alike, schon and schön too
FRESH = 0.05
SHOWN_TITLE = 3  # the column of a candidate's row
ELSEWHERE = 1.0  # what the body is expected to add where the title has not all words
SURE = 3  # hits before other readings of a word are shown
OPTIONAL = 0.3  # of the weight of a word that must match
ORDER: dict[Why, int] = {"exact": 0, "prefix": 1, "substring": 2, "typo": 3}

Meaning = tuple[int, float, Why]  # which word, how well, how
Best = list[tuple[float, Why] | None]  # for each word


@dataclass(slots=True)
class Candidate:
    """A document that matches, as stored."""

    number: int
    title: str
    strong: str
    title_length: int
    body_length: int
    boost: float
    updated: float  # seconds since 1970, 0 when not known
    block: int = 0  # of stages that are ranked together
    titled: bool = False  # the title has all the words that must match
    promised: float = 0.0  # what reading it is known to add
    score: float = 0.0
    best: Best = field(default_factory=list)
    via: str = ""  # how its title matches best: by a form of the word, or by another token
    row: Row | None = None  # what a hit shows, once read
    body: str = ""
    matched: Sequence[tuple[int, str]] = ()  # the tokens of the body that stand for something

    @property
    def why(self) -> Why:
        """The weakest way in which a word was found."""
        ways = [found[1] for found in self.best if found is not None]
        return max(ways, key=lambda why: ORDER[why], default="exact")


@dataclass(frozen=True, slots=True)
class Question:
    """A query against one locale's index."""

    senses: Sequence[Sense]
    phrase: str
    typed: str  # as the reader wrote it
    documents: int  # in the locale
    mean_length: float  # tokens of a body


class Ranking:
    """Scores candidates for one question, whose senses are as they are now."""

    def __init__(self, question: Question) -> None:
        self._senses = question.senses
        self._count = len(question.senses)
        self._phrase = f" {question.phrase} "
        self._typed = question.typed.strip().lower()
        self._mean = question.mean_length or 1.0
        self._weights = [_weight(sense, question.documents) for sense in question.senses]
        self._sum = sum(self._weights) or 1.0
        self._required = [sense.word.required for sense in question.senses]
        self._known = self._count != 1 or question.senses[0].word.text in question.senses[0].terms
        self._meanings: dict[str, list[Meaning]] = {}
        for index, sense in enumerate(question.senses):
            for term, (quality, why) in sense.terms.items():
                self._meanings.setdefault(term, []).append((index, quality, why))
        self._unlisted = tuple(start for sense in question.senses for start in sense.unlisted)

    def _meaning(self, token: str) -> list[Meaning] | None:
        """What a token stands for: listed, or begun by a prefix that too many terms have."""
        known = self._meanings.get(token)
        if known is None and self._unlisted and token.startswith(self._unlisted):
            known = self._meanings[token] = [
                (index, prefix_quality(start, token), "prefix")
                for index, sense in enumerate(self._senses)
                for start in sense.unlisted
                if token.startswith(start)
            ]
        return known

    def matching(self, terms: str) -> list[tuple[int, str]]:
        """The tokens of a stream that stand for something, with their positions."""
        meanings, unlisted = self._meanings, self._unlisted
        if unlisted:
            return [
                (position, token)
                for position, token in enumerate(terms.split())
                if token in meanings or token.startswith(unlisted)
            ]
        return [found for found in enumerate(terms.split()) if found[1] in meanings]

    def worth(self, token: str) -> float:
        """What such a token is worth showing."""
        return max(
            [self._weights[index] * quality for index, quality, _ in self._meaning(token) or ()],
            default=0.0,
        )

    def by_title(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The first step: without the bodies."""
        times = [candidate.updated for candidate in candidates if candidate.updated]
        oldest, span = (min(times), (max(times) - min(times)) or 1.0) if times else (0.0, 1.0)
        for candidate in candidates:
            self._score(candidate)
            if not candidate.titled:
                candidate.promised += ELSEWHERE
            elif self._count > 1:
                candidate.promised = max(candidate.promised, EVERY)
            candidate.score += candidate.promised
            if candidate.updated:
                candidate.score += FRESH * (candidate.updated - oldest) / span
        return self.ordered(candidates)

    def ordered(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """By their scores so far, the best first."""
        return self._varied(sorted(candidates, key=_order))

    def by_body(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The second step, for candidates whose bodies are read."""
        for candidate in candidates:
            candidate.score -= candidate.promised
            if candidate.row and self._typed in candidate.row[SHOWN_TITLE].lower():
                candidate.score += AS_TYPED
            candidate.score += self._in_body(candidate)
            self._phrases(candidate)
            written = [1.0 if found and found[1] == "exact" else 0.0 for found in candidate.best]
            candidate.score += AS_WRITTEN * self._weighed(written)
            if self._count > 1 and (candidate.titled or all(written)):
                candidate.score += EVERY
        return self.ordered(candidates)

    def _varied(self, candidates: list[Candidate]) -> list[Candidate]:
        """A single word that no document has may mean several: show one of each after the first."""
        if self._known or len(candidates) <= SURE:
            return candidates
        seen = {candidate.via for candidate in candidates[:SURE]}
        others: list[Candidate] = []
        rest: list[Candidate] = []
        for candidate in candidates[SURE:]:
            (others if candidate.via and candidate.via not in seen else rest).append(candidate)
            seen.add(candidate.via)
        return sorted(
            candidates[:SURE] + others + rest, key=lambda candidate: candidate.block
        )  # fmt: skip

    def _score(self, candidate: Candidate) -> None:
        best: Best = [None] * self._count
        covered = most = 0.0
        for token in candidate.title.split():
            meaning = self._meaning(token)
            if meaning:
                quality = max([quality for _, quality, _ in meaning])
                covered += quality
                if quality > most:
                    most = quality
                    candidate.via = "exact" if meaning[0][2] == "exact" else token
                _keep(best, meaning)
        title = [found[0] * found[0] if found else 0.0 for found in best]
        missing = [
            required and not quality
            for quality, required in zip(title, self._required, strict=True)
        ]
        candidate.titled = True not in missing
        score = TITLE * self._weighed(title)
        if candidate.strong:
            strong: Best = [None] * self._count
            for token in candidate.strong.split():
                meaning = self._meaning(token)
                if meaning:
                    _keep(strong, meaning)
                    _keep(best, meaning)
            score += STRONG * self._weighed(
                [found[0] * found[0] if found else 0.0 for found in strong]
            )
        titled = f" {candidate.title} "
        if titled == self._phrase:
            score += SAME_TITLE
        elif self._phrase in titled:
            score += PHRASE_IN_TITLE + (TITLE_BEGINS if titled.startswith(self._phrase) else 0)
        candidate.score = score + TITLE_SHARE * covered / (candidate.title_length or 1)
        candidate.best = best

    def _weighed(self, qualities: Sequence[float]) -> float:
        """The mean over the words, rare ones counting more."""
        products = zip(self._weights, qualities, strict=True)
        return sum([weight * quality for weight, quality in products]) / self._sum

    def _in_body(self, candidate: Candidate) -> float:
        """BM25 without its rarity, and what words that stand together are worth."""
        positions: list[list[int]] = [[] for _ in self._senses]
        weights = [0.0] * self._count
        candidate.matched = self.matching(candidate.body)
        for position, token in candidate.matched:
            meaning = self._meaning(token) or ()
            for index, quality, _ in meaning:
                positions[index].append(position)
                weights[index] += quality
            _keep(candidate.best, meaning)
        norm = SATURATION * (1 - LENGTH + LENGTH * candidate.body_length / self._mean)
        score = BODY * self._weighed(
            [weight * (1 + SATURATION) / (weight + norm) for weight in weights]
        )
        if self._count > 1:
            near = [_distance(one, two) for one, two in pairwise(positions) if one and two]
            score += NEAR * sum([1 / distance for distance in near]) / (self._count - 1)
            if len(near) == self._count - 1 and self._phrase in f" {candidate.body} ":
                score += PHRASE_IN_BODY
        return score

    def _phrases(self, candidate: Candidate) -> None:
        """Words that are found only by several others that mean the same."""
        for index, sense in enumerate(self._senses):
            if candidate.best[index] is None and sense.phrases:
                everything = f" {candidate.title} {candidate.strong} {candidate.body} "
                for phrase in sense.phrases:
                    if all(f" {term} " in everything for term in phrase):
                        candidate.best[index] = (SYNONYM, "exact")


def _weight(sense: Sense, documents: int) -> float:
    """Rare words say more; no word says nothing."""
    rarity = log(1 + documents / (1 + min(sense.documents, documents)))
    return (0.3 + rarity) * (1.0 if sense.word.required else OPTIONAL)


def _order(candidate: Candidate) -> tuple[int, float, float, int]:
    """Among equals the newer one, then the one stored first."""
    score = candidate.score * candidate.boost
    return candidate.block, -score, -candidate.updated, candidate.number


def _keep(best: Best, meaning: Sequence[Meaning]) -> None:
    for index, quality, why in meaning:
        known = best[index]
        if known is None or known[0] < quality:
            best[index] = (quality, why)


def _distance(one: Sequence[int], two: Sequence[int]) -> int:
    """The least distance between a position of one and another one of two, both ascending."""
    least = 1 << 30
    first = second = 0
    while first < len(one) and second < len(two):
        gap = two[second] - one[first]
        least = min(least, abs(gap) or 1)
        if gap > 0:
            first += 1
        else:
            second += 1
    return least
