"""Finding: stages from the exact to the lenient, which end once a page is full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from math import ceil

from knowledge_base.search import lookup
from knowledge_base.search.dialect import Dialect
from knowledge_base.search.engine import COUNTED, REACH, Filters
from knowledge_base.search.expand import Sense, direct
from knowledge_base.search.match import Group, Match, Tier
from knowledge_base.search.query import Query
from knowledge_base.search.rank import Candidate, Question, Ranking
from knowledge_base.search.store import SEPARATOR

FULL = 10  # hits after which no further stage is tried, whatever the page's size
ENOUGH = 5  # hits after which no word of the query is left out
RANKED = 64  # candidates that are ranked together
COVERED = 0.4  # of the words that a hit must have when some are left out
COMBINED = 6  # words of which some may be left out; of a longer query the rarest
COMBINED_TERMS = 8  # that stand for each of them

_COLUMNS = (
    "d.num, d.title_terms, d.strong_terms, d.body_terms, d.title_length, d.body_length, "
    "d.boost, d.updated"
)
_FACETS = {"category": 0, "section": 1, "tags": 2, "audience": 3}


@dataclass(slots=True)
class Found:
    """What was found in one locale, the best first."""

    locale: str
    ranking: Ranking
    candidates: list[Candidate] = field(default_factory=list)
    total: int = 0
    exact: bool = True
    match: str = ""  # of the widest stage that ran


class Finder:
    """One search in one locale."""

    def __init__(self, dialect: Dialect, kind: str, filters: Filters) -> None:
        self._dialect = dialect
        self._kind = kind
        self._condition, self._values = self._filtered(filters)

    async def find(self, query: Query, locale: str, reach: int) -> Found | None:
        """None when the locale has nothing or the query no word."""
        if not query.words:
            return None
        space, known = await lookup.first(self._dialect, self._kind, locale, query.words)
        if space is None:
            return None
        senses = [Sense(word) for word in query.words]
        for sense in senses:
            direct(sense, known)
        question = Question(senses, query.phrase, space.documents, space.mean_length)
        search = _Search(self, space, question, Found(locale, Ranking(question)), reach)
        return await search.run()

    def _filtered(self, filters: Filters) -> tuple[str, list[object]]:
        condition, values = "", []
        for column, wanted in (
            ("audience", filters.audiences),
            ("category", filters.categories),
            ("section", filters.sections),
            ("parent", filters.parents),
        ):
            if wanted or column == "audience":
                condition += " AND " + self._dialect.within(f"d.{column}")
                values.append(self._dialect.listed(wanted))
        if filters.tags:
            has = f"{self._dialect.contains}(d.tags, ?) > 0"
            condition += f" AND ({' OR '.join([has] * len(filters.tags))})"
            values += [f"{SEPARATOR}{tag}{SEPARATOR}" for tag in filters.tags]
        return condition, values

    async def candidates(self, match: str, limit: int, order: str = "") -> list[Candidate]:
        """At most `limit` documents that match."""
        before, source = self._dialect.matching()
        sql = f"{before}SELECT {_COLUMNS} {source}{self._condition}{order} LIMIT ?"
        return [
            Candidate(*row) for row in await self._dialect.run(sql, [match, *self._values, limit])
        ]

    async def count(self, match: str) -> int:
        """How many documents match, up to one more than are counted."""
        before, source = self._dialect.matching()
        some = f"SELECT 1 {source}{self._condition} LIMIT ?"
        sql = f"{before}SELECT count(*) FROM ({some}) AS found"  # noqa: S608 - constants
        rows = await self._dialect.run(sql, [match, *self._values, COUNTED + 1])
        return int(rows[0][0])

    async def facets(self, match: str, wanted: Collection[str]) -> dict[str, Counter[str]]:
        """How many of the matches have each value of the wanted fields."""
        before, source = self._dialect.matching()
        sql = (
            f"{before}SELECT d.category, d.section, d.tags, d.audience, count(*) "
            f"{source}{self._condition} GROUP BY d.category, d.section, d.tags, d.audience"
        )
        counted: dict[str, Counter[str]] = {name: Counter() for name in wanted}
        for row in await self._dialect.run(sql, [match, *self._values]):
            for name, counter in counted.items():
                value = row[_FACETS[name]]
                for part in value.strip(SEPARATOR).split(SEPARATOR) if name == "tags" else [value]:
                    if part:
                        counter[part] += row[4]
        return counted

    async def widen(self, space: lookup.Space, senses: Sequence[Sense]) -> None:
        """See `lookup.second`."""
        await lookup.second(self._dialect, space, senses)

    async def reach_far(self, space: lookup.Space, senses: Sequence[Sense]) -> None:
        """See `lookup.third`."""
        await lookup.third(self._dialect, space, senses)

    def written(self, match: Match, space: int, tier: Tier) -> str:
        """The match in the database's language."""
        return self._dialect.written(match, space, tier)


