"""Every provider's stand-in behind one address on loopback."""

from __future__ import annotations

from channels.emulators.asgi import Answer, Emulator, Receive, Request, Scope, Send
from channels.emulators.graph import GraphEmulator
from channels.emulators.line import LineEmulator
from channels.emulators.partner import PartnerEmulator
from channels.emulators.telegram import TelegramEmulator
from channels.emulators.twilio import TwilioEmulator

STEPS = ("sent", "delivered")


class Providers:
    """An ASGI application that hands each call to the provider whose path it is."""

    def __init__(self, origin: str, first: int) -> None:
        """`first`: where ids begin; never where those of an earlier run may be."""
        self.origin = origin
        self.twilio = TwilioEmulator(steps=STEPS)
        self.graph = GraphEmulator(steps=STEPS)
        self.telegram = TelegramEmulator()
        self.line = LineEmulator()
        self.partner = PartnerEmulator(steps=STEPS)
        self.graph.origin = origin
        self._by_prefix: tuple[tuple[str, Emulator], ...] = (
            ("/2010-04-01/", self.twilio),
            ("/v1/Services", self.twilio),
            ("/v2/bot/", self.line),
            ("/bot", self.telegram),
            ("/file/bot", self.telegram),
            ("/partner", self.partner),
            ("/v", self.graph),
            ("/media/", self.graph),
            ("/cdn/", self.graph),
        )
        for emulator in {id(one): one for _, one in self._by_prefix}.values():
            emulator.count_from(first)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        path = str(scope.get("path", ""))
        for prefix, emulator in self._by_prefix:
            if path.startswith(prefix):
                await emulator.app(scope, receive, send)
                return
        await _Nobody().app(scope, receive, send)


class _Nobody(Emulator):
    """Answers where no provider lives."""

    def handle(self, request: Request) -> Answer:
        """Nothing here."""
        return Answer({"error": f"no provider has {request.path}"}, 404)
