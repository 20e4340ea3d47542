"""Agents and teams."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId


class Agent(HasId, Base):
    """A person who works in the desk. `email` is lower-case and unique."""

    __tablename__ = "agent"

    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))  # agent, lead, editor, admin
    locale: Mapped[str] = mapped_column(String(35), default="en")
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    active: Mapped[bool] = mapped_column(default=True)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    online_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Team(HasId, Base):
    """A group of agents that tickets can be given to."""

    __tablename__ = "team"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]


class TeamMember(Base):
    """An agent's membership in a team."""

    __tablename__ = "team_member"
    __table_args__ = (Index("ix_team_member_agent_id", "agent_id"),)

    team_id: Mapped[UUID] = mapped_column(
        ForeignKey("team.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[UUID] = mapped_column(
        ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True
    )
