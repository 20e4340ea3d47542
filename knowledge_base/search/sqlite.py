"""SQLite: full-text search by FTS5, over tokens that our own normaliser made."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from knowledge_base.search.analysis import often
from knowledge_base.search.dialect import Driver
from knowledge_base.search.match import Group, Match, Tier

_COLUMNS: dict[Tier, str] = {"title": "{title} : ", "strong": "{title strong} : ", "any": ""}

# FTS5's `ascii` tokenizer parts tokens at ASCII punctuation, so what a token keeps of it moves to
# the private use area; so does what stands between a space and a token of it.
_PRIVATE = {code: 0xE000 + code for code in range(0x21, 0x7F) if not chr(code).isalnum()}
_BETWEEN = "\ue07f"
_REMOVE = (
    "INSERT INTO search_fts (search_fts, rowid, title, strong, body) VALUES ('delete',?,?,?,?)"
)
_INSERT = "INSERT INTO search_fts (rowid, title, strong, body) VALUES (?,?,?,?)"


class Sqlite(Driver):
    """See `Dialect`."""

    contains = "instr"

    def within(self, column: str) -> str:
        """See `Dialect`."""
        return f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608 - our column names

    def listed(self, values: Collection[str]) -> object:
        """See `Dialect`."""
        return json.dumps(list(values), ensure_ascii=False)

    def matching(self) -> tuple[str, str]:
        """See `Dialect`."""
        return "", (
            "FROM search_fts CROSS JOIN search_document d ON d.num = search_fts.rowid "
            "WHERE search_fts MATCH ?"
        )

    def written(self, matches: Sequence[Match], space: int) -> str:
        """See `Dialect`."""
        prefix = f"{space}{_BETWEEN}"

        def quoted(term: str) -> str:
            return f'"{prefix}{term.translate(_PRIVATE)}"'

        def group(wanted: Group) -> str:
            parts = [quoted(term) for term in wanted.terms]
            parts += [f"{quoted(start)} *" for start in wanted.prefixes]
            parts += [f"({' AND '.join(map(quoted, phrase))})" for phrase in wanted.phrases]
            return f"({' OR '.join(parts)})"

        written = []
        for match in matches:
            sets = [f"({' AND '.join(map(group, groups))})" for groups in match.conjunctions()]
            written.append(f"({_COLUMNS[match.tier]}({' OR '.join(sets)}))")
        return " OR ".join(written)

    async def lock(self) -> None:
        """SQLite has one writer at a time anyway."""

    async def bump(self, space: int, changes: Mapping[str, int]) -> list[str]:
        """See `Dialect`."""
        packed = json.dumps(changes, ensure_ascii=False)
        new = await self.run(
            "SELECT key FROM json_each(?) WHERE NOT EXISTS "
            "(SELECT 1 FROM search_term WHERE space = ? AND term = key)",
            (packed, space),
        )
        await self.run(
            "INSERT INTO search_term (space, term, documents) "
            "SELECT ?, key, value FROM json_each(?) WHERE true ORDER BY key "
            "ON CONFLICT (space, term) DO UPDATE SET documents = documents + excluded.documents",
            (space, packed),
        )
        return [row[0] for row in new]

    async def write_terms(self, rows: Iterable[tuple[int, int, str, str, str]]) -> None:
        """See `Dialect`."""
        await self.run_many(_INSERT, [_bags(*row) for row in rows])

    async def erase_terms(self, rows: Iterable[tuple[int, int, str, str, str]]) -> None:
        """FTS5 keeps no text here: it has to be told what to take out."""
        await self.run_many(_REMOVE, [_bags(*row) for row in rows])

    async def tidy(self) -> None:
        """One segment is searched faster than several."""
        await self.run("INSERT INTO search_fts (search_fts) VALUES ('optimize')")


def _bags(number: int, space: int, title: str, strong: str, body: str) -> Sequence[object]:
    """The distinct tokens of each stream, marked with their space."""
    prefix = f"{space}{_BETWEEN}"
    bags = [
        " ".join([prefix + term for term in dict.fromkeys(stream.translate(_PRIVATE).split())])
        for stream in (title, " ".join((strong, *often(body))), body)
    ]
    return (number, *bags)
