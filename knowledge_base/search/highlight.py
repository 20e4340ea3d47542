"""Which parts of the original text to mark, and which part of a body to show."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge_base.search.analysis import places
from knowledge_base.search.engine import Highlighted
from knowledge_base.search.rank import Ranking

SNIPPET = 200  # characters
BEFORE = 50  # of them before the first match, at most


def title(text: str, terms: str, packed: bytes, ranking: Ranking) -> Highlighted:
    """The whole title, with what matched marked."""
    matched = _matched(ranking.matching(terms), packed, ranking)
    return Highlighted(text, _merged(text, [(start, end) for start, end, _, _ in matched]))


def snippet(
    text: str, matching: Sequence[tuple[int, str]], packed: bytes, ranking: Ranking
) -> tuple[Highlighted, int]:
    """The part of a body that says most about the query, and where it begins."""
    return _window(text, _matched(matching, packed, ranking))


def window(text: str, ranges: Sequence[tuple[int, int]]) -> tuple[Highlighted, int]:
    """The same for ranges of equal worth that another engine found."""
    return _window(text, [(start, end, 1.0, text[start:end]) for start, end in ranges])


def _window(text: str, matched: Sequence[tuple[int, int, float, str]]) -> tuple[Highlighted, int]:
    start = _best_start(matched)
    if len(text) <= SNIPPET:
        start = 0
    elif start:
        start = _word_start(text, max(0, start - BEFORE), start)
    end = _word_end(text, start + SNIPPET)
    ranges = [(begin, stop) for begin, stop, _, _ in matched if start <= begin and stop <= end]
    part = text[start:end]
    merged = [(begin - start, stop - start) for begin, stop in _merged(text, ranges)]
    return Highlighted(part, merged), start


def _matched(
    matching: Sequence[tuple[int, str]], packed: bytes, ranking: Ranking
) -> list[tuple[int, int, float, str]]:
    """Start, end, worth and text of the tokens that match, given by their positions."""
    if not matching:
        return []
    starts, ends = places(packed)
    return [(starts[at], ends[at], ranking.worth(token), token) for at, token in matching]


def _best_start(matched: Sequence[tuple[int, int, float, str]]) -> int:
    """Where the window begins that holds the weightiest different tokens."""
    best, best_start = 0.0, 0
    for index, (start, _, _, _) in enumerate(matched):
        seen: dict[str, float] = {}
        for _, end, weight, token in matched[index:]:
            if end > start + SNIPPET - BEFORE:
                break
            seen[token] = weight
        total = sum(seen.values())
        if total > best:
            best, best_start = total, start
    return best_start


def _word_start(text: str, earliest: int, latest: int) -> int:
    """The first start of a word in [earliest, latest]."""
    if earliest == 0:
        return 0
    for index in range(earliest, latest):
        if text[index - 1].isspace():
            return index
    return latest


def _word_end(text: str, latest: int) -> int:
    """The last end of a word before `latest`, unless the text has no spaces there."""
    if latest >= len(text):
        return len(text)
    for index in range(latest, max(0, latest - BEFORE), -1):
        if text[index].isspace():
            return index
    return latest


def _merged(text: str, ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, without overlaps; neighbours become one where no other character is between."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end <= len(text):
            merged.append((start, end))
    return merged
