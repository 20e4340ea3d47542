"""Keeping the index in line: it follows the event log, so that a message costs nothing extra.

What is indexed up to is a row in `counter`, moved forward in the commit that writes the index: no
event is missed, whatever stops in between, and a desk that is updated fills its index by itself.
A search first takes in what is new (`refresh`); a periodic job does between searches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.models import Contact
from desk.db.log import FEED, CounterRow, EventRow
from desk.events import Kind
from desk.search import documents
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import UnitOfWork, Units
from knowledge_base.search.fingerprint import fingerprint
from knowledge_base.search.sql import SqlSearch

CURSOR = "search"  # in `counter`
EVENTS: Final = 200  # read at once
RECORDS: Final = 25  # tickets or contacts indexed at once: a writer keeps others waiting
SOON: Final = 1000  # events that a search takes in before it answers; more is left to the job

_WRITTEN = frozenset(
    {
        Kind.MESSAGE_RECEIVED,
        Kind.MESSAGE_QUEUED,
        Kind.MESSAGE_MIRRORED,
        Kind.MESSAGE_CHANGED,
        Kind.NOTE_ADDED,
    }
)
_TICKET = frozenset({Kind.TICKET_CREATED, Kind.TICKET_CHANGED})
_CONTACT = frozenset({Kind.CONTACT_CREATED, Kind.CONTACT_CHANGED, Kind.IDENTITY_ADDED})
_FOLLOWED = frozenset(kind.value for kind in _WRITTEN | _TICKET | _CONTACT | {Kind.MESSAGE_STATE})
# Fields of a ticket that nobody searches for in words: lists filter by them.
_NOT_TEXT = frozenset({"status", "priority", "assignee_id", "team_id", "snoozed_until", "inbox_id"})

_LOCK = text(
    "INSERT INTO counter (name, value) VALUES (:name, 0) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value RETURNING value"
)
_MOVE = text("UPDATE counter SET value = :seq WHERE name = :name")

Progress = Callable[[int], None]


def engine(session: AsyncSession, kind: str) -> SqlSearch:
    """The index over tickets or contacts: every word must be found, the newest come first."""
    return SqlSearch(session, kind=kind, strict=True)


@dataclass(slots=True)
class Touched:
    """What events say has changed."""

    tickets: dict[UUID, set[int] | None] = field(default_factory=dict)
    contacts: set[UUID] = field(default_factory=set)
    last: int = 0  # the last event's number

    def ticket(self, ticket_id: UUID, block: int | None) -> None:
        """A block of it, or all."""
        known = self.tickets.get(ticket_id, set())
        self.tickets[ticket_id] = None if block is None or known is None else {*known, block}


async def behind(session: AsyncSession) -> int:
    """How many events the index has not taken in."""
    rows = await session.execute(
        select(CounterRow.name, CounterRow.value).where(CounterRow.name.in_((FEED, CURSOR)))
    )
    values = {row[0]: row[1] for row in rows}
    return int(values.get(FEED, 0)) - int(values.get(CURSOR, 0))


async def refresh(units: Units) -> None:
    """Take in what is new, unless that is more than a reader should wait for."""
    async with units.read() as session:
        count = await behind(session)
    if 0 < count <= SOON:
        await follow(units)


async def follow(units: Units, most: int = SOON) -> int:
    """Take in up to about `most` events; returns how many."""
    done = 0
    while done < most:
        async with units.write() as work:
            count = await catch_up(work)
        if not count:
            break
        done += count
    return done


async def catch_up(work: UnitOfWork) -> int:
    """Index what the next events changed; how many events that were, 0 at the log's end."""
    session = work.session
    seen = (await session.execute(_LOCK, {"name": CURSOR})).scalar_one()
    rows = (
        await session.execute(
            select(
                EventRow.seq,
                EventRow.kind,
                EventRow.ticket_id,
                EventRow.contact_id,
                EventRow.message_id,
                EventRow.changes,
            )
            .where(EventRow.seq > seen)
            .order_by(EventRow.seq)
            .limit(EVENTS)
        )
    ).all()
    if not rows:
        return 0
    touched = await _touched(session, rows, int(seen))
    await index_tickets(session, touched.tickets)
    await index_contacts(session, touched.contacts)
    await session.execute(_MOVE, {"name": CURSOR, "seq": touched.last})
    return touched.last - int(seen)


