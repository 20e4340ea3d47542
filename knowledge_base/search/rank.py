"""How well a document answers a query: pure, on the few documents that the index proposes.

BM25 in the body, words in the title far above it, and what readers expect of a first hit: the
title they typed, words that stand together, then what was changed last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from knowledge_base.search.engine import Why
from knowledge_base.search.expand import SYNONYM, Sense

TITLE, STRONG, BODY = 4.0, 1.5, 1.0  # what a word is worth by where it stands
SATURATION, LENGTH = 1.2, 0.75  # BM25's k1 and b
SAME_TITLE, TITLE_BEGINS, PHRASE_IN_TITLE, TITLE_SHARE = 4.0, 0.4, 1.2, 1.5
PHRASE_IN_BODY, NEAR = 0.6, 0.5
FRESH = 0.05
OPTIONAL = 0.3  # of the weight of a word that must match
ORDER: dict[Why, int] = {"exact": 0, "prefix": 1, "substring": 2, "typo": 3}


@dataclass(slots=True)
class Candidate:
    """A document that matches, as stored."""

    number: int
    title: str
    strong: str
    body: str
    title_length: int
    body_length: int
    boost: float
    updated: float  # seconds since 1970, 0 when not known
    score: float = 0.0
    why: Why = "exact"


@dataclass(frozen=True, slots=True)
class Question:
    """A query against one locale's index."""

    senses: Sequence[Sense]
    phrase: str
    documents: int  # in the locale
    mean_length: float  # tokens of a body


class Ranking:
    """Scores candidates for one question."""

    def __init__(self, question: Question) -> None:
        self._senses = question.senses
        self._phrase = f" {question.phrase} "
        self._mean = question.mean_length or 1.0
        weights = []
        for sense in question.senses:
            rarity = log(1 + question.documents / (1 + min(sense.documents, question.documents)))
            weights.append((0.3 + rarity) * (1.0 if sense.word.required else OPTIONAL))
        self._weights = weights
        self._sum = sum(weights) or 1.0
        # token -> what it stands for, shared by all candidates
        self._known: dict[str, list[tuple[int, float, Why]]] = {}

    def _stands_for(self, token: str) -> list[tuple[int, float, Why]]:
        found = self._known.get(token)
        if found is None:
            found = []
            for index, sense in enumerate(self._senses):
                quality = sense.quality(token)
                if quality is not None:
                    found.append((index, *quality))
            self._known[token] = found
        return found

    def order(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The best first; among equals the newer one, then the one stored first."""
        times = [candidate.updated for candidate in candidates if candidate.updated]
        oldest, span = (min(times), (max(times) - min(times)) or 1.0) if times else (0.0, 1.0)
        for candidate in candidates:
            self._score(candidate)
            if candidate.updated:
                candidate.score += FRESH * (candidate.updated - oldest) / span
            candidate.score *= candidate.boost
        return sorted(candidates, key=lambda found: (-found.score, -found.updated, found.number))

    def _score(self, candidate: Candidate) -> None:
        count = len(self._senses)
        best: list[tuple[float, Why] | None] = [None] * count
        title, covered = self._in_title(candidate.title, best)
        strong = self._in_bag(candidate.strong, best)
        body, bonus = self._in_body(candidate, best)
        self._phrases(candidate, best)
        score = (
            sum(
                weight * (TITLE * title[index] + STRONG * strong[index] + BODY * body[index])
                for index, weight in enumerate(self._weights)
            )
            / self._sum
        )
        titled = f" {candidate.title} "
        if titled == self._phrase:
            score += SAME_TITLE
        elif self._phrase in titled:
            score += PHRASE_IN_TITLE + (TITLE_BEGINS if titled.startswith(self._phrase) else 0)
        score += TITLE_SHARE * covered / (candidate.title_length or 1)
        candidate.score = score + bonus
        candidate.why = self._weakest(best)

    def _in_title(
        self, title: str, best: list[tuple[float, Why] | None]
    ) -> tuple[list[float], float]:
        """Each word's best quality in the title, and how much of the title was asked for."""
        found = [0.0] * len(self._senses)
        covered = 0.0
        for token in title.split():
            most = 0.0
            for index, quality, why in self._stands_for(token):
                found[index] = max(found[index], quality)
                most = max(most, quality)
                _keep(best, index, quality, why)
            covered += most
        return found, covered

    def _in_bag(self, bag: str, best: list[tuple[float, Why] | None]) -> list[float]:
        found = [0.0] * len(self._senses)
        for token in bag.split():
            for index, quality, why in self._stands_for(token):
                found[index] = max(found[index], quality)
                _keep(best, index, quality, why)
        return found

    def _in_body(
        self, candidate: Candidate, best: list[tuple[float, Why] | None]
    ) -> tuple[list[float], float]:
        """BM25 without its rarity, and what words that stand together are worth."""
        positions: list[list[int]] = [[] for _ in self._senses]
        weights = [0.0] * len(self._senses)
        stands_for = self._stands_for
        known = self._known
        for position, token in enumerate(candidate.body.split()):
            for index, quality, why in known.get(token) or stands_for(token):
                positions[index].append(position)
                weights[index] += quality
                _keep(best, index, quality, why)
        norm = SATURATION * (1 - LENGTH + LENGTH * candidate.body_length / self._mean)
        frequencies = [weight * (1 + SATURATION) / (weight + norm) for weight in weights]
        bonus = 0.0
        if len(self._senses) > 1:
            pairs = [_distance(one, two) for one, two in pairwise(positions) if one and two]
            if pairs:
                bonus += NEAR * sum(1 / distance for distance in pairs) / (len(self._senses) - 1)
            if len(pairs) == len(self._senses) - 1 and self._phrase in f" {candidate.body} ":
                bonus += PHRASE_IN_BODY
        return frequencies, bonus

    def _phrases(self, candidate: Candidate, best: list[tuple[float, Why] | None]) -> None:
        """Words that are found only by several others that mean the same."""
        for index, sense in enumerate(self._senses):
            if best[index] is None and sense.phrases:
                everything = f" {candidate.title} {candidate.strong} {candidate.body} "
                for phrase in sense.phrases:
                    if all(f" {term} " in everything for term in phrase):
                        best[index] = (SYNONYM, "exact")

    def _weakest(self, best: Sequence[tuple[float, Why] | None]) -> Why:
        return max(
            (found[1] for found in best if found is not None),
            key=lambda why: ORDER[why],
            default="exact",
        )

    def marks(self, token: str) -> float:
        """What a token of a text is worth showing; 0 when it matches nothing."""
        found = self._stands_for(token)
        return max((self._weights[index] * quality for index, quality, _ in found), default=0.0)


def _keep(best: list[tuple[float, Why] | None], index: int, quality: float, why: Why) -> None:
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
