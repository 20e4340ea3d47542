"""Lists of tickets: filters, orders, keyset pages and counts. Nothing here uses OFFSET."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.models import Identity
from desk.tickets.lifecycle import UNSOLVED
from desk.tickets.models import (
    Ticket,
    TicketInbox,
    TicketMention,
    TicketRead,
    TicketTag,
)

# Sort name -> columns. Tickets without a value come last; by deadline, those without one follow
# in the order in which their customers wait.
SORTS: Final[dict[str, tuple[Any, ...]]] = {
    "created_at": (Ticket.created_at,),
    "updated_at": (Ticket.updated_at,),
    "last_message_at": (Ticket.last_message_at,),
    "number": (Ticket.number,),
    "next_due_at": (Ticket.next_due_at, Ticket.waiting_since),
    "waiting_since": (Ticket.waiting_since,),
}
ROW_COLUMNS: Final = (
    Ticket.id,
    Ticket.number,
    Ticket.subject,
    Ticket.status,
    Ticket.priority,
    Ticket.channel,
    Ticket.inbox_id,
    Ticket.contact_id,
    Ticket.contact_name,
    Ticket.assignee_id,
    Ticket.team_id,
    Ticket.locale,
    Ticket.tags,
    Ticket.version,
    Ticket.last_seq,
    Ticket.last_inbound_seq,
    Ticket.last_message_at,
    Ticket.last_message_preview,
    Ticket.last_message_kind,
    Ticket.last_message_author,
    Ticket.waiting_since,
    Ticket.next_due_at,
    Ticket.next_due_kind,
    Ticket.snoozed_until,
    Ticket.created_at,
    Ticket.updated_at,
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of tickets is narrowed to; empty means everything."""

    status: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    assignee: UUID | str | None = None  # an id, or "none"
    team: UUID | str | None = None  # an id, or "none"
    inbox: UUID | None = None
    contact: UUID | None = None
    locale: str | None = None
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    text: str = ""
    unread_by: UUID | None = None
    mentions: UUID | None = None
    snoozed: bool | None = None
    now: datetime | None = None
    ids: tuple[UUID, ...] = field(default=())


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """The WHERE clause."""
    result: list[ColumnElement[bool]] = [*_columns(filters)]
    result.extend(_tagged(name) for name in filters.tags)
    result.extend(~_tagged(name) for name in filters.not_tags)
    if filters.snoozed is not None and filters.now:
        asleep = and_(Ticket.snoozed_until.is_not(None), Ticket.snoozed_until > filters.now)
        result.append(asleep if filters.snoozed else ~asleep)
    if filters.unread_by:
        result.append(Ticket.last_inbound_seq > func.coalesce(_read_seq(filters.unread_by), 0))
    if filters.mentions:
        result.append(
            exists().where(
                TicketMention.ticket_id == Ticket.id, TicketMention.agent_id == filters.mentions
            )
        )
    if filters.ids:
        result.append(Ticket.id.in_(filters.ids))
    if filters.text:
        result.append(_matches(filters.text))
    return result


