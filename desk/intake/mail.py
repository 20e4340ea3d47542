"""Mail on its way in: over our SMTP or LMTP listener, and out of the mailboxes we watch.

Both answer "stored" only after the commit: the sender's 250, and the mailbox's Seen flag.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from uuid import UUID

import structlog
from sqlalchemy import update

from channels.contract import ChannelError, RawPayload
from channels.email import imap
from channels.email.listener import Delivery
from channels.email.mailbox import MailboxConfig
from channels.registry import Registry
from desk.errors import NotFound
from desk.files.store import BlobStore
from desk.inboxes import repository as inboxes
from desk.inboxes import service as inbox_service
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.intake import raw
from desk.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

RELOAD_SECONDS = 30.0


class MailIntake:
    """Stores mails as raw payloads."""

    def __init__(
        self, units: Units, channels: Registry, blobs: BlobStore, box: SecretBox, public_url: str
    ) -> None:
        self.units = units
        self.channels = channels
        self.blobs = blobs
        self.box = box
        self.public_url = public_url

    async def accepts(self, address: str) -> str | None:
        """The inbox behind an address, for the listener's RCPT."""
        async with self.units.read() as session:
            inbox = await inboxes.by_address(session, "email", address)
        return str(inbox.id) if inbox is not None else None

    async def store(self, delivery: Delivery) -> None:
        """Store a mail once for each of our inboxes it is for, in one commit."""
        await self._store(
            dict.fromkeys(UUID(recipient.inbox) for recipient in delivery.recipients),
            delivery.payload,
        )

    async def _store(self, inbox_ids: Iterable[UUID], payload: RawPayload) -> None:
        async with self.units.read() as session:
            found = [await inboxes.get(session, inbox_id) for inbox_id in inbox_ids]
        channel = self.channels.get("email")
        rows = [
            (
                inbox.id,
                channel.key(payload, inbox_service.config(inbox, self.box, self.public_url)),
            )
            for inbox in found
            if inbox is not None
        ]
        if not rows:
            raise NotFound("The inbox of this mail is gone.")  # the sender keeps the mail
        prepared = [(inbox_id, raw.prepare(payload, key, self.blobs)) for inbox_id, key in rows]
        async with self.units.write() as work:
            for inbox_id, item in prepared:
                await raw.store(work, inbox_id, item)

    async def watch(self, inbox_id: UUID, stop: asyncio.Event) -> None:
        """Watch one mailbox until `stop`; failures are kept where the admin sees them."""
        async with self.units.read() as session:
            inbox = await inboxes.get(session, inbox_id)
        if inbox is None:
            return
        config = inbox_service.config(inbox, self.box, self.public_url)
        told: set[asyncio.Task[None]] = set()

        async def store(payload: RawPayload, cursor: imap.Cursor) -> None:
            key = self.channels.get("email").key(payload, config)
            prepared = raw.prepare(payload, key, self.blobs)
            async with self.units.write() as work:
                await raw.store(work, inbox_id, prepared)
                await _note_success(work, inbox_id, cursor)

        def report(error: ChannelError | None) -> None:
            task = asyncio.create_task(self._note(inbox_id, error))
            told.add(task)
            task.add_done_callback(told.discard)

        try:
            await imap.watch(MailboxConfig.of(config), _cursor(inbox), store, stop, report=report)
        except ChannelError as error:
            log.warning("mailbox_gave_up", inbox=inbox.address, reason=error.reason)
            await self._note(inbox_id, error)
        finally:
            if told:
                await asyncio.gather(*told)

    async def _note(self, inbox_id: UUID, error: ChannelError | None) -> None:
        async with self.units.write() as work:
            if error is None:
                await _note_success(work, inbox_id, None)
                return
            await work.session.execute(
                update(Inbox)
                .where(Inbox.id == inbox_id)
                .values(last_error_at=work.now, last_error=error.reason[:1000])
            )


async def _note_success(work: UnitOfWork, inbox_id: UUID, cursor: imap.Cursor | None) -> None:
    values: dict[str, object] = {"last_success_at": work.now, "last_error": ""}
    if cursor is not None:
        values["cursor"] = {
            "uid_validity": cursor.uid_validity,
            "last_uid": cursor.last_uid,
            "retry": list(cursor.retry),
        }
    await work.session.execute(update(Inbox).where(Inbox.id == inbox_id).values(**values))


def _cursor(inbox: Inbox) -> imap.Cursor | None:
    if not inbox.cursor:
        return None
    return imap.Cursor(
        inbox.cursor["uid_validity"], inbox.cursor["last_uid"], tuple(inbox.cursor["retry"])
    )


class Mailboxes:
    """Keeps one watcher for each mail inbox that has a mailbox; follows changes to the inboxes."""

    def __init__(self, intake: MailIntake) -> None:
        self.intake = intake
        self._watchers: dict[UUID, tuple[object, asyncio.Event, asyncio.Task[None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start watching."""
        self._task = asyncio.create_task(self._run(), name="mailboxes")

    async def _run(self) -> None:
        while True:
            try:
                await self.reload()
            except Exception:
                log.exception("mailboxes_reload_failed")
            await asyncio.sleep(RELOAD_SECONDS)

    async def reload(self) -> None:
        """Start, restart and stop watchers so that they match the inboxes."""
        async with self.intake.units.read() as session:
            rows = await inboxes.listing(session, "email", active_only=True)
        wanted = {
            row.id: (row.updated_at, row.address) for row in rows if row.options.get("imap_host")
        }
        for inbox_id, (mark, stop, task) in list(self._watchers.items()):
            if wanted.get(inbox_id) != mark:
                stop.set()
                await asyncio.gather(task, return_exceptions=True)
                del self._watchers[inbox_id]
        for inbox_id, mark in wanted.items():
            if inbox_id not in self._watchers:
                stop = asyncio.Event()
                task = asyncio.create_task(
                    self.intake.watch(inbox_id, stop), name=f"mailbox {mark[1]}"
                )
                self._watchers[inbox_id] = (mark, stop, task)

    async def stop(self) -> None:
        """Stop all watchers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        for _, stop, _ in self._watchers.values():
            stop.set()
        await asyncio.gather(
            *(task for _, _, task in self._watchers.values()), return_exceptions=True
        )
        self._watchers.clear()
