"""Inboxes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId


class Inbox(HasId, Base):
    """Where messages come in: one mail address, one widget, one number.

    `address` is our own address on the channel, unique per channel; for a widget it is the public
    key that the embedding page names. `secrets` holds encrypted values only.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("uq_inbox_channel_address", "channel", "address", unique=True),)

    channel: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320))
    locale: Mapped[str] = mapped_column(String(35), default="en")
    active: Mapped[bool] = mapped_column(default=True)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    fallback_inbox_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("inbox.id", ondelete="SET NULL")
    )  # live channels: the mail inbox that takes over when the visitor has left
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secrets: Mapped[dict[str, Any]] = mapped_column(default=dict)
    templates: Mapped[dict[str, Any] | None] = mapped_column(default=None)  # see `templates.py`
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)  # IMAP: UIDVALIDITY and last UID
    last_success_at: Mapped[datetime | None]
    last_error_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(1000), default="")
    inbound_at: Mapped[datetime | None]  # the newest webhook that was taken; to the half minute
    inbound_error_at: Mapped[datetime | None]
    inbound_error: Mapped[str] = mapped_column(String(1000), default="")
    outbound_at: Mapped[datetime | None]
    outbound_error_at: Mapped[datetime | None]
    outbound_error: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
