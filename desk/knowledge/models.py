"""How the help center looks and speaks: one row."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base


class HelpCenter(Base):
    """The brand of the help center. Texts by locale are JSON objects: {"en": "..."}."""

    __tablename__ = "help_center"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)  # "default"
    title: Mapped[str] = mapped_column(String(120))
    accent: Mapped[str] = mapped_column(String(7))
    logo_sha256: Mapped[str | None] = mapped_column(String(64))
    logo_type: Mapped[str] = mapped_column(String(40), default="")
    default_locale: Mapped[str] = mapped_column(String(20))
    locales: Mapped[list[str]] = mapped_column(default=list)
    taglines: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notices: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"en": {"text", "url"}}
    links: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"en": [{"title", "url"}]}
    mail_inbox_id: Mapped[UUID | None] = mapped_column(ForeignKey("inbox.id", ondelete="SET NULL"))
    chat_inbox_id: Mapped[UUID | None] = mapped_column(ForeignKey("inbox.id", ondelete="SET NULL"))
    indexed: Mapped[bool] = mapped_column(default=True)  # may search engines list it
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
