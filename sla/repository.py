"""The engine's rows: rules by name, ledgers, standings, fired steps. A session in, values out."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sla import books, policy
from sla.ledger import Entry, Rules, Start
from sla.models import SlaBook, SlaEntry, SlaFiring, SlaPolicy, SlaPolicyVersion
from sla.policy import PolicyVersion

REVISION: Final = "sla:rules"  # a row of `counter`; moved on by every change to the rules
_READ: Final = text("SELECT value FROM counter WHERE name = :name")
_MOVE: Final = text(
    "INSERT INTO counter (name, value) VALUES (:name, :value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


@dataclass(frozen=True)
class Rulebook:
    """All policies and calendars at one revision; `current` are those new tickets are tried on."""

    revision: int
    current: tuple[PolicyVersion, ...]
    rules: Rules
    book: str  # the present calendars' name

    @property
    def empty(self) -> bool:
        """No policy was ever made: nothing is counted."""
        return not self.rules.policies


class Rulebooks:
    """Reads the rules anew only when somebody changed them."""

    def __init__(self) -> None:
        self._kept: Rulebook | None = None

    async def at(self, session: AsyncSession) -> Rulebook:
        """The rules as the session sees them."""
        revision = await session.scalar(_READ, {"name": REVISION}) or 0
        if self._kept is None or self._kept.revision != revision:
            self._kept = await _read(session, revision)
        return self._kept


async def changed(session: AsyncSession) -> None:
    """The rules are others from this commit on.

    The revision is drawn, not counted: one that is rolled back never comes again.
    """
    await session.execute(_MOVE, {"name": REVISION, "value": secrets.randbits(62)})


async def _read(session: AsyncSession, revision: int) -> Rulebook:
    versions: dict[str, PolicyVersion] = {}
    for row in await session.scalars(select(SlaPolicyVersion)):
        read = policy.parse(row.data)
        versions[read.key] = read
    active = await session.execute(
        select(SlaPolicy.id, SlaPolicy.version)
        .where(SlaPolicy.active.is_(True))
        .order_by(SlaPolicy.position, SlaPolicy.id)
    )
    current = tuple(versions[f"{policy_id}@{version}"] for policy_id, version in active)
    named = {"0": books.book(books.AROUND_THE_CLOCK, 2026)}
    newest = "0"
    for kept in await session.scalars(select(SlaBook).order_by(SlaBook.version)):
        newest = str(kept.version)
        named[newest] = books.book(books.parse(kept.data), kept.created_at.year)
    return Rulebook(revision, current, Rules(versions, named), newest)


async def book_data(session: AsyncSession) -> tuple[int, books.BookData]:
    """The present calendars as people set them up; version 0 is around the clock."""
    row = await session.scalar(select(SlaBook).order_by(SlaBook.version.desc()).limit(1))
    return (0, books.AROUND_THE_CLOCK) if row is None else (row.version, books.parse(row.data))


async def entries(session: AsyncSession, ticket_id: UUID) -> list[Entry]:
    """A ticket's ledger in order."""
    rows = await session.scalars(
        select(SlaEntry).where(SlaEntry.ticket_id == ticket_id).order_by(SlaEntry.seq)
    )
    return [entry_of(row) for row in rows]


def entry_of(row: SlaEntry) -> Entry:
    """The entry of a row."""
    data: dict[str, Any] = {
        name: getattr(row, name) for name in ("seq", "at", "kind", "value", "author", "voids")
    }
    start = None if row.start is None else msgspec.convert(row.start, Start)
    return Entry(**data, start=start)


async def append(session: AsyncSession, ticket_id: UUID, new: Iterable[Entry]) -> None:
    """Add entries to a ledger."""
    rows = [
        {
            "ticket_id": ticket_id,
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind,
            "value": entry.value[:200],
            "author": entry.author,
            "start": None if entry.start is None else msgspec.to_builtins(entry.start),
            "voids": entry.voids,
        }
        for entry in new
    ]
    if rows:
        await session.execute(insert(SlaEntry), rows)


async def forget(session: AsyncSession, ticket_id: UUID) -> None:
    """Drop a ledger, to write it anew."""
    await session.execute(delete(SlaEntry).where(SlaEntry.ticket_id == ticket_id))


async def fired(session: AsyncSession, ticket_id: UUID) -> set[str]:
    """The keys of the steps that were carried out for a ticket."""
    found = await session.scalars(select(SlaFiring.key).where(SlaFiring.ticket_id == ticket_id))
    return set(found)


async def policies(session: AsyncSession) -> Sequence[SlaPolicy]:
    """All policies in order."""
    found = await session.scalars(select(SlaPolicy).order_by(SlaPolicy.position, SlaPolicy.id))
    return found.all()


async def versions(session: AsyncSession, policy_id: UUID) -> Sequence[SlaPolicyVersion]:
    """A policy's versions, newest first."""
    found = await session.scalars(
        select(SlaPolicyVersion)
        .where(SlaPolicyVersion.policy_id == policy_id)
        .order_by(SlaPolicyVersion.version.desc())
    )
    return found.all()


async def next_position(session: AsyncSession) -> int:
    """Where a new policy goes: last."""
    return (await session.scalar(select(func.max(SlaPolicy.position))) or 0) + 1


async def add_version(
    session: AsyncSession, version: PolicyVersion, now: datetime, by: UUID | None
) -> None:
    """Keep a version of a policy; from then on it does not change."""
    session.add(
        SlaPolicyVersion(
            policy_id=UUID(version.policy),
            version=version.version,
            data=policy.as_data(version),
            created_at=now,
            created_by=by,
        )
    )
