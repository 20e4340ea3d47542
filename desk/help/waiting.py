"""How long customers have waited lately for a first answer: what the pages may promise."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tickets.models import Ticket

SPAN: Final = timedelta(days=7)
ENOUGH: Final = 5
SAMPLE: Final = 100
FRESH: Final = timedelta(minutes=1)


class Waiting:
    """The median wait by channel, counted at most once a minute."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, timedelta | None]] = {}

    async def of(self, session: AsyncSession, channel: str, now: datetime) -> timedelta | None:
        """The median of the last week's first answers; None when there were too few."""
        known = self._kept.get(channel)
        if known is not None and now - known[0] < FRESH:
            return known[1]
        rows = await session.execute(
            select(Ticket.created_at, Ticket.first_replied_at)
            .where(
                Ticket.channel == channel,
                Ticket.first_replied_at.is_not(None),
                Ticket.created_at > now - SPAN,
            )
            .order_by(Ticket.created_at.desc())
            .limit(SAMPLE)
        )
        waits = [(replied - created).total_seconds() for created, replied in rows if replied]
        found = timedelta(seconds=median(waits)) if len(waits) >= ENOUGH else None
        self._kept[channel] = (now, found)
        return found
