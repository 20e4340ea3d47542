"""`/api/v1/contacts`: customers."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, patch
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from desk.agents.rules import check_agent
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.pagination import Cursor, Limit, Number, Page, decode_cursor, encode_cursor, page_of
from desk.contacts import repository, service
from desk.contacts.views import ContactView, contact_view
from desk.errors import NotFound
from desk.search import finding
from desk.search.keeping import refresh
from desk.tickets import lists
from desk.tickets import service as ticket_service
from desk.tickets.views import TicketRow, ticket_row

LAST_TICKETS = 10


class ContactOut(ContactView, frozen=True, kw_only=True):
    """A contact with the newest tickets."""

    tickets: list[TicketRow]


class ContactChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What to change; what is left out stays."""

    name: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    locale: Annotated[str, Meta(max_length=35)] | UnsetType | None = UNSET
    timezone: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    company: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    notes: Annotated[str, Meta(max_length=20_000)] | UnsetType = UNSET
    fields: dict[str, Any] | UnsetType = UNSET


class ContactController(Controller):
    """Contacts."""

    path = "/contacts"
    tags = ("Contacts",)

    @get(guards=[requires("contacts.read")], summary="List contacts")
    async def listing(
        self,
        core: InjectedCore,
        q: Annotated[
            str, QueryParameter(max_length=200, description="Name, address, company or notes.")
        ] = "",
        limit: FromQuery[Limit] = 50,
        cursor: FromQuery[Cursor] = None,
    ) -> Page[ContactView]:
        """Contacts by name; with `q` those that answer it best first."""
        if q.strip():
            await refresh(core.units)
            found_page = await self._searched(core, q, limit, cursor)
            if found_page is not None:
                return found_page
        after = decode_cursor(cursor, "name", str, UUID)
        async with core.units.read() as session:
            found = await repository.listing(
                session, q.strip(), (after[0], after[1]) if after else None, limit + 1
            )
            rows, more = page_of(found, limit)
            identities = await repository.identities_of(session, [row.id for row in rows])
        return Page(
            items=[contact_view(row, identities.get(row.id, [])) for row in rows],
            next_cursor=encode_cursor("name", rows[-1].name, rows[-1].id) if more else None,
        )

    async def _searched(
        self, core: InjectedCore, q: str, limit: int, cursor: str | None
    ) -> Page[ContactView] | None:
        """A page of the best; None when there is no word in `q`."""
        after = decode_cursor(cursor, "relevance", Number)
        offset = after[0] if after else 0
        async with core.units.read() as session:
            ids = await finding.contacts(session, q, limit + 1, offset)
            if ids is None:
                return None
            some, more = page_of(ids, limit)
            rows = await repository.by_ids(session, some)
            identities = await repository.identities_of(session, [row.id for row in rows])
        return Page(
            items=[contact_view(row, identities.get(row.id, [])) for row in rows],
            next_cursor=encode_cursor("relevance", offset + limit) if more else None,
        )

    @get("/{contact_id:uuid}", guards=[requires("contacts.read")], summary="One contact")
    async def one(
        self, contact_id: FromPath[UUID], caller: Caller, core: InjectedCore
    ) -> ContactOut:
        """A contact with all addresses and, for those who may read tickets, the newest of them."""
        async with core.units.read() as session:
            contact = await repository.get(session, contact_id)
            if contact is None:
                raise NotFound("There is no such contact.")
            view = contact_view(contact, await repository.identities(session, contact_id))
            rows: list[TicketRow] = []
            if caller.may("tickets.read"):
                query = lists.rows_query(
                    lists.Filters(contact=contact_id),
                    caller.id,
                    "created_at",
                    descending=True,
                    after=None,
                    limit=LAST_TICKETS,
                )
                rows = [ticket_row(row) for row in (await session.execute(query)).all()]
        return ContactOut(
            **{name: getattr(view, name) for name in view.__struct_fields__}, tickets=rows
        )

    @patch("/{contact_id:uuid}", guards=[requires("contacts.write")], summary="Change a contact")
    async def change(
        self,
        contact_id: FromPath[UUID],
        data: JSONBody[ContactChange],
        caller: Caller,
        core: InjectedCore,
    ) -> ContactView:
        """Change a contact."""
        fields = {
            name: value
            for name, value in msgspec.structs.asdict(data).items()
            if value is not UNSET
        }
        check_agent({k: v for k, v in fields.items() if k in {"locale", "timezone"} and v})
        async with core.units.write(caller.actor) as work:
            contact = await service.change(work, contact_id, fields)
            if "name" in fields:
                await ticket_service.rename_contact(work, contact)
            return contact_view(contact, await repository.identities(work.session, contact_id))
