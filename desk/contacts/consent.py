"""Consent: whether an address may be written to on a channel, and for what.

The row is how it stands now; every change is an event with its evidence, which is the history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.models import Consent, Contact
from desk.db.types import new_id
from desk.events import Kind
from desk.unit_of_work import UnitOfWork

Purpose = Literal["support", "marketing"]
State = Literal["granted", "withdrawn"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)


async def get(
    session: AsyncSession, channel: str, address: str, purpose: Purpose
) -> Consent | None:
    """How it stands; None when nobody ever said anything."""
    query = select(Consent).where(
        Consent.channel == channel, Consent.address == address, Consent.purpose == purpose
    )
    return (await session.scalars(query)).first()


async def of_contact(session: AsyncSession, contact_id: UUID) -> Sequence[Consent]:
    """Everything that a contact has granted or withdrawn."""
    query = select(Consent).where(Consent.contact_id == contact_id)
    return (await session.scalars(query.order_by(Consent.channel, Consent.purpose))).all()


async def note(
    work: UnitOfWork,
    contact: Contact,
    *,
    channel: str,
    address: str,
    purpose: Purpose,
    state: State,
    evidence: str,
) -> Consent:
    """Keep what was granted or withdrawn, and why we think so."""
    row = await get(work.session, channel, address, purpose)
    before = row.state if row is not None else None
    if row is None:
        row = Consent(
            id=new_id(),
            contact_id=contact.id,
            channel=channel,
            address=address,
            purpose=purpose,
            state=state,
            evidence="",
            changed_at=work.now,
        )
        work.session.add(row)
    row.contact_id = contact.id
    row.state = state
    row.evidence = evidence[:300]
    row.changed_at = work.now
    work.record(
        Kind.CONSENT_CHANGED,
        reason=evidence,
        contact_id=contact.id,
        changes={"state": (before, state)},
        data={"channel": channel, "address": address, "purpose": purpose},
    )
    return row
