"""Writing the index: documents in and out, with a vocabulary that is right after each change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from knowledge_base.search.analysis import Analysis, analyse, keys, vocabulary
from knowledge_base.search.dialect import Dialect, Row
from knowledge_base.search.engine import SearchDocument
from knowledge_base.search.fingerprint import fingerprint

BATCH = 500  # documents
UNTIDY = 200  # documents at once that make tidying worth while

SEPARATOR = "\x1f"
_COLUMNS = (
    "num, kind, id, space, audience, category, section, tags, parent, boost, updated, "
    "fingerprint, title_length, body_length, title_terms, strong_terms"
)
_INSERT = f"INSERT INTO search_document ({_COLUMNS}) VALUES ({', '.join('?' * 16)})"  # noqa: S608 - constants
_INSERT_TEXT = (
    "INSERT INTO search_text (num, body_terms, title, title_places, body, body_places) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_STORED = (
    "SELECT d.num, d.id, d.space, d.fingerprint, d.body_length, d.title_terms, d.strong_terms, "
    "t.body_terms FROM search_document d JOIN search_text t ON t.num = d.num WHERE d.kind = ? AND "
)
Item = TypeVar("Item")


def packed(values: Iterable[str]) -> str:
    """Several values in one column: each between separators."""
    joined = SEPARATOR.join(values)
    return f"{SEPARATOR}{joined}{SEPARATOR}" if joined else ""


def batched(items: Iterable[Item], size: int) -> Iterable[list[Item]]:
    """Lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def storable(text: str) -> str:
    """The text in a form that both databases store, every character in its place."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


class Store:
    """One kind's documents in the index."""

    def __init__(self, dialect: Dialect, kind: str) -> None:
        self._dialect = dialect
        self._kind = kind

    async def index(self, documents: Iterable[SearchDocument]) -> None:
        """Add or replace."""
        written = 0
        for batch in batched(documents, BATCH):
            written += await self._index({document.id: document for document in batch})
        if written >= UNTIDY:
            await self._dialect.tidy()

    async def remove(self, ids: Iterable[str]) -> None:
        """Forget; unknown ids are passed over."""
        for batch in batched(ids, BATCH):
            await self._dialect.lock()
            old = await self._stored([storable(id_) for id_ in batch])
            changes = _Changes()
            for row in old:
                changes.take(row[2], row[4], vocabulary(*row[5:8]))
            await self._erase(old)
            await self._apply(changes)

    async def ids(self) -> Mapping[str, str]:
        """Ids and fingerprints."""
        rows = await self._dialect.run(
            "SELECT id, fingerprint FROM search_document WHERE kind = ?", (self._kind,)
        )
        return {row[0]: row[1] for row in rows}

    async def _stored(self, ids: Sequence[str]) -> Sequence[Row]:
        dialect = self._dialect
        return await dialect.run(
            _STORED + dialect.within("d.id"), (self._kind, dialect.listed(ids))
        )  # fmt: skip

    async def _index(self, documents: dict[str, SearchDocument]) -> int:
        """How many were new or changed."""
        await self._dialect.lock()
        prints = {storable(id_): fingerprint(document) for id_, document in documents.items()}
        old = await self._stored(list(prints))
        same = {row[1] for row in old if row[3] == prints[row[1]]}
        replaced = [row for row in old if row[1] not in same]
        fresh = [found for id_, found in documents.items() if storable(id_) not in same]
        if not fresh:
            return 0
        spaces = await self._spaces({document.locale for document in fresh})
        changes = _Changes()
        for row in replaced:
            changes.take(row[2], row[4], vocabulary(*row[5:8]))
        await self._erase(replaced)
        [[number]] = await self._dialect.run("SELECT coalesce(max(num), 0) FROM search_document")
        rows: list[Sequence[object]] = []
        texts: list[Sequence[object]] = []
        terms = []
        for document in fresh:
            number += 1
            analysis = analyse(document)
            space = spaces[document.locale]
            streams = (
                storable(analysis.title.terms),
                storable(analysis.strong),
                storable(analysis.body.terms),
            )
            changes.give(space, analysis.body_length, vocabulary(*streams))
            rows.append(self._row(number, space, document, analysis))
            texts.append(_text(number, document, analysis))
            terms.append((number, space, *streams))
        await self._dialect.run_many(_INSERT, rows)
        await self._dialect.run_many(_INSERT_TEXT, texts)
        await self._dialect.write_terms(terms)
        await self._apply(changes)
        return len(fresh)

    def _row(
        self, number: int, space: int, document: SearchDocument, analysis: Analysis
    ) -> Sequence[object]:
        updated = document.updated_at.timestamp() if document.updated_at else 0.0
        return (
            number,
            self._kind,
            storable(document.id),
            space,
            storable(document.audience),
            storable(document.category),
            storable(document.section),
            storable(packed(document.tags)),
            storable(document.parent),
            document.boost,
            updated,
            fingerprint(document),
            analysis.title_length,
            analysis.body_length,
            storable(analysis.title.terms),
            storable(analysis.strong),
        )

    async def _erase(self, rows: Sequence[Row]) -> None:
        if rows:
            await self._dialect.erase_terms((row[0], row[2], *row[5:8]) for row in rows)
            for table in ("search_document", "search_text"):
                await self._dialect.run_many(
                    f"DELETE FROM {table} WHERE num = ?",  # noqa: S608 - constants
                    [(row[0],) for row in rows],
                )

    async def _spaces(self, locales: Iterable[str]) -> dict[str, int]:
        """The numbers of the locales' spaces, made where missing."""
        find = "SELECT locale, id FROM search_space WHERE kind = ?"
        known = {row[0]: row[1] for row in await self._dialect.run(find, (self._kind,))}
        for locale in sorted(set(locales) - set(known)):
            row = await self._dialect.run(
                "INSERT INTO search_space (id, kind, locale, documents, length) "
                "SELECT coalesce(max(id), 0) + 1, ?, ?, 0, 0 FROM search_space RETURNING id",
                (self._kind, locale),
            )
            known[locale] = row[0][0]
        return known

    async def _apply(self, changes: _Changes) -> None:
        locales = {
            row[0]: row[1]
            for row in await self._dialect.run(
                "SELECT id, locale FROM search_space WHERE kind = ?", (self._kind,)
            )
        }
        for space, (documents, length) in sorted(changes.sizes.items()):
            await self._dialect.run(
                "UPDATE search_space SET documents = documents + ?, length = length + ? "
                "WHERE id = ?",
                (documents, length, space),
            )
            moved = {term: change for term, change in changes.terms[space].items() if change}
            if not moved:
                continue
            new = await self._dialect.bump(space, moved)
            added = [(space, key, term) for term in new for key in set(keys(term, locales[space]))]
            await self._dialect.run_many(
                "INSERT INTO search_key (space, key, term) VALUES (?, ?, ?)", sorted(added)
            )
            await self._drop_dead(space, locales[space], moved)

    async def _drop_dead(self, space: int, locale: str, moved: Mapping[str, int]) -> None:
        """Terms that no document has any more, and their keys."""
        fallen = [term for term, change in moved.items() if change < 0]
        if not fallen:
            return
        dialect = self._dialect
        dead = await dialect.run(
            "DELETE FROM search_term WHERE space = ? AND documents <= 0 "  # noqa: S608 - constants
            f"AND {dialect.within('term')} RETURNING term",
            (space, dialect.listed(fallen)),
        )
        gone = [(space, key, row[0]) for row in dead for key in set(keys(row[0], locale))]
        await dialect.run_many(
            "DELETE FROM search_key WHERE space = ? AND key = ? AND term = ?", gone
        )


def _text(number: int, document: SearchDocument, analysis: Analysis) -> Sequence[object]:
    return (
        number,
        storable(analysis.body.terms),
        storable(document.title),
        analysis.title.places,
        storable(document.body),
        analysis.body.places,
    )


class _Changes:
    """What a batch changes in the counts of each space."""

    def __init__(self) -> None:
        self.terms: dict[int, Counter[str]] = defaultdict(Counter)
        self.sizes: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))

    def give(self, space: int, length: int, terms: set[str]) -> None:
        self.terms[space].update(terms)
        documents, total = self.sizes[space]
        self.sizes[space] = (documents + 1, total + length)

    def take(self, space: int, length: int, terms: set[str]) -> None:
        self.terms[space].subtract(terms)
        documents, total = self.sizes[space]
        self.sizes[space] = (documents - 1, total - length)
