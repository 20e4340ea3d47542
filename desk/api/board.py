"""`/api/v1/board`: the live board, the forecast, and a ticket's clocks."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from desk.api.core import InjectedCore
from desk.api.guards import requires
from desk.errors import NotFound
from desk.tickets import repository as tickets
from desk.tickets.views import TicketRow, ticket_row
from desk.triage import board, staff
from desk.triage.board import Day, Queue, Tiles
from sla.clock import Clock, Standing
from sla.models import SlaStanding
from sla.offsets import from_micros
from sla.repository import Rulebooks
from sla.snapshot import parse


class AgentLoad(msgspec.Struct):
    """What an agent carries; `there` says whether they could take a ticket now."""

    agent_id: UUID
    name: str
    used: float
    slots: float
    there: bool


class BoardOut(msgspec.Struct, kw_only=True):
    """How the desk stands at `at`. `late` is what is overdue or due within half an hour."""

    at: datetime
    tiles: Tiles
    queues: list[Queue]
    late: list[TicketRow]
    load: list[AgentLoad]
    free_by_language: dict[str, float]
    trend: list[Day]


class HourAhead(msgspec.Struct):
    """Breaches expected in one hour, the interval nine of ten runs fell into, and arrivals."""

    start: datetime
    breaches: float
    low: int
    high: int
    arrivals: float


class AccuracyOut(msgspec.Struct):
    """How far earlier forecasts were off, in breaches an hour; `plain_error` is "as last week"."""

    hours: int
    error: float
    bias: float
    coverage: float
    plain_error: float


class ForecastOut(msgspec.Struct):
    """The next hours, and how good such forecasts were."""

    at: datetime
    hours: list[HourAhead]
    accuracy: AccuracyOut | None


class ClockOut(msgspec.Struct, kw_only=True):
    """One promise on a ticket; durations in seconds of the clock's own time."""

    metric: str
    cycle: int
    state: str
    due_at: datetime | None
    started_at: datetime
    target_seconds: float | None
    used_seconds: float
    share_left: float | None


class ClocksOut(msgspec.Struct):
    """All clocks of a ticket under `policy`."""

    policy: str
    held: bool
    clocks: list[ClockOut]


@get("/board", guards=[requires("tickets.read")], summary="The live board", tags=["Board"])
async def live_board(core: InjectedCore) -> BoardOut:
    """What is late, what is about to be, who has room."""
    now = core.units.clock()
    async with core.units.read() as session:
        people = await staff.candidates(session, now)
        return BoardOut(
            at=now,
            tiles=await board.tiles(session, now),
            queues=await board.queues(session, now),
            late=[ticket_row(row, read_seq=0) for row in await board.late(session, now)],
            load=[
                AgentLoad(
                    UUID(one.agent),
                    one.name,
                    one.capacity.used(one.load),
                    one.capacity.slots,
                    board.there(one, now),
                )
                for one in people
            ],
            free_by_language=board.free_by_language(people, now),
            trend=await board.trend(session, now),
        )


@get("/board/forecast", guards=[requires("tickets.read")], summary="Look ahead", tags=["Board"])
async def look_ahead(core: InjectedCore) -> ForecastOut:
    """Expected breaches of the next hours, with an interval and its own accuracy."""
    now = core.units.clock()
    async with core.units.read() as session:
        known = await board.past(session, now)
    found = await asyncio.to_thread(board.look_ahead, known)
    return ForecastOut(
        at=now,
        hours=[HourAhead(**asdict(one)) for one in found.hours],
        accuracy=AccuracyOut(**asdict(found.accuracy)) if found.accuracy else None,
    )


@get(
    "/tickets/{ticket_id:uuid}/clocks",
    guards=[requires("tickets.read")],
    summary="A ticket's clocks",
    tags=["Service levels"],
)
async def ticket_clocks(ticket_id: FromPath[UUID], core: InjectedCore) -> ClocksOut:
    """Each promise with its state, deadline and time used."""
    now = core.units.clock()
    async with core.units.read() as session:
        if not await tickets.exists_ticket(session, ticket_id):
            raise NotFound("There is no such ticket.")
        kept = await session.get(SlaStanding, ticket_id)
        if kept is None:
            return ClocksOut("", held=False, clocks=[])
        rules = await Rulebooks().at(session)
    standing = parse(kept.data, rules.rules)
    return _clocks(standing, rules.rules.policy(standing.policy).name, now)


def _clocks(standing: Standing, policy: str, now: datetime) -> ClocksOut:
    shown = [clock for clock in standing.clocks if clock.limit is not None]
    return ClocksOut(policy, standing.held, [_clock(clock, now) for clock in shown])


def _clock(clock: Clock, now: datetime) -> ClockOut:
    second = 1_000_000
    return ClockOut(
        metric=clock.metric,
        cycle=clock.cycle,
        state=clock.state(now),
        due_at=clock.due_at,
        started_at=from_micros(clock.started),
        target_seconds=None if clock.limit is None else (clock.limit - clock.base) / second,
        used_seconds=clock.elapsed(now).total_seconds(),
        share_left=clock.share_left(now),
    )
