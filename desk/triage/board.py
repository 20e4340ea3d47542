"""The live board: what is late, what is about to be, who has room, what the next hours bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tickets.lifecycle import UNSOLVED
from desk.tickets.models import Message, Ticket
from desk.triage import demands, policies, staff
from sla.backtest import Accuracy, Answered, backtest
from sla.conditions import Facts
from sla.forecast import WEEK, Expected, Outlook, Waiting, forecast, learn
from sla.ledger import Start
from sla.models import SlaOutcome
from sla.people import LEVELS, Candidate
from sla.policy import choose
from sla.repository import Rulebook, Rulebooks

SOON: Final = timedelta(minutes=30)
LISTED: Final = 50  # tickets on the list of what is late
DAYS: Final = 14  # of the trend
LEARNT: Final = timedelta(days=28)  # what the forecast looks back on
HOURS: Final = 4  # that it looks ahead
MOST_PAST: Final = 20_000
LEAST_LEVEL: Final = LEVELS["B1"]
_USUAL: Final = timedelta(minutes=15)
_LONGEST: Final = timedelta(minutes=45)  # a longer gap between two answers was a break
_ENOUGH: Final = 10  # gaps between answers to go by


@dataclass(frozen=True, slots=True)
class Tiles:
    """How the desk stands now."""

    open: int
    waiting: int
    unassigned: int
    overdue: int
    soon: int
    oldest_waiting_since: datetime | None
    oldest_number: int | None
    met_today: int
    broken_today: int


@dataclass(frozen=True, slots=True)
class Queue:
    """One team's tickets; None is no team."""

    team_id: UUID | None
    open: int
    unassigned: int
    overdue: int
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """How the promises of one day (UTC) were kept, by when their clocks ended."""

    day: str
    met: int
    broken: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next hours; `accuracy` is None where there is too little past to check against."""

    hours: list[Expected]
    accuracy: Accuracy | None


async def tiles(session: AsyncSession, now: datetime) -> Tiles:
    """The numbers at the top."""
    due, still = Ticket.next_due_at, Ticket.status.in_(UNSOLVED)
    row = (
        await session.execute(
            select(
                func.count(),
                func.count(Ticket.waiting_since),
                func.count().filter(*demands.waits()),
                func.count().filter(due <= now),
                func.count().filter(due > now, due <= now + SOON),
            ).where(still)
        )
    ).one()
    oldest = (
        await session.execute(
            select(Ticket.waiting_since, Ticket.number)
            .where(still, Ticket.waiting_since.is_not(None), Ticket.snoozed_until.is_(None))
            .order_by(Ticket.waiting_since, Ticket.id)
            .limit(1)
        )
    ).first()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    broken = SlaOutcome.breached_at.is_not(None)
    today = (
        await session.execute(
            select(func.count().filter(~broken), func.count().filter(broken)).where(
                SlaOutcome.ended_at >= midnight
            )
        )
    ).one()
    since, number = oldest or (None, None)
    return Tiles(*row, since, number, *today)


async def queues(session: AsyncSession, now: datetime) -> list[Queue]:
    """By team, the one whose next deadline is soonest first."""
    rows = await session.execute(
        select(
            Ticket.team_id,
            func.count(),
            func.count().filter(*demands.waits()),
            func.count().filter(Ticket.next_due_at <= now),
            func.min(Ticket.next_due_at),
        )
        .where(Ticket.status.in_(UNSOLVED))
        .group_by(Ticket.team_id)
    )
    found = [Queue(*row) for row in rows]
    return sorted(
        found, key=lambda one: (one.next_due_at is None, one.next_due_at, str(one.team_id))
    )


async def late(session: AsyncSession, now: datetime) -> Sequence[Ticket]:
    """What is late or due within half an hour, the latest first."""
    rows = await session.scalars(
        select(Ticket)
        .where(Ticket.status.in_(UNSOLVED), Ticket.next_due_at <= now + SOON)
        .order_by(Ticket.next_due_at, Ticket.id)
        .limit(LISTED)
    )
    return rows.all()


async def trend(session: AsyncSession, now: datetime) -> list[Day]:
    """The last days, today included, days without a clock as well."""
    first = (now - timedelta(days=DAYS - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    day = func.date(SlaOutcome.ended_at)
    broken = SlaOutcome.breached_at.is_not(None)
    rows = await session.execute(
        select(day, func.count().filter(~broken), func.count().filter(broken))
        .where(SlaOutcome.ended_at >= first)
        .group_by(day)
    )
    known = {str(row[0]): (row[1], row[2]) for row in rows}
    days = [(first + timedelta(days=n)).date().isoformat() for n in range(DAYS)]
    return [Day(one, *known.get(one, (0, 0))) for one in days]


def free_by_language(people: Sequence[Candidate], now: datetime) -> dict[str, float]:
    """Free slots of those who are there now, by the languages they can answer in."""
    free: dict[str, float] = defaultdict(float)
    for one in people:
        if not there(one, now):
            continue
        room = max(one.capacity.slots - one.capacity.used(one.load), 0.0)
        for language, level in one.languages.items():
            if LEVELS.get(level, 0.0) >= LEAST_LEVEL:
                free[language] += room
    return dict(sorted(free.items()))


def there(one: Candidate, now: datetime) -> bool:
    """Whether somebody could take a ticket now, but for room."""
    if one.presence != "online" or (one.absent_until is not None and one.absent_until > now):
        return False
    return one.calendar is None or one.calendar.is_open(now)


@dataclass(frozen=True)
class Past:
    """What the forecast is made of; read in one go, computed elsewhere."""

    now: datetime
    rules: Rulebook
    people: list[Candidate]
    created: list[datetime]
    handling: list[timedelta]
    waiting: list[Waiting]
    answered: list[Answered]


async def past(session: AsyncSession, now: datetime) -> Past:
    """Read it."""
    since = now - LEARNT
    created = await session.scalars(
        select(Ticket.created_at)
        .where(Ticket.created_at >= since)
        .order_by(Ticket.created_at.desc())
        .limit(MOST_PAST)
    )
    waiting = await session.scalars(
        select(Ticket.next_due_at).where(
            Ticket.status.in_(UNSOLVED),
            Ticket.next_due_at > now,
            Ticket.next_due_kind.in_(("first_response", "next_response")),
        )
    )
    ended = await session.scalars(
        select(SlaOutcome)
        .where(SlaOutcome.metric == "first_response", SlaOutcome.started_at >= since)
        .order_by(SlaOutcome.started_at.desc())
        .limit(MOST_PAST)
    )
    return Past(
        now=now,
        rules=await Rulebooks().at(session),
        people=await staff.candidates(session, now),
        created=sorted(created),
        handling=await _handling(session, since),
        waiting=[Waiting(due) for due in waiting if due is not None],
        answered=[_answered(row) for row in ended],
    )


async def _handling(session: AsyncSession, since: datetime) -> list[timedelta]:
    """How long answers took: the gaps between one agent's answers, breaks left aside."""
    rows = await session.execute(
        select(Message.author_id, Message.created_at)
        .where(Message.created_at >= since, Message.kind == "reply", Message.author_kind == "agent")
        .order_by(Message.author_id, Message.created_at)
        .limit(MOST_PAST)
    )
    gaps: list[timedelta] = []
    last: tuple[UUID | None, datetime] | None = None
    for author, at in rows:
        if last is not None and last[0] == author and timedelta(0) < at - last[1] <= _LONGEST:
            gaps.append(at - last[1])
        last = (author, at)
    return gaps if len(gaps) >= _ENOUGH else [_USUAL]


