"""`/api/v1/tickets`: lists, one ticket, changes, reading, drafts and history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import select

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.pagination import (
    Cursor,
    Instant,
    Limit,
    Number,
    Page,
    decode_cursor,
    encode_cursor,
    page_of,
)
from desk.api.ticket_query import RELEVANCE, TicketFilters, filters_of, split_sort
from desk.api.ticket_search import FoundRow, best_tickets, found_row, places
from desk.auth.principal import CurrentAgent
from desk.contacts import repository as contacts
from desk.contacts.views import ContactView, contact_view
from desk.db.log import EventRow
from desk.errors import Conflict, DeskError, NotFound
from desk.search import finding
from desk.search.keeping import refresh
from desk.tickets import drafts, lists, messages, reading, repository, service
from desk.tickets.lifecycle import Priority, Status
from desk.tickets.views import EventView, TicketRow, event_view, ticket_row

Subject = Annotated[str, Meta(min_length=1, max_length=500)]
Tag = Annotated[str, Meta(min_length=1, max_length=80)]
Tags = Annotated[list[Tag], Meta(max_length=100)]
Seq = Annotated[int, Meta(ge=0, le=2**31 - 1)]
MAX_BULK = 200


class TicketLinkOut(msgspec.Struct):
    """A linked ticket."""

    kind: str
    ticket_id: UUID
    number: int
    subject: str


class DraftOut(msgspec.Struct):
    """An agent's unsent text."""

    kind: str
    text: str
    last_seen_seq: int
    updated_at: datetime


class TicketOut(TicketRow, frozen=True, kw_only=True):
    """A ticket with everything around it. `undo` takes the last change back."""

    contact: ContactView
    read_seq: int
    links: list[TicketLinkOut]
    draft: DraftOut | None
    undo: dict[str, Any] | None = None


class TicketChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What to change; what is left out stays. `version` refuses a change of what moved on."""

    status: Status | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    assignee_id: UUID | UnsetType | None = UNSET
    team_id: UUID | UnsetType | None = UNSET
    subject: Subject | UnsetType = UNSET
    snoozed_until: Instant | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    add_tags: Tags | UnsetType = UNSET
    remove_tags: Tags | UnsetType = UNSET
    version: int | UnsetType = UNSET
    reason: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET


class BulkChange(msgspec.Struct, forbid_unknown_fields=True):
    """One change for many tickets."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=MAX_BULK)]
    patch: TicketChange


class BulkResult(msgspec.Struct):
    """What became of one ticket of a bulk change."""

    id: UUID
    ok: bool
    error: str | None = None
    undo: dict[str, Any] | None = None


class BulkResults(msgspec.Struct):
    """What became of each."""

    items: list[BulkResult]


class Counts(msgspec.Struct):
    """How many unsolved tickets the tabs show."""

    all_open: int
    mine: int
    unassigned: int
    mentions: int
    unread: int


class ReadUpTo(msgspec.Struct, forbid_unknown_fields=True):
    """How far the agent has read."""

    seq: Seq


class DraftIn(msgspec.Struct, forbid_unknown_fields=True):
    """An unsent text to keep."""

    kind: Literal["reply", "note"]
    text: Annotated[str, Meta(max_length=messages.MAX_TEXT_CHARS)]
    last_seen_seq: Seq = 0


class TagCount(msgspec.Struct):
    """A tag and how many tickets have it."""

    name: str
    count: int


class TagList(msgspec.Struct):
    """Every tag."""

    items: list[TagCount]


