"""Contacts and identities."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId


class Contact(HasId, Base):
    """A customer. All that is known about the person, over all channels."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_name_id", "name", "id"),)

    name: Mapped[str] = mapped_column(String(200), default="")
    locale: Mapped[str | None] = mapped_column(String(35))
    timezone: Mapped[str | None] = mapped_column(String(64))
    company: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(default="")
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Identity(HasId, Base):
    """One address of a contact on one channel. Unique: two contacts never share an identity."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("kind", "value"),
        Index("ix_identity_contact_id", "contact_id"),
    )

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))  # email, phone, webchat, account, ...
    value: Mapped[str] = mapped_column(String(320))  # normalised
    display: Mapped[str] = mapped_column(String(320), default="")
    evidence: Mapped[str] = mapped_column(String(200), default="")
    verified_at: Mapped[datetime | None]
    undeliverable_at: Mapped[datetime | None]  # a permanent bounce came back
    created_at: Mapped[datetime]


class Consent(HasId, Base):
    """Whether an address may be written to on a channel, and for what. Its history is events.

    `purpose` is `support` (answers) or `marketing` (proactive messages).
    """

    __tablename__ = "consent"
    __table_args__ = (
        UniqueConstraint("channel", "address", "purpose"),
        Index("ix_consent_contact_id", "contact_id"),
    )

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(320))  # an identity's value
    purpose: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))  # granted, withdrawn
    evidence: Mapped[str] = mapped_column(String(300), default="")
    changed_at: Mapped[datetime]
