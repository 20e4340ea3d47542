"""When and what agents work: read and changed; absences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents import service as people
from desk.db.types import new_id
from desk.errors import Invalid, NotFound
from desk.events import Kind
from desk.triage import staff
from desk.triage.models import AgentAbsence, AgentWork
from desk.unit_of_work import UnitOfWork
from sla.books import Windows

Level = Literal["A1", "A2", "B1", "B2", "C1", "C2", "native"]
Code = Annotated[str, Meta(min_length=2, max_length=35)]
Word = Annotated[str, Meta(min_length=1, max_length=80)]
Weekday = Literal["0", "1", "2", "3", "4", "5", "6"]


class WorkData(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An agent's work; `windows` by weekday ("0" is Monday) in their zone, None all the time."""

    windows: dict[Weekday, Windows] | None = None
    presence: Literal["auto", "schedule", "away"] = "auto"
    languages: dict[Code, Level] = {}
    skills: dict[Word, Annotated[float, Meta(ge=0, le=1)]] = {}
    slots: Annotated[float, Meta(ge=0, le=1000)] = 8
    costs: dict[str, Annotated[float, Meta(ge=0, le=100)]] = {}
    limits: dict[str, Annotated[int, Meta(ge=0, le=1000)]] = {}
    pace_minutes: Annotated[int, Meta(ge=1, le=10_000)] = 60


def data_of(row: AgentWork | None) -> WorkData:
    """A row as people read it; without one, the standard."""
    if row is None:
        return WorkData()
    return msgspec.convert(
        {name: getattr(row, name) for name in WorkData.__struct_fields__}, WorkData
    )


async def save(work: UnitOfWork, agent_id: UUID, data: WorkData) -> AgentWork:
    """Keep an agent's work. Raises NotFound, Invalid."""
    agent = await people.need(work, agent_id)
    fields = msgspec.to_builtins(data)
    row = await work.session.get(AgentWork, agent_id)
    before = msgspec.to_builtins(data_of(row)) if row is not None else {}
    if row is None:
        row = AgentWork(agent_id=agent_id, away_since=None, assigned_at=None)
        work.session.add(row)
    for name, value in fields.items():
        setattr(row, name, value)
    row.updated_at = work.now
    row.away_since = (row.away_since or work.now) if data.presence == "away" else None
    try:
        staff.hours(row, agent.timezone)
    except ValueError as error:
        raise Invalid(errors=[("windows", str(error))]) from error
    changes = {
        name: (before.get(name), value)
        for name, value in fields.items()
        if before.get(name) != value
    }
    if changes:
        work.record(
            Kind.TRIAGE_CHANGED,
            changes=changes,
            data={"what": "work", "agent_id": str(agent_id)},
        )
    return row


async def absences(session: AsyncSession, since: datetime) -> Sequence[AgentAbsence]:
    """Absences that are not over."""
    found = await session.scalars(
        select(AgentAbsence).where(AgentAbsence.ends > since).order_by(AgentAbsence.begins)
    )
    return found.all()


async def leave(
    work: UnitOfWork, agent_id: UUID, begins: datetime, ends: datetime, note: str
) -> AgentAbsence:
    """An agent will be away. Raises NotFound, Invalid."""
    await people.need(work, agent_id)
    if ends <= begins:
        raise Invalid(errors=[("ends", "the absence ends after it begins")])
    row = AgentAbsence(
        id=new_id(),
        agent_id=agent_id,
        begins=begins,
        ends=ends,
        note=note[:200],
        created_at=work.now,
    )
    work.session.add(row)
    work.record(
        Kind.TRIAGE_CHANGED,
        changes={"absence": (None, [begins, ends])},
        data={"what": "absence", "agent_id": str(agent_id)},
    )
    return row


async def come_back(work: UnitOfWork, absence_id: UUID) -> None:
    """An absence is called off. Raises NotFound."""
    row = await work.session.get(AgentAbsence, absence_id)
    if row is None:
        raise NotFound("There is no such absence.")
    await work.session.delete(row)
    work.record(
        Kind.TRIAGE_CHANGED,
        changes={"absence": ([row.begins, row.ends], None)},
        data={"what": "absence", "agent_id": str(row.agent_id)},
    )