class _Search:
    """The stages of one search."""

    def __init__(
        self, finder: Finder, space: lookup.Space, question: Question, found: Found, reach: int
    ) -> None:
        self._finder = finder
        self._space = space
        self._senses = question.senses
        self._question = question
        self._found = found
        self._seen: set[int] = set()
        self._reach = reach

    @property
    def _required(self) -> list[Sense]:
        return [sense for sense in self._senses if sense.word.required]

    async def run(self) -> Found:
        """Go through the stages."""
        groups = [sense.group() for sense in self._required]
        if not await self._all(groups):
            return self._found
        await self._finder.widen(self._space, self._senses)
        wider = [sense.group() for sense in self._required]
        if not await self._all(wider if wider != groups else []):
            return self._found
        lost = [sense for sense in self._required if not sense.group() and sense.word.word]
        if lost:
            await self._finder.reach_far(self._space, lost)
            await self._all([sense.group() for sense in self._required])
        await self._some()
        return self._found

    async def _all(self, groups: Sequence[Group]) -> bool:
        """Try with every word; False when the page is full."""
        if groups and all(groups):
            await self._stage(Match(groups))
        return len(self._found.candidates) < FULL

    async def _some(self) -> None:
        """Leave out one word after the other, those without a match first."""
        words = len(self._required)
        senses = [sense for sense in self._required if sense.group()]
        senses = sorted(senses, key=lambda sense: sense.documents)[:COMBINED]
        least = max(1, ceil(words * COVERED))
        count = len(senses) if len(senses) < words else words - 1
        groups = [_shortened(sense) for sense in senses]
        while count >= min(least, COMBINED) and len(self._found.candidates) < ENOUGH:
            await self._stage(Match(groups, count))
            count -= 1

    async def _stage(self, match: Match) -> None:
        found, finder = self._found, self._finder
        found.match = written = finder.written(match, self._space.id, "any")
        candidates = await finder.candidates(written, RANKED + 1)
        if len(candidates) > RANKED:
            candidates = await self._tiered(match, candidates[:RANKED])
            found.total = await finder.count(written)
            found.exact = found.total <= COUNTED
            found.total = min(found.total, COUNTED)
        else:
            found.total = max(found.total, len(self._seen | {one.number for one in candidates}))
        fresh = [one for one in candidates if one.number not in self._seen]
        self._seen.update(one.number for one in fresh)
        ranking = found.ranking = Ranking(self._question)
        found.candidates += ranking.order(fresh[:RANKED])
        found.candidates += ranking.order(fresh[RANKED:])

    async def _tiered(self, match: Match, first: Sequence[Candidate]) -> list[Candidate]:
        """More match than are ranked: those with the words in the title, then in the keywords."""
        found: dict[int, Candidate] = {}
        wanted = RANKED if self._reach <= RANKED else REACH
        for tier, order in (
            ("title", " ORDER BY d.title_length, d.num"),
            ("strong", " ORDER BY d.body_length, d.num"),
        ):
            if len(found) < wanted:
                written = self._finder.written(match, self._space.id, tier)  # type: ignore[arg-type]
                for one in await self._finder.candidates(written, wanted, order):
                    found.setdefault(one.number, one)
        rest = first
        if wanted > RANKED:
            rest = await self._finder.candidates(self._found.match, wanted, " ORDER BY d.num")
        for one in rest:
            found.setdefault(one.number, one)
        return list(found.values())[:wanted]


def _shortened(sense: Sense) -> Group:
    """The likeliest of what stands for a word: sets of groups are written out in full."""
    group = sense.group()
    terms = sorted(group.terms, key=lambda term: -sense.terms[term][0])[:COMBINED_TERMS]
    return Group(terms, group.prefixes, group.phrases)