async def _touched(session: AsyncSession, rows: Sequence[Any], seen: int) -> Touched:
    """As many events as a unit of work should take in, and what they changed."""
    touched = Touched(last=seen)
    messages = [row.message_id for row in rows if row.kind in _FOLLOWED and row.message_id]
    found = await session.execute(select(Message.id, Message.seq).where(Message.id.in_(messages)))
    blocks = {id_: documents.block_of(seq) for id_, seq in found}
    for row in rows:
        if len(touched.tickets) + len(touched.contacts) >= RECORDS:
            break
        touched.last = row.seq
        if row.kind not in _FOLLOWED:
            continue
        if row.kind in _CONTACT and row.contact_id:
            touched.contacts.add(row.contact_id)
            if row.kind != Kind.CONTACT_CREATED:
                owned = select(Ticket.id).where(Ticket.contact_id == row.contact_id)
                for ticket_id in await session.scalars(owned):
                    touched.ticket(ticket_id, None)
        elif row.ticket_id and (row.kind in _WRITTEN or _taken_back(row)):
            touched.ticket(row.ticket_id, blocks.get(row.message_id))
        elif row.ticket_id and (
            row.kind == Kind.TICKET_CREATED
            or (row.kind == Kind.TICKET_CHANGED and set(row.changes or ("any",)) - _NOT_TEXT)
        ):
            touched.ticket(row.ticket_id, None)
    return touched


def _taken_back(row: Any) -> bool:  # noqa: ANN401 - an event's columns
    return row.kind == Kind.MESSAGE_STATE and "canceled" in row.changes.get("state", ())


async def index_tickets(session: AsyncSession, blocks: documents.Blocks) -> int:
    """Bring the documents of tickets in line; how many there are. A gone ticket leaves none."""
    if not blocks:
        return 0
    search = engine(session, documents.TICKET)
    made = await documents.of_tickets(session, blocks)
    there = {document.parent for document in made}
    doubtful = [id_.hex for id_, some in blocks.items() if some is None or id_.hex not in there]
    gone = set(await search.under(doubtful)) - {document.id for document in made}
    await search.remove(sorted(gone))
    await search.index(made)
    return len(made)


async def index_contacts(session: AsyncSession, ids: Collection[UUID]) -> int:
    """Bring the documents of contacts in line; how many there are."""
    if not ids:
        return 0
    search = engine(session, documents.CONTACT)
    made = await documents.of_contacts(session, ids)
    await search.remove(sorted({id_.hex for id_ in ids} - {document.id for document in made}))
    await search.index(made)
    return len(made)


async def forget(
    session: AsyncSession, tickets: Collection[UUID] = (), contacts: Collection[UUID] = ()
) -> None:
    """Take all that was written by and about somebody out of the index, in the erasing commit."""
    search = engine(session, documents.TICKET)
    await search.remove(await search.under([id_.hex for id_ in tickets]))
    await engine(session, documents.CONTACT).remove([id_.hex for id_ in contacts])


async def count(session: AsyncSession) -> int:
    """How many tickets and contacts there are to index."""
    total = 0
    for model in (Ticket, Contact):
        total += int((await session.execute(_counted(model))).scalar_one())
    return total


def _counted(model: type[Ticket | Contact]) -> Any:  # noqa: ANN401 - a statement
    return select(func.count()).select_from(model)


async def reindex(units: Units, progress: Progress) -> int:
    """Index every ticket and contact anew, a commit for every few, while searches go on.

    What is in the index and not in the desk any more is removed. Returns how many records.
    """
    async with units.read() as session:
        head = await session.scalar(select(CounterRow.value).where(CounterRow.name == FEED)) or 0
    done = 0
    for model in (Ticket, Contact):
        after: UUID | None = None
        while True:
            async with units.write() as work:
                query = select(model.id).order_by(model.id).limit(RECORDS)
                if after is not None:
                    query = query.where(model.id > after)
                ids = list(await work.session.scalars(query))
                if model is Ticket:
                    await index_tickets(work.session, dict.fromkeys(ids))
                else:
                    await index_contacts(work.session, ids)
            if not ids:
                break
            after = ids[-1]
            done += len(ids)
            progress(done)
    await _remove_surplus(units)
    async with units.write() as work:
        seen = (await work.session.execute(_LOCK, {"name": CURSOR})).scalar_one()
        await work.session.execute(_MOVE, {"name": CURSOR, "seq": max(int(seen), head)})
    return done


async def _remove_surplus(units: Units) -> None:
    """Documents of tickets and contacts that are gone."""
    for kind, model in ((documents.TICKET, Ticket), (documents.CONTACT, Contact)):
        async with units.write() as work:
            search = engine(work.session, kind)
            known = await search.ids()
            there = {id_.hex for id_ in await work.session.scalars(select(model.id))}
            await search.remove([id_ for id_ in known if id_.partition(":")[0] not in there])


async def differences(session: AsyncSession) -> list[str]:
    """Documents that are missing, out of date or without a record; empty when all is well."""
    wrong: list[str] = []
    for kind, model in ((documents.TICKET, Ticket), (documents.CONTACT, Contact)):
        left = dict(await engine(session, kind).ids())
        ids = list(await session.scalars(select(model.id).order_by(model.id)))
        for start in range(0, len(ids), RECORDS):
            some = ids[start : start + RECORDS]
            made = (
                await documents.of_tickets(session, dict.fromkeys(some))
                if model is Ticket
                else await documents.of_contacts(session, some)
            )
            wrong += [
                f"{kind} {document.id}"
                for document in made
                if left.pop(document.id, None) != fingerprint(document)
            ]
        wrong += [f"{kind} {id_}" for id_ in left]
    return wrong
