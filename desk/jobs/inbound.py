"""The job behind every stored payload: parse it, take it in, mark it done. Nothing is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from channels.contract import ChannelConfig, Inbound, InboundMessage, StatusUpdate, Unparsable
from channels.registry import Registry
from desk.delivery import receipts
from desk.files.store import BlobStore
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.intake import raw, service
from desk.intake.clean import clean
from desk.intake.models import RawInbound
from desk.jobs.port import JobRun, Task
from desk.tickets.storing import StoredFile
from desk.unit_of_work import Units

log = structlog.get_logger(__name__)

LARGE_BYTES = 1024 * 1024
TASK = "intake.process"
LEASE = timedelta(seconds=20)  # how long a sender's next mail waits when a process was killed


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

    def _read(
        self, row: RawInbound, channel: str, config: ChannelConfig
    ) -> tuple[list[Inbound], list[Sequence[StoredFile]]]:
        """Parse a payload and store the content of its attachments. Raises Unparsable."""
        parsed = self.channels.get(channel).parse(raw.payload(row, self.blobs), config)
        items = [_as_stored(item, raw.variant(row)) for item in parsed]
        files = [
            service.keep_files(item, self.blobs) if isinstance(item, InboundMessage) else ()
            for item in items
        ]
        return items, files

    async def run(self, run: JobRun) -> None:
        """Process one payload; its effect and the job's completion are one commit."""
        raw_id = UUID(run.args["raw_id"])
        async with self.units.read() as session:
            row = await session.get(RawInbound, raw_id)
            inbox = await session.get(Inbox, row.inbox_id) if row is not None else None
        if row is None or inbox is None or row.state == "done":
            return
        config = inboxes.config(inbox, self.box, self.public_url)
        try:
            if row.size > LARGE_BYTES:  # seconds of work must not hold up everybody else
                items, files = await asyncio.to_thread(self._read, row, inbox.channel, config)
            else:
                items, files = self._read(row, inbox.channel, config)
        except Unparsable as error:
            await self._unparsable(run, raw_id, error)
            return
        gather = self.channels.manifest(inbox.channel).gather_evidence
        secret = config.secrets.get("hash_secret", "")
        try:
            async with self.units.write() as work:
                for item, kept in zip(items, files, strict=True):
                    if isinstance(item, StatusUpdate):
                        await receipts.apply(work, inbox.id, item)
                    elif isinstance(item, InboundMessage):  # notices stay readable in raw_inbound
                        await service.accept(
                            work,
                            inbox,
                            item,
                            evidence=gather(item, secret),
                            files=kept,
                            raw_id=raw_id,
                        )
                await raw.done(work, raw_id)
                await run.finish(work)
        except Unparsable as error:
            await self._unparsable(run, raw_id, error)

    async def _unparsable(self, run: JobRun, raw_id: UUID, error: Unparsable) -> None:
        """Trying again cannot help; a person can look at it, and replay it after a mend."""
        async with self.units.write() as work:
            await raw.failed(work, raw_id, error.reason)
            await run.finish(work)

    async def gave_up(self, args: Mapping[str, Any], error: str) -> None:
        """All attempts failed: the payload waits on the intake page."""
        log.error("intake_failed", raw_id=args["raw_id"], error=error)
        async with self.units.write() as work:
            await raw.failed(work, UUID(args["raw_id"]), error)


def _as_stored(item: Inbound, variant: str) -> Inbound:
    """Storable; and a different payload under a known id is a message of its own, too."""
    if not isinstance(item, InboundMessage):
        return item
    item = clean(item)
    if not variant:
        return item
    return replace(item, external_id=f"{item.external_id[:900]}#{variant}")
