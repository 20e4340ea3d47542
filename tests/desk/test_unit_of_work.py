"""One unit, one commit: data and events together, numbered in the order they become visible."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from desk.db.engine import create_engine
from desk.db.log import CounterRow, EventRow
from desk.events import Actor, Event, Kind, StoredEvent
from desk.unit_of_work import (
    UnitOfWork,
    Units,
    YieldedInWriteError,
    after_commit,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def units(desk_database_url: str) -> AsyncIterator[Units]:
    units = Units(create_engine(desk_database_url), strict=True)
    yield units
    await units.engine.dispose()


async def sequence(units: Units) -> list[int]:
    async with units.read() as session:
        return list(await session.scalars(select(EventRow.seq).order_by(EventRow.seq)))


async def put(work: UnitOfWork, name: str, value: int = 0) -> None:
    work.session.add(CounterRow(name=name, value=value))


async def test_data_and_events_are_one_commit(units: Units) -> None:
    ticket = uuid4()
    lead = Actor(kind="agent", id=uuid4(), name="Lea")
    units.clock = lambda: NOON
    async with units.write(lead) as work:
        await put(work, "data")
        work.record(
            Kind.TICKET_CHANGED,
            ticket_id=ticket,
            reason="she took it",
            changes={"status": ("open", "closed")},
        )
        work.record(Kind.NOTE_ADDED, actor=Actor(kind="bot"), ticket_id=ticket)
    async with units.read() as session:
        assert await session.get(CounterRow, "data") is not None
        first, second = await session.scalars(select(EventRow).order_by(EventRow.seq))
    assert (first.seq, second.seq) == (1, 2)
    assert (first.kind, first.actor_kind, first.actor_id, first.actor_name, first.reason) == (
        "ticket.changed",
        "agent",
        lead.id,
        "Lea",
        "she took it",
    )
    assert (first.at, first.ticket_id, first.changes) == (
        NOON,
        ticket,
        {"status": ["open", "closed"]},
    )
    assert second.actor_kind == "bot"


async def test_an_exception_leaves_nothing_and_tells_nobody(units: Units) -> None:
    told: list[object] = []
    units.listeners.append(lambda _work, stored: told.extend(stored))

    async def fail() -> None:
        async with units.write() as work:
            await put(work, "data")
            work.record(Kind.NOTE_ADDED)
            work.after_commit(lambda: told.append("after"))
            await work.flush_events()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await sequence(units) == []
    async with units.read() as session:
        assert await session.get(CounterRow, "data") is None
    assert told == []
    async with units.write() as work:
        work.record(Kind.NOTE_ADDED)
    assert await sequence(units) == [1], "the number was not used up"


async def test_a_cancelled_unit_leaves_nothing(units: Units) -> None:
    async def hang() -> None:
        async with units.write() as work:
            await put(work, "data")
            work.record(Kind.NOTE_ADDED)
            await work.flush_events()
            await asyncio.sleep(60)

    hanging = asyncio.create_task(hang())
    await asyncio.sleep(0.1)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert await sequence(units) == []
    async with units.write() as work:  # nothing is locked any more
        work.record(Kind.NOTE_ADDED)
    assert await sequence(units) == [1]


async def test_listeners_hear_of_it_after_the_commit(units: Units, desk_database_url: str) -> None:
    other = Units(create_engine(desk_database_url))
    heard: list[Sequence[StoredEvent]] = []
    units.listeners.append(lambda _work, stored: heard.append(stored))
    async with units.write() as work:
        work.record(Kind.NOTE_ADDED)
        work.after_commit(lambda: heard.append([]))
        assert heard == []
    visible = await sequence(other)
    assert heard[0] == []
    (stored,) = heard[1]
    assert (stored.seq, visible, stored.event.kind) == (1, [1], Kind.NOTE_ADDED)
    await other.engine.dispose()


async def test_calls_after_the_commit_are_made_once(units: Units) -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)

    async with units.write() as work:
        after_commit(work.session, call)
        after_commit(work.session, call)
        assert calls == []
    assert calls == [1]


async def test_hooks_join_the_commit(units: Units) -> None:
    async def hook(work: UnitOfWork, events: Sequence[Event]) -> None:
        if events:
            await put(work, f"hook saw {len(events)}")
            await work.session.flush()

    units.before_commit.append(hook)
    async with units.write() as work:
        work.record(Kind.NOTE_ADDED)
    async with units.read() as session:
        assert await session.get(CounterRow, "hook saw 1") is not None


async def _writers(units: Units, writers: int, salt: str = "") -> int:
    """Write at once, every fourth one in vain; how many events were committed."""

    async def write(number: int) -> int:
        count = number % 3 + 1
        try:
            async with units.write() as work:
                await put(work, f"{salt}{number}")
                for _ in range(count):
                    work.record(Kind.NOTE_ADDED)
                await work.session.flush()
                await work.flush_events()
                work.events.clear()
                1 / ((number + 1) % 4)  # every fourth divides by zero
        except ZeroDivisionError:
            return 0
        return count

    return sum(await asyncio.gather(*(write(number) for number in range(writers))))


async def test_numbers_have_no_gaps_under_many_writers(units: Units) -> None:
    committed = await _writers(units, 100)
    assert await sequence(units) == list(range(1, committed + 1))


async def test_numbers_have_no_gaps_with_two_processes(migrated_postgres_url: str) -> None:
    one, other = (Units(create_engine(migrated_postgres_url)) for _ in range(2))
    counts = await asyncio.gather(_writers(one, 60, "a"), _writers(other, 60, "b"))
    assert await sequence(one) == list(range(1, sum(counts) + 1))
    await one.engine.dispose()
    await other.engine.dispose()


async def test_events_become_visible_in_the_order_of_their_numbers(units: Units) -> None:
    done = False
    looks = 0

    async def read() -> None:
        nonlocal looks
        while not done:
            async with units.read() as session:
                query = select(func.count(), func.coalesce(func.max(EventRow.seq), 0))
                count, last = (await session.execute(query)).one()
            assert count == last, "a later number was visible before an earlier one"
            looks += 1
            await asyncio.sleep(0)

    readers = [asyncio.create_task(read()) for _ in range(3)]
    await _writers(units, 100)
    await asyncio.sleep(0)
    done = True
    await asyncio.gather(*readers)
    assert looks > 0


async def test_a_read_is_one_snapshot(units: Units) -> None:
    count = select(func.count()).select_from(EventRow)
    async with units.read() as session:
        assert await session.scalar(count) == 0
        async with units.write() as work:
            work.record(Kind.NOTE_ADDED)
        assert await session.scalar(count) == 0
    async with units.read() as session:
        assert await session.scalar(count) == 1


async def test_no_update_is_lost(units: Units) -> None:
    async with units.write() as work:
        await put(work, "total")

    async def increment() -> None:
        async with units.write() as work:
            row = await work.session.get_one(CounterRow, "total", with_for_update=True)
            row.value += 1

    await asyncio.gather(*(increment() for _ in range(500)))
    async with units.read() as session:
        assert (await session.get_one(CounterRow, "total")).value == 500


class TestAwaitingSomethingElse:
    """Inside a write, on the driver that runs in the loop."""

    @pytest.fixture
    async def loose(self, sqlite_url: str) -> AsyncIterator[Units]:
        units = Units(create_engine(sqlite_url))
        yield units
        await units.engine.dispose()

    async def write_and_wait(self, units: Units) -> None:
        async with units.write() as work:
            work.record(Kind.NOTE_ADDED)
            await asyncio.sleep(0)

    async def test_is_an_error_when_strict(self, loose: Units) -> None:
        loose.strict = True
        with pytest.raises(YieldedInWriteError, match="only the database may be awaited"):
            await self.write_and_wait(loose)
        assert await sequence(loose) == []

    async def test_is_only_logged_otherwise(
        self, loose: Units, capsys: pytest.CaptureFixture[str]
    ) -> None:
        await self.write_and_wait(loose)
        assert await sequence(loose) == [1]
        assert "write_transaction_yielded" in capsys.readouterr().out

    async def test_the_database_itself_may_be_awaited(self, loose: Units) -> None:
        loose.strict = True
        async with loose.write() as work:
            for number in range(20):
                await put(work, str(number))
                await work.session.flush()
                await work.session.execute(select(CounterRow))
            work.record(Kind.NOTE_ADDED)
        assert await sequence(loose) == [1]
