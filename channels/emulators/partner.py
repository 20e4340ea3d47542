"""A stand-in for a partner of the open channel: takes signed messages, and sends its own."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from channels.contract import Attachment, BadSignature, ChannelConfig, RawPayload
from channels.emulators.asgi import STEP_SECONDS, Answer, Emulator, Request, Sent
from channels.open.signature import sign, verify

SECRET: Final = "emulated-signing-secret-of-a-partner"  # noqa: S105 - of nobody
_FIELDS: Final = frozenset({
    "version", "inbox", "type", "id", "to", "conversation", "text", "subject", "author", "locale",
    "reply_to", "reaction", "automated", "buttons", "attachments",
})  # fmt: skip


class PartnerEmulator(Emulator):
    """Remembers the ids it has seen, as docs/channels/open.md asks of a partner."""

    def __init__(
        self, callback: str = "", *, secret: str = SECRET, steps: Sequence[str] = ()
    ) -> None:
        """`steps`: statuses that follow each message by themselves: sent, delivered, read."""
        super().__init__(callback)
        self.steps = steps
        self.secret = secret
        self.known: dict[str, str] = {}
        self.gone: set[str] = set()  # customers who take no messages

    def handle(self, request: Request) -> Answer:
        """One call, at whatever path the inbox names."""
        payload = RawPayload(request.body, request.headers, received_at=datetime.now(UTC))
        config = ChannelConfig("", "", "", secrets={"signing_secret": self.secret})
        try:
            verify(payload, config)
        except BadSignature as error:
            return Answer({"error": error.reason}, 401)
        body = request.json()
        unknown = set(body) - _FIELDS
        if body.get("version") != 1 or unknown:
            return Answer({"error": f"not version 1, or unknown fields: {sorted(unknown)}"}, 422)
        if body["type"] == "ping":
            return Answer({"ok": True})
        if body["id"] in self.known:
            return Answer({"id": self.known[body["id"]]}, 409)
        if body["to"]["id"] in self.gone:
            return Answer({"error": "there is no such customer"}, 404)
        called = f"p-{self.number()}"
        self.known[body["id"]] = called
        media = tuple(
            one["url"] if "url" in one
            else Attachment(one["filename"], one["content_type"], b64decode(one["data"]))
            for one in body.get("attachments", ())
        )  # fmt: skip
        words = body.get("text", "")
        self.sent.append(Sent(called, body["to"]["id"], words, "message", body["id"], media, body))
        if self.steps and self.callback:
            self.later(self._progress(self.sent[-1]))
        return Answer({"id": called})

    async def _progress(self, sent: Sent) -> None:
        for step in self.steps:
            await asyncio.sleep(STEP_SECONDS)
            await self.report(sent, step)

    async def say(self, text: str = "", *, sender: str = "customer-1", name: str = "Kari",
                  **fields: Any) -> httpx.Response:  # fmt: skip  # noqa: ANN401 - more of the message
        """A customer of the partner writes."""
        return await self.deliver({"type": "message", "id": f"c-{self.number()}",
                                   "sender": {"id": sender, "name": name}, "text": text,
                                   **fields})  # fmt: skip

    async def report(self, sent: Sent, state: str, **fields: object) -> httpx.Response:
        """What became of a message that the desk sent."""
        self.told.setdefault(sent.id, []).append(state)
        return await self.deliver({"type": "status", "id": sent.id, "key": sent.key,
                                   "to": sent.to, "state": state, **fields})  # fmt: skip

    async def deliver(self, *items: Mapping[str, Any]) -> httpx.Response:
        """One signed call with these items."""
        body = json.dumps({"version": 1, "items": list(items)}).encode()
        headers = {"content-type": "application/json",
                   **sign(self.secret, body, datetime.now(UTC))}  # fmt: skip
        return await self.post(self.callback, body, headers)
