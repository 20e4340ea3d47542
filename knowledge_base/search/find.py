"""Reading from the index: what matches, within one set of filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from knowledge_base.search.dialect import Dialect, Row
from knowledge_base.search.engine import COUNTED, Filters
from knowledge_base.search.rank import (
    Candidate,
    Question,
    Ranking,
)
from knowledge_base.search.store import SEPARATOR, storable

REREAD = 14  # candidates that are ranked again by their bodies

_COLUMNS = "d.num, d.title_terms, d.strong_terms, d.title_length, d.body_length, d.boost, d.updated"
_SHOWN = (
    "d.num, t.body_terms, d.id, t.title, t.title_places, t.body, t.body_places, d.parent, "
    "d.category"
)
_FACETS = {"category": 0, "section": 1, "tags": 2, "audience": 3}


@dataclass(slots=True)
class Found:
    """What was found in one locale, the best first."""

    locale: str
    question: Question
    ranking: Ranking
    candidates: list[Candidate] = field(default_factory=list)
    total: int = 0
    exact: bool = True
    match: str = ""  # of the widest stage that ran


class Finder:
    """Searches over one kind of documents with one set of filters."""

    def __init__(
        self, dialect: Dialect, kind: str, filters: Filters, *, strict: bool = False
    ) -> None:
        self.dialect = dialect
        self.strict = strict
        self.newest = dialect.newest if strict else ""
        self.kind = kind
        self._condition, self._values = self._filtered(filters)

    def narrowed(self, filters: Filters) -> Finder:
        """The same with other filters."""
        return Finder(self.dialect, self.kind, filters, strict=self.strict)

    def _filtered(self, filters: Filters) -> tuple[str, list[object]]:
        condition = ""
        values: list[object] = []
        for column, wanted in (
            ("audience", filters.audiences),
            ("category", filters.categories),
            ("section", filters.sections),
            ("parent", filters.parents),
        ):
            if len(wanted) == 1:
                condition += f" AND d.{column} = ?"
                values += [storable(value) for value in wanted]
            elif wanted or column == "audience":
                condition += " AND " + self.dialect.within(f"d.{column}")
                values.append(self.dialect.listed([storable(value) for value in wanted]))
        if filters.tags:
            has = f"{self.dialect.contains}(d.tags, ?) > 0"
            condition += f" AND ({' OR '.join([has] * len(filters.tags))})"
            values += [f"{SEPARATOR}{storable(tag)}{SEPARATOR}" for tag in filters.tags]
        return condition, values

    async def candidates(self, match: str, limit: int, order: str = "") -> list[Candidate]:
        """At most `limit` documents that match."""
        before, source = self.dialect.matching()
        sql = f"{before}SELECT {_COLUMNS} {source}{self._condition}{order} LIMIT ?"
        rows = await self.dialect.run(sql, [match, *self._values, limit])
        return [Candidate(*row) for row in rows]

    async def containing(
        self, match: str, column: Literal["title", "body_terms"], part: str, limit: int
    ) -> list[Candidate]:
        """At most `limit` documents that match and have this in a text: the index has no order."""
        before, source = self.dialect.matching()
        has = f"{self.dialect.contains}(t.{column}, ?) > 0"
        inside = f"EXISTS (SELECT 1 FROM search_text t WHERE t.num = d.num AND {has})"  # noqa: S608 - constants
        sql = f"{before}SELECT {_COLUMNS} {source}{self._condition} AND {inside} LIMIT ?"
        rows = await self.dialect.run(sql, [match, *self._values, part, limit])
        return [Candidate(*row) for row in rows]

    async def count(self, match: str) -> int:
        """How many documents match, up to one more than are counted."""
        before, source = self.dialect.matching()
        some = f"SELECT 1 {source}{self._condition} LIMIT ?"
        sql = f"{before}SELECT count(*) FROM ({some}) AS found"  # noqa: S608 - constants
        rows = await self.dialect.run(sql, [match, *self._values, COUNTED + 1])
        return int(rows[0][0])

    async def facets(self, match: str, wanted: Collection[str]) -> dict[str, Counter[str]]:
        """How many of the matches have each value of the wanted fields."""
        before, source = self.dialect.matching()
        sql = (
            f"{before}SELECT d.category, d.section, d.tags, d.audience, count(*) "
            f"{source}{self._condition} GROUP BY d.category, d.section, d.tags, d.audience"
        )
        counted: dict[str, Counter[str]] = {name: Counter() for name in wanted}
        for row in await self.dialect.run(sql, [match, *self._values]):
            for name, counter in counted.items():
                value = row[_FACETS[name]]
                for part in value.strip(SEPARATOR).split(SEPARATOR) if name == "tags" else [value]:
                    if part:
                        counter[part] += row[4]
        return counted

    async def identities(self, numbers: Sequence[int]) -> Sequence[Row]:
        """Number, id and parent of documents."""
        if not numbers:
            return ()
        marks = ", ".join("?" * len(numbers))
        return await self.dialect.run(
            f"SELECT num, id, parent FROM search_document WHERE num IN ({marks})",  # noqa: S608 - constants
            list(numbers),
        )

    async def reread(self, found: Found, start: int, end: int) -> None:
        """Read what is shown of [start, end), and rank the first of all by their bodies, too."""
        first, start = found.candidates[:REREAD], max(start, REREAD)
        page = found.candidates[start:end]
        chosen = [one for one in (*first, *page) if one.row is None]
        if not chosen:
            return
        rows: Sequence[Row] = await self.dialect.run(
            f"SELECT {_SHOWN} FROM search_document d JOIN search_text t ON t.num = d.num "  # noqa: S608 - constants
            f"WHERE d.num IN ({', '.join('?' * len(chosen))})",
            [one.number for one in chosen],
        )
        by_number = {row[0]: row for row in rows}
        for one in chosen:
            one.row = by_number[one.number]
            one.body = one.row[1]
        found.candidates[:REREAD] = found.ranking.by_body(first)
        found.ranking.by_body(page)
