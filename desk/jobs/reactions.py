"""Which events ask for which jobs. Deferred in the same commit as the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from desk.bot.models import BotSetting
from desk.db.types import new_id
from desk.events import Event, Kind
from desk.jobs import bot, inbound, invitations, knowledge, media, outbound
from desk.jobs.port import JobQueue
from desk.knowledge.library import SEEN_BY_READERS
from desk.tickets.models import Message
from desk.unit_of_work import UnitOfWork

KNOWLEDGE = SEEN_BY_READERS | {Kind.ARTICLE_SCHEDULED, Kind.ARTICLES_IMPORTED}
SETTLE_AFTER = timedelta(seconds=10)  # by then the message that a report overtook is committed


class Reactions:
    """A unit of work's `before_commit` hook."""

    def __init__(
        self, queue: JobQueue, handover_after: timedelta, *, index_by_job: bool = False
    ) -> None:
        """`index_by_job`: the articles' search engine is not the database."""
        self.queue = queue
        self.handover_after = handover_after
        self.index_by_job = index_by_job

    async def __call__(self, work: UnitOfWork, events: Sequence[Event]) -> None:
        """Defer what the events ask for and wake the queue after the commit."""
        deferred = await self._inbound(work, events)
        deferred = await self._bot(work, events) or deferred
        deferred = await self._invitations(work, events) or deferred
        for event in events:
            if event.data.get("awaited") or event.kind is Kind.FILE_ASKED:
                await self._fetch(work, event)
                deferred = True
            if event.data.get("nameless"):
                await self._profile(work, event)
                deferred = True
            if event.kind is Kind.RECEIPT_EARLY:
                await self.queue.defer(
                    work.session,
                    outbound.SETTLE,
                    {"inbox_id": event.data["inbox_id"]},
                    now=work.now,
                    run_at=work.now + SETTLE_AFTER,
                    dedupe_key=f"settle:{event.data['inbox_id']}",
                )
                deferred = True
            elif event.kind is Kind.MESSAGE_QUEUED:
                await self._outbound(work, event)
                deferred = True
            elif event.kind is Kind.MESSAGE_STATE and _reached_the_chat(event):
                await self._hand_over_later(work, event)
                deferred = True
            elif event.kind is Kind.TRANSCRIPT_ASKED:
                await self.queue.defer(
                    work.session,
                    outbound.TRANSCRIPT,
                    {
                        "ticket_id": str(event.ticket_id),
                        "email": event.data["email"],
                        "key": str(new_id()),
                    },
                    now=work.now,
                )
                deferred = True
            elif event.kind in KNOWLEDGE:
                deferred = await self._knowledge(work, event) or deferred
        if deferred:
            work.after_commit(self.queue.wake)

    async def _inbound(self, work: UnitOfWork, events: Sequence[Event]) -> bool:
        """A batch of a provider asks for many jobs at once."""
        stored = [e for e in events if e.kind in {Kind.RAW_RECEIVED, Kind.RAW_REPLAYED}]
        if stored:
            await self.queue.defer_all(
                work.session,
                inbound.TASK,
                [({"raw_ids": e.data["raw_ids"]}, e.data["lane"]) for e in stored],
                now=work.now,
            )
        return bool(stored)

    async def _invitations(self, work: UnitOfWork, events: Sequence[Event]) -> bool:
        mailed = [e for e in events if e.kind is Kind.AGENT_INVITED and e.data["mail"]]
        for event in mailed:
            await self.queue.defer(
                work.session,
                invitations.MAIL,
                {"invitation_id": event.data["invitation_id"]},
                now=work.now,
            )
        return bool(mailed)

    async def _bot(self, work: UnitOfWork, events: Sequence[Event]) -> bool:
        """A customer's message in an inbox with a bot; one lane a ticket, in order."""
        deferred = False
        rows = [
            row
            for event in events
            if event.kind is Kind.MESSAGE_RECEIVED
            and event.message_id is not None
            and isinstance(row := work.touched.get(event.message_id), Message)
            and row.automated is None
        ]
        if rows:
            switched_on = set(
                await work.session.scalars(
                    select(BotSetting.inbox_id).where(
                        BotSetting.inbox_id.in_({row.inbox_id for row in rows}),
                        BotSetting.enabled.is_(True),
                    )
                )
            )
            wanted = [row for row in rows if row.inbox_id in switched_on]
            await self.queue.defer_all(
                work.session,
                bot.TURN,
                [({"message_id": str(row.id)}, f"bot:{row.ticket_id}") for row in wanted],
                now=work.now,
            )
            deferred = bool(wanted)
        for event in events:
            if event.kind is Kind.BOT_CODE_ASKED:
                await self.queue.defer(
                    work.session, bot.CODE, {"ticket_id": str(event.ticket_id)}, now=work.now
                )
                deferred = True
            elif event.kind is Kind.BOT_TRAINING and event.data.get("training_id"):
                await self.queue.defer(
                    work.session,
                    bot.TRAIN,
                    {"training_id": event.data["training_id"]},
                    now=work.now,
                    lane="bot:training",
                )
                deferred = True
        return deferred

    async def _fetch(self, work: UnitOfWork, event: Event) -> None:
        await self.queue.defer(
            work.session,
            media.FETCH,
            {"message_id": str(event.message_id)},
            now=work.now,
            lane=f"media:{event.message_id}",
        )

    async def _profile(self, work: UnitOfWork, event: Event) -> None:
        """Somebody of whom only an id is known."""
        row = work.touched.get(event.message_id) if event.message_id else None
        if not isinstance(row, Message):
            return
        address = str((row.envelope or {}).get("from", ""))
        await self.queue.defer(
            work.session,
            media.PROFILE,
            {"inbox_id": str(row.inbox_id), "kind": event.data["nameless"], "value": address},
            now=work.now,
            dedupe_key=f"profile:{event.contact_id}",
        )

    async def _knowledge(self, work: UnitOfWork, event: Event) -> bool:
        """Import, publish on time, bring an index outside of the database in line."""
        if event.kind is Kind.ARTICLES_IMPORTED:
            if event.data["state"] != "running":
                return False
            await self.queue.defer(
                work.session,
                knowledge.IMPORT,
                {"import_id": event.data["import_id"]},
                now=work.now,
                lane="articles.import",
            )
            return True
        at = event.data.get("at")
        if event.kind is Kind.ARTICLE_SCHEDULED:
            if not isinstance(at, datetime):  # called off
                return False
            await self.queue.defer(
                work.session,
                knowledge.PUBLISH,
                {"locale_id": event.data["locale_id"]},
                now=work.now,
                run_at=at,
            )
            return True
        if not self.index_by_job:
            return False
        article_id = event.data["article_id"]
        await self.queue.defer(
            work.session,
            knowledge.INDEX,
            {"article_id": article_id, "documents": event.data.get("documents", [])},
            now=work.now,
            lane=f"article:{article_id}",
        )
        return True

    async def _outbound(self, work: UnitOfWork, event: Event) -> None:
        if event.data["state"] == "sent":  # live: stored is sent
            await self._hand_over_later(work, event)
            return
        hold_until = event.data.get("hold_until")
        held = isinstance(hold_until, datetime)
        await self.queue.defer(
            work.session,
            outbound.DELIVER,
            {"message_id": str(event.message_id)},
            now=work.now,
            run_at=hold_until if isinstance(hold_until, datetime) else work.now,
            # A held reply takes no place in the lane: it may be taken back, and what the agent
            # sends at once must not wait for that.
            lane=None if held else f"delivery:{event.ticket_id}",
        )

    async def _hand_over_later(self, work: UnitOfWork, event: Event) -> None:
        """Mail a chat answer if nobody has seen it by then."""
        await self.queue.defer(
            work.session,
            outbound.HANDOVER,
            {"message_id": str(event.message_id)},
            now=work.now,
            run_at=work.now + self.handover_after,
        )


def _reached_the_chat(event: Event) -> bool:
    """A chat answer that was held, or failed before, is in the chat now."""
    return event.data.get("channel") == "webchat" and tuple(event.changes["state"]) == (
        "sending",
        "sent",
    )
