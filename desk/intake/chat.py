"""What a visitor's message does: the same intake as every other channel, in-process for latency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import InboundMessage
from channels.threading import Evidence
from desk.agents.models import Agent
from desk.contacts import repository as contacts
from desk.contacts import service as contact_service
from desk.contacts.identity import normalise
from desk.contacts.models import Contact
from desk.errors import Invalid, NotFound
from desk.events import SYSTEM, Actor, Kind
from desk.inboxes import repository as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.intake import service as intake
from desk.intake.joined import Accepted
from desk.intake.language import with_language
from desk.intake.visitors import (
    Conversation,
    Visitor,
    VisitorViews,
    WidgetMessage,
    identified,
    inbox_hours,
    is_open_to,
)
from desk.tickets import repository, service
from desk.tickets.models import Ticket
from desk.unit_of_work import UnitOfWork, Units
from sla.calendar import BusinessCalendar, NeverOpen


class Chat:
    """The web chat's use cases."""

    def __init__(self, units: Units, box: SecretBox, views: VisitorViews) -> None:
        self.units = units
        self.box = box
        self.views = views

    def identify(self, inbox: Inbox, visitor: Visitor, token: str) -> Visitor:
        """Check the site's signed identity. Raises NotAuthenticated."""
        secret = self.box.open(inbox.secrets).get("identity_secret", "")
        return identified(visitor, token, secret)

    async def contact_of(self, visitor: Visitor) -> UUID | None:
        """The contact behind a visitor, when there is one already."""
        async with self.units.read() as session:
            if visitor.account:
                found = await contacts.by_identity(session, "account", visitor.account)
            else:
                found = await contacts.by_identity(session, "webchat", visitor.id)
        return found[0].id if found else None

    @staticmethod
    def actor(visitor: Visitor, contact_id: UUID | None) -> Actor:
        """The visitor as the one who acts."""
        return Actor("contact", contact_id, visitor.name or "Visitor")

    async def agents_online(self, session: AsyncSession) -> bool:
        """Whether anybody is there to answer."""
        count = await session.scalar(
            select(func.count()).where(Agent.online_until > self.units.clock(), Agent.active)
        )
        return bool(count)

    def hours(self, inbox: Inbox, now: datetime) -> dict[str, Any]:
        """Whether the desk is open, and when that changes. No hours set: always open."""
        zone = str(inbox.options.get("timezone") or "UTC")
        spans = inbox_hours(inbox)
        week = {str(day): [list(span) for span in windows] for day, windows in spans.items()}
        if not spans:
            return {"open": True, "opens_at": None, "closes_at": None, "timezone": zone, "week": {}}
        calendar = BusinessCalendar(
            zone,
            {
                day: [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in windows]
                for day, windows in spans.items()
            },
            [],
        )
        is_open = calendar.is_open(now)
        try:
            opens = None if is_open else calendar.next_open(now).isoformat()
        except NeverOpen:
            opens = None
        closing = calendar.next_close(now) if is_open else None
        return {
            "open": is_open,
            "opens_at": opens,
            "closes_at": closing.isoformat() if closing else None,
            "timezone": zone,
            "week": week,
        }

    async def send(
        self,
        inbox: Inbox,
        visitor: Visitor,
        frame: InboundMessage,
        *,
        contact_id: UUID | None = None,
        client_id: UUID,
        conversation_id: UUID | None,
        attachment_ids: Sequence[UUID],
        timezone: str | None,
    ) -> tuple[Accepted, WidgetMessage, Conversation]:
        """Take a visitor's message in: one transaction, then the acknowledgement."""
        frame = await with_language(frame, inbox.locale)
        async with self.units.write(self.actor(visitor, contact_id)) as work:
            ticket: Ticket | None = None
            if conversation_id is not None:
                ticket = await repository.get(work.session, conversation_id, lock=True)
                if ticket is None or not is_open_to(visitor, contact_id, ticket):
                    raise NotFound("There is no such conversation.")
                work.touch(ticket.id, ticket)
            if ticket is None or ticket.status == "closed" or frame.extra.get("email"):
                now = await inboxes.get(work.session, visitor.inbox_id)
                if now is None or not now.active:
                    raise NotFound("This chat is closed.")
                inbox = now
                contact = await self._contact(work, visitor, frame, timezone)
                work.actor = Actor("contact", contact.id, contact.name or "Visitor")
            accepted = await intake.accept(
                work,
                inbox,
                frame,
                evidence=[Evidence("conversation", str(ticket.id))] if ticket else [],
                conversation=ticket,
                client_id=client_id,
                attachment_ids=attachment_ids,
            )
            view = (await self.views.messages(work.session, [accepted.message]))[0]
            conversation = await self.views.conversation(work.session, accepted.ticket, last=view)
        return accepted, view, conversation

    async def _contact(
        self, work: UnitOfWork, visitor: Visitor, frame: InboundMessage, timezone: str | None
    ) -> Contact:
        """The visitor's contact: by proven account first, else by the visitor's own id."""
        name = visitor.name or frame.sender.name
        if not visitor.account:
            contact, _ = await contact_service.from_address(
                work,
                "webchat",
                visitor.id,
                name=name,
                locale=frame.locale,
                timezone=timezone,
                evidence="opened the chat",
            )
            await self._claim_email(work, contact, str(frame.extra.get("email") or ""))
            return contact
        contact, _ = await contact_service.from_address(
            work,
            "account",
            visitor.account,
            name=name,
            locale=frame.locale,
            timezone=timezone,
            verified=True,
            evidence="signed by the web site",
        )
        await contact_service.claim(
            work, contact, "webchat", visitor.id, "the same browser signed in"
        )
        await service.follow_visitor(work, visitor.id, contact)
        if visitor.email:
            await self._claim_email(work, contact, visitor.email, verified=True)
        return contact

    @staticmethod
    async def _claim_email(
        work: UnitOfWork, contact: Contact, email: str, *, verified: bool = False
    ) -> None:
        """Note the address a visitor gives; it never opens another contact's profile."""
        if not email:
            return
        try:
            value = normalise("email", email)
        except ValueError as error:
            raise Invalid(errors=[("email", str(error))]) from error
        found = await contacts.by_identity(work.session, "email", value)
        if found is not None and found[0].id == contact.id:
            return
        if found is None:
            await contact_service.add_identity(
                work,
                contact,
                "email",
                value,
                verified=verified,
                evidence="signed by the web site" if verified else "said so in the chat",
            )
            return
        if contact.fields.get("email") != value:
            contact.fields = {**contact.fields, "email": value}
            work.record(
                Kind.DECISION_IDENTITY,
                actor=SYSTEM,
                contact_id=contact.id,
                reason=f"Says to be {value}, which belongs to another contact; not merged.",
                data={"sentence_key": "identity.claimed", "params": {"address": value}},
            )

    async def profile(
        self, visitor: Visitor, contact_id: UUID | None, name: str | None, email: str | None
    ) -> None:
        """The visitor's own words about who they are."""
        if contact_id is None:
            return
        async with self.units.write(self.actor(visitor, contact_id)) as work:
            contact = await contacts.get(work.session, contact_id)
            if contact is None:
                return
            if name:
                await contact_service.change(work, contact_id, {"name": name})
            if email:
                await self._claim_email(work, contact, email)

    async def transcript(self, work: UnitOfWork, ticket: Ticket, email: str) -> None:
        """Ask for the conversation by mail; the job sends it from the fallback mail inbox."""
        try:
            value = normalise("email", email)
        except ValueError as error:
            raise Invalid(errors=[("email", str(error))]) from error
        inbox = await inboxes.get(work.session, ticket.inbox_id)
        if inbox is None or inbox.fallback_inbox_id is None:
            raise Invalid("This chat has no mail inbox to send a transcript from.")
        work.record(
            Kind.TRANSCRIPT_ASKED,
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            data={"email": value},
        )
