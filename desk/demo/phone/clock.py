"""Lets a day pass for an inbox, so that a newcomer sees what a closed window looks like."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from desk.tickets.models import Message
from desk.unit_of_work import Units

DAY = timedelta(hours=25)


async def let_a_day_pass(units: Units, inbox_id: UUID) -> None:
    """Everything that was written on this inbox was written a day earlier."""
    async with units.write() as work:
        rows = await work.session.scalars(select(Message).where(Message.inbox_id == inbox_id))
        for row in rows:
            row.occurred_at -= DAY
