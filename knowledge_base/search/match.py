"""What a document must contain, as a value that each database writes in its own language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

# Where a word must stand: in the title; in the title, keywords or summary; anywhere.
Tier = Literal["title", "strong", "any"]


@dataclass(frozen=True, slots=True)
class Group:
    """One word of the query and everything that stands for it: any alternative will do."""

    terms: Sequence[str] = ()
    prefixes: Sequence[str] = ()
    phrases: Sequence[Sequence[str]] = ()  # each: all of these terms

    def __bool__(self) -> bool:
        return bool(self.terms or self.prefixes or self.phrases)


@dataclass(frozen=True, slots=True)
class Match:
    """At least `count` of the groups (all when None), where `tier` says."""

    groups: Sequence[Group]
    tier: Tier = "any"
    count: int | None = None

    def conjunctions(self) -> Iterable[Sequence[Group]]:
        """The sets of groups of which one must match whole."""
        if self.count is None or self.count >= len(self.groups):
            return [self.groups]
        return combinations(self.groups, self.count)
