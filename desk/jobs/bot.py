"""Jobs of the bot: its turn at a message, a one-time code by mail, a training."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from bot.texts import say
from channels.contract import Address, ChannelError, OutboundMessage
from channels.registry import Registry
from desk.db.types import new_id
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.jobs.port import GiveUp, JobRun, RetryLater, Task
from desk.tickets.models import Ticket
from desk.triage import bot_codes
from desk.triage.bot_case import proven_mail
from desk.triage.bot_train import Trainer
from desk.triage.bot_walk import BotWalk
from desk.unit_of_work import Units

log = structlog.get_logger(__name__)

TURN = "bot.turn"
CODE = "bot.code"
TRAIN = "bot.train"
# Somebody waits at the other end: after the last of these, a person takes over.
TURN_SCHEDULE = (timedelta(seconds=1), timedelta(seconds=3))


class BotJobs:
    """What the bot leaves to the queue."""

    def __init__(
        self,
        walk: BotWalk,
        trainer: Trainer,
        units: Units,
        channels: Registry,
        box: SecretBox,
        public_url: str,
    ) -> None:
        self.walk = walk
        self.trainer = trainer
        self.units = units
        self.channels = channels
        self.box = box
        self.public_url = public_url

    def tasks(self) -> tuple[Task, ...]:
        """The jobs as the queue knows them."""
        return (
            Task(
                name=TURN,
                run=self.turn,
                schedule=TURN_SCHEDULE,
                lease=timedelta(seconds=30),
                on_dead=self.gave_up,
            ),
            Task(name=CODE, run=self.code),
            Task(
                name=TRAIN,
                run=self.train,
                schedule=(),
                lease=timedelta(minutes=30),
                on_dead=self.training_died,
            ),
        )

    async def turn(self, run: JobRun) -> None:
        """The bot's turn; its messages and the job's end are one commit."""
        await self.walk.take(UUID(run.args["message_id"]), run.finish)

    async def gave_up(self, args: Mapping[str, Any], error: str) -> None:
        """All attempts failed: people take over."""
        log.error("bot_turn_failed", error=error, **args)
        await self.walk.give_up(UUID(args["message_id"]))

    async def train(self, run: JobRun) -> None:
        """Train, evaluate, and swap if the new model is no worse."""
        await self.trainer.run(UUID(run.args["training_id"]), run.finish)

    async def training_died(self, args: Mapping[str, Any], error: str) -> None:
        """Say on the page that it failed."""
        await self.trainer.failed(UUID(args["training_id"]), error)

    async def code(self, run: JobRun) -> None:
        """Mail a one-time code to the customer's proven address."""
        ticket_id = UUID(run.args["ticket_id"])
        async with self.units.read() as session:
            ticket = await session.get(Ticket, ticket_id)
            inbox = await session.get(Inbox, ticket.inbox_id) if ticket is not None else None
            if ticket is None or inbox is None:
                return
            to = await proven_mail(session, ticket.contact_id, inbox)
            mail = (
                inbox
                if inbox.channel == "email"
                else await session.get(Inbox, inbox.fallback_inbox_id)
                if inbox.fallback_inbox_id is not None
                else None
            )
        if mail is None or not to:
            raise GiveUp("There is no proven address, or no mail inbox to send the code from.")
        async with self.units.write() as work:
            code = await bot_codes.make(work, ticket_id)
        config = inboxes.config(mail, self.box, self.public_url)
        manifest = self.channels.manifest("email")
        key = f"code-{new_id()}"
        message = OutboundMessage(
            key=key,
            to=Address("email", to),
            subject=say("code_subject", ticket.locale or "en", code=code),
            text=say("code_mail", ticket.locale or "en", code=code),
            message_id=manifest.make_message_id(
                key, config.secrets.get("hash_secret", ""), mail.address
            ),
            automated=True,
            locale=ticket.locale,
        )
        try:
            await self.channels.get("email").send(message, config)
        except ChannelError as error:
            if error.retryable:
                raise RetryLater(error.reason, error.retry_after) from error
            raise GiveUp(error.reason) from error
