"""Plays the plan through the services that real messages take: one unit of work for each step.

All of them share one transaction, so that the demo's data is there as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.contract import Address, ChannelError, InboundMessage, RawPayload, Receipt
from channels.registry import Registry
from channels.threading import Evidence
from desk.agents.models import Agent
from desk.contacts.models import Contact
from desk.db.types import new_id
from desk.delivery import service as delivery
from desk.demo import mails
from desk.demo.people import visitor
from desk.demo.plan import (
    Altered,
    Drafted,
    Noted,
    Rated,
    Replied,
    Step,
    Story,
    Went,
    Wrote,
)
from desk.demo.texts import Person
from desk.events import SYSTEM, Actor
from desk.files.store import BlobStore
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.intake import service as intake
from desk.intake.joined import Accepted
from desk.tickets import drafts, messages, service, states
from desk.tickets.models import Message, Ticket, TicketRead
from desk.unit_of_work import UnitOfWork

_EVERYTHING = 1_000_000  # a last-seen seq: history knows no stale replies
_REFUSED = ChannelError(
    "the server refused the mail: 552 5.3.4 Message too big for this mailbox",
    retryable=False,
    code="5.3.4",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is there before the first step."""

    channels: Registry
    blobs: BlobStore
    box: SecretBox
    agents: Sequence[Agent]
    people: Sequence[Person]
    contacts: Sequence[Contact]
    inboxes: dict[str, Inbox]


@dataclass(slots=True)
class _Thread:
    """How far a story has come."""

    ticket_id: UUID | None = None
    answer: Message | None = None  # our last reply
    answered: str = ""
    count: int = 0


