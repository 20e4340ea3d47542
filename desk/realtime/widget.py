"""The widget's namespace: what visitors send and ask for.

An error never closes the socket: it comes back as `{"error": {"code", "detail"}}`, so that the
widget keeps what was typed and can say what is wrong.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from socketio.exceptions import ConnectionRefusedError as Refused

from channels.contract import Unparsable
from channels.webchat.adapter import read_frame
from desk.api.rate_limit import TokenBuckets
from desk.db.text import storable
from desk.errors import DeskError, Invalid, NotFound, RateLimited
from desk.inboxes import repository as inboxes
from desk.inboxes.models import Inbox
from desk.intake.chat import Chat
from desk.intake.visitors import Visitor, VisitorTokens, is_open_to
from desk.observability.metrics import Metrics
from desk.realtime import rooms
from desk.realtime.frames import Frames, error
from desk.tickets import reading, repository, service
from desk.tickets.models import Ticket
from desk.unit_of_work import Units

HISTORY: Final = 50
MAX_KEY: Final = 320
Handler = Callable[["WidgetNamespace", str, "Held", Mapping[str, Any]], Awaitable[dict[str, Any]]]


class Held(msgspec.Struct):
    """What the server remembers of one socket."""

    inbox: Inbox  # as it was when the socket connected
    visitor: Visitor
    contact_id: UUID | None
    locale: str | None
    timezone: str | None
    page: dict[str, Any]


def acked(handler: Handler) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Give the handler what is held of the socket, and an object; refuse anything else."""

    @functools.wraps(handler)
    async def wrapper(self: WidgetNamespace, sid: str, data: object = None) -> dict[str, Any]:
        held = (await self.get_session(sid)).get("held")
        if held is None:
            return error("not-authenticated", "connect again")
        if not isinstance(data, Mapping):
            return error("invalid", "a frame is an object")
        try:
            return await handler(self, sid, held, data)
        except Unparsable as problem:
            return error("invalid", problem.reason)

    return wrapper


