"""The event log and its counter: the only tables the unit of work itself writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base

FEED = "feed"


class CounterRow(Base):
    """A named counter whose row lock orders commits: seq order is commit order, without gaps."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


class EventRow(Base):
    """One committed event. Append-only; `seq` is gapless over the whole desk."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_ticket_id_seq", "ticket_id", "seq"),
        Index("ix_event_contact_id_seq", "contact_id", "seq"),
        Index("ix_event_kind_seq", "kind", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(unique=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(1000), default="")
    ticket_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    changes: Mapped[dict[str, Any]]
    data: Mapped[dict[str, Any]]
