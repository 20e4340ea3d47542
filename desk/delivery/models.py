"""What providers said before we knew which message they meant."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId


class EarlyReceipt(HasId, Base):
    """A status that overtook the commit of its own message; applied as soon as that is there.

    Statuses of messages that somebody else sent through the same account end here, too, and are
    forgotten after a week.
    """

    __tablename__ = "early_receipt"
    __table_args__ = (
        Index("ix_early_receipt_inbox_id_external_id", "inbox_id", "external_id"),
        Index("ix_early_receipt_received_at", "received_at"),
    )

    inbox_id: Mapped[UUID] = mapped_column(ForeignKey("inbox.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(String(998))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    permanent: Mapped[bool] = mapped_column(default=False)
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
