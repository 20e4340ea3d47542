"""Answered POSTs, so that a repeated one gets the answer of the first and has no effect."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from desk.auth.models import IdempotencyKey
from desk.db.types import new_id
from desk.errors import Conflict, Invalid
from desk.unit_of_work import UnitOfWork

KEPT = timedelta(hours=24)
# A request that died without an answer (the process was killed) blocks its key for this long; no
# request runs that long, so none runs twice.
ABANDONED = timedelta(minutes=5)


class Reserved(msgspec.Struct, frozen=True):
    """The caller may go ahead, and must `finish` or `release`."""

    id: UUID


class Answered(msgspec.Struct, frozen=True):
    """The stored answer."""

    status: int
    body: str


async def reserve(
    work: UnitOfWork, caller: str, key: str, request_sha256: str
) -> Reserved | Answered:
    """Take the key or get its answer. Raises Conflict while the first is being answered, Invalid
    when the key was used for another request.
    """
    new = new_id()
    if await _insert(work, new, caller, key, request_sha256):
        return Reserved(new)
    row = (
        await work.session.execute(
            select(IdempotencyKey).where(IdempotencyKey.caller == caller, IdempotencyKey.key == key)
        )
    ).scalar_one_or_none()
    if row is None or _is_over(row.created_at, row.status, work.now):
        await _forget(work, caller, key)
        if await _insert(work, new, caller, key, request_sha256):
            return Reserved(new)
        raise _in_progress()
    if row.request_sha256 != request_sha256:
        raise Invalid(
            "This Idempotency-Key was used for another request; use a new key for each request.",
            errors=[("Idempotency-Key", "was used for another request")],
        )
    if row.status is None:
        raise _in_progress()
    return Answered(row.status, row.body)


async def finish(work: UnitOfWork, reserved: Reserved, status: int, body: str) -> None:
    """Keep the answer."""
    await work.session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.id == reserved.id)
        .values(status=status, body=body)
    )


async def release(work: UnitOfWork, reserved: Reserved) -> None:
    """Free the key: the request had no effect and may be tried again."""
    await work.session.execute(delete(IdempotencyKey).where(IdempotencyKey.id == reserved.id))


async def prune(work: UnitOfWork) -> int:
    """Delete answers older than a day; answers with how many. For a periodic job."""
    gone = await work.session.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.created_at < work.now - KEPT)
        .returning(IdempotencyKey.id)
    )
    return len(gone.all())


def _is_over(created_at: datetime, status: int | None, now: datetime) -> bool:
    return created_at < now - (ABANDONED if status is None else KEPT)


async def _insert(work: UnitOfWork, new: UUID, caller: str, key: str, sha256: str) -> bool:
    dialect = work.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    result = await work.session.execute(
        insert(IdempotencyKey)
        .values(
            id=new,
            caller=caller,
            key=key,
            request_sha256=sha256,
            status=None,
            body="",
            created_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["caller", "key"])
        .returning(IdempotencyKey.id)  # psycopg's row count is not to be had here
    )
    return result.first() is not None


async def _forget(work: UnitOfWork, caller: str, key: str) -> None:
    """Delete a row that is over; the row lock lets only one of two retries do it."""
    await work.session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.caller == caller,
            IdempotencyKey.key == key,
            IdempotencyKey.created_at < work.now - ABANDONED,
        )
    )


def _in_progress() -> Conflict:
    return Conflict(
        "A request with this Idempotency-Key is still being answered; try again in a moment.",
        retry_after=1,
    )
