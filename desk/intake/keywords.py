"""STOP, START and HELP: consent is kept, and the inbox's own words are sent back."""

from __future__ import annotations

from channels.contract import InboundMessage, Keyword
from desk.contacts import consent
from desk.contacts.models import Contact
from desk.inboxes.models import Inbox
from desk.intake.habits import Habits, keyword_text
from desk.tickets import automatic
from desk.tickets.models import Ticket
from desk.unit_of_work import UnitOfWork


def is_for_the_desk(habits: Habits, message: InboundMessage, locale: str | None) -> bool:
    """Whether nobody needs to read it: the desk itself does what is asked."""
    if message.keyword is None or not habits.consent:
        return False
    return message.keyword != "help" or bool(keyword_text(habits, "help", locale))


async def obey(
    work: UnitOfWork,
    inbox: Inbox,
    habits: Habits,
    message: InboundMessage,
    contact: Contact,
    ticket: Ticket,
) -> None:
    """Do what a keyword asks."""
    if message.keyword is None or not habits.consent:
        return
    if message.keyword in {"stop", "start"}:
        said = " ".join(message.text.split())[:100]
        why = f"wrote \u201c{said}\u201d"
        await keep(work, inbox, message.keyword, contact, message.sender.value, why)
    text = keyword_text(habits, message.keyword, contact.locale or message.locale)
    if text:
        await automatic.write(work, ticket, inbox.id, text, message.keyword, inbox.name)


async def keep(
    work: UnitOfWork, inbox: Inbox, keyword: Keyword, contact: Contact, address: str, why: str
) -> None:
    """STOP and START count for everything that we could write."""
    for purpose in consent.PURPOSES:
        await consent.note(
            work,
            contact,
            channel=inbox.channel,
            address=address,
            purpose=purpose,
            state="withdrawn" if keyword == "stop" else "granted",
            evidence=why,
        )