def _answered(row: SlaOutcome) -> Answered:
    left = timedelta(microseconds=max(row.target - row.used, 0))
    return Answered(row.started_at, row.breached_at or row.ended_at + left, row.ended_at)


def look_ahead(known: Past) -> Ahead:
    """The forecast and how good it would have been; takes CPU, so not in the event loop."""
    now = known.now
    outlook = Outlook(
        rates=learn(known.created, now - LEARNT, now, "UTC"),
        handling=known.handling,
        on_shift=lambda at: float(
            sum(one.calendar is None or one.calendar.is_open(at) for one in known.people)
        ),
        due=lambda at: _due(known.rules, at),
    )
    hours = forecast(known.waiting, outlook, now, HOURS)
    moments = [now - timedelta(days=back, hours=HOURS) for back in range(1, 8)]
    first = min((one.created_at for one in known.answered), default=now)
    moments = [one for one in moments if one - first >= WEEK]  # it learns from a week at least
    if not moments:
        return Ahead(hours, None)
    return Ahead(hours, backtest(known.answered, outlook, moments, hours=HOURS))


def _due(rules: Rulebook, at: datetime) -> datetime:
    """By when what comes at `at` has to be answered, under the policy of an ordinary ticket."""
    found = choose(rules.current, Facts()).policy
    if found is not None:
        start = Start(policy=found.key, calendars=rules.book)
        for one in policies.preview(rules, found, start, at):
            if one["metric"] == "first_response" and one["due_at"] is not None:
                due: datetime = one["due_at"]
                return due
    return at + timedelta(days=365)  # nothing is promised, so nothing can be late
