"""A query taken apart: its words, which of them must match, and what else each may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from knowledge_base.search.engine import Lexicon, Synonym
from knowledge_base.search.fold import fold
from knowledge_base.search.forms import spellings, stems
from knowledge_base.search.normalise import Token, is_word, tokens
from knowledge_base.search.stopwords import stop_words

LONGEST = 500  # characters of a query that are read
MOST = 16  # words of it

_MIXED_PAIR = re.compile("[\u3041-\u309f]")


@dataclass(slots=True)
class Word:
    """One thing that is looked for."""

    text: str
    word: bool  # of a script with spaces: may have endings, parts and typos
    prefix: bool  # may be the beginning of a longer token
    required: bool = True
    spellings: Sequence[str] = ()
    stems: Sequence[str] = ()
    phrases: list[Sequence[str]] = field(default_factory=list)  # all of one stands for the word


@dataclass(frozen=True, slots=True)
class Query:
    """The words of a query in order, and its tokens as a stream for comparing phrases."""

    words: Sequence[Word]
    phrase: str
    typed: str


def parse(text: str, locale: str, lexicon: Lexicon) -> Query:
    """Never fails; a query without a word has none."""
    found = list(_searched(tokens(text[:LONGEST])))
    words = [_word(token, parts, text, locale) for token, parts in found[:MOST]]
    _with_synonyms(words, lexicon.synonyms.get(locale, ()))
    _set_required(words, _ignored(locale, lexicon))
    if words and len(words[-1].text) == 1 and words[-1].word:
        words[-1].prefix = True  # the first letter of the word that is being typed
    return Query(words, " ".join(word.text for word in words), text[:LONGEST])


def _ignored(locale: str, lexicon: Lexicon) -> frozenset[str]:
    taught = lexicon.stop_words.get(locale)
    return frozenset(stop_words(locale) if taught is None else map(fold, taught))


def _searched(found: Sequence[Token]) -> Iterator[tuple[Token, list[str]]]:
    """Drop the single last character of a run, and put parts to their whole."""
    index = 0
    while index < len(found):
        token = found[index]
        index += 1
        parts: list[str] = []
        while index < len(found) and found[index].kind == "part":
            parts.append(found[index].text)
            index += 1
        pair_before = index > 1 and found[index - 2].kind == "pair"
        if token.kind == "last" and pair_before and found[index - 2].end == token.end:
            continue
        yield token, parts


def _word(token: Token, parts: list[str], text: str, locale: str) -> Word:
    letters = is_word(token.text)
    single = token.kind == "last"
    made = Word(
        token.text,
        word=letters,
        prefix=single or (token.kind != "pair" and len(token.text) > 1),
        spellings=spellings(text[token.start : token.end].lower(), token.text) if letters else (),
        stems=stems(token.text, locale) if letters else (),
    )
    if parts:
        made.phrases.append(parts)
    return made


def _set_required(words: Sequence[Word], ignored: frozenset[str]) -> None:
    """Words that say little need not match, as long as one word must."""
    optional = [
        word
        for word in words
        if (word.word and word.text in ignored)
        or (len(word.text) > 1 and not word.word and _between_words(word.text))
    ]
    if len(optional) < len(words):
        for word in optional:
            word.required = False


def _between_words(pair: str) -> bool:
    """A Japanese pair of a character and a syllable: mostly where a particle meets a word."""
    return bool(_MIXED_PAIR.search(pair)) and not all(map(_MIXED_PAIR.match, pair))


def _with_synonyms(words: Sequence[Word], synonyms: Sequence[Synonym]) -> None:
    texts = [word.text for word in words]
    for synonym in synonyms:
        sides = [[token.text for token, _ in _searched(tokens(side))] for side in synonym.words]
        for number, side in enumerate(sides):
            if not side or (synonym.one_way and number):
                continue
            for start in range(len(texts) - len(side) + 1):
                if texts[start : start + len(side)] == side:
                    others = [other for other in sides if other and other != side]
                    for word in words[start : start + len(side)]:
                        word.phrases += others
