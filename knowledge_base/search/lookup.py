"""Asking the index's vocabulary: one statement for what a query says, one for what it may mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.search.dialect import Dialect
from knowledge_base.search.expand import (
    LAST,
    MOST_TERMS,
    Found,
    Known,
    Sense,
    Wanted,
    far,
    mistyped,
    shared_start,
    substring_key,
    typo_keys,
    typo_terms,
    widen,
)
from knowledge_base.search.query import Word

_ALIKE = 400  # terms that begin alike and are compared with a word
_SCANNED = 5000  # terms that are compared with a word that is found in no other way

_SPACE = """
WITH s AS (SELECT id, documents, length FROM search_space WHERE kind = ? AND locale = ?)
SELECT 's', '', '', s.documents, s.length, s.id FROM s
"""
_TERMS = """
UNION ALL SELECT 't', '', t.term, t.documents, 0, 0
FROM s CROSS JOIN search_term t WHERE t.space = s.id AND {}
"""
_STEMS = """
UNION ALL SELECT 'k', k.key, k.term, t.documents, 0, 0
FROM s CROSS JOIN search_key k JOIN search_term t ON t.space = k.space AND t.term = k.term
WHERE k.space = s.id AND {}
"""
_PREFIXED = """
UNION ALL SELECT 'p', CAST(? AS text), p.term, p.documents, 0, 0 FROM (
    SELECT t.term, t.documents FROM s CROSS JOIN search_term t
    WHERE t.space = s.id AND t.term >= ? AND t.term < ? LIMIT ?
) AS p
"""
_SLIPPED = """
SELECT 'd', CAST('' AS text), k.term, t.documents
FROM search_key k JOIN search_term t ON t.space = k.space AND t.term = k.term
WHERE k.space = ? AND {}
UNION ALL SELECT 'd', '', t.term, t.documents FROM search_term t WHERE t.space = ? AND {}
"""
_PARTS = """
UNION ALL SELECT 'p', CAST(? AS text), p.term, p.documents FROM (
    SELECT k.term, t.documents
    FROM search_key k JOIN search_term t ON t.space = k.space AND t.term = k.term
    WHERE k.space = ? AND k.key >= ? AND k.key < ? LIMIT ?
) AS p
"""
_BEGIN = """
UNION ALL SELECT 'i', CAST(? AS text), p.term, p.documents FROM (
    SELECT t.term, t.documents FROM search_term t
    WHERE t.space = ? AND t.term >= ? AND t.term < ? LIMIT ?
) AS p
"""


@dataclass(frozen=True, slots=True)
class Space:
    """One kind's documents in one locale."""

    id: int
    documents: int
    mean_length: float


async def first(
    dialect: Dialect, kind: str, locale: str, words: Sequence[Word]
) -> tuple[Space | None, Known]:
    """The space and what it knows of the words; None when nothing is indexed in the locale."""
    wanted = Wanted(words)
    sql = _SPACE + _TERMS.format(dialect.within("t.term")) + _STEMS.format(dialect.within("k.key"))
    parameters: list[object] = [kind, locale]
    parameters += [dialect.listed(wanted.terms), dialect.listed(wanted.stem_keys)]
    for prefix in sorted(wanted.prefixes):
        sql += _PREFIXED
        parameters += [prefix, prefix, prefix + LAST, MOST_TERMS]
    space: Space | None = None
    known = Known({}, defaultdict(list), defaultdict(list))
    for what, key, term, documents, length, id_ in await dialect.run(sql, parameters):
        if what == "s" and documents:
            space = Space(id_, documents, length / documents)
        elif what == "t":
            known.terms[term] = documents
        elif what == "k":
            known.stems[key].append((term, documents))
        elif what == "p":
            known.prefixed[key].append((term, documents))
    return space, known


async def second(dialect: Dialect, space: Space, senses: Sequence[Sense]) -> None:
    """Widen the senses: compounds, inflected forms, slips."""
    words = [sense.word for sense in senses]
    keys = {key for word in words for key in typo_keys(word)}
    terms = {term for word in words for term in typo_terms(word)}
    sql = _SLIPPED.format(dialect.within("k.key"), dialect.within("t.term"))
    parameters: list[object] = [space.id, dialect.listed(keys), space.id, dialect.listed(terms)]
    for word in words:
        key, start = substring_key(word), shared_start(word)
        if key is not None:
            sql += _PARTS
            parameters += [word.text, space.id, key, key + LAST, MOST_TERMS]
        if start is not None:
            sql += _BEGIN
            parameters += [word.text, space.id, start, start + LAST, _ALIKE]
    slipped: list[Found] = []
    parts: dict[str, list[Found]] = defaultdict(list)
    alike: dict[str, list[Found]] = defaultdict(list)
    for what, word_text, term, documents in await dialect.run(sql, parameters):
        if what == "d":
            slipped.append((term, documents))
        else:
            (parts if what == "p" else alike)[word_text].append((term, documents))
    for sense in senses:
        widen(sense, parts[sense.word.text], alike[sense.word.text])
        if sense.word.word:
            mistyped(sense, slipped)


async def third(dialect: Dialect, space: Space, senses: Sequence[Sense]) -> None:
    """For words that nothing stands for yet: what begins with the same letter, compared."""
    for sense in senses:
        start = sense.word.text[0]
        rows = await dialect.run(
            "SELECT term, documents FROM search_term "
            "WHERE space = ? AND term >= ? AND term < ? LIMIT ?",
            (space.id, start, start + LAST, _SCANNED),
        )
        far(sense, [(row[0], row[1]) for row in rows])
