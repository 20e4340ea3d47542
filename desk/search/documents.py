"""What the index knows of tickets and contacts.

A ticket is one document for every few messages, so that a long thread costs no more to follow
than a short one, and each of them has the subject, the number, the tags and the customer: the
words of a query may be spread over those and the messages of one block.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts import repository as contacts
from desk.contacts.models import Contact, Identity
from desk.files.models import Attachment
from desk.tickets.models import Message, Ticket
from knowledge_base.search.engine import SearchDocument

TICKET, CONTACT = "ticket", "contact"  # the index's kinds
LOCALE = "und"  # one vocabulary: agents look for what customers wrote in any language
AUDIENCE = "agents"
BLOCK: Final = 16  # messages in a document
LONGEST: Final = 8_000  # characters of one message that are searched
BETWEEN = "\n\n"
FEWEST_DIGITS = 6  # of a phone number without its country
MOST_COUNTRY = 4  # digits that a country's and an area's prefix may have

Blocks = Mapping[UUID, Collection[int] | None]  # of tickets, which blocks; None: all of them


@dataclass(frozen=True, slots=True)
class Piece:
    """What is searched of a message."""

    message_id: UUID
    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class Extent:
    """How many characters of its block's body a message has."""

    message_id: UUID
    seq: int
    length: int


def block_of(seq: int) -> int:
    """Which block a message is in; `seq` counts from 1."""
    return max(seq - 1, 0) // BLOCK


def document_id(ticket_id: UUID, block: int) -> str:
    """The id of a block's document."""
    return f"{ticket_id.hex}:{block}"


def split_id(id_: str) -> tuple[UUID, int]:
    """The ticket and the block of a document."""
    ticket, _, block = id_.partition(":")
    return UUID(ticket), int(block)


async def pieces(session: AsyncSession, blocks: Blocks) -> dict[UUID, dict[int, list[Piece]]]:
    """The searched texts of messages and the names of their files, by ticket and block."""
    whole = [ticket_id for ticket_id, some in blocks.items() if some is None]
    wanted: list[ColumnElement[bool]] = [Message.ticket_id.in_(whole)] if whole else []
    wanted += [
        and_(
            Message.ticket_id == ticket_id,
            Message.seq > block * BLOCK,
            Message.seq <= (block + 1) * BLOCK,
        )
        for ticket_id, some in blocks.items()
        for block in some or ()
    ]
    found: dict[UUID, dict[int, list[Piece]]] = defaultdict(lambda: defaultdict(list))
    if not wanted:
        return found
    columns = (Message.id, Message.ticket_id, Message.seq, Message.fresh, Message.text)
    rows = (
        await session.execute(
            select(*columns, Message.attachment_count)
            .where(or_(*wanted), Message.state != "canceled")
            .order_by(Message.ticket_id, Message.seq)
        )
    ).all()
    names = await _file_names(session, [row.id for row in rows if row.attachment_count])
    for row in rows:
        text = (row.fresh or row.text)[:LONGEST]
        text = BETWEEN.join([text, *names.get(row.id, ())])
        found[row.ticket_id][block_of(row.seq)].append(Piece(row.id, row.seq, text))
    return found


