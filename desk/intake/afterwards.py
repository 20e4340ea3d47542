"""What happens to a message afterwards: a reaction, an edit, an unsend."""

from __future__ import annotations

from channels.contract import InboundMessage
from desk.events import Actor
from desk.tickets import extras, states
from desk.tickets.models import Message
from desk.unit_of_work import UnitOfWork


def target_of(message: InboundMessage) -> str | None:
    """The provider's name of the earlier message that this one is about, if it is about one."""
    if message.reaction is not None:
        return message.in_reply_to
    return message.edits or message.deletes or None


async def apply(work: UnitOfWork, message: InboundMessage, target: Message, author: Actor) -> None:
    """Change the earlier message; doing so again changes nothing."""
    row = await states.locked_message(work, target.id)
    if message.reaction is not None:
        extras.react(work, row, message.sender.value, author, message.reaction)
    elif message.edits:
        fresh = message.reply_text or message.text
        extras.edit(work, row, author, text=message.text, fresh=fresh, at=message.sent_at)
    else:
        extras.remove(work, row, author, message.sent_at)
