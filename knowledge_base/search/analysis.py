"""A document as the index keeps it: its tokens in order, where they stand, and its vocabulary."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge_base.search.engine import SearchDocument
from knowledge_base.search.forms import stems
from knowledge_base.search.normalise import Token, is_word, tokens

TITLE_TOKENS = 500
BODY_TOKENS = 20_000  # what comes after is not searched
OFTEN = 3  # a word that the body says so often counts as a keyword
OFTEN_TOKENS = 30

# A term's keys, by the letter they begin with.
STEM, PART, DELETION = "m", "s", "d"
PART_MINIMUM = 3  # letters of a compound's part
PARTED = 6  # letters of a word that may have parts
TYPO_MINIMUM = 3  # letters of a word that may have been mistyped
KEYED = 40  # letters; a longer word has only itself
TWO_LETTERS = ("ae", "oe")  # what one letter folds to


@dataclass(frozen=True, slots=True)
class Stream:
    """The tokens of a text, parted by spaces, and their starts and ends in the original."""

    terms: str
    places: bytes


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the index stores of a document. `strong`: keywords, tags and summary."""

    title: Stream
    strong: str
    body: Stream
    title_length: int
    body_length: int


def stream(found: Sequence[Token]) -> Stream:
    """Pack tokens."""
    starts = array("I", [token.start for token in found])
    ends = array("I", [token.end for token in found])
    return Stream(" ".join([token.text for token in found]), starts.tobytes() + ends.tobytes())


def places(packed: bytes) -> tuple[Sequence[int], Sequence[int]]:
    """The starts and the ends of a stream's tokens."""
    numbers = array("I")
    numbers.frombytes(packed)
    half = len(numbers) // 2
    return numbers[:half], numbers[half:]


def analyse(document: SearchDocument) -> Analysis:
    """Take a document apart."""
    title = tokens(document.title)[:TITLE_TOKENS]
    body = tokens(document.body)[:BODY_TOKENS]
    strong = [
        token.text
        for text in (*document.keywords, *document.tags, document.summary)
        for token in tokens(text)
    ]
    return Analysis(
        title=stream(title),
        strong=" ".join(dict.fromkeys(strong)),
        body=stream(body),
        title_length=len(title),
        body_length=len(body),
    )


def often(terms: str) -> list[str]:
    """The words that a body says again and again: it is about them as if they were keywords."""
    counted = Counter([term for term in terms.split() if len(term) > 1])
    return [term for term, count in counted.most_common(OFTEN_TOKENS) if count >= OFTEN]


def vocabulary(*streams: str) -> set[str]:
    """The distinct terms of streams."""
    return set(" ".join(streams).split())


def keys(term: str, locale: str) -> Iterator[str]:
    """Under what a term is found besides itself and what it begins with."""
    if not is_word(term) or len(term) > KEYED:
        return
    for stem in stems(term, locale):
        yield STEM + stem
    if len(term) >= PARTED:
        for start in range(1, len(term) - PART_MINIMUM + 1):
            yield PART + term[start:]
    if len(term) >= TYPO_MINIMUM:
        for deletion in deletions(term):
            yield DELETION + deletion


def deletions(term: str) -> set[str]:
    """The term without one of its letters: two words one slip apart share one of these.

    Or one is the other's. (The symmetric-delete method: Wolf Garbe, SymSpell, 2012.)
    """
    found = {term[:index] + term[index + 1 :] for index in range(len(term))}
    for two in TWO_LETTERS:
        if two in term:  # one key, folded to two letters
            found.add(term.replace(two, "", 1))
    return found


def folded_phrase(text: str) -> str:
    """The tokens of a text as they stand in a stream, for comparing whole titles."""
    return " ".join(token.text for token in tokens(text))
