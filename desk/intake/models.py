"""Raw inbound payloads."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId


class RawInbound(HasId, Base):
    """What a provider handed over, stored before it was answered.

    Small payloads stand in the row; large ones in the file store, by `sha256`.
    """

    __tablename__ = "raw_inbound"
    __table_args__ = (
        UniqueConstraint("inbox_id", "external_id"),
        Index("ix_raw_inbound_state_received_at", "state", "received_at"),
        Index("ix_raw_inbound_external_id", "external_id"),
    )

    inbox_id: Mapped[UUID] = mapped_column(ForeignKey("inbox.id"))
    external_id: Mapped[str] = mapped_column(String(998))
    lane: Mapped[str] = mapped_column(String(400))
    content_type: Mapped[str] = mapped_column(String(120))
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    url: Mapped[str] = mapped_column(String(2000), default="")
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20))  # received, done, failed, discarded
    error: Mapped[str] = mapped_column(String(2000), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]


class RawFix(HasId, Base):
    """A payload as a person mended it. The newest is what is parsed; the original stays."""

    __tablename__ = "raw_fix"
    __table_args__ = (Index("ix_raw_fix_raw_inbound_id", "raw_inbound_id", "id"),)

    raw_inbound_id: Mapped[UUID] = mapped_column(ForeignKey("raw_inbound.id", ondelete="CASCADE"))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    author_id: Mapped[UUID | None]
    author_name: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime]
