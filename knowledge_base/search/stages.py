"""Finding: stages from the exact to the lenient, which end once a page is full."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from knowledge_base.search import lookup
from knowledge_base.search.engine import COUNTED, REACH
from knowledge_base.search.expand import Known, Sense, direct, widen
from knowledge_base.search.find import REREAD, Finder, Found
from knowledge_base.search.match import Group, Match, Tier
from knowledge_base.search.query import Query
from knowledge_base.search.rank import (
    AS_TYPED,
    AS_WRITTEN,
    EVERY,
    PHRASE_IN_BODY,
    Candidate,
    Question,
    Ranking,
)
from knowledge_base.search.store import storable

FULL = 10  # hits after which no further stage is tried, whatever the page's size
ENOUGH = 5  # hits after which no word of the query is left out
RANKED = 50  # candidates that are ranked together by title
COVERED = 0.4  # of the words that a hit must have when some are left out
COMBINED = 6  # words of which some may be left out; of a longer query the rarest
COMBINED_TERMS = 8  # that stand for each of them
PHRASE = 3  # words that are looked for side by side in bodies, when many have them all
LIKELIEST = 8  # terms that a word nobody wrote may have meant
MANY = 2 * RANKED  # documents that have a word: too many to look at all of them

_TIERS: tuple[tuple[Tier, str], ...] = (
    ("title", " ORDER BY d.title_length, d.num"),
    ("strong", " ORDER BY d.body_length, d.num"),
)


async def find(finder: Finder, query: Query, locale: str, reach: int) -> Found | None:
    """None when the locale has nothing or the query no word. `reach`: hits wanted."""
    if not query.words:
        return None
    space, known = await lookup.ask(finder.dialect, finder.kind, storable(locale), query.words)
    if space is None:
        return None
    senses = [Sense(word) for word in query.words]
    question = Question(senses, query.phrase, query.typed, space.documents, space.mean_length)
    found = Found(locale, question, Ranking(question))
    await _Search(finder, space, found, reach).run(known)
    return found


class _Search:
    """The stages of one search."""

    def __init__(self, finder: Finder, space: lookup.Space, found: Found, reach: int) -> None:
        self._finder = finder
        self._space = space
        self._found = found
        self._senses = found.question.senses
        self._required = [sense for sense in self._senses if sense.word.required]
        self._reach = reach

    async def run(self, known: Known) -> None:
        """Every word as it is, anywhere, or in a wider sense in the title; then ever more."""
        for sense in self._senses:
            direct(sense, known)
        narrow = self._groups()
        fewest = min([sense.documents for sense in self._required], default=0)
        for sense in self._senses:
            widen(sense, known)
        wide = self._groups()
        if wide == narrow or 0 < fewest < FULL:
            await self._stage([Match(wide)], wide)  # the narrow sense could not fill the page
        else:
            matches = [Match(wide, "title")]
            await self._stage([Match(narrow), *matches] if all(narrow) else matches, wide)
            if not self._satisfied():
                await self._stage([Match(wide)], wide)
        lost = [sense for sense in self._required if not sense.terms and sense.word.word]
        if lost:
            await lookup.scan(self._finder.dialect, self._space, lost)
            await self._stage([Match(self._groups())], self._groups())
        if len(self._found.candidates) < ENOUGH and not self._finder.strict:
            await self._some()

    def _groups(self) -> list[Group]:
        return [sense.group() for sense in self._required]

    def _satisfied(self) -> bool:
        """The page is full, or one title has everything that was asked for."""
        candidates = self._found.candidates
        return len(candidates) >= FULL or (
            len(self._required) > 1 and any(one.titled for one in candidates)
        )

    async def _some(self) -> None:
        """Leave out one word after the other, those without a match first."""
        words = len(self._required)
        senses = [sense for sense in self._required if sense.group()]
        senses = sorted(senses, key=lambda sense: sense.documents)[:COMBINED]
        least = min(max(1, ceil(words * COVERED)), COMBINED)
        count = len(senses) if len(senses) < words else words - 1
        groups = [_shortened(sense) for sense in senses]
        block = 1
        while count >= least and len(self._found.candidates) < ENOUGH:
            await self._stage([Match(groups, "any", count)], groups, block)
            count -= 1
            block += 1

    async def _stage(
        self, matches: Sequence[Match], groups: Sequence[Group], block: int = 0
    ) -> None:
        """Find what matches; in the first block it replaces what fewer senses had found."""
        if not matches or not all(all(match.groups) for match in matches):
            return
        found, finder = self._found, self._finder
        found.match = written = finder.dialect.written(matches, self._space.id)
        many = len(groups) == 1 and self._required[0].documents > MANY
        newest = finder.newest
        candidates = [] if many else await finder.candidates(written, RANKED + 1, newest)
        surest = await self._surest() if many or len(candidates) > REREAD else []
        if many or len(candidates) > RANKED:
            candidates = await self._tiered(groups, matches[-1].count, candidates[:RANKED])
            total = await finder.count(written)
            found.exact, found.total = total <= COUNTED, min(total, COUNTED)
        else:
            found.total, found.exact = len(candidates), True
        sure = {one.number for one in surest}
        candidates = surest + [one for one in candidates if one.number not in sure]
        together = RANKED + len(surest)
        kept = found.candidates if block else []
        seen = {one.number for one in kept}
        fresh = [one for one in candidates if one.number not in seen]
        for one in fresh:
            one.block = block
        ranking = found.ranking = Ranking(found.question)
        found.total = max(found.total, len(kept) + len(fresh))
        found.candidates = (
            kept + ranking.by_title(fresh[:together]) + ranking.by_title(fresh[together:])
        )

    async def _surest(self) -> list[Candidate]:
        """Those that have every word as it is written, or as it most likely was meant."""
        groups = [sense.surest(LIKELIEST) for sense in self._required]
        if not all(groups) or (self._finder.strict and len(groups) == 1):
            return []
        finder, question, several = self._finder, self._found.question, len(groups) > 1
        match = Match(groups, "any" if several else "title")
        written = finder.dialect.written([match], self._space.id)
        order = finder.newest or " ORDER BY d.title_length, d.num"
        surest = {one.number: one for one in await finder.candidates(written, RANKED, order)}
        if several:
            for one in surest.values():
                one.promised = AS_WRITTEN + EVERY
        if finder.strict:
            return list(surest.values())
        if len(groups) >= PHRASE and len(surest) == RANKED:
            for one in await finder.containing(written, "body_terms", question.phrase, RANKED):
                one.promised = AS_WRITTEN + EVERY + PHRASE_IN_BODY
                surest[one.number] = one
        elif len(surest) > REREAD and not (several or self._required[0].word.word):
            typed = question.typed.strip()
            for one in await finder.containing(written, "title", typed, RANKED):
                one.promised = AS_TYPED
                surest[one.number] = one
        return list(surest.values())

    async def _tiered(
        self,
        groups: Sequence[Group],
        count: int | None,
        first: Sequence[Candidate],
    ) -> list[Candidate]:
        """More match than are ranked: those with the words in the title, then in the keywords."""
        found: dict[int, Candidate] = {}
        newest = self._finder.newest
        wanted = RANKED if self._reach <= RANKED else REACH
        if self._finder.strict:
            wanted = max(RANKED, self._reach)
        enough = FULL if wanted == RANKED else wanted
        for tier, order in _TIERS:
            if len(found) < enough:
                written = self._finder.dialect.written([Match(groups, tier, count)], self._space.id)
                for one in await self._finder.candidates(written, wanted, newest or order):
                    found.setdefault(one.number, one)
        if len(found) < enough:
            if wanted > RANKED or not first:
                first = await self._finder.candidates(
                    self._found.match, wanted, newest or " ORDER BY d.num"
                )
            for one in first:
                found.setdefault(one.number, one)
        return list(found.values())[:wanted]


def _shortened(sense: Sense) -> Group:
    """The likeliest of what stands for a word: sets of groups are written out in full."""
    group = sense.group()
    terms = sorted(group.terms, key=lambda term: -sense.terms[term][0])[:COMBINED_TERMS]
    return Group(terms, group.prefixes, group.phrases)
