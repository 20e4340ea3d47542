"""Which events ask for which jobs. Deferred in the same commit as the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from desk.events import Event, Kind
from desk.jobs import inbound, outbound
from desk.jobs.port import JobQueue
from desk.unit_of_work import UnitOfWork


class Reactions:
    """A unit of work's `before_commit` hook."""

    def __init__(self, queue: JobQueue, handover_after: timedelta) -> None:
        self.queue = queue
        self.handover_after = handover_after

    async def __call__(self, work: UnitOfWork, events: Sequence[Event]) -> None:
        """Defer what the events ask for and wake the queue after the commit."""
        deferred = False
        for event in events:
            if event.kind in {Kind.RAW_RECEIVED, Kind.RAW_REPLAYED}:
                await self.queue.defer(
                    work.session,
                    inbound.TASK,
                    {"raw_id": event.data["raw_id"]},
                    now=work.now,
                    lane=event.data["lane"],
                )
                deferred = True
            elif event.kind is Kind.MESSAGE_QUEUED:
                await self._outbound(work, event)
                deferred = True
            elif event.kind is Kind.TRANSCRIPT_ASKED:
                await self.queue.defer(
                    work.session,
                    outbound.TRANSCRIPT,
                    {"ticket_id": str(event.ticket_id), "email": event.data["email"]},
                    now=work.now,
                )
                deferred = True
        if deferred:
            work.after_commit(self.queue.wake)

    async def _outbound(self, work: UnitOfWork, event: Event) -> None:
        args = {"message_id": str(event.message_id)}
        if event.data["state"] == "sent":  # live: stored is sent; mail it if nobody sees it
            await self.queue.defer(
                work.session,
                outbound.HANDOVER,
                args,
                now=work.now,
                run_at=work.now + self.handover_after,
            )
            return
        hold_until = event.data.get("hold_until")
        await self.queue.defer(
            work.session,
            outbound.DELIVER,
            args,
            now=work.now,
            run_at=hold_until if isinstance(hold_until, datetime) else work.now,
            lane=f"delivery:{event.ticket_id}",
        )
