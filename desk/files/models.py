"""Stored files, by content."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId


class Attachment(HasId, Base):
    """A named use of a blob. `message_id` is empty while an upload waits for its message.

    A file that the provider keeps is `pending` until it is fetched, or `failed` with the reason;
    `media` is what the channel needs to fetch it. Only a `stored` one has a `sha256`.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_message_id", "message_id"),
        Index("ix_attachment_sha256", "sha256"),
    )

    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(120))  # sniffed, not as declared
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    inline: Mapped[bool] = mapped_column(default=False)
    content_id: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(20), default="stored")  # stored, pending, failed
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    media: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    uploaded_by: Mapped[str] = mapped_column(String(80), default="")  # "agent:<id>", "visitor:<id>"
    created_at: Mapped[datetime]
