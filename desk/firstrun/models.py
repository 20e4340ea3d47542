"""The desk's own profile, invitations, and where its widget was seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId

ONLY: Final = 1  # the one row's key: a second first owner fails on it


class DeskProfile(Base):
    """The desk itself, one row. `hours` by weekday ("0" is Monday), in `timezone`."""

    __tablename__ = "desk_profile"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100))
    locales: Mapped[list[str]] = mapped_column(default=list)
    timezone: Mapped[str] = mapped_column(String(64))
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    skipped: Mapped[list[str]] = mapped_column(default=list)  # steps of the wizard
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Invitation(HasId, Base):
    """A one-time link for an agent without a password; the link's secret is not stored."""

    __tablename__ = "invitation"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WidgetSighting(Base):
    """A web site that fetched the widget's loader, and when last."""

    __tablename__ = "widget_sighting"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
