"""One unit of work, one commit: the data, its events and the jobs they ask for.

    async with units.write(actor) as work:
        ...                       # work.session, work.now, work.record(...)
    # committed here; listeners (live feed, job runner) hear of it afterwards

On SQLite a writer holds an asyncio lock before BEGIN IMMEDIATE, because the driver runs inside the
event loop: a second writer that waited for the file lock would block the loop the first one needs.
For the same reason nothing but the database may be awaited inside `write()`; `strict` turns that
rule into an error (tests), otherwise it is logged. On every database it also keeps network calls
out of write transactions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.db.log import FEED
from desk.db.types import Base, new_id
from desk.events import SYSTEM, Actor, Event, Kind, StoredEvent

log = structlog.get_logger(__name__)

# Core statements, built once: this is the hottest path of the desk.
_counter, _event = Base.metadata.tables["counter"], Base.metadata.tables["event"]
_TAKE = (
    update(_counter)
    .where(_counter.c.name == FEED)
    .values(value=_counter.c.value + bindparam("count"))
    .returning(_counter.c.value)
)
_APPEND = insert(_event)

Clock = Callable[[], datetime]
BeforeCommit = Callable[["UnitOfWork", Sequence[Event]], Awaitable[None]]
AfterCommit = Callable[["UnitOfWork", Sequence[StoredEvent]], None]


AFTER_COMMIT = "desk_after_commit"  # in `session.info`: the unit's list of calls after the commit


def utc_now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


class YieldedInWriteError(RuntimeError):
    """Something other than the database was awaited inside a write transaction."""


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Call this once after the session's unit commits, for those who are handed only a session."""
    calls = session.info.get(AFTER_COMMIT)
    if calls is not None and call not in calls:
        calls.append(call)


class UnitOfWork:
    """A session, the instant it works at, who acts, and the events it collected."""

    def __init__(self, session: AsyncSession, now: datetime, actor: Actor) -> None:
        self.session = session
        self.now = now
        self.actor = actor
        self.events: list[Event] = []
        self.stored: list[StoredEvent] = []
        self.touched: dict[UUID, Any] = {}
        self._after: list[Callable[[], None]] = []
        session.info[AFTER_COMMIT] = self._after

    def record(
        self,
        kind: Kind,
        *,
        actor: Actor | None = None,
        reason: str = "",
        ticket_id: UUID | None = None,
        contact_id: UUID | None = None,
        message_id: UUID | None = None,
        changes: dict[str, tuple[Any, Any]] | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Add an event; it is written with the data and published after the commit."""
        self.events.append(
            Event(
                kind=kind,
                actor=actor or self.actor,
                reason=reason,
                ticket_id=ticket_id,
                contact_id=contact_id,
                message_id=message_id,
                changes=changes or {},
                data=data or {},
            )
        )

    def touch(self, row_id: UUID, row: Any) -> None:  # noqa: ANN401 - any model
        """Remember a row that events name, so that the live feed need not read it again."""
        self.touched[row_id] = row

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the commit is durable; it must not raise and must not block."""
        self._after.append(call)

    async def flush_events(self) -> None:
        """Write the collected events. The counter's row lock is held until the commit."""
        if not self.events:
            return
        await self.session.flush()
        count = len(self.events)
        last = (await self.session.execute(_TAKE, {"count": count})).scalar_one()
        self.stored = [
            StoredEvent(seq=last - count + 1 + index, id=new_id(), at=self.now, event=event)
            for index, event in enumerate(self.events)
        ]
        await self.session.execute(_APPEND, [_row(stored) for stored in self.stored])


def _row(stored: StoredEvent) -> dict[str, Any]:
    event = stored.event
    return {
        "seq": stored.seq,
        "id": stored.id,
        "at": stored.at,
        "kind": event.kind.value,
        "actor_kind": event.actor.kind,
        "actor_id": event.actor.id,
        "actor_name": event.actor.name[:200],
        "reason": event.reason[:1000],
        "ticket_id": event.ticket_id,
        "contact_id": event.contact_id,
        "message_id": event.message_id,
        "changes": event.changes,
        "data": event.data,
    }


class Units:
    """Makes units of work; the composition root hangs jobs and the live feed onto it."""

    def __init__(
        self, engine: AsyncEngine, *, clock: Clock = utc_now, strict: bool = False
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.strict = strict
        self.before_commit: list[BeforeCommit] = []
        self.listeners: list[AfterCommit] = []
        sqlite = engine.dialect.name == "sqlite"
        self._inline = sqlite
        self._in_loop = engine.dialect.driver == "inline"
        self._lock = asyncio.Lock()
        self._write_engine = engine.execution_options(desk_write=True)
        # PostgreSQL's default gives every statement a snapshot of its own.
        self._read_engine = (
            engine if sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        )

    @asynccontextmanager
    async def write(self, actor: Actor = SYSTEM) -> AsyncIterator[UnitOfWork]:
        """A write transaction: commits at the end of the block, rolls back on an exception."""
        if self._inline:
            async with self._lock:
                work = await self._run_begin(actor)
                async with self._transaction(work):
                    yield work
        else:
            work = await self._run_begin(actor)
            async with self._transaction(work):
                yield work
        for call in work._after:  # noqa: SLF001 - our own
            call()
        if work.stored:
            for listener in self.listeners:
                listener(work, work.stored)

    async def _run_begin(self, actor: Actor) -> UnitOfWork:
        session = AsyncSession(self._write_engine, expire_on_commit=False, autoflush=False)
        return UnitOfWork(session, self.clock(), actor)

    @asynccontextmanager
    async def _transaction(self, work: UnitOfWork) -> AsyncIterator[None]:
        session = work.session
        try:
            await session.connection()  # BEGIN IMMEDIATE now, not at the first statement
            yielded = _Yielded() if self._in_loop else None
            yield
            await session.flush()
            for hook in self.before_commit:
                await hook(work, work.events)
            await work.flush_events()
            if yielded is not None and yielded.check():
                self._refuse_yield()
            await session.commit()
        except BaseException:
            await session.rollback()
            raise
        finally:
            await session.close()

    def _refuse_yield(self) -> None:
        if self.strict:
            raise YieldedInWriteError(
                "only the database may be awaited inside units.write(); "
                "do network, file and timer work before or after it"
            )
        log.warning("write_transaction_yielded")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A read transaction: one snapshot, nothing written."""
        session = AsyncSession(self._read_engine, expire_on_commit=False, autoflush=False)
        try:
            yield session
        finally:
            await session.close()


class _Yielded:
    """Notices whether the event loop ran anything else since this was made."""

    def __init__(self) -> None:
        self._ran = False
        self._handle = asyncio.get_running_loop().call_soon(self._mark)

    def _mark(self) -> None:
        self._ran = True

    def check(self) -> bool:
        self._handle.cancel()
        return self._ran
