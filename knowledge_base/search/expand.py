"""From the words of a query to the terms of the index: which stand for a word, and how well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from knowledge_base.search import slips
from knowledge_base.search.analysis import (
    DELETION,
    KEYED,
    PART,
    PART_MINIMUM,
    STEM,
    TYPO_MINIMUM,
    deletions,
)
from knowledge_base.search.engine import Why
from knowledge_base.search.match import Group
from knowledge_base.search.query import Word

EXACT, SPELLING, SYNONYM, STEMMED, INFLECTED = 1.0, 0.97, 0.92, 0.85, 0.55
PREFIX, PREFIX_RANGE = 0.6, 0.3  # plus the share of the term that was typed
SUBSTRING, SUBSTRING_RANGE = 0.4, 0.3
TYPO, TWO_TYPOS = 0.62, 0.4
RARER_FIRST_LETTER = 0.05  # a slip in the first letter is rare
RARER_SLIP = 0.08  # of the kinds that can happen in many ways

TWO_TYPOS_FROM = 7  # letters
SHARED = 0.65  # of a word's letters that an inflected form shares
SHARED_MINIMUM = 4
MOST_TERMS = 25  # that stand for one word in one way
LAST = "\U0010ffff"

Found = tuple[str, int]  # a term and in how many documents it is


@dataclass(slots=True)
class Sense:
    """Everything that stands for one word so far."""

    word: Word
    terms: dict[str, tuple[float, Why]] = field(default_factory=dict)
    prefixes: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)  # prefixes with more terms than are listed
    phrases: list[Sequence[str]] = field(default_factory=list)
    documents: int = 0  # about how many documents have one of the terms

    def add(self, term: str, quality: float, why: Why, documents: int) -> None:
        """Keep the best reason for a term."""
        known = self.terms.get(term)
        if known is None:
            self.documents += documents
            self.terms[term] = (quality, why)
        elif known[0] < quality:
            self.terms[term] = (quality, why)

    def surest(self, most: int) -> Group:
        """The word as it is written; for one that nobody wrote, the likeliest of the others."""
        terms = sorted(self.terms, key=lambda term: -self.terms[term][0])
        exact = [term for term in terms if self.terms[term][1] == "exact"]
        return Group(exact or terms[:most], (), self.phrases)

    def group(self) -> Group:
        """For the match; terms that a prefix covers need not be named."""
        prefixes = tuple(self.prefixes)
        if not prefixes:
            return Group([*self.terms], (), self.phrases)
        terms = [term for term in self.terms if not term.startswith(prefixes)]
        return Group(terms, prefixes, self.phrases)


def prefix_quality(prefix: str, token: str) -> float:
    """The more of a token was typed, the better."""
    return PREFIX + PREFIX_RANGE * len(prefix) / len(token)


class Wanted:
    """What to look up for a query's words: asked of the database in one statement a step."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.terms = {form for word in words for form in (word.text, *word.spellings, *word.stems)}
        for word in words:
            for phrase in word.phrases:
                self.terms.update(phrase)
        self.stem_keys = {
            STEM + form
            for word in words
            if word.word
            for form in (word.text, *word.spellings, *word.stems)
        }
        self.prefixes = {
            form for word in words if word.prefix for form in (word.text, *word.spellings)
        }
        self.parts = {word.text: key for word in words if (key := substring_key(word))}
        self.slip_keys = {key for word in words for key in typo_keys(word)}
        self.shorter = {term for word in words for term in typo_terms(word)}


@dataclass(frozen=True, slots=True)
class Known:
    """What the index answered: terms; by key those with a stem; by prefix those that begin so."""

    terms: dict[str, int]
    stems: dict[str, list[Found]]
    prefixed: dict[str, list[Found]]
    parts: dict[str, list[Found]]  # by word, the compounds it is a part of
    slips: list[Found]  # about one slip away from one of the words


