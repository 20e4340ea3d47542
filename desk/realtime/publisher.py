"""Tells the sockets what was committed: agents get the feed, visitors their conversation.

One consumer per process keeps the order of its own commits. Several processes may overtake each
other on the way through Redis; the gapless `seq` lets a client notice and resume.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import socketio
import structlog

from desk.events import Kind, StoredEvent
from desk.intake.visitors import VisitorViews
from desk.observability.metrics import Metrics
from desk.realtime import feed, rooms
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

_TO_VISITOR = {Kind.MESSAGE_RECEIVED, Kind.MESSAGE_QUEUED, Kind.MESSAGE_STATE}
_VISIBLE = {"received", "sent", "delivered", "read"}


class Publisher:
    """A unit of work's after-commit listener."""

    def __init__(
        self, units: Units, sio: socketio.AsyncServer, views: VisitorViews, metrics: Metrics
    ) -> None:
        self.metrics = metrics
        self.units = units
        self.sio = sio
        self.views = views
        self._queue: asyncio.Queue[tuple[Sequence[StoredEvent], Mapping[UUID, Any]]] = (
            asyncio.Queue()
        )
        self._task: asyncio.Task[None] | None = None
        self.head = 0

    def __call__(self, work: UnitOfWork, stored: Sequence[StoredEvent]) -> None:
        """Hear of a commit. Never blocks, never raises."""
        self._queue.put_nowait((stored, work.touched))

    async def start(self, heartbeat: float = 15.0) -> None:
        """Start publishing; `heartbeat` is in seconds."""
        self._task = asyncio.create_task(self._run(heartbeat), name="publisher")

    async def stop(self) -> None:
        """Publish what is waiting, then stop."""
        if self._task is None:
            return
        try:
            await asyncio.wait_for(self._queue.join(), timeout=2)
        except TimeoutError:
            log.warning("publisher_stopped_with_backlog", waiting=self._queue.qsize())
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self, heartbeat: float) -> None:
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + heartbeat
        while True:
            # Told also while others are busy: a client that missed the last item has no other clue.
            if loop.time() >= beat_at:
                await self._beat()
                beat_at = loop.time() + heartbeat
            try:
                stored, touched = await asyncio.wait_for(
                    self._queue.get(), max(beat_at - loop.time(), 0.001)
                )
            except TimeoutError:
                continue
            try:
                await self._publish(stored, touched)
            except Exception:
                # A client sees the gap in the sequence and resumes; people see the counter.
                self.metrics.publish_failed()
                log.exception("publish_failed", seq=stored[-1].seq)
            finally:
                self._queue.task_done()

    async def _beat(self) -> None:
        try:
            async with self.units.read() as session:
                self.head = await feed.head(session)
            head = {"seq": self.head}
            await self.sio.emit("head", head, room=rooms.AGENTS, namespace=rooms.AGENT)
        except Exception:  # the database or Redis may be away; the next beat tells
            log.exception("heartbeat_failed")

    async def _publish(self, stored: Sequence[StoredEvent], touched: Mapping[UUID, Any]) -> None:
        has_files = any(
            isinstance(row, Message) and row.attachment_count for row in touched.values()
        )
        if has_files:
            async with self.units.read() as session:
                items = await feed.fresh(session, stored, touched)
        else:
            items = await feed.fresh(None, stored, touched)
        self.head = max(self.head, stored[-1].seq)
        await self.sio.emit(
            "feed", msgspec.to_builtins(items), room=rooms.AGENTS, namespace=rooms.AGENT
        )
        for event in stored:
            await self._to_visitor(event, touched)

    async def _to_visitor(self, stored: StoredEvent, touched: Mapping[UUID, Any]) -> None:
        event = stored.event
        if event.ticket_id is None:
            return
        if event.kind in _TO_VISITOR:
            row = touched.get(event.message_id) if event.message_id else None
            if isinstance(row, Message) and row.kind != "note" and row.state in _VISIBLE:
                if event.kind is Kind.MESSAGE_STATE and event.changes["state"][0] not in {
                    "queued",
                    "sending",
                }:
                    return  # the widget itself reported it
                await self._emit_message(event.ticket_id, row, touched)
        elif event.kind is Kind.TICKET_READ:
            ticket = touched.get(event.ticket_id)
            if isinstance(ticket, Ticket):
                await self._emit(
                    ticket,
                    "receipt",
                    {
                        "conversation_id": str(ticket.id),
                        "seq": event.data["seq"],
                        "state": "read",
                    },
                )
        elif event.kind is Kind.TICKET_CHANGED and {"status", "assignee_id"} & event.changes.keys():
            ticket = touched.get(event.ticket_id)
            if isinstance(ticket, Ticket) and ticket.channel == "webchat":
                async with self.units.read() as session:
                    view = await self.views.conversation(session, ticket)
                await self._emit(ticket, "conversation", msgspec.to_builtins(view))

    async def _emit_message(
        self, ticket_id: UUID, row: Message, touched: Mapping[UUID, Any]
    ) -> None:
        known = touched.get(ticket_id)
        if isinstance(known, Ticket) and known.channel != "webchat":
            return
        async with self.units.read() as session:
            ticket = known or await session.get(Ticket, ticket_id)
            if not isinstance(ticket, Ticket) or ticket.channel != "webchat":
                return
            message = (await self.views.messages(session, [row]))[0]
            conversation = await self.views.conversation(session, ticket, last=message)
        await self._emit(
            ticket,
            "message",
            msgspec.to_builtins({"message": message, "conversation": conversation}),
        )

    async def _emit(self, ticket: Ticket, name: str, data: object) -> None:
        to = [rooms.contact(ticket.contact_id)]
        if ticket.visitor:
            to.append(rooms.visitor(ticket.visitor))
        await self.sio.emit(name, data, room=to, namespace=rooms.WIDGET)
