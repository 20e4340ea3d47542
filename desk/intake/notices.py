"""What the provider tells us and nobody wrote: a line in the ticket, or a word on the inbox."""

from __future__ import annotations

from sqlalchemy import update

from channels.contract import Notice
from desk.contacts import identity as rules
from desk.contacts import repository as contacts
from desk.db.text import storable
from desk.events import Kind
from desk.inboxes.models import Inbox
from desk.intake import joining, keywords
from desk.intake.habits import Habits
from desk.tickets import messages, repository, service
from desk.unit_of_work import UnitOfWork


async def take(work: UnitOfWork, inbox: Inbox, notice: Notice, habits: Habits) -> None:
    """Show a notice where it belongs; the same one again changes nothing."""
    text = storable(notice.text)
    if notice.warning:
        work.record(
            Kind.ALARM_RAISED,
            reason=text,
            data={"code": "channel.notice", "inbox_id": str(inbox.id), "channel": inbox.channel},
        )
        await work.session.execute(
            update(Inbox)
            .where(Inbox.id == inbox.id)
            .values(inbound_error_at=work.now, inbound_error=text[:1000])
        )
    if notice.about is None:
        return
    name = storable(notice.external_id)[:998]
    if await repository.by_channel_id(work.session, inbox.id, "in", name) is not None:
        return
    try:
        value = rules.normalise(notice.about.kind, notice.about.value)
    except ValueError:
        return
    found = await contacts.by_identity(work.session, notice.about.kind, value)
    if found is None:
        return  # nobody who ever wrote here; the payload keeps it
    if notice.keyword in {"stop", "start"} and habits.consent:
        await keywords.keep(work, inbox, notice.keyword, found[0], value, text)
    place = await joining.join(work, inbox, found[0], notice.conversation, habits.reopen)
    if place.ticket is not None:
        ticket = await service.locked(work, place.ticket)
        await messages.system_line(work, ticket, text, name)
