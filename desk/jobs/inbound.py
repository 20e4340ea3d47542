"""The job behind every stored payload: parse it, take it in, mark it done. Nothing is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from channels.contract import (
    ChannelConfig,
    Inbound,
    InboundMessage,
    Notice,
    StatusUpdate,
    Unparsable,
)
from channels.registry import Registry
from desk.delivery import receipts
from desk.files.store import BlobStore
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.intake import notices, raw, service
from desk.intake.clean import clean
from desk.intake.habits import habits_of
from desk.intake.language import with_language
from desk.intake.models import RawFix, RawInbound
from desk.jobs.port import JobRun, LostLeaseError, Task
from desk.tickets.storing import File
from desk.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

LARGE_BYTES = 1024 * 1024
TASK = "intake.process"
LEASE = timedelta(seconds=20)  # how long a sender's next mail waits when a process was killed


@dataclass(slots=True)
class Load:
    """A stored payload on its way in."""

    row: RawInbound
    inbox: Inbox
    fix: RawFix | None
    secret: str
    items: Sequence[tuple[Inbound, Sequence[File]]] = ()
    error: str = ""


class InboundJob:
    """Turns stored payloads into tickets, messages and receipts."""

    def __init__(
        self, units: Units, channels: Registry, blobs: BlobStore, box: SecretBox, public_url: str
    ) -> None:
        self.units = units
        self.channels = channels
        self.blobs = blobs
        self.box = box
        self.public_url = public_url

    def task(self) -> Task:
        """The job as the queue knows it."""
        return Task(name=TASK, run=self.run, lease=LEASE, on_dead=self.gave_up)

    async def run(self, run: JobRun) -> None:
        """Process one sender's payloads in order; the effects and the job's end are one commit.

        One that fails costs the others nothing: they are then taken in one by one.
        """
        ids = [UUID(one) for one in run.args.get("raw_ids") or [run.args["raw_id"]]]
        loads = [load for one in ids if (load := await self._load(one)) is not None]
        if not loads:
            return
        if len(loads) > 1:
            try:
                await self._take(run, loads, last=True)
            except (LostLeaseError, asyncio.CancelledError):
                raise
            except Exception:
                log.warning("intake_one_by_one", count=len(loads), exc_info=True)
            else:
                return
        errors: list[Exception] = []
        for load in loads:
            try:
                await self._take(run, [load], last=load is loads[-1] and not errors)
            except LostLeaseError:
                raise
            except Exception as error:  # noqa: BLE001 - raised below, after the others had their turn
                errors.append(error)
        if errors:
            raise errors[0]

    async def _load(self, raw_id: UUID) -> Load | None:
        """A payload, parsed; None when it is done already."""
        async with self.units.read() as session:
            row = await session.get(RawInbound, raw_id)
            inbox = await session.get(Inbox, row.inbox_id) if row is not None else None
            fix = (
                await raw.newest_fix(session, raw_id) if row is not None and row.attempts else None
            )
        if row is None or inbox is None or row.state in {"done", "discarded"}:
            return None
        config = inboxes.config(inbox, self.box, self.public_url)
        load = Load(row, inbox, fix, config.secrets.get("hash_secret", ""))
        try:
            if row.size > LARGE_BYTES:  # seconds of work must not hold up everybody else
                load.items = await asyncio.to_thread(self._read, load, config)
            else:
                load.items = self._read(load, config)
        except Unparsable as error:
            load.error = error.reason
        load.items = [
            (await self._examined(item, load, config), files) for item, files in load.items
        ]
        return load

    async def _examined(self, item: Inbound, load: Load, config: ChannelConfig) -> Inbound:
        """With its language and what the network tells, asked before the transaction."""
        if not isinstance(item, InboundMessage):
            return item
        item = await with_language(item, load.inbox.locale)
        channel = self.channels.get(load.inbox.channel)
        payload = raw.payload(load.row, self.blobs, load.fix)
        try:
            return await channel.examine(item, payload, config)
        except Exception:
            log.exception("not_examined", channel=load.inbox.channel, raw_id=str(load.row.id))
            return item

    def _read(self, load: Load, config: ChannelConfig) -> Sequence[tuple[Inbound, Sequence[File]]]:
        """Parse a payload and store the content of its attachments. Raises Unparsable."""
        payload = raw.payload(load.row, self.blobs, load.fix)
        parsed = self.channels.get(load.inbox.channel).parse(payload, config)
        items = [_as_stored(item, raw.variant(load.row)) for item in parsed]
        return [
            (item, service.keep_files(item, self.blobs) if isinstance(item, InboundMessage) else ())
            for item in items
        ]

    async def _take(self, run: JobRun, loads: Sequence[Load], *, last: bool) -> None:
        async with self.units.write() as work:
            for load in loads:
                if load.error:
                    await raw.failed(work, load.row.id, load.error)
                    continue
                try:
                    for item, kept in load.items:
                        await self._item(work, load, item, kept)
                except Unparsable as error:
                    # Trying again cannot help; a person can look at it, and replay it when mended.
                    await raw.failed(work, load.row.id, error.reason)
                else:
                    await raw.done(work, load.row.id)
            if last:
                await run.finish(work)

    async def _item(
        self, work: UnitOfWork, load: Load, item: Inbound, files: Sequence[File]
    ) -> None:
        manifest = self.channels.manifest(load.inbox.channel)
        if isinstance(item, StatusUpdate):
            await receipts.apply(work, load.inbox, manifest.identity_kinds, item)
            return
        habits = habits_of(manifest, load.inbox.options, load.inbox.locale)
        if isinstance(item, Notice):
            if not await receipts.is_ours(work, load.inbox, manifest.identity_kinds, item):
                await notices.take(work, load.inbox, item, habits)
            return
        await service.accept(
            work,
            load.inbox,
            item,
            evidence=manifest.gather_evidence(item, load.secret),
            files=files,
            raw_id=load.row.id,
            habits=habits,
        )

    async def gave_up(self, args: Mapping[str, Any], error: str) -> None:
        """All attempts failed: what is not taken in waits on the intake page."""
        ids = [UUID(one) for one in args.get("raw_ids") or [args["raw_id"]]]
        log.error("intake_failed", raw_ids=[str(one) for one in ids], error=error)
        async with self.units.write() as work:
            for one in ids:
                await raw.failed(work, one, error, only="received")


def _as_stored(item: Inbound, variant: str) -> Inbound:
    """Storable; and a different payload under a known id is a message of its own, too."""
    if not isinstance(item, InboundMessage):
        return item
    item = clean(item)
    if not variant:
        return item
    return replace(item, external_id=f"{item.external_id[:900]}#{variant}")
