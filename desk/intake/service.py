"""Inbound message -> contact -> ticket -> message, in one unit of work and safe to repeat."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from uuid import UUID

from channels import threading
from channels.contract import InboundMessage, Media
from channels.threading import Evidence
from desk.contacts.models import Contact
from desk.events import SYSTEM, Actor, Kind
from desk.files import sniff
from desk.files.store import BlobStore
from desk.inboxes.models import Inbox
from desk.intake import candidates, copies, forwards, joined, welcome
from desk.intake.bounced import note_bounces
from desk.intake.habits import MAIL, Habits
from desk.intake.joined import Accepted
from desk.intake.people import contact_of
from desk.tickets import messages, repository, service
from desk.tickets.messages import Inbound
from desk.tickets.models import Message, Ticket
from desk.tickets.storing import AwaitedFile, File, StoredFile, preview
from desk.unit_of_work import UnitOfWork


def keep_files(message: InboundMessage, blobs: BlobStore) -> Sequence[File]:
    """Store the attachments' content; name what is to be fetched. Call before the transaction."""
    stored = [
        StoredFile(
            filename=sniff.safe_name(attachment.filename),
            content_type=sniff.content_type(attachment.data, attachment.content_type),
            size=len(attachment.data),
            sha256=blobs.put(attachment.data),
            inline=attachment.inline,
            content_id=attachment.content_id,
        )
        for attachment in forwards.with_carried_files(message).attachments
    ]
    awaited = [
        AwaitedFile(
            filename=sniff.safe_name(media.filename or _named(media)),
            content_type=(media.content_type or "application/octet-stream")[:120],
            size=media.size or 0,
            media={
                "ref": media.ref,
                "content_type": media.content_type,
                "filename": media.filename,
                "size": media.size,
                "sha256": media.sha256,
            },
        )
        for media in message.media
    ]
    return [*stored, *awaited]


def _named(media: Media) -> str:
    """A name for a file that has none: what it is, as far as that is declared."""
    kind = media.content_type.partition(";")[0].strip().lower()
    return f"{kind.partition('/')[0] or 'file'}{mimetypes.guess_extension(kind) or ''}"


async def accept(  # noqa: PLR0913 - all by name
    work: UnitOfWork,
    inbox: Inbox,
    message: InboundMessage,
    *,
    evidence: Sequence[Evidence] = (),
    conversation: Ticket | None = None,
    files: Sequence[File] = (),
    attachment_ids: Sequence[UUID] = (),
    raw_id: UUID | None = None,
    client_id: UUID | None = None,
    habits: Habits = MAIL,
) -> Accepted:
    """Take one message in; the same external id again changes nothing.

    `evidence` points at tickets it may belong to, the strongest first. `conversation` is the ticket
    itself, locked, where the channel names it and the caller has checked whose it is. Raises
    Unparsable when nobody can be made out as the sender.
    """
    direction = "out" if message.own else "in"
    external_id = message.external_id[:998]
    known = await repository.by_channel_id(work.session, inbox.id, direction, external_id)
    if known is not None:
        return await _known(work, known)
    if habits.joins:
        return await joined.take(work, inbox, message, habits, files=files, raw_id=raw_id)
    forward: forwards.Forward | None = None
    answer_to: Contact | None = None
    source = inbox
    if message.channel == "email":
        message = await copies.from_elsewhere(work, message)
        message, files, forward = await forwards.taken_over(work, message, files)
        twin = await copies.twin(work, inbox, message)
        inbox = await copies.home(work, inbox, message)
        if twin is None and inbox is not source:
            twin = await repository.by_channel_id(work.session, inbox.id, direction, external_id)
        if twin is not None:
            found = await _known(work, twin)
            await copies.show_in(work, found.ticket, source)
            return found
    if conversation is not None and conversation.status != "closed":
        ticket = conversation
        author = Actor("contact", ticket.contact_id, ticket.contact_name or "Visitor")
    else:
        contact = await contact_of(work, message, message.sender)
        facts = await candidates.look_up(work.session, evidence)
        decision = threading.decide(message, evidence, facts)
        author = Actor("contact", contact.id, contact.name or message.sender.name or "Visitor")
        ticket = await _ticket(work, inbox, message, contact, author, decision)
        answer_to = contact if ticket.last_seq == 0 and forward is None else None
    service.heard(work, ticket, message.locale)
    row = await messages.receive(
        work,
        ticket,
        Inbound(
            channel_message_id=message.external_id,
            inbox_id=inbox.id,
            channel=message.channel,
            author=author,
            text=message.text,
            fresh=message.reply_text or message.text,
            quoted=message.quoted if message.quoted.strip() else "",
            html=message.html,
            subject=message.subject,
            envelope=_envelope(message),
            automated=message.automated,
            client_id=client_id,
            raw_inbound_id=raw_id,
            files=files,
            attachment_ids=attachment_ids,
            uploaded_by=f"visitor:{message.sender.value}",
        ),
    )
    await note_bounces(work, message)
    if message.channel == "email":
        if forward is not None:
            await forwards.note(work, ticket, forward)
        await copies.show_in(work, ticket, source)
        copies.warn_of_forgery(work, ticket, message)
        if answer_to is not None:
            await welcome.answer(work, inbox, ticket, answer_to, message)
    return Accepted(ticket, row, ticket.contact_id, created=True)


async def _known(work: UnitOfWork, message: Message) -> Accepted:
    ticket = await work.session.get_one(Ticket, message.ticket_id)
    return Accepted(ticket, message, ticket.contact_id, created=False)


async def _ticket(
    work: UnitOfWork,
    inbox: Inbox,
    message: InboundMessage,
    contact: Contact,
    author: Actor,
    decision: threading.Decision,
) -> Ticket:
    if decision.ticket is not None:
        ticket = await service.locked(work, UUID(decision.ticket))
    else:
        ticket = await service.open_ticket(
            work,
            inbox=inbox,
            contact=contact,
            subject=message.subject or preview(message.reply_text or message.text),
            locale=(message.locale or "")[:35] or None,
            actor=author,
            reason=decision.reason.text,
            visitor=message.sender.value if message.channel == "webchat" else None,
            tags=["automated"] if message.automated in {"bounce", "auto_reply", "loop"} else (),
        )
        for earlier, kind in ((decision.follow_up, "follow_up"), (decision.related, "related")):
            if earlier is not None:
                target = await work.session.get_one(Ticket, UUID(earlier))
                await service.link(work, ticket, target, kind)
    if decision.reason.key not in {"threading.new", "threading.conversation"}:
        work.record(
            Kind.DECISION_THREADING,
            actor=SYSTEM,
            reason=decision.reason.text,
            ticket_id=ticket.id,
            contact_id=contact.id,
            data={
                "sentence_key": decision.reason.key,
                "params": dict(decision.reason.params),
            },
        )
    return ticket


def _envelope(message: InboundMessage) -> dict[str, object] | None:
    if message.channel != "email":
        return None
    return {
        "from": message.sender.value,
        "to": [address.value for address in message.to],
        "cc": [address.value for address in message.cc],
        "auth": dict(message.auth_results),
        "problems": list(message.problems),
    }
