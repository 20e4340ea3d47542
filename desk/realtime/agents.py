"""The agents' namespace: the gapless feed, who is online, who looks at what, who is typing.

Viewers and typing are not kept on the server: each client announces itself again every 20 s and
answers `who`, so any number of processes agree without shared state.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from uuid import UUID

import msgspec
from socketio.exceptions import ConnectionRefusedError as Refused
from sqlalchemy import update

from desk.agents.models import Agent
from desk.auth.principal import CurrentAgent
from desk.auth.service import Sessions
from desk.errors import DeskError
from desk.observability.metrics import Metrics
from desk.realtime import feed, rooms
from desk.realtime.frames import Frames
from desk.realtime.frames import error as _error
from desk.tickets.models import Ticket
from desk.unit_of_work import Units

COOKIE: Final = "parley_session"
ONLINE_FOR: Final = timedelta(seconds=90)
MODES: Final = frozenset({"viewing", "replying", "noting"})


class AgentNamespace(Frames):
    """Sockets of signed-in agents."""

    def __init__(self, units: Units, sessions: Sessions, metrics: Metrics) -> None:
        super().__init__(rooms.AGENT)
        self.metrics = metrics
        self.units = units
        self.sessions = sessions

    async def on_connect(self, sid: str, environ: Mapping[str, Any], auth: Any = None) -> None:  # noqa: ANN401
        """Authenticate by cookie or token; then say hello and hand over what was missed."""
        given = auth if isinstance(auth, Mapping) else {}
        try:
            known = await self.sessions.authenticate(
                cookie=_cookie(environ), bearer=_text(given.get("token"))
            )
            known.agent.need("tickets.read")
        except DeskError as error:
            raise Refused(error.detail, {"code": error.code, "detail": error.detail}) from error
        agent = known.agent
        await self.save_session(sid, {"agent": agent, "tickets": set()})
        await self.enter_room(sid, rooms.AGENTS)
        self.metrics.socket_opened(rooms.AGENT)
        async with self.units.read() as session:
            head = await feed.head(session)
        await self.emit(
            "hello",
            {
                "head_seq": head,
                "server_time": self.units.clock().isoformat(),
                "agent_id": str(agent.id),
            },
            to=sid,
        )
        last_seq = given.get("last_seq")
        if isinstance(last_seq, int) and not isinstance(last_seq, bool):
            await self._hand_over(sid, last_seq)
        await self._online(agent, online=True)

    async def _hand_over(self, sid: str, last_seq: int) -> None:
        async with self.units.read() as session:
            missed = await feed.since(session, last_seq)
        if missed.reset:
            await self.emit("reset", {"head_seq": missed.head_seq}, to=sid)
        elif missed.items:
            await self.emit("feed", msgspec.to_builtins(missed.items), to=sid)

    async def on_disconnect(self, sid: str, *_: object) -> None:
        """Tell who looked at the same tickets."""
        held = await self.get_session(sid)
        agent: CurrentAgent | None = held.get("agent")
        if agent is None:
            return
        self.metrics.socket_closed(rooms.AGENT)
        for ticket_id in held["tickets"]:
            await self._unview(sid, agent, ticket_id)
        others = {other.id for other in (await self.present(but=sid)).values()}
        if agent.id not in others:  # the last of their tabs
            await self._online(agent, online=False)

    async def present(self, but: str = "") -> dict[str, CurrentAgent]:
        """The agents behind the sockets of this process."""
        found: dict[str, CurrentAgent] = {}
        manager = self.server.manager
        for sid, _ in list(manager.get_participants(self.namespace, rooms.AGENTS)):
            if sid != but and manager.is_connected(sid, self.namespace):
                agent = (await self.get_session(sid)).get("agent")
                if agent is not None:
                    found[sid] = agent
        return found

    async def _online(self, agent: CurrentAgent, *, online: bool) -> None:
        now = self.units.clock()
        async with self.units.write(agent.actor) as work:
            await work.session.execute(
                update(Agent)
                .where(Agent.id == agent.id)
                .values(online_until=now + ONLINE_FOR if online else now)
            )
        await self.emit(
            "presence", {"agent_id": str(agent.id), "online": online}, room=rooms.AGENTS
        )

    async def on_resume(self, sid: str, data: Any = None) -> dict[str, Any]:  # noqa: ANN401, ARG002
        """Everything after `last_seq`, in order; `reset` when it is too much."""
        last_seq = data.get("last_seq") if isinstance(data, Mapping) else None
        if not isinstance(last_seq, int) or isinstance(last_seq, bool):
            return _error("invalid", "resume needs last_seq, a whole number")
        async with self.units.read() as session:
            missed = await feed.since(session, last_seq)
        return {
            "items": msgspec.to_builtins(missed.items),
            "head_seq": missed.head_seq,
            "reset": missed.reset,
        }

    async def on_view(self, sid: str, data: Any = None) -> dict[str, Any]:  # noqa: ANN401
        """The agent looks at a ticket, or writes in it. Also the sign of life, every 20 s."""
        ticket_id = _ticket_id(data)
        mode = data.get("mode", "viewing") if isinstance(data, Mapping) else None
        if ticket_id is None or not isinstance(mode, str) or mode not in MODES:
            return _error("invalid", "view needs ticket_id and a mode: viewing, replying, noting")
        held = await self.get_session(sid)
        room = rooms.ticket(ticket_id)
        if ticket_id not in held["tickets"]:
            held["tickets"].add(ticket_id)
            await self.save_session(sid, held)
            await self.enter_room(sid, room)
            await self.emit("who", {"ticket_id": str(ticket_id)}, room=room, skip_sid=sid)
        await self.emit(
            "view",
            {
                "ticket_id": str(ticket_id),
                "agent_id": str(held["agent"].id),
                "sid": sid,
                "mode": mode,
            },
            room=room,
            skip_sid=sid,
        )
        return {"ok": True}

    async def on_unview(self, sid: str, data: Any = None) -> dict[str, Any]:  # noqa: ANN401
        """The agent left a ticket."""
        ticket_id = _ticket_id(data)
        if ticket_id is None:
            return _error("invalid", "unview needs ticket_id")
        held = await self.get_session(sid)
        if ticket_id in held["tickets"]:
            held["tickets"].discard(ticket_id)
            await self.save_session(sid, held)
            await self._unview(sid, held["agent"], ticket_id)
            await self.leave_room(sid, rooms.ticket(ticket_id))
        return {"ok": True}

    async def _unview(self, sid: str, agent: CurrentAgent, ticket_id: UUID) -> None:
        await self.emit(
            "unview",
            {"ticket_id": str(ticket_id), "agent_id": str(agent.id), "sid": sid},
            room=rooms.ticket(ticket_id),
            skip_sid=sid,
        )

    async def on_typing(self, sid: str, data: Any = None) -> dict[str, Any]:  # noqa: ANN401
        """The agent is typing a public reply: live channels show it to the customer."""
        ticket_id = _ticket_id(data)
        if ticket_id is None or not isinstance(data.get("on"), bool):
            return _error("invalid", "typing needs ticket_id and on (true or false)")
        held = await self.get_session(sid)
        async with self.units.read() as session:
            ticket = await session.get(Ticket, ticket_id)
        if ticket is not None and ticket.visitor:
            await self.server.emit(
                "typing",
                {
                    "conversation_id": str(ticket_id),
                    "on": data["on"],
                    "name": held["agent"].name,
                },
                room=[rooms.visitor(ticket.visitor), rooms.contact(ticket.contact_id)],
                namespace=rooms.WIDGET,
            )
        return {"ok": True}

    async def on_alive(self, sid: str, *_: object) -> dict[str, Any]:
        """The agent is there; the vigil notices as much by itself."""
        held = await self.get_session(sid)
        agent: CurrentAgent = held["agent"]
        now = self.units.clock()
        async with self.units.write(agent.actor) as work:
            await work.session.execute(
                update(Agent).where(Agent.id == agent.id).values(online_until=now + ONLINE_FOR)
            )
        return {"ok": True, "server_time": now.isoformat()}


def _cookie(environ: Mapping[str, Any]) -> str | None:
    cookie = SimpleCookie()
    try:
        cookie.load(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        return None
    return cookie[COOKIE].value if COOKIE in cookie else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _ticket_id(data: object) -> UUID | None:
    value = data.get("ticket_id") if isinstance(data, Mapping) else None
    if not isinstance(value, str):
        return None
    try:
        return UUID(value)
    except ValueError:
        return None
