"""What providers report about messages that we sent. States only move forward."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from channels.contract import StatusUpdate
from desk.tickets import states
from desk.tickets.models import Message
from desk.unit_of_work import UnitOfWork

_RANK: Final = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4}


async def apply(work: UnitOfWork, inbox_id: UUID, update: StatusUpdate) -> bool:
    """Apply a receipt; False when the message is unknown or already further on."""
    row = await work.session.scalar(
        select(Message)
        .where(
            Message.inbox_id == inbox_id,
            Message.direction == "out",
            Message.channel_message_id == update.external_id,
        )
        .with_for_update()
    )
    if row is None:
        return False
    if update.state == "failed":
        if row.state in {"delivered", "read", "failed", "dead"}:
            return False
    elif _RANK.get(row.state, 9) >= _RANK[update.state]:
        return False
    work.touch(row.id, row)
    await states.set_state(work, row, update.state, update.reason)
    return True
