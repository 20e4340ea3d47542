"""What routing knows of agents, and the tickets that wait for somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId


class AgentWork(Base):
    """When and what an agent works; without a row somebody works around the clock, as `auto`.

    `windows` maps a weekday ("0" is Monday) to [from, to] pairs in the agent's own time zone;
    None is around the clock. `presence` is `auto` (by their sockets), `schedule` (whenever they
    are on shift) or `away`. `languages` maps a code to a level, `skills` a skill to 0 to 1.
    """

    __tablename__ = "agent_work"

    agent_id: Mapped[UUID] = mapped_column(
        ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True
    )
    windows: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    presence: Mapped[str] = mapped_column(String(20), default="auto")
    away_since: Mapped[datetime | None]
    languages: Mapped[dict[str, Any]] = mapped_column(default=dict)
    skills: Mapped[dict[str, Any]] = mapped_column(default=dict)
    slots: Mapped[float] = mapped_column(default=8.0)
    costs: Mapped[dict[str, Any]] = mapped_column(default=dict)  # channel: slots a ticket takes
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)  # channel: tickets at most
    pace_minutes: Mapped[int] = mapped_column(default=60)  # how long an answer usually takes
    assigned_at: Mapped[datetime | None]  # when routing last gave them a ticket
    updated_at: Mapped[datetime]


class AgentAbsence(HasId, Base):
    """An agent is away from `begins` to `ends`; what waits for them then goes to others."""

    __tablename__ = "agent_absence"
    __table_args__ = (Index("ix_agent_absence_agent_id_ends", "agent_id", "ends"),)

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]


class TriageSetting(Base):
    """Settings of routing; `version` refuses a change that was made to an older one."""

    __tablename__ = "triage_setting"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    data: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class TicketRouting(Base):
    """What routing remembers of a ticket: who is not to get it, and that nobody could take it."""

    __tablename__ = "ticket_routing"

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    refused: Mapped[list[str]] = mapped_column(default=list)
    retry_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None]  # nobody could take it, and people were told
    updated_at: Mapped[datetime]
