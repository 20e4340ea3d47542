"""The embedded queue's table."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base


class Job(Base):
    """A job of the embedded queue. Within one lane jobs run one at a time, in order of `id`."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_run_at_id", "state", "run_at", "id"),
        Index(
            "ix_job_lane_id",
            "lane",
            "id",
            sqlite_where=text("state IN ('ready', 'running')"),
            postgresql_where=text("state IN ('ready', 'running')"),
        ),
        Index(
            "uq_job_dedupe_key",
            "dedupe_key",
            unique=True,
            sqlite_where=text("dedupe_key IS NOT NULL AND state IN ('ready', 'running')"),
            postgresql_where=text("dedupe_key IS NOT NULL AND state IN ('ready', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    task: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]]
    lane: Mapped[str | None] = mapped_column(String(400))
    dedupe_key: Mapped[str | None] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(20))  # ready, running, dead; done jobs are deleted
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[UUID | None]  # fences off a runner whose lease ran out
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(2000), default="")
    created_at: Mapped[datetime]