class WidgetNamespace(Frames):
    """Sockets of visitors."""

    def __init__(
        self, units: Units, chat: Chat, tokens: VisitorTokens, rate: int, metrics: Metrics
    ) -> None:
        super().__init__(rooms.WIDGET)
        self.metrics = metrics
        self.units = units
        self.chat = chat
        self.tokens = tokens
        self.buckets = TokenBuckets(rate, 60.0)  # per visitor, whatever they reconnect

    async def on_connect(self, sid: str, environ: Mapping[str, Any], auth: Any = None) -> None:  # noqa: ANN401, ARG002
        """Recognise the visitor, rotate the token, list the conversations."""
        given = auth if isinstance(auth, Mapping) else {}
        try:
            held, hello = await self._welcome(given)
        except DeskError as problem:
            told = {"code": problem.code, "detail": problem.detail}
            raise Refused(problem.detail, told) from problem
        await self.save_session(sid, {"held": held})
        await self.enter_room(sid, rooms.visitor(held.visitor.id))
        if held.visitor.account and held.contact_id:
            await self.enter_room(sid, rooms.contact(held.contact_id))
        self.metrics.socket_opened(rooms.WIDGET)
        await self.emit("hello", hello, to=sid)

    async def _welcome(self, given: Mapping[str, Any]) -> tuple[Held, dict[str, Any]]:
        key = given.get("inbox")
        async with self.units.read() as session:
            inbox = (
                await inboxes.by_address(session, "webchat", key)
                if isinstance(key, str) and len(key) <= MAX_KEY and "\x00" not in key
                else None
            )
        if inbox is None:
            raise NotFound("There is no chat under this key; check data-inbox.")
        visitor = self._visitor(given.get("token"), inbox.id)
        identity = given.get("identity")
        if _is_text(identity):
            visitor = self.chat.identify(inbox, visitor, str(identity))
        contact_id = await self.chat.contact_of(visitor)
        async with self.units.read() as session:
            conversations = await self.chat.views.conversations(session, visitor, contact_id)
            online = await self.chat.agents_online(session)
        held = Held(
            inbox=inbox,
            visitor=visitor,
            contact_id=contact_id,
            locale=_short(given.get("locale"), 35),
            timezone=_short(given.get("timezone"), 64),
            page=dict(given["page"]) if isinstance(given.get("page"), Mapping) else {},
        )
        now = self.units.clock()
        return held, {
            "token": self.tokens.issue(visitor),
            "visitor": {
                "name": visitor.name or None,
                "email": visitor.email or None,
                "verified": visitor.account is not None,
            },
            "conversations": msgspec.to_builtins(conversations),
            "server_time": now.isoformat(),
            "agents_online": online,
            "hours": self.chat.hours(inbox, now),
        }

    def _visitor(self, token: object, inbox_id: UUID) -> Visitor:
        if not _is_text(token):
            return self.tokens.anonymous(inbox_id)
        try:
            return self.tokens.read(str(token), inbox_id)
        except DeskError:
            # An old or broken token is a new visitor, not an error: the chat must open.
            return self.tokens.anonymous(inbox_id)

    async def on_disconnect(self, sid: str, *_: object) -> None:
        """Count down."""
        if (await self.get_session(sid)).get("held") is not None:
            self.metrics.socket_closed(rooms.WIDGET)

    @acked
    async def on_send(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:
        """A message: stored, then acknowledged. Idempotent by client_id."""
        self._spend(held)
        frame = read_frame(data, held.visitor.id, held.locale)
        conversation_id = _uuid(data.get("conversation_id"), "conversation_id", optional=True)
        accepted, view, conversation = await self.chat.send(
            held.inbox,
            held.visitor,
            frame,
            contact_id=held.contact_id,
            client_id=UUID(str(data["client_id"])),
            conversation_id=conversation_id,
            attachment_ids=[UUID(item) for item in data.get("attachment_ids") or []],
            timezone=held.timezone,
        )
        if held.visitor.account and held.contact_id != accepted.contact_id:
            await self.enter_room(sid, rooms.contact(accepted.contact_id))
        held.contact_id = accepted.contact_id
        return {
            "message": msgspec.to_builtins(view),
            "conversation": msgspec.to_builtins(conversation),
        }

    def _spend(self, held: Held) -> None:
        wait = self.buckets.take(held.visitor.id)
        if wait:
            raise RateLimited(
                "You are writing faster than we can read; wait a moment.",
                retry_after=round(wait, 1),
            )

    async def _own(self, session: Any, held: Held, data: Mapping[str, Any]) -> Ticket:  # noqa: ANN401
        ticket_id = _uuid(data.get("conversation_id"), "conversation_id")
        ticket = await repository.get(session, ticket_id)
        if ticket is None or not is_open_to(held.visitor, held.contact_id, ticket):
            raise NotFound("There is no such conversation.")
        return ticket

    @acked
    async def on_resume(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """What was said after `last_seq`."""
        last_seq = _number(data.get("last_seq"), "last_seq")
        async with self.units.read() as session:
            ticket = await self._own(session, held, data)
            rows = await repository.messages(
                session, ticket.id, after=last_seq, limit=500, public_only=True
            )
            read = await repository.furthest_read(session, ticket.id)
            views = await self.chat.views.messages(session, rows, read)
            conversation = await self.chat.views.conversation(session, ticket)
        return {
            "messages": msgspec.to_builtins(views),
            "conversation": msgspec.to_builtins(conversation),
        }

    @acked
    async def on_history(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """What was said before `before_seq`."""
        before = data.get("before_seq")
        limit = min(_number(data.get("limit", HISTORY), "limit"), 100)
        async with self.units.read() as session:
            ticket = await self._own(session, held, data)
            rows = await repository.messages(
                session,
                ticket.id,
                before=_number(before, "before_seq") if before is not None else None,
                limit=limit + 1,
                public_only=True,
            )
            has_more = len(rows) > limit
            read = await repository.furthest_read(session, ticket.id)
            views = await self.chat.views.messages(session, rows[-limit:], read)
        return {"messages": msgspec.to_builtins(views), "has_more": has_more}

    @acked
    async def on_conversations(
        self,
        sid: str,  # noqa: ARG002
        held: Held,
        data: Mapping[str, Any],  # noqa: ARG002
    ) -> dict[str, Any]:
        """The visitor's conversations."""
        async with self.units.read() as session:
            views = await self.chat.views.conversations(session, held.visitor, held.contact_id)
        return {"conversations": msgspec.to_builtins(views)}

    @acked
    async def on_typing(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Agents see that the visitor is typing."""
        async with self.units.read() as session:
            ticket = await self._own(session, held, data)
        await self.server.emit(
            "typing",
            {
                "ticket_id": str(ticket.id),
                "who": "contact",
                "name": ticket.contact_name,
                "on": bool(data.get("on")),
            },
            room=rooms.AGENTS,
            namespace=rooms.AGENT,
        )
        return {"ok": True}

    @acked
    async def on_read(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The visitor has seen everything up to `seq`."""
        return await self._receipt(held, data, "read")

    @acked
    async def on_received(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The widget has got everything up to `seq`."""
        return await self._receipt(held, data, "delivered")

    async def _receipt(self, held: Held, data: Mapping[str, Any], state: str) -> dict[str, Any]:
        seq = _number(data.get("seq"), "seq")
        async with self.units.write(self.chat.actor(held.visitor, held.contact_id)) as work:
            ticket = await self._own(work.session, held, data)
            work.touch(ticket.id, ticket)
            await reading.visitor_read(work, ticket, seq, state)
        return {"ok": True}

    @acked
    async def on_page(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The visitor went to another page."""
        held.page = {key: _short(data.get(key), 2000) for key in ("url", "title")}
        return {"ok": True}

    @acked
    async def on_profile(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The visitor says who they are; it counts as a claim, not as proof."""
        await self.chat.profile(
            held.visitor,
            held.contact_id,
            _short(data.get("name"), 200),
            _short(data.get("email"), 320),
        )
        return {"ok": True}

    @acked
    async def on_end(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The visitor ends the conversation."""
        async with self.units.write(self.chat.actor(held.visitor, held.contact_id)) as work:
            ticket = await self._own(work.session, held, data)
            if ticket.status not in {"resolved", "closed"}:
                await service.change(
                    work, ticket.id, {"status": "resolved"}, reason="the visitor ended the chat"
                )
        return {"ok": True}

    @acked
    async def on_rate(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The visitor rates the conversation, 1 to 5, once or again."""
        score = _number(data.get("score"), "score")
        if not 1 <= score <= 5:  # noqa: PLR2004 - the scale
            raise Invalid(errors=[("score", "is from 1 to 5")])
        async with self.units.write(self.chat.actor(held.visitor, held.contact_id)) as work:
            ticket = await self._own(work.session, held, data)
            await service.rate(work, ticket.id, score, _short(data.get("comment"), 2000) or "")
        return {"ok": True}

    @acked
    async def on_transcript(self, sid: str, held: Held, data: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Mail the conversation to the visitor. Counts as a message: it can go to any address."""
        self._spend(held)
        async with self.units.write(self.chat.actor(held.visitor, held.contact_id)) as work:
            ticket = await self._own(work.session, held, data)
            await self.chat.transcript(work, ticket, _short(data.get("email"), 320) or "")
        return {"ok": True}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _short(value: object, limit: int) -> str | None:
    return storable(value)[:limit] if isinstance(value, str) and value else None


def _number(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Invalid(errors=[(name, "is a whole number")])
    return value


def _uuid(value: object, name: str, *, optional: bool = False) -> Any:  # noqa: ANN401
    if value is None and optional:
        return None
    try:
        return UUID(str(value))
    except ValueError as problem:
        raise Invalid(errors=[(name, "is not an id")]) from problem
