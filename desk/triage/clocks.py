"""Keeps every ticket's clocks: its ledger, its standing and the deadline that lists sort by.

A hook of the unit of work: what happened to a ticket is in its ledger in the commit in which it
happened. A ticket that was opened before there were policies gets its ledger from the event log
when something next happens to it, or by `backfill`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.contacts.models import Contact
from desk.db.log import EventRow
from desk.events import SYSTEM, Event, Kind
from desk.tickets import service
from desk.tickets.lifecycle import UNSOLVED
from desk.tickets.models import Ticket
from desk.triage import happenings
from desk.triage.happenings import Happening
from desk.unit_of_work import UnitOfWork
from sla import repository
from sla.clock import Clock, Standing
from sla.conditions import Facts
from sla.ledger import Entry
from sla.models import SlaEntry, SlaOutcome, SlaStanding
from sla.offsets import from_micros
from sla.policy import Choice, choose
from sla.replay import apply, replay
from sla.repository import Rulebook, Rulebooks
from sla.snapshot import as_data, parse
from sla.steps import next_step_at

CHUNK: Final = 200  # tickets a unit of work, where all of them are gone through
_TICK: Final = timedelta(microseconds=1)


class Clocks:
    """A unit of work's `before_commit` hook; stands before the one that defers jobs."""

    def __init__(self, books: Rulebooks) -> None:
        self.books = books

    async def __call__(self, work: UnitOfWork, events: Sequence[Event]) -> None:
        """Write what happened to tickets into their ledgers."""
        by_ticket: dict[UUID, list[Event]] = defaultdict(list)
        for event in events:
            if event.ticket_id is not None and event.kind in happenings.OF_A_TICKET:
                by_ticket[event.ticket_id].append(event)
        if not by_ticket:
            return
        book = await self.books.at(work.session)
        if book.empty:
            return
        for ticket_id, its in by_ticket.items():
            ticket = work.touched.get(ticket_id)
            if not isinstance(ticket, Ticket):
                ticket = await work.session.get(Ticket, ticket_id)
            if ticket is not None:
                await _Keeper(work, book, ticket).take_in(its)