def direct(sense: Sense, known: Known) -> None:
    """The word itself, other spellings, its stem, what begins with it, synonyms."""
    word = sense.word
    ranked = [(word.text, EXACT)]
    ranked += [(form, SPELLING) for form in word.spellings]
    ranked += [(form, STEMMED - 0.02 * rank) for rank, form in enumerate(word.stems)]
    for form, quality in ranked:
        if form in known.terms:
            sense.add(form, quality, "exact", known.terms[form])
        for term, documents in known.stems.get(STEM + form, ()):
            sense.add(term, min(quality, STEMMED), "exact", documents)
    if word.prefix:
        for form in (word.text, *word.spellings):
            begun = known.prefixed.get(form, ())
            if begun:
                sense.prefixes.append(form)
            if len(begun) == MOST_TERMS:
                sense.unlisted.append(form)
            for term, documents in begun:
                sense.add(term, prefix_quality(form, term), "prefix", documents)
    for phrase in word.phrases:
        _add_phrase(sense, phrase, known.terms)


def _add_phrase(sense: Sense, phrase: Sequence[str], terms: dict[str, int]) -> None:
    if not all(term in terms for term in phrase):
        return
    if len(phrase) == 1:
        sense.add(phrase[0], SYNONYM, "exact", terms[phrase[0]])
    elif phrase not in sense.phrases:
        sense.phrases.append(phrase)
        sense.documents += min(terms[term] for term in phrase)


def substring_key(word: Word) -> str | None:
    """Terms have the word inside, or at their end, where they have a key that begins with this."""
    if word.word and PART_MINIMUM <= len(word.text) <= KEYED:
        return PART + word.text
    return None


def typo_terms(word: Word) -> set[str]:
    """Terms one letter shorter."""
    return deletions(word.text) if _may_slip(word) else set()


def typo_keys(word: Word) -> set[str]:
    """Keys of the terms that are one slip away and not shorter."""
    if not _may_slip(word):
        return set()
    return {DELETION + form for form in (word.text, *deletions(word.text))}


def _may_slip(word: Word) -> bool:
    return word.word and TYPO_MINIMUM <= len(word.text) <= KEYED


def widen(sense: Sense, known: Known) -> None:
    """Compounds with the word inside, and terms that are one slip away from it.

    A slip: a letter dropped, added or replaced, or two swapped.
    """
    text = sense.word.text
    for term, documents in known.parts.get(text, ()):
        sense.add(term, SUBSTRING + SUBSTRING_RANGE * len(text) / len(term), "substring", documents)
    if not _may_slip(sense.word):
        return
    for term, documents in known.slips:
        cost = slips.cost(text, term)
        if cost is not None:
            penalty = 0.0 if term[0] == text[0] else RARER_FIRST_LETTER
            sense.add(term, TYPO - penalty - RARER_SLIP * cost, "typo", documents)


def _shared(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def far(sense: Sense, alike: Iterable[Found]) -> None:
    """For a word that nothing stands for: inflected forms, two slips, one in an unfinished word."""
    text = sense.word.text
    for term, documents in alike:
        shared = _shared(text, term)
        if shared >= max(SHARED_MINIMUM, SHARED * max(len(text), len(term))):
            sense.add(term, INFLECTED * shared / len(term), "prefix", documents)
        elif (
            len(text) >= TWO_TYPOS_FROM
            and abs(len(term) - len(text)) <= 2  # noqa: PLR2004 - the two slips
            and OSA.distance(text, term, score_cutoff=2) <= 2  # noqa: PLR2004
        ):
            sense.add(term, TWO_TYPOS, "typo", documents)
        elif (
            sense.word.prefix
            and len(term) > len(text) > TYPO_MINIMUM
            and OSA.distance(text, term[: len(text)], score_cutoff=1) <= 1
        ):
            sense.add(term, TWO_TYPOS * len(text) / len(term), "typo", documents)
