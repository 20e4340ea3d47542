"""Queries on contacts and identities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.models import Contact, Identity

# Built once: building a statement costs as much as asking.
_BY_IDENTITY: Final = (
    select(Contact, Identity)
    .join(Identity, Identity.contact_id == Contact.id)
    .where(Identity.kind == bindparam("kind"), Identity.value == bindparam("value"))
)
_IDENTITIES: Final = (
    select(Identity).where(Identity.contact_id == bindparam("contact")).order_by(Identity.id)
)


async def get(session: AsyncSession, contact_id: UUID) -> Contact | None:
    """A contact by id."""
    return await session.get(Contact, contact_id)


async def by_ids(session: AsyncSession, ids: Sequence[UUID]) -> list[Contact]:
    """Contacts in the order of their ids as given; those that are gone are left out."""
    found = await session.scalars(select(Contact).where(Contact.id.in_(ids)))
    rows = {row.id: row for row in found}
    return [rows[id_] for id_ in ids if id_ in rows]


async def by_identity(
    session: AsyncSession, kind: str, value: str
) -> tuple[Contact, Identity] | None:
    """The contact that owns an address (normalised), with that identity."""
    found = (await session.execute(_BY_IDENTITY, {"kind": kind, "value": value})).first()
    return (found[0], found[1]) if found else None


async def identities(session: AsyncSession, contact_id: UUID) -> Sequence[Identity]:
    """All addresses of a contact, oldest first."""
    return (await session.scalars(_IDENTITIES, {"contact": contact_id})).all()


async def identities_of(
    session: AsyncSession, contact_ids: Sequence[UUID]
) -> dict[UUID, list[Identity]]:
    """All addresses of several contacts, in one statement."""
    found: dict[UUID, list[Identity]] = {}
    if contact_ids:
        rows = await session.scalars(
            select(Identity).where(Identity.contact_id.in_(contact_ids)).order_by(Identity.id)
        )
        for row in rows:
            found.setdefault(row.contact_id, []).append(row)
    return found


async def listing(
    session: AsyncSession, text: str, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Contact]:
    """Contacts by name, from `after` (name, id) on; `text` matches in name or address."""
    query = select(Contact).order_by(Contact.name, Contact.id).limit(limit)
    if text:
        pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        owner = select(Identity.contact_id).where(Identity.value.ilike(pattern, escape="\\"))
        query = query.where(or_(Contact.name.ilike(pattern, escape="\\"), Contact.id.in_(owner)))
    if after is not None:
        query = query.where(tuple_(Contact.name, Contact.id) > after)
    return (await session.scalars(query)).all()