def _columns(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """Conditions on single columns."""
    words = (
        (Ticket.status, filters.status),
        (Ticket.priority, filters.priority),
        (Ticket.channel, filters.channel),
    )
    for column, values in words:
        if values:
            yield column == values[0] if len(values) == 1 else column.in_(values)
    owners = ((Ticket.assignee_id, filters.assignee), (Ticket.team_id, filters.team))
    for owner, wanted in owners:
        if isinstance(wanted, UUID):
            yield owner == wanted
        elif wanted == "none":
            yield owner.is_(None)
    if filters.inbox:
        yield _in_inbox(filters.inbox)
    for single, value in (
        (Ticket.contact_id, filters.contact),
        (Ticket.locale, filters.locale),
    ):
        if value:
            yield single == value


def _in_inbox(inbox_id: UUID) -> ColumnElement[bool]:
    shown = select(TicketInbox.ticket_id).where(TicketInbox.inbox_id == inbox_id)
    return or_(Ticket.inbox_id == inbox_id, Ticket.id.in_(shown))


def _tagged(name: str) -> ColumnElement[bool]:
    return exists().where(TicketTag.ticket_id == Ticket.id, TicketTag.name == name)


def _read_seq(agent_id: UUID) -> Any:  # noqa: ANN401 - a scalar subquery
    return (
        select(TicketRead.seq)
        .where(TicketRead.ticket_id == Ticket.id, TicketRead.agent_id == agent_id)
        .scalar_subquery()
    )


def _matches(text: str) -> ColumnElement[bool]:
    """Words in the subject, the contact's name or address; a number finds its ticket."""
    clauses: list[ColumnElement[bool]] = []
    for word in text.split()[:8]:
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        owner = select(Identity.contact_id).where(Identity.value.ilike(pattern, escape="\\"))
        either: list[ColumnElement[bool]] = [
            Ticket.subject.ilike(pattern, escape="\\"),
            Ticket.contact_name.ilike(pattern, escape="\\"),
            Ticket.last_message_preview.ilike(pattern, escape="\\"),
            Ticket.contact_id.in_(owner),
        ]
        number = word.lstrip("#")
        if number.isdecimal() and len(number) < 10:  # noqa: PLR2004 - fits an integer column
            either.append(Ticket.number == int(number))
        clauses.append(or_(*either))
    return and_(*clauses) if clauses else literal(value=True)


def rows_query(
    filters: Filters,
    agent_id: UUID | None,
    sort: str,
    *,
    descending: bool,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Select[*tuple[Any, ...]]:
    """One page of list rows: a single statement, whatever the filters.

    `after` is (sort values, id) of the last row seen; rows without a sort value come last.
    """
    columns = SORTS[sort]
    read = _read_seq(agent_id) if agent_id else literal(0)
    query: Any = select(*ROW_COLUMNS, func.coalesce(read, 0).label("read_seq"))
    where = conditions(filters)
    if after is not None:
        where.append(_after((*columns, Ticket.id), after, descending=descending))
    order = [_order(column, descending=descending) for column in (*columns, Ticket.id)]
    page: Select[Any] = query.where(*where).order_by(*order).limit(limit)
    return page


def _order(column: Any, *, descending: bool) -> Any:  # noqa: ANN401 - an instrumented column
    direction = column.desc() if descending else column.asc()
    return direction.nulls_last() if column.nullable else direction


def _after(
    columns: tuple[Any, ...], after: tuple[Any, ...], *, descending: bool
) -> ColumnElement[bool]:
    """Rows behind the mark, column by column; nothing is behind no value but by the next column."""
    column, value = columns[0], after[0]
    if len(columns) == 1:
        return cast("ColumnElement[bool]", column < value if descending else column > value)
    rest = _after(columns[1:], after[1:], descending=descending)
    if value is None:
        return and_(column.is_(None), rest)
    if len(columns) == 2 and not column.nullable:  # noqa: PLR2004 - what an index answers at once
        pair = tuple_(*columns)
        mark = tuple_(*(literal(v, c.type) for v, c in zip(after, columns, strict=True)))
        return pair < mark if descending else pair > mark
    further = column < value if descending else column > value
    behind = or_(further, and_(column == value, rest))
    return or_(behind, column.is_(None)) if column.nullable else behind


async def counts(
    session: AsyncSession, filters: Filters, agent_id: UUID, now: datetime
) -> dict[str, int]:
    """How many unsolved, unsnoozed tickets the tabs show, in one statement."""
    awake = or_(Ticket.snoozed_until.is_(None), Ticket.snoozed_until <= now)
    mentioned = exists().where(
        TicketMention.ticket_id == Ticket.id, TicketMention.agent_id == agent_id
    )
    unread = Ticket.last_inbound_seq > func.coalesce(_read_seq(agent_id), 0)
    row = (
        await session.execute(
            select(
                func.count().label("all_open"),
                func.count().filter(Ticket.assignee_id == agent_id).label("mine"),
                func.count().filter(Ticket.assignee_id.is_(None)).label("unassigned"),
                func.count().filter(mentioned).label("mentions"),
                func.count().filter(unread).label("unread"),
            ).where(Ticket.status.in_(UNSOLVED), awake, *conditions(filters))
        )
    ).one()
    return dict(row._mapping)  # noqa: SLF001 - the documented way to a mapping
