"""What can be done with contacts: found or made from an address, and changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from desk.contacts import identity as rules
from desk.contacts import repository
from desk.contacts.models import Contact, Identity
from desk.db.types import new_id
from desk.errors import Duplicate, Invalid, NotFound
from desk.events import Kind
from desk.unit_of_work import UnitOfWork


async def from_address(
    work: UnitOfWork,
    kind: str,
    value: str,
    *,
    name: str = "",
    locale: str | None = None,
    timezone: str | None = None,
    verified: bool = False,
    evidence: str = "",
) -> tuple[Contact, Identity]:
    """The contact who owns the address; made when nobody does."""
    value = rules.normalise(kind, value)
    found = await repository.by_identity(work.session, kind, value)
    if found is not None:
        await _learn(work, found[0], found[1], name, locale, timezone, verified=verified)
        return found
    try:
        async with work.session.begin_nested():
            contact, identity = await _make(
                work, kind, value, name, locale, timezone, verified=verified, evidence=evidence
            )
    except IntegrityError:
        found = await repository.by_identity(work.session, kind, value)
        if found is None:
            raise
        return found  # somebody wrote on two ways at once, and the other one came first
    work.record(Kind.CONTACT_CREATED, contact_id=contact.id, data={"from": kind})
    _record_identity(work, identity)
    return contact, identity


async def _make(
    work: UnitOfWork,
    kind: str,
    value: str,
    name: str,
    locale: str | None,
    timezone: str | None,
    *,
    verified: bool,
    evidence: str,
) -> tuple[Contact, Identity]:
    contact = Contact(
        id=new_id(),
        name=rules.display_name(name, kind, value),
        locale=locale,
        timezone=timezone,
        company="",
        notes="",
        fields={},
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(contact)
    await work.session.flush()
    identity = _identity(
        work, contact, kind, value, verified=verified, evidence=evidence, display=name
    )
    work.session.add(identity)
    await work.session.flush()
    return contact, identity


def _identity(
    work: UnitOfWork,
    contact: Contact,
    kind: str,
    value: str,
    *,
    verified: bool,
    evidence: str,
    display: str,
) -> Identity:
    return Identity(
        id=new_id(),
        contact_id=contact.id,
        kind=kind,
        value=value,
        display=display[:320],
        evidence=evidence[:200],
        verified_at=work.now if verified else None,
        undeliverable_at=None,
        created_at=work.now,
    )


def _record_identity(work: UnitOfWork, identity: Identity) -> None:
    work.record(
        Kind.IDENTITY_ADDED,
        contact_id=identity.contact_id,
        data={
            "kind": identity.kind,
            "identity_id": str(identity.id),
            "evidence": identity.evidence,
        },
    )


async def _learn(
    work: UnitOfWork,
    contact: Contact,
    identity: Identity,
    name: str,
    locale: str | None,
    timezone: str | None,
    *,
    verified: bool,
) -> None:
    """Fill in what was unknown; never overwrite what somebody may have corrected."""
    changes: dict[str, tuple[Any, Any]] = {}
    guessed = rules.display_name("", identity.kind, identity.value)
    if name and contact.name in {"", guessed} and name != contact.name:
        changes["name"] = (contact.name, name[:200])
        contact.name = name[:200]
    if locale and contact.locale is None:
        changes["locale"] = (None, locale)
        contact.locale = locale
    if timezone and contact.timezone is None:
        changes["timezone"] = (None, timezone)
        contact.timezone = timezone
    if verified and identity.verified_at is None:
        identity.verified_at = work.now
        changes["verified"] = (None, identity.value)
    if changes:
        contact.updated_at = work.now
        work.record(Kind.CONTACT_CHANGED, contact_id=contact.id, changes=changes)


async def add_identity(
    work: UnitOfWork,
    contact: Contact,
    kind: str,
    value: str,
    *,
    verified: bool = False,
    evidence: str = "",
    display: str = "",
) -> Identity:
    """Give a contact another address. Raises Duplicate when somebody else owns it."""
    value = rules.normalise(kind, value)
    identity = _identity(
        work, contact, kind, value, verified=verified, evidence=evidence, display=display
    )
    try:
        async with work.session.begin_nested():
            work.session.add(identity)
            await work.session.flush()
    except IntegrityError as error:
        raise Duplicate(f"{value} belongs to another contact.") from error
    _record_identity(work, identity)
    return identity


async def claim(
    work: UnitOfWork, contact: Contact, kind: str, value: str, evidence: str
) -> Identity:
    """Move an unproven identity to `contact`; one that another contact proved stays there.

    What the identity's former owner keeps is that contact's own history; tickets that were opened
    through the identity follow it.
    """
    value = rules.normalise(kind, value)
    found = await repository.by_identity(work.session, kind, value)
    if found is None:
        return await add_identity(work, contact, kind, value, evidence=evidence)
    owner, identity = found
    if owner.id == contact.id or identity.verified_at is not None:
        return identity
    identity.contact_id = contact.id
    identity.evidence = evidence[:200]
    work.record(
        Kind.DECISION_IDENTITY,
        contact_id=contact.id,
        reason=f"One customer: {evidence}.",
        changes={"contact_id": (str(owner.id), str(contact.id))},
        data={
            "sentence_key": "identity.claimed_by_account",
            "params": {"kind": kind},
            "identity_id": str(identity.id),
        },
    )
    return identity


async def change(work: UnitOfWork, contact_id: UUID, patch: dict[str, Any]) -> Contact:
    """Change name, locale, timezone, company, notes or fields."""
    contact = await repository.get(work.session, contact_id)
    if contact is None:
        raise NotFound("There is no such contact.")
    changes: dict[str, tuple[Any, Any]] = {}
    for field, after in patch.items():
        if field not in {"name", "locale", "timezone", "company", "notes", "fields"}:
            raise Invalid(errors=[(field, "cannot be changed here")])
        before = getattr(contact, field)
        if before != after:
            setattr(contact, field, after)
            # Notes can be long and personal: the log says that they changed, not how.
            changes[field] = ("", "") if field == "notes" else (before, after)
    if changes:
        contact.updated_at = work.now
        work.record(Kind.CONTACT_CHANGED, contact_id=contact.id, changes=changes)
    return contact


async def mark_undeliverable(work: UnitOfWork, kind: str, value: str) -> None:
    """A permanent failure came back for this address; one of another kind is nobody's."""
    try:
        value = rules.normalise(kind, value)
    except ValueError:
        return
    await work.session.execute(
        update(Identity)
        .where(Identity.kind == kind, Identity.value == value)
        .values(undeliverable_at=work.now)
        .execution_options(synchronize_session=False)
    )