async def _file_names(
    session: AsyncSession, message_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    if message_ids:
        rows = await session.execute(
            select(Attachment.message_id, Attachment.filename)
            .where(Attachment.message_id.in_(message_ids))
            .order_by(Attachment.id)
        )
        for message_id, name in rows:
            if message_id is not None:
                found[message_id].append(name)
    return found


def body_of(block: Iterable[Piece]) -> str:
    """The body of a block's document."""
    return BETWEEN.join(piece.text for piece in block)


async def extents(
    session: AsyncSession, places: Iterable[tuple[UUID, int]]
) -> dict[tuple[UUID, int], list[Extent]]:
    """How long each message of some blocks is in their bodies, without reading the texts."""
    by_block: dict[int, list[UUID]] = defaultdict(list)
    for ticket_id, block in places:
        by_block[block].append(ticket_id)
    found: dict[tuple[UUID, int], list[Extent]] = defaultdict(list)
    said = func.coalesce(func.nullif(Message.fresh, ""), Message.text)
    length = func.length(said).label("length")
    columns = (Message.id, Message.ticket_id, Message.seq, Message.attachment_count, length)
    for block, ticket_ids in by_block.items():
        rows = (
            await session.execute(
                select(*columns)
                .where(
                    Message.ticket_id.in_(ticket_ids),
                    Message.seq > block * BLOCK,
                    Message.seq <= (block + 1) * BLOCK,
                    Message.state != "canceled",
                )
                .order_by(Message.ticket_id, Message.seq)
            )
        ).all()
        names = await _file_names(session, [row.id for row in rows if row.attachment_count])
        for row in rows:
            more = sum(len(BETWEEN) + len(name) for name in names.get(row.id, ()))
            extent = Extent(row.id, row.seq, min(row.length, LONGEST) + more)
            found[row.ticket_id, block].append(extent)
    return found


def extent_at(block: Iterable[Extent], position: int) -> Extent | None:
    """The message that has a character of the body."""
    end = 0
    for extent in block:
        end += extent.length + len(BETWEEN)
        if position < end:
            return extent
    return None


async def of_tickets(session: AsyncSession, blocks: Blocks) -> list[SearchDocument]:
    """The documents of tickets, in the order of their ids; one that is gone has none."""
    tickets = (
        await session.execute(
            select(
                Ticket.id,
                Ticket.number,
                Ticket.subject,
                Ticket.tags,
                Ticket.contact_id,
                Ticket.contact_name,
                Contact.company,
                Ticket.created_at,
            )
            .join(Contact, Contact.id == Ticket.contact_id)
            .where(Ticket.id.in_(list(blocks)))
            .order_by(Ticket.id)
        )
    ).all()
    addresses = await contacts.identities_of(session, list({row.contact_id for row in tickets}))
    texts = await pieces(session, {row.id: blocks[row.id] for row in tickets})
    return [
        _ticket(row, block, addresses.get(row.contact_id, ()), texts[row.id].get(block, ()))
        for row in tickets
        for block in _blocks(blocks[row.id], texts[row.id])
    ]


def _blocks(some: Collection[int] | None, there: Collection[int]) -> Collection[int]:
    """The first one is there even before a message."""
    return sorted(some) if some is not None else sorted({0, *there})


def _ticket(
    row: Any,  # noqa: ANN401 - the columns above
    block: int,
    identities: Iterable[Identity],
    texts: Iterable[Piece],
) -> SearchDocument:
    return SearchDocument(
        id=document_id(row.id, block),
        locale=LOCALE,
        title=row.subject,
        body=body_of(texts),
        keywords=(str(row.number), row.contact_name, row.company, *_addresses(identities)),
        tags=row.tags,
        audience=AUDIENCE,
        updated_at=row.created_at,
        parent=row.id.hex,
    )


async def of_contacts(session: AsyncSession, ids: Collection[UUID]) -> list[SearchDocument]:
    """The documents of contacts; one that is gone has none."""
    found = (await session.scalars(select(Contact).where(Contact.id.in_(ids)))).all()
    addresses = await contacts.identities_of(session, [contact.id for contact in found])
    return [
        SearchDocument(
            id=contact.id.hex,
            locale=LOCALE,
            title=contact.name,
            body=contact.notes,
            keywords=(contact.company, *_addresses(addresses.get(contact.id, ()))),
            audience=AUDIENCE,
            updated_at=contact.created_at,
            parent=contact.id.hex,
        )
        for contact in sorted(found, key=lambda contact: contact.id)
    ]


def _addresses(identities: Iterable[Identity]) -> list[str]:
    """Addresses, and phone numbers also as people write them at home."""
    found: list[str] = []
    for identity in identities:
        found.append(identity.value)
        if identity.display:
            found.append(identity.display)
        digits = identity.value.lstrip("+")
        if digits.isdecimal():
            longest = len(digits) - 1
            shortest = max(len(digits) - MOST_COUNTRY, FEWEST_DIGITS)
            found += [digits[-count:] for count in range(longest, shortest - 1, -1)]
            found += [f"0{digits[-count:]}" for count in range(longest, shortest - 1, -1)]
    return found
