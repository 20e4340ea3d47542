"""What only some channels have, in `message.extra`; and what happens to a message afterwards.

    reactions     [{by, name, emoji, at}]   one a person; taken off again, it is gone
    versions      [{text, at}]              the texts before each edit, oldest first
    elsewhere     true                      sent from our account by other means
    payload       str                       what a pressed button carries
    template      {name, language, ...}     a template was sent
    buttons       [{title, ...}]            choices offered under our message
    reply_to_seq  int                       the message of the ticket that this one answers
    tag           str                       why it was sent outside the provider's window
    sources       [{title, url}]            the articles that the bot quotes
    automatic     str                       which rule of the desk wrote it: stop, start, help

Everything else there is the adapter's own and is shown as it came.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from desk.events import Actor, Kind
from desk.tickets.models import Message
from desk.unit_of_work import UnitOfWork

MAX_REACTIONS: Final = 200
MAX_VERSIONS: Final = 50


def react(work: UnitOfWork, row: Message, by: str, author: Actor, emoji: str) -> bool:
    """Put a reaction on a locked message, or take it off with ""; whether anything changed."""
    extra = dict(row.extra or {})
    before = [item for item in extra.get("reactions", []) if isinstance(item, dict)]
    others = [item for item in before if item.get("by") != by]
    at = work.now.isoformat()
    mine = [{"by": by, "name": author.name, "emoji": emoji, "at": at}] if emoji else []
    known = {item.get("emoji") for item in before if item.get("by") == by}
    if known == ({emoji} if emoji else set()):
        return False
    extra["reactions"] = [*others, *mine][-MAX_REACTIONS:]
    row.extra = extra
    _changed(work, row, author, "reaction", {"emoji": emoji})
    return True


def edit(
    work: UnitOfWork, row: Message, author: Actor, *, text: str, fresh: str, at: datetime | None
) -> bool:
    """Replace a locked message's text; the former one is kept. An older edit changes nothing."""
    when = at or work.now
    if row.text == text or (row.edited_at is not None and row.edited_at > when):
        return False
    extra: dict[str, Any] = dict(row.extra or {})
    earlier = {"text": row.text, "at": (row.edited_at or row.occurred_at).isoformat()}
    extra["versions"] = [*extra.get("versions", []), earlier][-MAX_VERSIONS:]
    row.extra = extra
    row.text, row.fresh, row.html = text, fresh, None
    row.edited_at = when
    _changed(work, row, author, "edit", {})
    return True


def remove(work: UnitOfWork, row: Message, author: Actor, at: datetime | None) -> bool:
    """Mark a locked message as taken back by its sender; agents still see what it said."""
    if row.removed_at is not None:
        return False
    row.removed_at = at or work.now
    _changed(work, row, author, "removed", {})
    return True


def _changed(
    work: UnitOfWork, row: Message, author: Actor, what: str, more: dict[str, object]
) -> None:
    work.touch(row.id, row)
    work.record(
        Kind.MESSAGE_CHANGED,
        actor=author,
        ticket_id=row.ticket_id,
        message_id=row.id,
        data={"seq": row.seq, "channel": row.channel, "what": what, **more},
    )
