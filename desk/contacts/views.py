"""Contacts as they cross the edge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from desk.contacts.models import Contact, Identity


class ContactRef(msgspec.Struct, frozen=True):
    """A contact by name."""

    id: UUID
    name: str


class IdentityView(msgspec.Struct, frozen=True, kw_only=True):
    """One address of a contact."""

    id: UUID
    kind: str
    value: str
    verified_at: datetime | None
    undeliverable_at: datetime | None
    evidence: str


class ContactView(ContactRef, frozen=True, kw_only=True):
    """A contact with all addresses."""

    locale: str | None
    timezone: str | None
    company: str
    notes: str
    fields: dict[str, Any]
    identities: list[IdentityView]
    created_at: datetime


def contact_view(contact: Contact, identities: Sequence[Identity]) -> ContactView:
    """From the models."""
    return ContactView(
        id=contact.id,
        name=contact.name,
        locale=contact.locale,
        timezone=contact.timezone,
        company=contact.company,
        notes=contact.notes,
        fields=contact.fields,
        identities=[
            IdentityView(
                id=identity.id,
                kind=identity.kind,
                value=identity.value,
                verified_at=identity.verified_at,
                undeliverable_at=identity.undeliverable_at,
                evidence=identity.evidence,
            )
            for identity in identities
        ],
        created_at=contact.created_at,
    )
