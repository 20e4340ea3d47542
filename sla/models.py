"""The engine's tables: policies and calendars with every version, ledgers, clocks, fired steps.

`ticket_id` names a ticket of the desk; there is no foreign key across (see docs/decisions/0007).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from persistence.base import Base, HasId


class SlaPolicy(HasId, Base):
    """A policy; what it promises is in its versions. Policies are looked at by `position`."""

    __tablename__ = "sla_policy"

    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int]  # the present one
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SlaPolicyVersion(Base):
    """What a policy promised from `created_at` on, as `sla.policy.as_data` writes it."""

    __tablename__ = "sla_policy_version"

    policy_id: Mapped[UUID] = mapped_column(
        ForeignKey("sla_policy.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class SlaBook(Base):
    """All calendars as they stood from `created_at` on; a change to any of them is a new book."""

    __tablename__ = "sla_book"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class SlaEntry(Base):
    """One line of a ticket's ledger; see `sla.ledger`."""

    __tablename__ = "sla_entry"

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(200), default="")
    author: Mapped[str] = mapped_column(String(20), default="agent")
    start: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    voids: Mapped[int | None]


class SlaStanding(Base):
    """How a ticket's clocks stand: a copy that a replay of its ledger can always rebuild.

    `next_step_at` is when a warning or an escalation may be due.
    """

    __tablename__ = "sla_standing"
    __table_args__ = (
        Index("ix_sla_standing_next_step_at", "next_step_at"),
        Index("ix_sla_standing_policy", "policy"),
    )

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    policy: Mapped[str] = mapped_column(String(60))
    data: Mapped[dict[str, Any]]
    next_step_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class SlaFiring(Base):
    """A step that was carried out; the key makes it once. `covered`: a later one stood for it."""

    __tablename__ = "sla_firing"
    __table_args__ = (Index("ix_sla_firing_fired_at", "fired_at"),)

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    action: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(100))
    covered: Mapped[bool] = mapped_column(default=False)
    reached_at: Mapped[datetime]
    fired_at: Mapped[datetime]


class SlaOutcome(Base):
    """How a clock ended, for reports. Durations are microseconds of the clock's own time."""

    __tablename__ = "sla_outcome"
    __table_args__ = (Index("ix_sla_outcome_ended_at", "ended_at"),)

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    metric: Mapped[str] = mapped_column(String(20))
    policy: Mapped[str] = mapped_column(String(60))
    priority: Mapped[str] = mapped_column(String(20))
    target: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    breached_at: Mapped[datetime | None]
