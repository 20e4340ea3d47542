"""Asking the index's vocabulary: all that a query may mean in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.search.analysis import DELETION
from knowledge_base.search.dialect import Dialect
from knowledge_base.search.expand import LAST, MOST_TERMS, Known, Sense, Wanted, far
from knowledge_base.search.query import Word

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
_PARTS = """
UNION ALL SELECT 'c', CAST(? AS text), p.term, p.documents, 0, 0 FROM (
    SELECT k.term, t.documents
    FROM s CROSS JOIN search_key k JOIN search_term t ON t.space = k.space AND t.term = k.term
    WHERE k.space = s.id AND k.key >= ? AND k.key < ? LIMIT ?
) AS p
"""


@dataclass(frozen=True, slots=True)
class Space:
    """One kind's documents in one locale."""

    id: int
    documents: int
    mean_length: float


async def ask(
    dialect: Dialect, kind: str, locale: str, words: Sequence[Word]
) -> tuple[Space | None, Known]:
    """The space and what it knows of the words; None when nothing is indexed in the locale."""
    wanted = Wanted(words)
    terms, keys = wanted.terms | wanted.shorter, wanted.stem_keys | wanted.slip_keys
    sql = _SPACE + _TERMS.format(dialect.within("t.term")) + _STEMS.format(dialect.within("k.key"))
    parameters: list[object] = [kind, locale, dialect.listed(terms), dialect.listed(keys)]
    for prefix in sorted(wanted.prefixes):
        sql += _PREFIXED
        parameters += [prefix, prefix, prefix + LAST, MOST_TERMS]
    for part, key in wanted.parts.items():
        sql += _PARTS
        parameters += [part, key, key + LAST, MOST_TERMS]
    space: Space | None = None
    known = Known({}, defaultdict(list), defaultdict(list), defaultdict(list), [])
    by_key = {"p": known.prefixed, "c": known.parts, "k": known.stems}
    for what, key, term, documents, length, id_ in await dialect.run(sql, parameters):
        if what == "s":
            space = Space(id_, documents, length / documents) if documents else None
        elif what == "t":
            known.terms[term] = documents
            if term in wanted.shorter:
                known.slips.append((term, documents))
        elif what == "k" and key[0] == DELETION:
            known.slips.append((term, documents))
        else:
            by_key[what][key].append((term, documents))
    return space, known


async def scan(dialect: Dialect, space: Space, senses: Sequence[Sense]) -> None:
    """For words that nothing stands for yet: what begins with the same letter, compared."""
    for sense in senses:
        start = sense.word.text[0]
        rows = await dialect.run(
            "SELECT term, documents FROM search_term "
            "WHERE space = ? AND term >= ? AND term < ? LIMIT ?",
            (space.id, start, start + LAST, _SCANNED),
        )
        far(sense, [(row[0], row[1]) for row in rows])
