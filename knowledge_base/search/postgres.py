"""PostgreSQL: a GIN index over lexemes that our own normaliser made.

No text search configuration and no extension takes part: what counts as a word, its stems, parts
and slips are the same terms as on SQLite, so both databases find the same documents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from knowledge_base.search.analysis import often
from knowledge_base.search.dialect import Driver
from knowledge_base.search.match import Group, Match, Tier

_LETTERS: dict[Tier, str] = {"title": "t", "strong": "s", "any": "a"}
_MATCHED = (
    "WITH matched AS MATERIALIZED "
    "(SELECT num FROM search_lexemes WHERE lexemes @@ CAST(? AS tsquery)) "
)
_LOCK = 727_275  # of all advisory locks, the index's own


class Postgres(Driver):
    """See `Dialect`."""

    contains = "strpos"

    def translate(self, sql: str) -> str:
        """To psycopg's style; the statements have no literal `?` and no `%`."""
        return sql.replace("?", "%s")

    def within(self, column: str) -> str:
        """See `Dialect`."""
        return f"{column} = ANY(?)"

    def listed(self, values: Collection[str]) -> object:
        """See `Dialect`."""
        return list(values)

    def matching(self) -> tuple[str, str]:
        """Matched on its own: with a LIMIT in sight the planner would read the table instead."""
        return _MATCHED, "FROM matched JOIN search_document d USING (num) WHERE true"

    def written(self, matches: Sequence[Match], space: int) -> str:
        """See `Dialect`."""
        written: list[str] = []
        for match in matches:
            prefix = f"{_LETTERS[match.tier]}{space}:"
            written += [
                " & ".join([_group(wanted, prefix) for wanted in groups])
                for groups in match.conjunctions()
            ]
        return " | ".join([f"({one})" for one in written])

    async def lock(self) -> None:
        """One writer at a time: two would wait for each other's rows of common terms."""
        await self.run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))

    async def bump(self, space: int, changes: Mapping[str, int]) -> list[str]:
        """See `Dialect`."""
        rows = await self.run(
            "INSERT INTO search_term (space, term, documents) "
            "SELECT ?, term, change FROM unnest(?::text[], ?::integer[]) AS u (term, change) "
            "ON CONFLICT (space, term) DO UPDATE "
            "SET documents = search_term.documents + excluded.documents "
            "RETURNING term, xmax = 0",
            (space, list(changes), list(changes.values())),
        )
        return [term for term, new in rows if new]

    async def write_terms(self, rows: Iterable[tuple[int, int, str, str, str]]) -> None:
        """See `Dialect`."""
        await self.run_many(
            "INSERT INTO search_lexemes (num, lexemes) VALUES (?, CAST(? AS tsvector))",
            [(number, _vector(space, *streams)) for number, space, *streams in rows],
        )

    async def erase_terms(self, rows: Iterable[tuple[int, int, str, str, str]]) -> None:
        """See `Dialect`."""
        numbers = [row[0] for row in rows]
        await self.run("DELETE FROM search_lexemes WHERE num = ANY(?)", (numbers,))

    async def tidy(self) -> None:
        """Until then the planner believes that the tables are empty."""
        await self.run(
            "ANALYZE search_document, search_text, search_lexemes, search_term, search_key"
        )


def _vector(space: int, title: str, strong: str, body: str) -> str:
    """Each distinct token by the places it is looked for in; tokens hold no quote or backslash."""
    titled = dict.fromkeys(title.split())
    stressed = dict.fromkeys([*titled, *strong.split(), *often(body)])
    anywhere = dict.fromkeys([*stressed, *body.split()])
    lexemes = [f"'t{space}:{term}'" for term in titled]
    lexemes += [f"'s{space}:{term}'" for term in stressed]
    lexemes += [f"'a{space}:{term}'" for term in anywhere]
    return " ".join(lexemes)


def _group(wanted: Group, prefix: str) -> str:
    parts = [f"'{prefix}{term}'" for term in wanted.terms]
    parts += [f"'{prefix}{start}':*" for start in wanted.prefixes]
    for phrase in wanted.phrases:
        together = " & ".join(f"'{prefix}{term}'" for term in phrase)
        parts.append(f"({together})")
    return f"({' | '.join(parts)})"
