"""Jobs that send: a reply on its channel, and a chat answer by mail when the visitor has left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from channels.contract import Address, ChannelError, OutboundMessage
from channels.registry import Registry
from desk.delivery import parcel as parcels
from desk.delivery import permit, receipts
from desk.delivery import service as delivery
from desk.delivery.pace import Pace
from desk.delivery.rules import next_allowed
from desk.files.links import FileLinks
from desk.files.store import BlobStore
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.jobs.port import GiveUp, JobRun, RetryLater, Task
from desk.tickets import repository
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

DELIVER = "delivery.send"
HANDOVER = "delivery.handover"
TRANSCRIPT = "delivery.transcript"
SETTLE = "delivery.settle"
MOMENT = timedelta(seconds=1)  # a shorter wait is not worth giving the job back
HANDOVER_SCHEDULE = delivery.SCHEDULE[:6]


class OutboundJob:
    """Sends messages and keeps the state of each attempt."""

    def __init__(
        self,
        units: Units,
        channels: Registry,
        blobs: BlobStore,
        box: SecretBox,
        public_url: str,
        links: FileLinks,
    ) -> None:
        self.units = units
        self.channels = channels
        self.blobs = blobs
        self.box = box
        self.public_url = public_url
        self.links = links
        self.pace = Pace(units.clock)

    def tasks(self) -> tuple[Task, ...]:
        """The jobs as the queue knows them."""
        return (
            Task(
                name=DELIVER,
                run=self.deliver,
                schedule=delivery.SCHEDULE,
                lease=timedelta(minutes=5),
                on_dead=self.gave_up,
            ),
            Task(name=HANDOVER, run=self.hand_over, schedule=HANDOVER_SCHEDULE),
            Task(name=TRANSCRIPT, run=self.transcript, schedule=HANDOVER_SCHEDULE),
            Task(name=SETTLE, run=self.settle),
        )

    async def deliver(self, run: JobRun) -> None:
        """One attempt to send one message."""
        message_id = UUID(run.args["message_id"])
        await self._wait_for_its_turn(message_id)
        async with self.units.write() as work:
            begun = await delivery.begin(work, message_id)
            now = work.now
        if begun is None:
            return
        if isinstance(begun, datetime):
            raise RetryLater("it is still held", begun - now)
        fault = delivery.UNSENT
        try:
            parcel, outbound, config = await self._parcel(message_id, checked=True)
            fault = "internal"  # from here on it may have arrived, whatever goes wrong
            receipt = await self.channels.get(parcel.inbox.channel).send(outbound, config)
        except ChannelError as error:
            await self._failed(run, message_id, error)
            return
        except Exception as error:
            # A file that is gone, a changed key: people see why the message does not leave.
            log.exception("delivery_failed", message_id=str(message_id))
            told = f"The desk itself could not send it: {error}"
            await self._failed(run, message_id, ChannelError(told, retryable=True, code=fault))
            return
        async with self.units.write() as work:
            await delivery.sent(work, message_id, receipt, outbound.to.value)
            kinds = self.channels.manifest(parcel.inbox.channel).identity_kinds
            await receipts.catch_up(work, message_id, kinds)
            if self.pace.is_news(parcel.inbox.id):
                await inboxes.note_sent(work, parcel.inbox.id, None)
            await run.finish(work)

    async def _wait_for_its_turn(self, message_id: UUID) -> None:
        """The provider's rate, and the customer's night for what they did not ask for."""
        async with self.units.read() as session:
            found = await permit.timing(session, message_id)
        if found is None:
            return
        now = self.units.clock()
        if found.quiet is not None:
            at = next_allowed(now, found.zone, found.quiet)
            if at is not None:
                raise RetryLater("it waits for the customer's day", at - now)
        rate = found.rate or self.channels.manifest(found.channel).capabilities.sends_per_second
        wait = self.pace.reserve(found.inbox_id, message_id, rate)
        if wait > MOMENT:
            raise RetryLater("it waits for its turn", wait)
        if wait:
            await asyncio.sleep(wait.total_seconds())

    async def _parcel(
        self, message_id: UUID, inbox_id: UUID | None = None, *, checked: bool = False
    ) -> Any:  # noqa: ANN401
        async with self.units.read() as session:
            message = await session.get_one(Message, message_id)
            kind = self.channels.manifest(message.channel if inbox_id is None else "email")
            parcel = await parcels.load(session, message_id, kind.identity_kinds, inbox_id)
            if parcel is None:  # deleted between two reads
                raise ChannelError("the message is gone", retryable=False, code="gone")
            if checked:
                await permit.at_sending(session, parcel, kind.capabilities, self.units.clock())
            uncertain = await delivery.uncertain_since(session, message_id)
        config = replace(
            inboxes.config(parcel.inbox, self.box, self.public_url),
            file_url=self.links.url if self.public_url else None,
        )
        secret = config.secrets.get("hash_secret", "")
        outbound = parcels.outbound(
            parcel,
            self.blobs,
            message_id=kind.make_message_id(str(message_id), secret, parcel.inbox.address),
            reply_token=kind.make_reply_token(str(parcel.ticket.number), secret),
        )
        return parcel, replace(outbound, uncertain_since=uncertain), config

    async def _failed(self, run: JobRun, message_id: UUID, error: ChannelError) -> None:
        delay: timedelta | None = None
        if error.retryable and run.attempt <= len(delivery.SCHEDULE):
            delay = error.retry_after or delivery.SCHEDULE[run.attempt - 1]
        async with self.units.write() as work:
            retry_at = work.now + delay if delay is not None else None
            await delivery.failed(work, message_id, error, retry_at)
            if error.code not in permit.OURS:
                await inboxes.note_sent(work, await _inbox_of(work, message_id), error.reason)
            if delay is None:
                await run.finish(work)
        if delay is not None:
            raise RetryLater(error.reason, delay)

    async def gave_up(self, args: Mapping[str, Any], error: str) -> None:
        """All attempts are used up: the message is dead, and people see it."""
        log.error("delivery_dead", message_id=args["message_id"], error=error)
        async with self.units.write() as work:
            await delivery.dead(work, UUID(args["message_id"]), error)

    async def settle(self, run: JobRun) -> None:
        """Apply reports that overtook the commit of their message."""
        inbox_id = UUID(run.args["inbox_id"])
        async with self.units.write() as work:
            inbox = await work.session.get(Inbox, inbox_id)
            if inbox is not None:
                kinds = self.channels.manifest(inbox.channel).identity_kinds
                await receipts.settle(work, inbox, kinds)
            await run.finish(work)

    async def hand_over(self, run: JobRun) -> None:
        """Mail a chat answer to a visitor who has not seen it and left an address."""
        message_id = UUID(run.args["message_id"])
        async with self.units.read() as session:
            message = await session.get(Message, message_id)
            if message is None or message.state != "sent":
                return
            parcel = await parcels.load(session, message_id, ("email",))
        if parcel is None or parcel.to is None or parcel.inbox.fallback_inbox_id is None:
            return
        recipient = parcel.to.value
        try:
            parcel, outbound, config = await self._parcel(
                message_id, parcel.inbox.fallback_inbox_id
            )
            receipt = await self.channels.get("email").send(outbound, config)
        except ChannelError as error:
            if error.retryable and run.attempt <= len(HANDOVER_SCHEDULE):
                raise RetryLater(error.reason, error.retry_after) from error
            log.warning("handover_refused", message_id=str(message_id), reason=error.reason)
            async with self.units.write() as work:
                await delivery.not_handed_over(work, message_id, error, recipient)
                await run.finish(work)
            return
        async with self.units.write() as work:
            await delivery.hand_over(
                work,
                message_id,
                receipt,
                outbound.to.value,
                f"Not seen in the chat, so it was also sent to {outbound.to.value}.",
            )
            await run.finish(work)

    async def transcript(self, run: JobRun) -> None:
        """Mail a conversation to its visitor."""
        ticket_id, email = UUID(run.args["ticket_id"]), str(run.args["email"])
        async with self.units.read() as session:
            ticket = await session.get(Ticket, ticket_id)
            chat = await session.get(Inbox, ticket.inbox_id) if ticket is not None else None
            mail = (
                await session.get(Inbox, chat.fallback_inbox_id)
                if chat is not None and chat.fallback_inbox_id is not None
                else None
            )
            if ticket is None or mail is None:
                return
            rows = await repository.messages(session, ticket_id, limit=500, public_only=True)
        config = inboxes.config(mail, self.box, self.public_url)
        lines = [
            f"{row.author_name}, {row.created_at:%Y-%m-%d %H:%M} UTC\n{row.fresh or row.text}"
            for row in rows
        ]
        manifest = self.channels.manifest("email")
        secret = config.secrets.get("hash_secret", "")
        key = f"transcript-{run.args['key']}"
        message = OutboundMessage(
            key=key,
            to=Address("email", email),
            subject=f"{ticket.subject} (#{ticket.number})",
            text="\n\n".join(lines),
            message_id=manifest.make_message_id(key, secret, mail.address),
            reply_token=manifest.make_reply_token(str(ticket.number), secret) or None,
            automated=True,
            locale=ticket.locale,
        )
        try:
            await self.channels.get("email").send(message, config)
        except ChannelError as error:
            if error.retryable:
                raise RetryLater(error.reason, error.retry_after) from error
            raise GiveUp(error.reason) from error


async def _inbox_of(work: UnitOfWork, message_id: UUID) -> UUID:
    """Where a message is sent from; it is in the session already."""
    return (await work.session.get_one(Message, message_id)).inbox_id