class _Keeper:
    """One ticket in one unit of work."""

    def __init__(self, work: UnitOfWork, book: Rulebook, ticket: Ticket) -> None:
        self.work = work
        self.session = work.session
        self.book = book
        self.ticket = ticket

    async def take_in(self, events: Sequence[Event]) -> None:
        """Append what happened and bring the standing up to date."""
        ticket, now = self.ticket, self.work.now
        news = [_fresh(event, now) for event in events]
        kept = await self.session.get(SlaStanding, ticket.id)
        if kept is None:
            if not any(item.kind is Kind.TICKET_CREATED for item in news):
                news = [*await _from_log(self.session, ticket.id), *news]
            await self._begin(news)
            return
        before = parse(kept.data, self.book.rules)
        if any(item.kind is Kind.TICKET_CHANGED and _decides(item) for item in news):
            moved = await self._choose_again(before)
            news += [_fresh(event, now) for event in moved]
        floor = from_micros(before.at)
        replies = await self._replies() if any(_strikes(item) for item in news) else {}
        new = happenings.entries(news, before.seq + 1, replies, floor)
        if not new:
            return
        await repository.append(self.session, ticket.id, new)
        if any(entry.kind == "void" for entry in new):
            after = replay(await repository.entries(self.session, ticket.id), self.book.rules)
            after.seq = new[-1].seq
            ended: dict[str, int | None] | None = None
        else:
            after = before
            ended = {clock.key: clock.ended for clock in before.clocks}
            for entry in new:
                after = apply(after, entry, self.book.rules)
        await self._outcomes(after, ended)
        self._keep(kept, after)

    async def _begin(self, news: Sequence[Happening]) -> None:
        """A ledger from the first event on."""
        ticket, book = self.ticket, self.book
        choice = choose(book.current, await facts(self.session, ticket))
        key = choice.policy.key if choice.policy else ""
        self._tell(choice, first=True)
        now = happenings.Ticket(
            ticket.status, ticket.priority, _text(ticket.team_id), await self._zone()
        )
        opened = Entry(
            1,
            ticket.created_at,
            "started",
            start=happenings.start(news, now, key, book.book),
        )
        ledger = [opened, *happenings.entries(news, 2, {}, ticket.created_at)]
        standing = replay(ledger, book.rules)
        standing.seq = ledger[-1].seq
        await repository.append(self.session, ticket.id, ledger)
        row = SlaStanding(ticket_id=ticket.id, policy="", data={}, updated_at=self.work.now)
        self.session.add(row)
        await self._outcomes(standing, None)
        self._keep(row, standing)

    async def _choose_again(self, before: Standing) -> list[Event]:
        """The event of another policy, when the ticket is under another one now."""
        choice = choose(self.book.current, await facts(self.session, self.ticket))
        if _policy_of(before.policy) == (choice.policy.policy if choice.policy else ""):
            return []  # the same one: it stays with the version it began under
        self._tell(choice, first=False)
        return [self.work.events[-1]]

    def _tell(self, choice: Choice, *, first: bool) -> None:
        found = choice.policy
        self.work.record(
            Kind.DECISION_SLA,
            actor=SYSTEM,
            reason=choice.sentence(),
            ticket_id=self.ticket.id,
            contact_id=self.ticket.contact_id,
            data={
                "policy": found.key if found else "",
                "name": found.name if found else "",
                "sentence_key": "sla.policy" if found else "sla.none",
                "params": {"policy": found.name if found else ""},
                **({"first": True, "calendars": self.book.book} if first else {}),
            },
        )

    def _keep(self, row: SlaStanding, standing: Standing) -> None:
        row.policy = standing.policy
        row.data = as_data(standing)
        row.updated_at = self.work.now
        row.next_step_at = soonest_step(standing, self.work.now - _TICK)
        show(self.ticket, standing)

    async def _outcomes(self, standing: Standing, ended: dict[str, int | None] | None) -> None:
        """Keep how clocks ended; `ended` says what is kept already, None: nothing is to stay."""
        ticket_id = self.ticket.id
        theirs = SlaOutcome.ticket_id == ticket_id
        changed = [c for c in standing.clocks if ended is None or ended.get(c.key) != c.ended]
        if ended is None:
            await self.session.execute(delete(SlaOutcome).where(theirs))
        elif gone := [clock.key for clock in changed if ended.get(clock.key) is not None]:
            await self.session.execute(delete(SlaOutcome).where(theirs, SlaOutcome.key.in_(gone)))
        rows = [_outcome(ticket_id, clock, standing) for clock in changed if _counts(clock)]
        if rows:
            await self.session.execute(insert(SlaOutcome), rows)

    async def _replies(self) -> dict[str, int]:
        rows = await self.session.execute(
            select(SlaEntry.value, SlaEntry.seq).where(
                SlaEntry.ticket_id == self.ticket.id, SlaEntry.kind == "reply"
            )
        )
        return {row.value: row.seq for row in rows}

    async def _zone(self) -> str:
        contact = await self.session.get(Contact, self.ticket.contact_id)
        return (contact.timezone or "") if contact else ""


def show(ticket: Ticket, standing: Standing) -> None:
    """Copy the soonest deadline to the ticket's row."""
    clock = standing.next_due()
    ticket.next_due_at = clock.due_at if clock else None
    ticket.next_due_kind = clock.metric if clock else None


def soonest_step(standing: Standing, after: datetime) -> datetime | None:
    """When a warning or an escalation may be due next."""
    times = [next_step_at(clock, after) for clock in standing.live()]
    return min((at for at in times if at is not None), default=None)


async def facts(session: AsyncSession, ticket: Ticket) -> Facts:
    """What the conditions of policies and rules look at."""
    contact = await session.get(Contact, ticket.contact_id)
    fields: dict[str, Any] = dict(contact.fields) if contact else {}
    return Facts(
        inbox=str(ticket.inbox_id),
        channel=ticket.channel,
        segments=segments(fields),
        language=ticket.locale or "",
        priority=ticket.priority,
        team=_text(ticket.team_id),
        tags=frozenset(ticket.tags),
        custom=fields,
    )


