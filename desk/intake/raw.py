"""Raw payloads: stored, unique and durable, before anybody is told that we have them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import RawKey, RawPayload
from desk.db.text import storable, storable_json
from desk.db.types import new_id
from desk.errors import NotFound
from desk.events import Kind
from desk.files.store import BlobStore
from desk.intake.models import RawInbound
from desk.unit_of_work import UnitOfWork

INLINE_BYTES: Final = 256 * 1024  # larger payloads go to the file store
FINGERPRINT: Final = "fingerprint"  # these two stand among the payload's own headers
VARIANT: Final = "variant"
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite_insert, "postgresql": postgres_insert}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A payload ready to be stored: hashed, and on disk already when it is large."""

    payload: RawPayload
    key: RawKey
    sha256: str
    in_file: bool


def prepare(payload: RawPayload, key: RawKey, blobs: BlobStore) -> Prepared:
    """Hash the payload and put large ones into the file store. Call before the transaction."""
    in_file = len(payload.body) > INLINE_BYTES
    sha256 = blobs.put(payload.body) if in_file else hashlib.sha256(payload.body).hexdigest()
    return Prepared(payload, key, sha256, in_file)


async def store(work: UnitOfWork, inbox_id: UUID, prepared: Prepared) -> UUID | None:
    """Insert the payload; None when exactly this one is here already.

    A different payload under a known external id is somebody's mistake (or forgery), but it is
    not the same message: it is kept under an id of its own.
    """
    external_id = storable(prepared.key.external_id)[:900]
    stored = await _insert(work, inbox_id, external_id, prepared, {})
    if stored is not None:
        return stored
    known = await work.session.scalar(
        select(RawInbound.headers).where(
            RawInbound.inbox_id == inbox_id, RawInbound.external_id == external_id
        )
    )
    mark = prepared.key.fingerprint or prepared.sha256
    if known is None or known.get(FINGERPRINT) == mark:
        return None
    variant = mark[:16]
    return await _insert(work, inbox_id, f"{external_id}#{variant}", prepared, {VARIANT: variant})


async def _insert(
    work: UnitOfWork,
    inbox_id: UUID,
    external_id: str,
    prepared: Prepared,
    more: Mapping[str, str],
) -> UUID | None:
    payload = prepared.payload
    dialect = work.session.get_bind().dialect.name
    row_id = new_id()
    # One lane a sender, over all inboxes: what they wrote first is taken in first, and a mail to
    # two inboxes finds its twin.
    lane = storable(f"intake:{prepared.key.lane or inbox_id}")[:400]
    mark = prepared.key.fingerprint or prepared.sha256
    result = await work.session.execute(
        _INSERT[dialect](RawInbound)
        .values(
            id=row_id,
            inbox_id=inbox_id,
            external_id=external_id,
            lane=lane,
            content_type=payload.content_type[:120],
            headers=storable_json({**payload.headers, FINGERPRINT: mark, **more}),
            url=storable(payload.url)[:2000],
            payload=None if prepared.in_file else payload.body,
            sha256=prepared.sha256,
            size=len(payload.body),
            state="received",
            error="",
            attempts=0,
            received_at=payload.received_at or work.now,
            processed_at=None,
        )
        .on_conflict_do_nothing(index_elements=["inbox_id", "external_id"])
        .returning(RawInbound.id)
    )
    if result.scalar_one_or_none() is None:
        return None
    work.record(
        Kind.RAW_RECEIVED, data={"raw_id": str(row_id), "inbox_id": str(inbox_id), "lane": lane}
    )
    return row_id


def body(row: RawInbound, blobs: BlobStore) -> bytes:
    """The payload's bytes, wherever they lie."""
    return row.payload if row.payload is not None else blobs.get(row.sha256)


def payload(row: RawInbound, blobs: BlobStore) -> RawPayload:
    """The payload as it was received."""
    headers = {k: v for k, v in row.headers.items() if k not in {FINGERPRINT, VARIANT}}
    return RawPayload(
        body=body(row, blobs),
        headers=headers,
        content_type=row.content_type,
        url=row.url,
        received_at=row.received_at,
    )


def variant(row: RawInbound) -> str:
    """What tells this payload from an earlier one that had the same external id; mostly ""."""
    return str(row.headers.get(VARIANT, ""))


async def done(work: UnitOfWork, raw_id: UUID) -> None:
    """Everything in the payload is in the database."""
    await work.session.execute(
        update(RawInbound)
        .where(RawInbound.id == raw_id)
        .values(state="done", error="", processed_at=work.now, attempts=RawInbound.attempts + 1)
        .execution_options(synchronize_session=False)
    )


async def failed(work: UnitOfWork, raw_id: UUID, error: str) -> None:
    """The payload stays, with the reason, where people see it."""
    await work.session.execute(
        update(RawInbound)
        .where(RawInbound.id == raw_id)
        .values(
            state="failed",
            error=storable(error)[:2000],
            processed_at=work.now,
            attempts=RawInbound.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )
    work.record(Kind.RAW_FAILED, reason=error, data={"raw_id": str(raw_id)})


async def replay(work: UnitOfWork, raw_id: UUID) -> RawInbound:
    """Process a payload again. What it made before is recognised and not made twice."""
    row = await work.session.get(RawInbound, raw_id)
    if row is None:
        raise NotFound("There is no such payload.")
    row.state = "received"
    row.error = ""
    work.record(
        Kind.RAW_REPLAYED,
        data={"raw_id": str(raw_id), "inbox_id": str(row.inbox_id), "lane": row.lane},
    )
    return row


async def listing(
    session: AsyncSession, state: str, before: UUID | None, limit: int
) -> Sequence[RawInbound]:
    """Payloads in a state, newest first (ids are ordered by time)."""
    query = select(RawInbound).where(RawInbound.state == state)
    if before is not None:
        query = query.where(RawInbound.id < before)
    return (await session.scalars(query.order_by(RawInbound.id.desc()).limit(limit))).all()
