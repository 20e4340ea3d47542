"""What one question found, shown by and by: for lists that are narrowed by more than the index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from knowledge_base.search import highlight
from knowledge_base.search.engine import REACH, Filters, Hit
from knowledge_base.search.find import Finder, Found
from knowledge_base.search.rank import Candidate


@dataclass(frozen=True, slots=True)
class Matching:
    """`statement` answers with the parents of what matches `:match`, for each of `matches`."""

    matches: Sequence[str]
    statement: str


@dataclass(frozen=True, slots=True)
class Place:
    """A document that was found, and what it is a part of."""

    number: int
    id: str
    parent: str


class Answer:
    """The stages ran once; what is shown is read when it is asked for."""

    def __init__(self, finder: Finder, filters: Filters, found: Found | None) -> None:
        self._finder = finder
        self._filters = filters
        self._found = found

    @property
    def partial(self) -> bool:
        """More match than were ranked."""
        return self._found is not None and self._found.total > len(self._found.candidates)

    @property
    def matching(self) -> Matching:
        """Everything that matches, as a statement; it is as wide as what was found."""
        found = self._found
        matches = [found.match] if found is not None and found.total else []
        return Matching(matches, self._finder.dialect.parents)

    async def places(self) -> list[Place]:
        """Where, the best first."""
        return await self._places(self._found.candidates) if self._found else []

    async def among(self, parents: Collection[str]) -> list[Place]:
        """Rank the documents of these parents, too; returns those that were not there yet."""
        found = self._found
        if found is None or not parents or not found.match:
            return []
        finder = self._finder.narrowed(replace(self._filters, parents=parents))
        known = {one.number for one in found.candidates}
        some = await finder.candidates(found.match, REACH, finder.newest)
        fresh = found.ranking.by_title([one for one in some if one.number not in known])
        found.candidates = found.ranking.ordered([*found.candidates, *fresh])
        return await self._places(fresh)

    def in_order(self, numbers: Collection[int]) -> list[int]:
        """Some of the documents that were ranked, the best first."""
        chosen = set(numbers)
        candidates = self._found.candidates if self._found else []
        return [one.number for one in candidates if one.number in chosen]

    async def hits(self, chosen: Sequence[int], limit: int, offset: int) -> list[Hit]:
        """A page of the documents with these numbers, of which the first are ranked by bodies."""
        found = self._found
        if found is None:
            return []
        by_number = {one.number: one for one in found.candidates}
        found.candidates = [by_number[number] for number in chosen]
        await self._finder.reread(found, offset, offset + limit)
        return [hit_of(found, one) for one in found.candidates[offset : offset + limit]]

    async def _places(self, candidates: Sequence[Candidate]) -> list[Place]:
        rows = await self._finder.identities([one.number for one in candidates])
        by_number = {row[0]: Place(*row) for row in rows}
        return [by_number[one.number] for one in candidates]


def hit_of(found: Found, one: Candidate) -> Hit:
    """A candidate whose body was read."""
    _, _, id_, title, title_places, body, body_places, parent, category = one.row or ()
    snippet, offset = highlight.snippet(body, one.matched, body_places, found.ranking)
    return Hit(
        id=id_,
        locale=found.locale,
        title=highlight.title(title, one.title, title_places, found.ranking),
        snippet=snippet,
        score=one.score * one.boost,
        why=one.why,
        parent=parent,
        category=category,
        offset=offset,
    )