class Player:
    """Plays steps in the order of time."""

    def __init__(self, stage: Stage, stories: Sequence[Story], session: AsyncSession) -> None:
        self.stage = stage
        self.stories = stories
        self.session = session
        self._threads = [_Thread() for _ in stories]

    async def play(self, step: Step) -> None:
        """One step in a unit of work of its own, at its own instant."""
        act, thread = step.act, self._threads[step.story]
        work = UnitOfWork(self.session, step.at, SYSTEM)
        if isinstance(act, Wrote):
            await self._wrote(work, step, act, thread)
        elif thread.ticket_id is not None:
            await self._worked(work, step, thread)
        await (work.flush_events() if work.events else self.session.flush())

    async def _worked(self, work: UnitOfWork, step: Step, thread: _Thread) -> None:
        act, ticket_id = step.act, thread.ticket_id
        assert ticket_id is not None  # noqa: S101 - narrowed by the caller
        if isinstance(act, Replied):
            work.actor = self._actor(act.agent)
            thread.answer, _ = await messages.write(
                work, ticket_id, self._outbound("reply", act.text, status=act.status)
            )
            thread.answered = act.text
        elif isinstance(act, Went):
            await self._went(work, step, act.fate, thread)
        elif isinstance(act, Noted):
            work.actor = self._actor(act.agent)
            mention = self.stage.agents[act.mention].id
            await messages.write(work, ticket_id, self._outbound("note", act.text, mention=mention))
        elif isinstance(act, Altered):
            await self._altered(work, act, ticket_id)
        elif isinstance(act, Rated):
            contact = self.stage.contacts[self.stories[step.story].person]
            work.actor = Actor("contact", contact.id, contact.name)
            await service.rate(work, ticket_id, act.score, "")
        elif isinstance(act, Drafted):
            agent_id = self.stage.agents[act.agent].id
            await drafts.keep(work, ticket_id, agent_id, "reply", act.text, _EVERYTHING)

    def _actor(self, index: int) -> Actor:
        agent = self.stage.agents[index]
        return Actor("agent", agent.id, agent.name)

    @staticmethod
    def _outbound(
        kind: str, text: str, *, status: str | None = None, mention: UUID | None = None
    ) -> messages.Outbound:
        return messages.Outbound(
            kind=kind,
            text=text,
            client_id=new_id(),
            last_seen_seq=_EVERYTHING,
            mentions=[mention] if mention else [],
            status=status,
        )

    async def _altered(self, work: UnitOfWork, act: Altered, ticket_id: UUID) -> None:
        patch = dict(act.patch)
        if act.agent is not None:
            work.actor = self._actor(act.agent)
        if act.assignee is not None:
            patch["assignee_id"] = self.stage.agents[act.assignee].id
        await service.change(work, ticket_id, patch, reason=act.reason)

    async def _wrote(self, work: UnitOfWork, step: Step, act: Wrote, thread: _Thread) -> None:
        story = self.stories[step.story]
        inbox, person = self.stage.inboxes[story.inbox], self.stage.people[story.person]
        if story.inbox == "chat":
            client_id = new_id()
            accepted = await intake.accept(
                work,
                inbox,
                InboundMessage(
                    channel="webchat",
                    sender=Address("webchat", visitor(person), person.name),
                    text=act.text,
                    reply_text=act.text,
                    external_id=f"{visitor(person)}:{client_id}",
                    locale=story.locale,
                ),
                evidence=self._conversation(thread),
                client_id=client_id,
            )
        else:
            payload = mails.letter(self._letter(step, act, thread, person, inbox))
            accepted = await self._mail(work, inbox, payload, locale=story.locale)
        thread.ticket_id = accepted.ticket.id
        thread.count += 1

    @staticmethod
    def _conversation(thread: _Thread) -> list[Evidence]:
        return [Evidence("conversation", str(thread.ticket_id))] if thread.ticket_id else []

    def _letter(
        self, step: Step, act: Wrote, thread: _Thread, person: Person, inbox: Inbox
    ) -> mails.Letter:
        domain = person.email.partition("@")[2]
        return mails.Letter(
            name=person.name,
            sender=person.email,
            to=inbox.address,
            subject=self.stories[step.story].subject,
            text=act.text,
            at=step.at,
            message_id=f"{step.story}.{thread.count}.demo@{domain}",
            in_reply_to=self._message_id(thread.answer, inbox) if thread.answer else None,
            quoted=thread.answered,
            html=act.html,
            picture=act.picture,
        )

    def _message_id(self, message: Message, inbox: Inbox) -> str:
        config = inboxes.config(inbox, self.stage.box, "")
        make = self.stage.channels.manifest("email").make_message_id
        made = make(str(message.id), config.secrets["hash_secret"], inbox.address)
        assert made is not None  # noqa: S101 - mails have ids
        return made

    async def _mail(
        self, work: UnitOfWork, inbox: Inbox, payload: RawPayload, *, locale: str | None = None
    ) -> Accepted:
        """What the inbound job does with a mail."""
        config = inboxes.config(inbox, self.stage.box, "")
        (parsed,) = self.stage.channels.get("email").parse(payload, config)
        if not isinstance(parsed, InboundMessage):
            raise TypeError(parsed)
        gather = self.stage.channels.manifest("email").gather_evidence
        accepted = await intake.accept(
            work,
            inbox,
            parsed,
            evidence=gather(parsed, config.secrets["hash_secret"]),
            files=intake.keep_files(parsed, self.stage.blobs),
        )
        if locale is not None and accepted.ticket.locale is None:
            accepted.ticket.locale = locale
        return accepted

    async def _went(self, work: UnitOfWork, step: Step, fate: str, thread: _Thread) -> None:
        answer = thread.answer
        if answer is None:
            return
        story = self.stories[step.story]
        if story.inbox == "chat":
            row = await states.locked_message(work, answer.id)
            await states.set_state(work, row, "read", "")
            return
        inbox, person = self.stage.inboxes[story.inbox], self.stage.people[story.person]
        await delivery.begin(work, answer.id)
        await work.session.flush()
        if fate == "failed":
            await delivery.failed(work, answer.id, _REFUSED, None)
            return
        message_id = self._message_id(answer, inbox)
        receipt = Receipt(message_id, detail="250 2.0.0 Stored")
        await delivery.sent(work, answer.id, receipt, person.email)
        await work.session.flush()
        if fate == "bounced":
            report = mails.bounce(inbox.address, person.email, message_id, step.at, step.story)
            await self._mail(work, inbox, report)


async def seen(session: AsyncSession, agents: Sequence[Agent], since: datetime) -> None:
    """Everybody has read everything that was written before `since`."""
    rows = (await session.execute(select(Ticket.id, Ticket.last_seq, Ticket.last_message_at))).all()
    await session.execute(delete(TicketRead))
    await session.execute(
        insert(TicketRead),
        [
            {"ticket_id": ticket_id, "agent_id": agent.id, "seq": seq}
            for ticket_id, seq, at in rows
            if at is not None and at < since
            for agent in agents
        ],
    )
