"""`POST /api/v1/tickets`: an agent writes first."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import JSONBody
from msgspec import Meta

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.messages import (
    MAX_UNDO_SECONDS,
    TemplateIn,
    clean_addresses,
    permitted,
    special,
)
from desk.api.parts import InjectedShelf
from desk.api.tickets import Subject, Tags, TicketOut, ticket_out
from desk.contacts import repository as contacts
from desk.contacts import service as contact_service
from desk.contacts.models import Contact
from desk.db.types import new_id
from desk.errors import Invalid, NotFound
from desk.inboxes import repository as inboxes
from desk.tickets import messages, service
from desk.tickets.lifecycle import Priority, Status
from desk.unit_of_work import UnitOfWork


class NewContact(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to write to; found by the address, or made."""

    name: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=320)] | None = None
    phone: Annotated[str, Meta(max_length=40)] | None = None


class NewTicket(msgspec.Struct, forbid_unknown_fields=True):
    """A ticket that opens with a message of ours, to a known contact or to an address."""

    inbox_id: UUID
    subject: Subject
    text: Annotated[str, Meta(max_length=messages.MAX_TEXT_CHARS)] = ""
    contact_id: UUID | None = None
    contact: NewContact | None = None
    assignee_id: UUID | None = None
    team_id: UUID | None = None
    priority: Priority = "normal"
    tags: Tags = msgspec.field(default_factory=list)
    status: Status | None = None
    cc: Annotated[list[str], Meta(max_length=50)] = msgspec.field(default_factory=list)
    attachment_ids: Annotated[list[UUID], Meta(max_length=50)] = msgspec.field(default_factory=list)
    client_id: UUID | None = None
    undo_seconds: Annotated[int, Meta(ge=0, le=MAX_UNDO_SECONDS)] = 0
    template: TemplateIn | None = None
    tag: Annotated[str, Meta(max_length=80)] | None = None
    proactive: bool | None = None  # nobody asked for it: consent to marketing and quiet hours count


@post(
    "/tickets",
    guards=[requires("tickets.write")],
    summary="Write to a customer first",
    tags=["Tickets"],
)
async def open_with_message(
    data: JSONBody[NewTicket], caller: Caller, core: InjectedCore, shelf: InjectedShelf
) -> TicketOut:
    """Open a ticket with a message to the customer. Send an `Idempotency-Key` to be safe."""
    if data.assignee_id or data.team_id:
        caller.need("tickets.assign")
    async with core.units.write(caller.actor) as work:
        inbox = await inboxes.get(work.session, data.inbox_id)
        if inbox is None or not inbox.active:
            raise Invalid(errors=[("inbox_id", "names no inbox that is in use")])
        manifest = shelf.channels.manifest(inbox.channel)
        if manifest.capabilities.live:
            raise Invalid(errors=[("inbox_id", "a chat is begun by its visitor")])
        contact = await _contact(work, data, manifest.identity_kind)
        ticket = await service.open_ticket(
            work, inbox=inbox, contact=contact, subject=data.subject, reason="an agent wrote first"
        )
        patch: dict[str, Any] = {"priority": data.priority, "tags": data.tags}
        patch |= {
            name: value
            for name in ("assignee_id", "team_id")
            if (value := getattr(data, name)) is not None
        }
        patch["subject"] = data.subject
        await service.change(work, ticket.id, patch)
        extra = special(data.template, [], None, data.tag) or {}
        outbound = messages.Outbound(
            kind="reply",
            text=data.text,
            extra={**extra, **({"proactive": True} if data.proactive else {})} or None,
            client_id=data.client_id or new_id(),
            last_seen_seq=0,
            cc=clean_addresses(data.cc),
            attachment_ids=data.attachment_ids,
            undo_seconds=data.undo_seconds,
            status=data.status,
        )
        await work.session.flush()
        outbound = await permitted(work, shelf, ticket.id, outbound)
        await messages.write(work, ticket.id, outbound)
        await work.session.flush()
        return await ticket_out(work.session, ticket.id, caller)


async def _contact(work: UnitOfWork, data: NewTicket, kind: str) -> Contact:
    """The contact, who has an address on this channel. Raises Invalid, NotFound."""
    if (data.contact_id is None) == (data.contact is None):
        raise Invalid(errors=[("contact", "name a contact_id or a contact, and not both")])
    if data.contact_id is not None:
        contact = await contacts.get(work.session, data.contact_id)
        if contact is None:
            raise NotFound("There is no such contact.")
        owned = await contacts.identities(work.session, contact.id)
        if not any(identity.kind == kind for identity in owned):
            raise Invalid(errors=[("contact_id", f"has no {kind} address; give one in contact")])
        return contact
    given = data.contact or NewContact()
    address = {"email": given.email, "phone": given.phone}.get(kind)
    if not address:
        raise Invalid(errors=[(f"contact.{kind}", "is needed to write from this inbox")])
    try:
        contact, _ = await contact_service.from_address(
            work, kind, address, name=given.name, evidence="entered by an agent"
        )
    except ValueError as error:
        raise Invalid(errors=[(f"contact.{kind}", str(error))]) from error
    return contact
