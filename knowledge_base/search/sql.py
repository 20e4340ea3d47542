"""The engine that lives in the desk's own database, in the session of the caller's unit of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.search.answer import Answer, hit_of
from knowledge_base.search.dialect import Dialect
from knowledge_base.search.engine import (
    FACETS,
    REACH,
    Filters,
    Highlighted,
    Hit,
    Lexicon,
    Page,
    Progress,
    Rebuilt,
    SearchDocument,
    SearchError,
)
from knowledge_base.search.find import Finder, Found
from knowledge_base.search.postgres import Postgres
from knowledge_base.search.query import parse
from knowledge_base.search.sqlite import Sqlite
from knowledge_base.search.stages import find
from knowledge_base.search.store import Store

_NO_LEXICON = Lexicon()


def no_progress(_done: int) -> None:
    """For those who do not watch."""


class SqlSearch:
    """See `SearchEngine`. `kind` keeps articles, tickets and contacts apart in one index."""

    def __init__(
        self,
        session: AsyncSession,
        *,
        kind: str = "article",
        lexicon: Lexicon = _NO_LEXICON,
        strict: bool = False,
    ) -> None:
        """`strict`: every word must be found, and of many matches the last written are ranked."""
        self._strict = strict
        self._dialect = _dialect(session)
        self._kind = kind
        self._lexicon = lexicon
        self._store = Store(self._dialect, kind)

    async def index(self, documents: Iterable[SearchDocument]) -> None:
        """See `SearchEngine`."""
        with _Explained():
            await self._store.index(documents)

    async def remove(self, ids: Iterable[str]) -> None:
        """See `SearchEngine`."""
        with _Explained():
            await self._store.remove(ids)

    async def ids(self) -> Mapping[str, str]:
        """See `SearchEngine`."""
        with _Explained():
            return await self._store.ids()

    async def under(self, parents: Iterable[str]) -> list[str]:
        """The ids of the documents that have one of these parents."""
        with _Explained():
            return await self._store.under(parents)

    async def ask(self, query: str, locale: str, filters: Filters, reach: int) -> Answer | None:
        """Up to about `reach` matches, ranked by titles; None when the query has no word.

        For lists that are narrowed by more than the index knows. It is as wide as `search`.
        """
        parsed = parse(query, locale, self._lexicon)
        if not parsed.words:
            return None
        with _Explained():
            finder = Finder(self._dialect, self._kind, filters, strict=self._strict)
            found = await find(finder, parsed, locale, reach) if filters.audiences else None
        return Answer(finder, filters, found)

    async def search(
        self,
        query: str,
        locale: str,
        filters: Filters,
        limit: int = 10,
        offset: int = 0,
        *,
        facets: Collection[str] = (),
    ) -> Page:
        """See `SearchEngine`."""
        unknown = set(facets) - set(FACETS)
        if unknown:
            message = f"unknown facets {sorted(unknown)}: choose among {', '.join(FACETS)}"
            raise ValueError(message)
        if limit < 0 or offset < 0:
            raise ValueError("limit and offset count from 0")
        with _Explained():
            finder = Finder(self._dialect, self._kind, filters, strict=self._strict)
            founds = await self._find(finder, query, locale, filters, offset + limit)
            counted: dict[str, Counter[str]] = {name: Counter() for name in facets}
            for found in founds:
                if facets and found.match:
                    for name, counter in (await finder.facets(found.match, facets)).items():
                        counted[name].update(counter)
            hits = await self._hits(finder, founds, limit, offset)
        return Page(
            hits,
            sum(found.total for found in founds),
            counted,
            all(found.exact for found in founds),
        )

    async def suggest(
        self, prefix: str, locale: str, filters: Filters, limit: int = 5
    ) -> Sequence[Hit]:
        """See `SearchEngine`."""
        with _Explained():
            finder = Finder(self._dialect, self._kind, filters, strict=self._strict)
            founds = await self._find(finder, prefix, locale, filters, limit)
            hits = await self._hits(finder, founds, limit, 0)
        return [replace(hit, snippet=Highlighted("")) for hit in hits]

    async def rebuild(
        self,
        batches: AsyncIterable[Sequence[SearchDocument]],
        progress: Progress = no_progress,
    ) -> Rebuilt:
        """See `SearchEngine`. One transaction; `rebuild.in_steps` is for what takes long."""
        left = set(await self.ids())
        done = 0
        async for batch in batches:
            await self.index(batch)
            left.difference_update(document.id for document in batch)
            done += len(batch)
            progress(done)
        await self.remove(sorted(left))
        return Rebuilt(done, len(left))

    async def _find(
        self, finder: Finder, query: str, locale: str, filters: Filters, reach: int
    ) -> list[Found]:
        if not filters.audiences:
            return []
        founds = []
        for one in dict.fromkeys((locale, *filters.locales)):
            found = await find(finder, parse(query, one, self._lexicon), one, reach)
            if found is not None:
                founds.append(found)
        return founds

    async def _hits(
        self, finder: Finder, founds: Sequence[Found], limit: int, offset: int
    ) -> list[Hit]:
        """The page: `limit` hits after the first `offset` of all that was found."""
        hits: list[Hit] = []
        end = min(offset + limit, REACH)
        passed = 0
        for found in founds:
            first, last = max(offset - passed, 0), min(end - passed, len(found.candidates))
            passed += len(found.candidates)
            if first < last:
                await finder.reread(found, first, last)
                hits += [hit_of(found, one) for one in found.candidates[first:last]]
        return hits


def _dialect(session: AsyncSession) -> Dialect:
    name = session.get_bind().dialect.name
    if name == "sqlite":
        return Sqlite(session)
    if name == "postgresql":
        return Postgres(session)
    raise SearchError(f"the index lives in SQLite or PostgreSQL, not in {name}")


class _Explained:
    """The tables are missing: say so, and what makes them."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, OperationalError | ProgrammingError):
            return
        text = str(error.orig).lower()
        if "no such module: fts5" in text:
            raise SearchError(
                "this SQLite was built without FTS5; use another Python build, or PostgreSQL"
            ) from error
        if "search_" in text and ("no such table" in text or "does not exist" in text):
            raise SearchError(
                "the search index has no tables yet; run `desk migrate`, then `desk kb reindex`"
            ) from error
