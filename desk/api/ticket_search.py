"""Rows of a ticket list that were searched for: ranked, with where they matched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from desk.api.pagination import Number, Page, decode_cursor, encode_cursor
from desk.api.ticket_query import RELEVANCE, Query, filters_of
from desk.errors import Invalid
from desk.search import finding
from desk.search.finding import Match
from desk.tickets import lists
from desk.tickets.views import TicketRow, ticket_row
from desk.unit_of_work import Units
from knowledge_base.search.engine import Highlighted


class Marked(msgspec.Struct, frozen=True):
    """A text and the half-open ranges of it, in characters, that matched."""

    text: str
    ranges: list[tuple[int, int]]


class MatchOut(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ticket matched. `why`: the weakest way a word did: exact, prefix, substring, typo.

    Without a message, only the subject, number, tags or customer matched.
    """

    subject: Marked
    snippet: Marked
    message_id: UUID | None
    seq: int | None
    why: str


class FoundRow(TicketRow, frozen=True, kw_only=True):
    """A ticket as a list shows it; `match` is there when it was searched for."""

    match: MatchOut | None = None


def found_row(row: Any, match: Match | None) -> FoundRow:  # noqa: ANN401 - ROW_COLUMNS
    """From a list row."""
    plain = ticket_row(row)
    fields = {name: getattr(plain, name) for name in plain.__struct_fields__}
    return FoundRow(**fields, match=_out(match) if match else None)


def _out(match: Match) -> MatchOut:
    return MatchOut(
        subject=_marked(match.subject),
        snippet=_marked(match.snippet),
        message_id=match.message_id,
        seq=match.seq,
        why=match.why,
    )


def _marked(text: Highlighted) -> Marked:
    return Marked(text.text, list(text.ranges))


async def places(session: AsyncSession, query: str, rows: Iterable[Any]) -> Mapping[UUID, Match]:
    """Where the rows matched."""
    found = await finding.matches(session, query, [row.id for row in rows])
    return {match.ticket_id: match for match in found}


async def best_tickets(
    units: Units, query: Query, agent_id: UUID, limit: int, cursor: str | None
) -> Page[FoundRow]:
    """A page of those that answer `q` best; there is no page after the first `finding.REACH`."""
    if not query.q.strip():
        raise Invalid(errors=[("sort", f"is {RELEVANCE} only where `q` has words")])
    after = decode_cursor(cursor, RELEVANCE, Number)
    offset = after[0] if after else 0
    async with units.read() as session:
        filters = filters_of(query, agent_id, units.clock())
        some, more = await finding.ranked(session, filters, limit, offset)
        chosen = lists.Filters(ids=tuple(match.ticket_id for match in some))
        rows = {}
        if some:
            listed = lists.rows_query(
                chosen, agent_id, "number", descending=False, after=None, limit=limit
            )
            rows = {row.id: row for row in await session.execute(listed)}
    return Page(
        items=[
            found_row(rows[match.ticket_id], match) for match in some if match.ticket_id in rows
        ],
        next_cursor=encode_cursor(RELEVANCE, offset + limit) if more else None,
    )