def segments(fields: dict[str, Any]) -> frozenset[str]:
    """A contact's segments: the field `segments`, a list or words with commas between."""
    value = fields.get("segments", ())
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        return frozenset()
    return frozenset(str(part).strip().lower() for part in parts if str(part).strip())


async def rebuild(work: UnitOfWork, books: Rulebooks, ticket_id: UUID) -> list[str]:
    """Replay a ticket's ledger and put right what its copies say; the columns that were wrong."""
    ticket = await service.locked(work, ticket_id)
    kept = await work.session.get(SlaStanding, ticket_id)
    ledger = await repository.entries(work.session, ticket_id)
    if kept is None or not ledger:
        return []
    book = await books.at(work.session)
    standing = replay(ledger, book.rules)
    standing.seq = ledger[-1].seq
    was = (ticket.next_due_at, ticket.next_due_kind, kept.data, kept.policy)
    _Keeper(work, book, ticket)._keep(kept, standing)  # noqa: SLF001 - our own
    now = (ticket.next_due_at, ticket.next_due_kind, kept.data, kept.policy)
    names = ("next_due_at", "next_due_kind", "standing", "policy")
    return [name for name, one, other in zip(names, was, now, strict=True) if one != other]


async def backfill(
    work: UnitOfWork, books: Rulebooks, limit: int = CHUNK, *, solved: bool = False
) -> int:
    """Give open tickets without a ledger one, from the event log; how many there were.

    With `solved`, those that are over as well: what they would have been promised.
    """
    book = await books.at(work.session)
    if book.empty:
        return 0
    without = await work.session.scalars(
        select(Ticket)
        .outerjoin(SlaStanding, SlaStanding.ticket_id == Ticket.id)
        .where(SlaStanding.ticket_id.is_(None), *(() if solved else (Ticket.status.in_(UNSOLVED),)))
        .order_by(Ticket.id)
        .limit(limit)
        .with_for_update(of=Ticket, skip_locked=True)
    )
    found = list(without)
    for ticket in found:
        work.touch(ticket.id, ticket)
        await _Keeper(work, book, ticket).take_in(())
    return len(found)


async def waiting_for_ledger(session: AsyncSession) -> int:
    """How many open tickets have no ledger yet."""
    return (
        await session.scalar(
            select(func.count())
            .select_from(Ticket)
            .outerjoin(SlaStanding, SlaStanding.ticket_id == Ticket.id)
            .where(Ticket.status.in_(UNSOLVED), SlaStanding.ticket_id.is_(None))
        )
        or 0
    )


def _fresh(event: Event, at: datetime) -> Happening:
    return Happening(
        at, event.kind, event.actor.kind, _text(event.message_id), event.changes, event.data
    )


async def _from_log(session: AsyncSession, ticket_id: UUID) -> list[Happening]:
    kinds = [kind.value for kind in happenings.OF_A_TICKET - {Kind.DECISION_SLA}]
    rows = await session.scalars(
        select(EventRow)
        .where(EventRow.ticket_id == ticket_id, EventRow.kind.in_(kinds))
        .order_by(EventRow.seq)
    )
    return [
        Happening(
            row.at, Kind(row.kind), row.actor_kind, _text(row.message_id), row.changes, row.data
        )
        for row in rows
    ]


def _decides(item: Happening) -> bool:
    return not happenings.DECIDES_POLICY.isdisjoint(item.changes)


def _strikes(item: Happening) -> bool:
    return item.kind is Kind.MESSAGE_STATE and "canceled" in item.changes.get("state", ())


def _policy_of(key: str) -> str:
    return key.partition("@")[0]


def _counts(clock: Clock) -> bool:
    return clock.ended is not None and clock.limit is not None and clock.ended_by != "merged"


def _outcome(ticket_id: UUID, clock: Clock, standing: Standing) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "key": clock.key,
        "metric": clock.metric,
        "policy": standing.policy,
        "priority": standing.priority,
        "target": clock.limit,
        "used": clock.used,
        "started_at": from_micros(clock.started),
        "ended_at": from_micros(clock.ended or 0),
        "breached_at": clock.breached_at,
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)
