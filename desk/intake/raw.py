"""Raw payloads: stored, unique and durable, before anybody is told that we have them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, true, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import RawKey, RawPayload
from desk.db.text import storable, storable_json
from desk.db.types import Base, new_id
from desk.events import Kind
from desk.files.store import BlobStore
from desk.intake.models import RawFix, RawInbound
from desk.unit_of_work import UnitOfWork

INLINE_BYTES: Final = 256 * 1024  # larger payloads go to the file store
FINGERPRINT: Final = "fingerprint"  # these two stand among the payload's own headers
VARIANT: Final = "variant"
MAX_TOGETHER: Final = 20  # payloads of one sender that one job takes in
_TABLE: Final = Base.metadata.tables["raw_inbound"]
_INSERT: Final[dict[str, Any]] = {  # built once: a batch must be stored within milliseconds
    name: insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["inbox_id", "external_id"])
    .returning(_TABLE.c.external_id)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgres_insert))
}


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
    """Insert one payload; None when exactly this one is here already."""
    stored = await store_all(work, inbox_id, [prepared])
    return stored[0] if stored else None


async def store_all(
    work: UnitOfWork, inbox_id: UUID, prepared: Sequence[Prepared]
) -> Sequence[UUID]:
    """Insert payloads, all or none; the ids of those that were not here already.

    A different payload under a known external id is somebody's mistake (or forgery), but it is
    not the same message: it is kept under an id of its own.
    """
    rows: dict[str, dict[str, Any]] = {}
    others: list[Prepared] = []
    for item in prepared:
        external_id = storable(item.key.external_id)[:900]
        if external_id in rows:
            others.append(item)  # the same id twice in one batch
        else:
            rows[external_id] = _row(work, inbox_id, external_id, item, {})
    stored = await _insert(work, list(rows.values()))
    others += [item for item in prepared if storable(item.key.external_id)[:900] not in stored]
    if others:
        variants = await _variants(work, inbox_id, others)
        stored |= await _insert(work, variants)
        rows |= {row["external_id"]: row for row in variants}
    made = [rows[external_id] for external_id in rows if external_id in stored]
    _record(work, inbox_id, made)
    return [row["id"] for row in made]


async def _insert(work: UnitOfWork, rows: list[dict[str, Any]]) -> set[str]:
    """The external ids of the rows that were not there."""
    if not rows:
        return set()
    result = await work.session.execute(_INSERT[work.session.get_bind().dialect.name], rows)
    return set(result.scalars())


async def _variants(
    work: UnitOfWork, inbox_id: UUID, items: Sequence[Prepared]
) -> list[dict[str, Any]]:
    """Rows for the payloads that only share their id with what is stored."""
    wanted = {storable(item.key.external_id)[:900] for item in items}
    found = await work.session.execute(
        select(RawInbound.external_id, RawInbound.headers).where(
            RawInbound.inbox_id == inbox_id, RawInbound.external_id.in_(wanted)
        )
    )
    marks = {external_id: headers.get(FINGERPRINT) for external_id, headers in found}
    rows: dict[str, dict[str, Any]] = {}
    for item in items:
        external_id = storable(item.key.external_id)[:900]
        mark = _mark(item)
        if external_id in marks and marks[external_id] != mark:
            name = f"{external_id}#{mark[:16]}"
            rows[name] = _row(work, inbox_id, name, item, {VARIANT: mark[:16]})
    return list(rows.values())


def _mark(item: Prepared) -> str:
    return item.key.fingerprint or item.sha256


def _row(
    work: UnitOfWork, inbox_id: UUID, external_id: str, item: Prepared, more: Mapping[str, str]
) -> dict[str, Any]:
    payload = item.payload
    # One lane a sender, over all inboxes: what they wrote first is taken in first, and a mail to
    # two inboxes finds its twin. What has no sender waits for nobody.
    lane = f"intake:{item.key.lane or f'{inbox_id}:{external_id}'}"
    return {
        "id": new_id(),
        "inbox_id": inbox_id,
        "external_id": external_id,
        "lane": storable(lane)[:400],
        "content_type": payload.content_type[:120],
        "headers": storable_json({**payload.headers, FINGERPRINT: _mark(item), **more}),
        "url": storable(payload.url)[:2000],
        "payload": None if item.in_file else payload.body,
        "sha256": item.sha256,
        "size": len(payload.body),
        "state": "received",
        "error": "",
        "attempts": 0,
        "received_at": payload.received_at or work.now,
        "processed_at": None,
    }


def _record(work: UnitOfWork, inbox_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """One event, and with it one job, for what a sender said in this batch."""
    lanes: dict[str, list[str]] = {}
    for row in rows:
        lanes.setdefault(row["lane"], []).append(str(row["id"]))
    for lane, ids in lanes.items():
        for start in range(0, len(ids), MAX_TOGETHER):
            work.record(
                Kind.RAW_RECEIVED,
                data={
                    "raw_ids": ids[start : start + MAX_TOGETHER],
                    "inbox_id": str(inbox_id),
                    "lane": lane,
                },
            )


def body(row: RawInbound, blobs: BlobStore) -> bytes:
    """The payload's bytes, wherever they lie."""
    return row.payload if row.payload is not None else blobs.get(row.sha256)


def payload(row: RawInbound, blobs: BlobStore, fix: RawFix | None = None) -> RawPayload:
    """The payload as it was received, or as it was mended since."""
    headers = {k: v for k, v in row.headers.items() if k not in {FINGERPRINT, VARIANT}}
    return RawPayload(
        body=fix.payload if fix is not None else body(row, blobs),
        headers=headers,
        content_type=row.content_type,
        url=row.url,
        received_at=row.received_at,
    )


async def newest_fix(session: AsyncSession, raw_id: UUID) -> RawFix | None:
    """How a person mended the payload last, if anybody did."""
    query = select(RawFix).where(RawFix.raw_inbound_id == raw_id)
    return await session.scalar(query.order_by(RawFix.id.desc()).limit(1))


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


async def failed(work: UnitOfWork, raw_id: UUID, error: str, *, only: str = "") -> None:
    """The payload stays, with the reason, where people see it; `only` one in that state."""
    result: Any = await work.session.execute(
        update(RawInbound)
        .where(RawInbound.id == raw_id, RawInbound.state == only if only else true())
        .values(
            state="failed",
            error=storable(error)[:2000],
            processed_at=work.now,
            attempts=RawInbound.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if result.rowcount:
        work.record(Kind.RAW_FAILED, reason=error, data={"raw_id": str(raw_id)})
