"""Files that a provider keeps, and names it did not send along: fetched after the commit.

The message is shown at once, its files as pending; each file that came, or did not, is told by an
event of its own. No transaction is open while the network is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import select

from channels.contract import Address, Attachment, ChannelError, Media
from channels.registry import Registry
from desk.contacts import service as contacts
from desk.db.text import storable
from desk.events import Kind
from desk.files import sniff
from desk.files.models import Attachment as StoredAttachment
from desk.files.store import BlobStore
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.jobs.port import JobRun, RetryLater, Task
from desk.tickets import service as tickets
from desk.tickets.models import Message
from desk.tickets.states import locked_message
from desk.unit_of_work import Units

log = structlog.get_logger(__name__)

FETCH: Final = "media.fetch"
PROFILE: Final = "contacts.profile"
# Providers keep a file for days, but their links for minutes: quickly at first.
SCHEDULE: Final = tuple(timedelta(seconds=s) for s in (2, 10, 30, 120, 600, 3600))
MEGABYTE: Final = 1024 * 1024


class MediaJob:
    """Fetches files and names."""

    def __init__(
        self,
        units: Units,
        channels: Registry,
        blobs: BlobStore,
        box: SecretBox,
        public_url: str,
        max_bytes: int,
    ) -> None:
        self.units = units
        self.channels = channels
        self.blobs = blobs
        self.box = box
        self.public_url = public_url
        self.max_bytes = max_bytes

    def tasks(self) -> tuple[Task, ...]:
        """The jobs as the queue knows them."""
        return (
            Task(name=FETCH, run=self.fetch, schedule=SCHEDULE, on_dead=self.gave_up),
            Task(name=PROFILE, run=self.profile, schedule=SCHEDULE[:3]),
        )

    async def fetch(self, run: JobRun) -> None:
        """Fetch what a message still awaits; one file that fails does not keep the others."""
        message_id = UUID(run.args["message_id"])
        async with self.units.read() as session:
            message = await session.get(Message, message_id)
            inbox = await session.get(Inbox, message.inbox_id) if message is not None else None
            waiting = (
                await session.scalars(
                    select(StoredAttachment)
                    .where(
                        StoredAttachment.message_id == message_id,
                        StoredAttachment.state == "pending",
                    )
                    .order_by(StoredAttachment.position)
                )
            ).all()
        if inbox is None:
            return
        later: ChannelError | None = None
        for file in waiting:
            try:
                await self._fetch(inbox, message_id, file)
            except ChannelError as error:
                if error.retryable:
                    later = later or error
                else:
                    await self._failed(message_id, file.id, error.reason)
        if later is not None:
            raise RetryLater(later.reason, later.retry_after)

    async def _fetch(self, inbox: Inbox, message_id: UUID, file: StoredAttachment) -> None:
        config = inboxes.config(inbox, self.box, self.public_url)
        media = Media(**(file.media or {"ref": ""}))
        fetched = await self.channels.get(inbox.channel).fetch(media, config)
        if len(fetched.data) > self.max_bytes:
            told = f"it is larger than {self.max_bytes // MEGABYTE} MB"
            raise ChannelError(told, retryable=False, code="too-large")
        if media.sha256 and hashlib.sha256(fetched.data).hexdigest() != media.sha256.lower():
            told = "what came is not what the provider announced (its SHA-256 differs)"
            raise ChannelError(told, retryable=True, code="hash")
        await self._store(message_id, file, fetched)

    async def _store(self, message_id: UUID, file: StoredAttachment, fetched: Attachment) -> None:
        sha256 = self.blobs.put(fetched.data)
        kind = sniff.content_type(fetched.data, fetched.content_type or file.content_type)
        async with self.units.write() as work:
            row = await work.session.get_one(StoredAttachment, file.id, with_for_update=True)
            row.state, row.state_reason = "stored", ""
            row.sha256, row.size, row.content_type = sha256, len(fetched.data), kind[:120]
            if fetched.filename and not (file.media or {}).get("filename"):
                row.filename = sniff.safe_name(storable(fetched.filename))
            await self._tell(work, message_id, row)

    async def _failed(self, message_id: UUID, file_id: UUID, reason: str) -> None:
        async with self.units.write() as work:
            row = await work.session.get_one(StoredAttachment, file_id, with_for_update=True)
            if row.state != "pending":
                return
            row.state, row.state_reason = "failed", storable(reason)[:500]
            await self._tell(work, message_id, row)

    async def _tell(self, work: Any, message_id: UUID, file: StoredAttachment) -> None:  # noqa: ANN401
        message = await locked_message(work, message_id)
        work.record(
            Kind.MESSAGE_CHANGED,
            reason=file.state_reason,
            ticket_id=message.ticket_id,
            message_id=message_id,
            data={
                "seq": message.seq,
                "channel": message.channel,
                "what": "file",
                "file_id": str(file.id),
                "state": file.state,
            },
        )

    async def gave_up(self, args: Mapping[str, Any], error: str) -> None:
        """All attempts are used up: people see why, and can ask for it again."""
        message_id = UUID(args["message_id"])
        async with self.units.read() as session:
            waiting = (
                await session.scalars(
                    select(StoredAttachment.id).where(
                        StoredAttachment.message_id == message_id,
                        StoredAttachment.state == "pending",
                    )
                )
            ).all()
        for file_id in waiting:
            await self._failed(message_id, file_id, error)

    async def profile(self, run: JobRun) -> None:
        """Ask the provider what somebody is called."""
        async with self.units.read() as session:
            inbox = await session.get(Inbox, UUID(run.args["inbox_id"]))
        if inbox is None:
            return
        address = Address(str(run.args["kind"]), str(run.args["value"]))
        config = inboxes.config(inbox, self.box, self.public_url)
        try:
            found = await self.channels.get(inbox.channel).profile(address, config)
        except ChannelError as error:
            if error.retryable:
                raise RetryLater(error.reason, error.retry_after) from error
            log.info("profile_refused", channel=inbox.channel, reason=error.reason)
            return
        if not found.name:
            return
        async with self.units.write() as work:
            contact, _ = await contacts.from_address(
                work, address.kind, address.value, name=storable(found.name)
            )
            await tickets.rename_contact(work, contact)
            await run.finish(work)
