"""Queries on inboxes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.inboxes.models import Inbox


async def get(session: AsyncSession, inbox_id: UUID) -> Inbox | None:
    """An inbox by id."""
    return await session.get(Inbox, inbox_id)


async def by_address(session: AsyncSession, channel: str, address: str) -> Inbox | None:
    """The active inbox behind one of our own addresses."""
    return await session.scalar(
        select(Inbox).where(
            Inbox.channel == channel, Inbox.address == address, Inbox.active.is_(True)
        )
    )


async def listing(
    session: AsyncSession, channel: str | None = None, *, active_only: bool = False
) -> Sequence[Inbox]:
    """All inboxes by name."""
    query = select(Inbox).order_by(Inbox.name, Inbox.id)
    if channel is not None:
        query = query.where(Inbox.channel == channel)
    if active_only:
        query = query.where(Inbox.active.is_(True))
    return (await session.scalars(query)).all()
