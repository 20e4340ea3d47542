"""Finding tickets and contacts by words: what matches, what of it is best, and where it matched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, column, false, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from desk.search import documents
from desk.search.documents import split_id
from desk.search.keeping import engine
from desk.tickets import lists
from desk.tickets.models import Ticket
from knowledge_base.search.engine import Filters, Highlighted, Hit

REACH: Final = 200  # tickets that are ranked
_READER = Filters((documents.AUDIENCE,))
_NUMBER = re.compile(r"\s*#(\d{1,9})\s*")
_DIGITS = re.compile(r"[\s+()./-]*(?:\d[\s()./-]*){5,}")


@dataclass(frozen=True, slots=True)
class Match:
    """Where a ticket matched. No message: only its subject, number, tags or customer did."""

    ticket_id: UUID
    subject: Highlighted
    snippet: Highlighted
    message_id: UUID | None
    seq: int | None
    why: str


def cleaned(query: str) -> str:
    """A phone number as it is stored: without what people put between its digits."""
    return re.sub(r"\D", "", query) if _DIGITS.fullmatch(query) else query


async def narrowed(session: AsyncSession, filters: lists.Filters) -> lists.Filters:
    """The filters with their words answered by the index; those it has no word for stay."""
    number = _NUMBER.fullmatch(filters.text)
    if number:
        return replace(filters, text="", match=Ticket.number == int(number[1]))
    query = cleaned(filters.text)
    search = engine(session, documents.TICKET)
    matching = await search.matching(query, documents.LOCALE, _READER)
    if matching is None:
        return filters
    parts: list[ColumnElement[bool]] = []
    for index, match in enumerate(matching.matches):
        name = f"match_{index}"
        statement = text(matching.statement.replace(":match", f":{name}"))
        found = statement.bindparams(**{name: match}).columns(column("parent", Uuid)).subquery()
        parts.append(Ticket.id.in_(select(found.c.parent)))
    return replace(filters, text="", match=or_(*parts) if parts else false())


async def ranked(session: AsyncSession, query: str, filters: lists.Filters) -> list[Match]:
    """The best tickets for a query within `filters`, which are narrowed already; at most REACH.

    Those that match best of all, and the latest that match, ranked together.
    """
    best = await _hits(session, query, ())
    latest = select(Ticket.id).where(*lists.conditions(filters))
    latest = latest.order_by(Ticket.last_message_at.desc(), Ticket.id.desc()).limit(REACH)
    ids = set(await session.scalars(latest))
    others = {split_id(hit.id)[0] for hit in best} - ids
    if others:
        within = [*lists.conditions(filters), Ticket.id.in_(others)]
        ids.update(await session.scalars(select(Ticket.id).where(*within)))
    found = await matches(session, query, ids)
    known = {match.ticket_id for match in found}
    bare = Highlighted("")  # found by number
    found += [Match(one, bare, bare, None, None, "exact") for one in sorted(ids - known)]
    return found[:REACH]


async def matches(session: AsyncSession, query: str, ids: Iterable[UUID]) -> list[Match]:
    """Where these tickets match, the best first; one that does not match has none."""
    wanted = {id_.hex for id_ in ids}
    if not wanted or _NUMBER.fullmatch(query):
        return []
    first: dict[UUID, Hit] = {}
    for hit in await _hits(session, query, sorted(wanted)):
        first.setdefault(split_id(hit.id)[0], hit)
    return [await _match(session, hit) for hit in first.values()]


async def _hits(session: AsyncSession, query: str, parents: Sequence[str]) -> Sequence[Hit]:
    search = engine(session, documents.TICKET)
    within = replace(_READER, parents=parents)
    page = await search.search(cleaned(query), documents.LOCALE, within, REACH)
    return page.hits


async def _match(session: AsyncSession, hit: Hit) -> Match:
    """The message is the one that has the first word that matched."""
    ticket_id, block = split_id(hit.id)
    piece = None
    if hit.snippet.ranges:
        texts = await documents.pieces(session, {ticket_id: (block,)})
        position = hit.offset + hit.snippet.ranges[0][0]
        piece = documents.piece_at(texts[ticket_id][block], position)
    return Match(
        ticket_id,
        hit.title,
        hit.snippet,
        piece.message_id if piece else None,
        piece.seq if piece else None,
        hit.why,
    )


async def contacts(session: AsyncSession, query: str, limit: int, offset: int) -> list[UUID] | None:
    """The best contacts for a query; None when it has no word."""
    search = engine(session, documents.CONTACT)
    text_ = cleaned(query)
    if await search.matching(text_, documents.LOCALE, _READER) is None:
        return None
    page = await search.search(text_, documents.LOCALE, _READER, limit, offset)
    return [UUID(hit.id) for hit in page.hits]
