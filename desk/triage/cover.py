"""Who is at work when: the spans of everybody over a day or a week, and when nobody is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.triage import staff
from desk.triage.models import AgentAbsence
from sla.offsets import SECOND, from_micros, load_zone, stretches, to_micros
from sla.people import Candidate

Span = tuple[datetime, datetime]
MOST_HOURS: Final = 24 * 8
_YEAR: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Shift:
    """When one agent works; `away` are the parts of it that an absence takes."""

    agent: Candidate
    spans: list[Span]
    away: list[Span]


@dataclass(frozen=True, slots=True)
class Cover:
    """Everybody's spans, and those in which nobody is at work."""

    shifts: list[Shift]
    gaps: list[Span]


async def cover(session: AsyncSession, start: datetime, hours: int) -> Cover:
    """Look at the `hours` from `start` on."""
    end = start + timedelta(hours=hours)
    people = await staff.candidates(session, start)
    rows = await session.scalars(
        select(AgentAbsence).where(AgentAbsence.begins < end, AgentAbsence.ends > start)
    )
    absences: dict[UUID, list[Span]] = defaultdict(list)
    for row in rows:
        absences[row.agent_id].append((max(row.begins, start), min(row.ends, end)))
    return cover_of(people, absences, start, end)


def cover_of(
    people: Iterable[Candidate],
    absences: dict[UUID, list[Span]],
    start: datetime,
    end: datetime,
) -> Cover:
    """The spans of [start, end), from calendars and absences; pure."""
    shifts = []
    for one in people:
        if one.calendar is None:
            spans = [(start, end)]
        else:
            found = one.calendar.stretches(to_micros(start), to_micros(end))
            spans = [(from_micros(a), from_micros(b)) for a, b in found]
        gone = absences.get(UUID(one.agent), [])
        shifts.append(Shift(one, without(spans, gone), within(spans, gone)))
    there = [span for shift in shifts for span in shift.spans]
    return Cover(shifts, without([(start, end)], there))


def without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """The parts of `spans` that lie outside `taken`."""
    left = list(spans)
    for begin, end in sorted(taken):
        cut: list[Span] = []
        for a, b in left:
            if end <= a or b <= begin:
                cut.append((a, b))
                continue
            cut += [span for span in ((a, begin), (end, b)) if span[0] < span[1]]
        left = cut
    return left


def within(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """The parts of `spans` that lie inside `taken`."""
    found = [(max(a, begin), min(b, end)) for a, b in spans for begin, end in taken]
    return sorted(span for span in found if span[0] < span[1])


def clock_changes(timezone: str, at: datetime) -> list[tuple[datetime, int]]:
    """When the clocks of a zone are set within a year, and by how many minutes."""
    first = to_micros(at) // SECOND * SECOND
    parts = list(
        stretches(load_zone(timezone), first, first + to_micros(at + _YEAR) - to_micros(at))
    )
    return [
        (from_micros(later[0]), (later[2] - earlier[2]) // (60 * SECOND))
        for earlier, later in pairwise(parts)
    ]
