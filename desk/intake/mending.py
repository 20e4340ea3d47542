"""What people do with payloads that could not be taken in: mend, replay, discard; and find them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.types import new_id
from desk.errors import Invalid, NotFound, TooLate
from desk.events import Kind
from desk.intake.models import RawFix, RawInbound
from desk.unit_of_work import UnitOfWork


async def locked(work: UnitOfWork, raw_id: UUID) -> RawInbound:
    """A payload with its row locked. Raises NotFound."""
    row = await work.session.get(RawInbound, raw_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such payload.")
    return row


async def replay(work: UnitOfWork, raw_id: UUID) -> RawInbound:
    """Process a payload again. What it made before is recognised and not made twice."""
    row = await locked(work, raw_id)
    row.state = "received"
    row.error = ""
    work.record(Kind.RAW_REPLAYED, data=_named(row))
    return row


async def fix(work: UnitOfWork, raw_id: UUID, text: bytes, reason: str) -> RawInbound:
    """Keep a mended payload beside the original, and process it. Raises TooLate, Invalid."""
    row = await locked(work, raw_id)
    if row.state not in {"failed", "discarded"}:
        raise TooLate("Only a payload that failed can be mended; this one is taken in already.")
    if not text.strip():
        raise Invalid(errors=[("payload", "is empty; discard the payload instead")])
    work.session.add(
        RawFix(
            id=new_id(),
            raw_inbound_id=row.id,
            payload=text,
            author_id=work.actor.id,
            author_name=work.actor.name[:200],
            reason=reason[:1000],
            created_at=work.now,
        )
    )
    work.record(Kind.RAW_FIXED, reason=reason, data={"raw_id": str(row.id)})
    row.state = "received"
    row.error = ""
    work.record(Kind.RAW_REPLAYED, data=_named(row))
    return row


async def discard(work: UnitOfWork, raw_id: UUID, reason: str) -> RawInbound:
    """Put a failed payload away; it stays stored and can be replayed. Raises TooLate, Invalid."""
    row = await locked(work, raw_id)
    if row.state != "failed":
        raise TooLate("Only a payload that failed can be discarded.")
    if not reason.strip():
        raise Invalid(errors=[("reason", "say why nobody needs it")])
    row.state = "discarded"
    work.record(Kind.RAW_DISCARDED, reason=reason, data={"raw_id": str(row.id)})
    return row


def _named(row: RawInbound) -> dict[str, object]:
    return {"raw_ids": [str(row.id)], "inbox_id": str(row.inbox_id), "lane": row.lane}


async def listing(
    session: AsyncSession,
    state: str,
    before: UUID | None,
    limit: int,
    inbox_id: UUID | None = None,
) -> Sequence[RawInbound]:
    """Payloads in a state, newest first (ids are ordered by time)."""
    query = select(RawInbound).where(RawInbound.state == state)
    if before is not None:
        query = query.where(RawInbound.id < before)
    if inbox_id is not None:
        query = query.where(RawInbound.inbox_id == inbox_id)
    return (await session.scalars(query.order_by(RawInbound.id.desc()).limit(limit))).all()


async def fixes(session: AsyncSession, raw_id: UUID) -> Sequence[RawFix]:
    """How a payload was mended, oldest first."""
    query = select(RawFix).where(RawFix.raw_inbound_id == raw_id).order_by(RawFix.id)
    return (await session.scalars(query)).all()


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many payloads wait for a person, by state."""
    rows = await session.execute(
        select(RawInbound.state, func.count())
        .where(RawInbound.state.in_(("failed", "received")))
        .group_by(RawInbound.state)
    )
    return {"failed": 0, "received": 0, **{row[0]: row[1] for row in rows}}
