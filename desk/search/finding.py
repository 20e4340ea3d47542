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
from knowledge_base.search.answer import Answer, Place
from knowledge_base.search.engine import Filters, Highlighted, Hit

REACH: Final = 200  # tickets that are ranked
FEW: Final = 10  # documents that are ranked where only what matches is asked for
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
    if number := _number(filters.text):
        return replace(filters, text="", match=Ticket.number == number)
    answer = await _ask(session, filters.text, FEW)
    return filters if answer is None else _matched(filters, answer)


def _matched(filters: lists.Filters, answer: Answer) -> lists.Filters:
    parts: list[ColumnElement[bool]] = []
    matching = answer.matching
    for index, match in enumerate(matching.matches):
        name = f"match_{index}"
        statement = text(matching.statement.replace(":match", f":{name}"))
        found = statement.bindparams(**{name: match}).columns(column("parent", Uuid)).subquery()
        parts.append(Ticket.id.in_(select(found.c.parent)))
    return replace(filters, text="", match=or_(*parts) if parts else false())


async def ranked(
    session: AsyncSession, filters: lists.Filters, limit: int, offset: int
) -> tuple[list[Match], bool]:
    """A page of the best tickets for the filters' words, and whether there are more.

    Those that match best of all within the filters; where they are too few for the page, the
    latest that match, too. At most REACH in all.
    """
    if number := _number(filters.text):
        chosen = replace(filters, text="", match=Ticket.number == number)
        ids = await session.scalars(select(Ticket.id).where(*lists.conditions(chosen)))
        return [_bare(id_) for id_ in ids][offset : offset + limit], False
    answer = await _ask(session, filters.text, REACH)
    if answer is None:
        return [], False
    narrow = replace(filters, text="")
    best = await _within(session, narrow, _firsts(await answer.places()))
    if answer.partial and len(best) < offset + limit:
        latest = select(Ticket.id).where(*lists.conditions(_matched(filters, answer)))
        latest = latest.order_by(Ticket.last_message_at.desc(), Ticket.id.desc()).limit(REACH)
        others = [id_.hex for id_ in await session.scalars(latest) if id_.hex not in best]
        best = {**_firsts(await answer.among(others)), **best}
    numbers = answer.in_order(best.values())[:REACH]
    hits = await answer.hits(numbers, limit, offset)
    return await _explained(session, hits), len(numbers) > offset + limit


def _firsts(places: Iterable[Place]) -> dict[str, int]:
    """By ticket, the number of its best document."""
    firsts: dict[str, int] = {}
    for place in places:
        firsts.setdefault(place.parent, place.number)
    return firsts


async def _within(
    session: AsyncSession, filters: lists.Filters, firsts: dict[str, int]
) -> dict[str, int]:
    """Those that the filters let through."""
    conditions = lists.conditions(filters)
    if not conditions or not firsts:
        return firsts
    ids = [UUID(parent) for parent in firsts]
    there = select(Ticket.id).where(Ticket.id.in_(ids), *conditions)
    passed = {id_.hex for id_ in await session.scalars(there)}
    return {parent: number for parent, number in firsts.items() if parent in passed}


async def matches(session: AsyncSession, query: str, ids: Iterable[UUID]) -> list[Match]:
    """Where these tickets match, the best first; one that does not match has none."""
    wanted = [id_.hex for id_ in ids]
    if not wanted or _number(query):
        return []
    answer = await _ask(session, query, len(wanted), wanted)
    if answer is None:
        return []
    firsts = _firsts(await answer.places())
    hits = await answer.hits([*firsts.values()], len(firsts), 0)
    return await _explained(session, hits)


async def _ask(
    session: AsyncSession, query: str, reach: int, parents: Sequence[str] = ()
) -> Answer | None:
    search = engine(session, documents.TICKET)
    within = replace(_READER, parents=parents)
    return await search.ask(cleaned(query), documents.LOCALE, within, reach)


def _number(query: str) -> int | None:
    number = _NUMBER.fullmatch(query)
    return int(number[1]) if number else None


def _bare(ticket_id: UUID) -> Match:
    """A ticket that was found by its number."""
    return Match(ticket_id, Highlighted(""), Highlighted(""), None, None, "exact")


async def _explained(session: AsyncSession, hits: Sequence[Hit]) -> list[Match]:
    """Each with the message that has the first word that matched."""
    marked = [split_id(hit.id) for hit in hits if hit.snippet.ranges]
    extents = await documents.extents(session, marked)
    found: list[Match] = []
    for hit in hits:
        ticket_id, block = split_id(hit.id)
        message = None
        if hit.snippet.ranges:
            position = hit.offset + hit.snippet.ranges[0][0]
            message = documents.extent_at(extents.get((ticket_id, block), ()), position)
        message_id, seq = (message.message_id, message.seq) if message else (None, None)
        found.append(Match(ticket_id, hit.title, hit.snippet, message_id, seq, hit.why))
    return found


async def contacts(session: AsyncSession, query: str, limit: int, offset: int) -> list[UUID] | None:
    """The best contacts for a query; None when it has no word."""
    search = engine(session, documents.CONTACT)
    answer = await search.ask(cleaned(query), documents.LOCALE, _READER, limit + offset)
    if answer is None:
        return None
    numbers = [place.number for place in await answer.places()]
    return [UUID(hit.id) for hit in await answer.hits(numbers, limit, offset)]