class TicketController(Controller):
    """Tickets."""

    path = "/tickets"
    tags = ("Tickets",)

    @get(guards=[requires("tickets.read")], summary="List tickets")
    async def listing(
        self,
        caller: Caller,
        core: InjectedCore,
        filters: TicketFilters,
        sort: Annotated[
            str,
            QueryParameter(
                description="A field; `-` before it: descending. `relevance`: the best for `q` "
                "first. By default `relevance` with `q` and `-created_at` without."
            ),
        ] = "",
        limit: FromQuery[Limit] = 50,
        cursor: FromQuery[Cursor] = None,
    ) -> Page[FoundRow]:
        """A page of tickets, with where each of them matched `q`."""
        searched = bool(filters.q.strip())
        sort = sort or (RELEVANCE if searched else "-created_at")
        if searched:
            await refresh(core.units)
        if sort == RELEVANCE:
            return await best_tickets(core.units, filters, caller.id, limit, cursor)
        field, descending = split_sort(sort)
        kind = Number if field == "number" else Instant | None
        columns = lists.SORTS[field]
        after = decode_cursor(cursor, sort, *(kind for _ in columns), UUID)
        wanted = filters_of(filters, caller.id, core.units.clock())
        async with core.units.read() as session:
            if searched:
                wanted = await finding.narrowed(session, wanted)
            query = lists.rows_query(
                wanted, caller.id, field, descending=descending, after=after, limit=limit + 1
            )
            found = (await session.execute(query)).all()
            rows, more = page_of(found, limit)
            where = await places(session, filters.q, rows) if searched else {}
        last = rows[-1] if rows else None
        return Page(
            items=[found_row(row, where.get(row.id)) for row in rows],
            next_cursor=encode_cursor(sort, *(getattr(last, c.key) for c in columns), last.id)
            if more and last is not None
            else None,
        )

    @get("/counts", guards=[requires("tickets.read")], summary="Count tickets for the tabs")
    async def counts(self, caller: Caller, core: InjectedCore, filters: TicketFilters) -> Counts:
        """How many unsolved tickets there are, in all and for the caller."""
        now = core.units.clock()
        wanted = filters_of(filters, caller.id, now, tabs=True)
        if wanted.text.strip():
            await refresh(core.units)
        async with core.units.read() as session:
            if wanted.text.strip():
                wanted = await finding.narrowed(session, wanted)
            found = await lists.counts(session, wanted, caller.id, now)
        return Counts(**found)

    @get("/{ticket_id:uuid}", guards=[requires("tickets.read")], summary="One ticket")
    async def one(self, ticket_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> TicketOut:
        """A ticket with its contact, links and the caller's draft."""
        async with core.units.read() as session:
            return await ticket_out(session, ticket_id, caller)

    @get(
        "/by-number/{number:int}",
        guards=[requires("tickets.read")],
        summary="One ticket by its number",
    )
    async def by_number(
        self, number: FromPath[int], caller: Caller, core: InjectedCore
    ) -> TicketOut:
        """The ticket that people know by this number."""
        async with core.units.read() as session:
            ticket_id = (
                await repository.id_by_number(session, number) if 0 < number < 2**31 else None
            )
            if ticket_id is None:
                raise NotFound(f"There is no ticket #{number}.")
            return await ticket_out(session, ticket_id, caller)

    @patch("/{ticket_id:uuid}", guards=[requires("tickets.write")], summary="Change a ticket")
    async def change(
        self,
        ticket_id: FromPath[UUID],
        data: JSONBody[TicketChange],
        caller: Caller,
        core: InjectedCore,
    ) -> TicketOut:
        """Change a ticket. The answer's `undo` is the change that takes it back."""
        fields, version, reason = split_change(data, caller)
        try:
            async with core.units.write(caller.actor) as work:
                changed = await service.change(
                    work, ticket_id, fields, version=version, reason=reason
                )
                await work.session.flush()
                out = await ticket_out(work.session, ticket_id, caller)
        except Conflict as conflict:
            async with core.units.read() as session:
                current = await ticket_out(session, ticket_id, caller)
            raise Conflict(conflict.detail, current=current) from conflict
        return msgspec.structs.replace(out, undo=changed.undo or None)

    @post(
        "/bulk", guards=[requires("tickets.write")], summary="Change many tickets", status_code=200
    )
    async def bulk(
        self, data: JSONBody[BulkChange], caller: Caller, core: InjectedCore
    ) -> BulkResults:
        """The same change for up to 200 tickets; each succeeds or fails on its own."""
        fields, _, reason = split_change(data.patch, caller)
        results: list[BulkResult] = []
        for ticket_id in dict.fromkeys(data.ids):
            try:
                async with core.units.write(caller.actor) as work:
                    changed = await service.change(work, ticket_id, fields, reason=reason)
            except DeskError as error:
                results.append(BulkResult(ticket_id, ok=False, error=error.detail))
            else:
                results.append(BulkResult(ticket_id, ok=True, undo=changed.undo or None))
        return BulkResults(results)

    @put(
        "/{ticket_id:uuid}/read",
        guards=[requires("tickets.read")],
        summary="Mark as read",
        status_code=204,
    )
    async def read(
        self,
        ticket_id: FromPath[UUID],
        data: JSONBody[ReadUpTo],
        caller: Caller,
        core: InjectedCore,
    ) -> None:
        """The caller has read everything up to `seq`."""
        async with core.units.write(caller.actor) as work:
            await reading.mark_read(work, ticket_id, caller.id, data.seq)

    @get("/{ticket_id:uuid}/draft", guards=[requires("tickets.read")], summary="The draft")
    async def draft(
        self, ticket_id: FromPath[UUID], caller: Caller, core: InjectedCore
    ) -> DraftOut:
        """The caller's unsent text."""
        async with core.units.read() as session:
            found = await repository.draft(session, ticket_id, caller.id)
        if found is None:
            raise NotFound("There is no draft.")
        return _draft(found)

    @put("/{ticket_id:uuid}/draft", guards=[requires("tickets.write")], summary="Keep a draft")
    async def keep_draft(
        self,
        ticket_id: FromPath[UUID],
        data: JSONBody[DraftIn],
        caller: Caller,
        core: InjectedCore,
    ) -> DraftOut:
        """Keep the caller's unsent text, so that another device can go on with it."""
        async with core.units.write(caller.actor) as work:
            found = await drafts.keep(
                work, ticket_id, caller.id, data.kind, data.text, data.last_seen_seq
            )
        return _draft(found)

    @delete("/{ticket_id:uuid}/draft", guards=[requires("tickets.write")], summary="Drop the draft")
    async def drop_draft(
        self, ticket_id: FromPath[UUID], caller: Caller, core: InjectedCore
    ) -> None:
        """Forget the caller's unsent text."""
        async with core.units.write(caller.actor) as work:
            await drafts.drop(work, ticket_id, caller.id)

    @get("/{ticket_id:uuid}/events", guards=[requires("tickets.read")], summary="The history")
    async def events(
        self,
        ticket_id: FromPath[UUID],
        core: InjectedCore,
        limit: FromQuery[Limit] = 100,
        cursor: FromQuery[Cursor] = None,
    ) -> Page[EventView]:
        """Everything that happened to the ticket, newest first, with who and why."""
        after = decode_cursor(cursor, "events", Number)
        query = select(EventRow).where(EventRow.ticket_id == ticket_id)
        if after:
            query = query.where(EventRow.seq < after[0])
        async with core.units.read() as session:
            if not await repository.exists_ticket(session, ticket_id):
                raise NotFound("There is no such ticket.")
            found = (
                await session.scalars(query.order_by(EventRow.seq.desc()).limit(limit + 1))
            ).all()
        rows, more = page_of(found, limit)
        return Page(
            items=[event_view(row) for row in rows],
            next_cursor=encode_cursor("events", rows[-1].seq) if more else None,
        )


@get("/tags", guards=[requires("tickets.read")], summary="Every tag", tags=["Tickets"])
async def tag_list(core: InjectedCore) -> TagList:
    """All tags by name, with how many tickets have each."""
    async with core.units.read() as session:
        rows = await repository.tag_counts(session)
    return TagList([TagCount(name, count) for name, count in rows])


def split_change(
    data: TicketChange, caller: CurrentAgent
) -> tuple[dict[str, Any], int | None, str]:
    """The fields given, the version and the reason; assigning needs its own permission."""
    fields = {
        name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET
    }
    version = fields.pop("version", None)
    reason = fields.pop("reason", "")
    if {"assignee_id", "team_id"} & fields.keys():
        caller.need("tickets.assign")
    return fields, version, reason


async def ticket_out(session: Any, ticket_id: UUID, caller: CurrentAgent) -> TicketOut:  # noqa: ANN401
    """A ticket with everything around it. Raises NotFound."""
    found = await repository.with_contact(session, ticket_id)
    if found is None:
        raise NotFound("There is no such ticket.")
    ticket, contact = found
    identities = await contacts.identities(session, contact.id)
    read_seq, draft = await repository.own(session, ticket_id, caller.id)
    row = ticket_row(ticket, read_seq=read_seq)
    return TicketOut(
        **{name: getattr(row, name) for name in row.__struct_fields__ if name != "contact"},
        contact=contact_view(contact, identities),
        read_seq=read_seq,
        links=[TicketLinkOut(*link) for link in await repository.links(session, ticket_id)],
        draft=_draft(draft) if draft is not None else None,
    )


def _draft(row: Any) -> DraftOut:  # noqa: ANN401 - a Draft model
    return DraftOut(row.kind, row.text, row.last_seen_seq, row.updated_at)
