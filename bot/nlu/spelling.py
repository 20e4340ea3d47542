"""Slips of the keyboard, mended by the words that the examples use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SHORTEST = 4  # letters of a word worth mending
_LONG = 8  # letters from which on two slips are mended
_FREQUENT = 2  # times a word occurs in the examples, so that it may stand in for another
_KNOWN_SHARE = 0.5  # of the words must be known: a foreign language is not a misspelt one


class Speller:
    """The examples' words with how often they occur."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = dict(counts)
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._counts, key=lambda word: (-self._counts[word], word)):
            if self._counts[word] >= _FREQUENT:
                self._by_length.setdefault(len(word), []).append(word)

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Speller:
        """Count the words of texts."""
        counts = Counter(word for text in texts for word in _WORD.findall(text.casefold()))
        return cls(counts)

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each word occurs."""
        return self._counts

    def mend(self, text: str) -> str:
        """The text with its misspelt words replaced; the text itself when nothing is certain."""
        words = _WORD.findall(text.casefold())
        if not words:
            return text
        unknown = {word for word in words if word not in self._counts and word.isalpha()}
        known = sum(word in self._counts for word in words)
        if not unknown or known < _KNOWN_SHARE * len(words):
            return text
        changes = {word: better for word in unknown if (better := self._nearest(word))}
        if not changes:
            return text
        return _WORD.sub(lambda match: changes.get(match[0].casefold(), match[0]), text)

    def _nearest(self, word: str) -> str | None:
        if len(word) < _SHORTEST:
            return None
        allowed = 2 if len(word) >= _LONG else 1
        near = [
            other
            for length in range(len(word) - allowed, len(word) + allowed + 1)
            for other in self._by_length.get(length, ())
        ]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=allowed, limit=4)
        if not found:
            return None
        best = min(found, key=lambda item: (item[1], -self._counts[item[0]], item[0]))
        return str(best[0])
