"""What both namespaces share: every frame gets an answer, in order, whatever came."""

from __future__ import annotations

import asyncio
from typing import Any

import socketio
import structlog

from desk.errors import DeskError

log = structlog.get_logger(__name__)


class Frames(socketio.AsyncNamespace):
    """A namespace whose sockets survive any frame.

    One frame of a socket is handled at a time, so that what was sent first is stored first.
    """

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self._turns: dict[str, asyncio.Lock] = {}

    async def trigger_event(self, event: str, *args: Any) -> Any:  # noqa: ANN401 - the library's
        """Hand a frame to its handler; an error comes back in the acknowledgement."""
        sid = str(args[0])
        if event in {"connect", "disconnect"}:
            if self._is_ours(event, sid, args):
                return await self._come_or_go(event, sid, args)
            return error("invalid", "this is not a frame for clients to send")
        if len(args) > 2:  # noqa: PLR2004 - sid and data
            return error("invalid", "a frame is one object")
        if not hasattr(self, f"on_{event}"):
            return error("invalid", "there is no such frame")
        turn = self._turns.get(sid)
        if turn is None:
            return error("not-authenticated", "connect again")
        async with turn:
            try:
                return await super().trigger_event(event, *args)
            except DeskError as problem:
                return error(problem.code, problem.detail, **problem.extra)
            except Exception:
                log.exception("frame_failed", namespace=self.namespace, frame=event)
                return error("internal", "Something went wrong on our side; try again.")

    def _is_ours(self, event: str, sid: str, args: tuple[Any, ...]) -> bool:
        """Whether the server itself says so: a client may name its frame like that, too."""
        if event == "connect":
            environ = self.server.get_environ(sid, self.namespace)
            return len(args) > 1 and environ is not None and args[1] is environ
        return not self.server.manager.is_connected(sid, self.namespace)

    async def _come_or_go(self, event: str, sid: str, args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        if event == "disconnect":
            self._turns.pop(sid, None)
            return await super().trigger_event(event, *args)
        turn = self._turns[sid] = asyncio.Lock()
        async with turn:
            try:
                return await super().trigger_event(event, *args)
            except BaseException:
                self._turns.pop(sid, None)
                raise


def error(code: str, detail: str, **extra: object) -> dict[str, Any]:
    """The acknowledgement of a frame that was refused."""
    return {"error": {"code": code, "detail": detail, **extra}}
