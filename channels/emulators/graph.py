"""A stand-in for Meta: WhatsApp, Messenger and Instagram of one business, with its customers.

`app` speaks the Graph API (see `graph_api`); the methods here play the customers and send real,
signed webhooks to `callbacks[channel]`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from channels.contract import Attachment
from channels.emulators import graph_messenger, graph_whatsapp
from channels.emulators.asgi import STEP_SECONDS, Sent
from channels.emulators.graph_api import GraphApi
from channels.signing import hmac_hex

_FAILURES: Final = {
    131026: ("Message undeliverable", "Message Undeliverable."),
    131047: (
        "Re-engagement message",
        "More than 24 hours have passed since the customer last replied to this number.",
    ),
}
_KARI: Final = {"whatsapp": "4790123456", "messenger": "7001", "instagram": "6001"}


class GraphEmulator(GraphApi):
    """One app, one WhatsApp number, one page, one Instagram account, any number of customers."""

    def __init__(
        self,
        callbacks: Mapping[str, str] | None = None,
        *,
        steps: Sequence[str] = (),
        channel: str = "whatsapp",
        **account: str,
    ) -> None:
        """`steps`: statuses that follow each message by themselves: sent, delivered, read.

        `channel` is the one that customers use when nothing else is said.
        """
        super().__init__(callbacks, **account)
        self.channel = channel
        self.steps = steps
        self.unreachable: set[str] = set()  # WhatsApp numbers that take nothing
        self._last = 0

    # --- customers

    async def say(
        self,
        text: str = "",
        *,
        channel: str = "",
        sender: str = "",
        name: str = "Kari Nordmann",
        media: Attachment | None = None,
        reply_to: str = "",
    ) -> httpx.Response:
        """A customer writes, perhaps with a file, perhaps in answer to a message."""
        channel, sender = self._who(channel, sender)
        self.closed.discard(sender)
        ref = f"{self.number():016d}" if media else ""
        if media:
            self.files[ref] = media
        if channel == "whatsapp":
            kind, part = (
                graph_whatsapp.file_part(ref, media, text) if media else ("text", {"body": text})
            )
            context = {"context": {"from": self.phone, "id": reply_to}} if reply_to else {}
            return await self._whatsapp_says(sender, name, {"type": kind, kind: part, **context})
        message: dict[str, Any] = {"mid": f"m_in_{self.number():016d}"}
        if text:
            message["text"] = text
        if media:
            family = media.content_type.partition("/")[0]
            kind = family if family in {"image", "video", "audio"} else "file"
            url = f"{self.origin}/cdn/{ref}"
            message["attachments"] = [{"type": kind, "payload": {"url": url}}]
        if reply_to:
            message["reply_to"] = {"mid": reply_to}
        return await self._says(channel, sender, name, {"message": message})

    async def react(
        self,
        emoji: str,
        on: str,
        *,
        channel: str = "",
        sender: str = "",
        name: str = "Kari Nordmann",
    ) -> httpx.Response:
        """A customer puts an emoji on a message of ours; "" takes it off."""
        channel, sender = self._who(channel, sender)
        if channel == "whatsapp":
            reaction = {"message_id": on, "emoji": emoji}
            return await self._whatsapp_says(
                sender, name, {"type": "reaction", "reaction": reaction}
            )
        event = {"mid": on, "action": "react" if emoji else "unreact"}
        if emoji:
            event |= {"reaction": "other", "emoji": emoji}
        return await self._says(channel, sender, name, {"reaction": event})

    async def press(
        self,
        title: str,
        payload: str,
        on: str,
        *,
        channel: str = "",
        sender: str = "",
        name: str = "Kari Nordmann",
    ) -> httpx.Response:
        """A customer presses a button under a message of ours."""
        channel, sender = self._who(channel, sender)
        if channel == "whatsapp":
            reply = {"type": "button_reply", "button_reply": {"id": payload, "title": title}}
            context = {"from": self.phone, "id": on}
            return await self._whatsapp_says(
                sender, name, {"type": "interactive", "interactive": reply, "context": context}
            )
        message = {"mid": f"m_in_{self.number():016d}", "text": title,
                   "quick_reply": {"payload": payload}}  # fmt: skip
        return await self._says(channel, sender, name, {"message": message})

    async def comment(self, text: str, *, channel: str = "", sender: str = "",
                      name: str = "Kari Nordmann") -> httpx.Response:  # fmt: skip
        """Somebody writes below a post of ours."""
        channel, sender = self._who(channel, sender)
        number = self.number()
        if channel == "messenger":
            post = f"{self.page}_900"
            value: dict[str, Any] = {
                "item": "comment", "verb": "add", "post_id": post, "parent_id": post,
                "comment_id": f"900_{number}", "message": text, "created_time": self._seconds(),
                "from": {"id": sender, "name": name},
            }  # fmt: skip
            field, account, kind = "feed", self.page, "page"
        else:
            value = {
                "id": f"1790{number:013d}",
                "text": text,
                "from": {"id": sender, "username": name.lower().replace(" ", ".")},
                "media": {"id": "18000000000000900", "media_product_type": "FEED"},
            }
            field, account, kind = "comments", self.instagram, "instagram"
        entry = {
            "id": account,
            "time": self._seconds(),
            "changes": [{"field": field, "value": value}],
        }
        return await self.deliver(channel, {"object": kind, "entry": [entry]})

    # --- what became of our messages

    async def report(self, message_id: str, status: str, error: int = 0) -> httpx.Response:
        """Tell that a message of ours was sent, delivered, read, or that it failed."""
        sent = next(sent for sent in self.sent if sent.id == message_id)
        self.told.setdefault(message_id, []).append(status)
        if message_id.startswith("wamid."):
            return await self.deliver("whatsapp", self.status_hook(sent, status, error))
        channel = self.channels[message_id]
        account = self.page if channel == "messenger" else self.instagram
        event: dict[str, Any] = {"sender": {"id": sent.to}, "recipient": {"id": account}}
        if status == "sent":
            event = {
                "sender": {"id": account}, "recipient": {"id": sent.to},
                "message": {"mid": message_id, "is_echo": True, "app_id": int(self.app_id),
                            "metadata": sent.key, "text": sent.text},
            }  # fmt: skip
        elif channel == "instagram":
            event["read"] = {"mid": message_id}
        elif status == "delivered":
            event["delivery"] = {"mids": [message_id], "watermark": self._milliseconds()}
        else:
            event["read"] = {"watermark": self._milliseconds()}
        return await self._event(channel, event)

    def status_hook(self, sent: Sent, status: str, error: int = 0) -> dict[str, Any]:
        """A WhatsApp status as its webhook body."""
        row: dict[str, Any] = {"id": sent.id, "status": status, "timestamp": str(self._seconds()),
                               "recipient_id": sent.to.lstrip("+")}  # fmt: skip
        if sent.key:
            row["biz_opaque_callback_data"] = sent.key
        if error:
            title, details = _FAILURES.get(error, ("Something went wrong", "Something went wrong"))
            row["errors"] = [{"code": error, "title": title, "message": title,
                              "error_data": {"details": details}}]  # fmt: skip
        return graph_whatsapp.hook(
            self.account, "messages", {**self._metadata(), "statuses": [row]}
        )

    async def deliver(self, channel: str, body: object) -> httpx.Response:
        """Send a webhook, signed as Meta signs it."""
        raw = json.dumps(body, ensure_ascii=True).encode()
        headers = {
            "content-type": "application/json",
            "x-hub-signature-256": f"sha256={hmac_hex(self.app_secret, raw)}",
            "user-agent": "facebookexternalua",
        }
        return await self.post(self.callbacks[channel], raw, headers)

    # --- inside

    def _who(self, channel: str, sender: str) -> tuple[str, str]:
        channel = channel or self.channel
        return channel, sender or _KARI[channel]

    async def _whatsapp_says(
        self, sender: str, name: str, part: Mapping[str, Any]
    ) -> httpx.Response:
        message = {"from": sender, "id": f"wamid.in{self.number():018d}",
                   "timestamp": str(self._seconds()), **part}  # fmt: skip
        contact = {"profile": {"name": name}, "wa_id": sender}
        value = {**self._metadata(), "contacts": [contact], "messages": [message]}
        return await self.deliver("whatsapp", graph_whatsapp.hook(self.account, "messages", value))

    def _metadata(self) -> dict[str, Any]:
        ours = {"display_phone_number": self.phone, "phone_number_id": self.phone_id}
        return {"messaging_product": "whatsapp", "metadata": ours}

    async def _says(self, channel: str, sender: str, name: str,
                    part: Mapping[str, Any]) -> httpx.Response:  # fmt: skip
        self.names[sender] = name
        self.customers[sender] = channel
        account = self.page if channel == "messenger" else self.instagram
        event = {"sender": {"id": sender}, "recipient": {"id": account}, **part}
        return await self._event(channel, event)

    async def _event(self, channel: str, event: Mapping[str, Any]) -> httpx.Response:
        account = self.page if channel == "messenger" else self.instagram
        now = self._milliseconds()
        body = graph_messenger.hook(channel, account, {**event, "timestamp": now}, now)
        return await self.deliver(channel, body)

    def _milliseconds(self) -> int:
        """Now, and never the same twice, so that what was said first has the lower number."""
        self._last = max(self._last + 1, time.time_ns() // 1_000_000)
        return self._last

    def _seconds(self) -> int:
        return time.time_ns() // 1_000_000_000

    def keep(self, sent: Sent) -> None:
        """Remember a message, and let its statuses follow."""
        super().keep(sent)
        channel = "whatsapp" if sent.id.startswith("wamid.") else self.channels.get(sent.id, "")
        if self.steps and channel in self.callbacks and sent.kind != "reaction":
            self.later(self._progress(sent, channel))

    async def _progress(self, sent: Sent, channel: str) -> None:
        if channel == "whatsapp" and sent.to.lstrip("+") in self.closed and sent.kind != "template":
            await asyncio.sleep(STEP_SECONDS)
            await self.report(sent.id, "failed", 131047)
            return
        if channel == "whatsapp" and sent.to.lstrip("+") in self.unreachable:
            await asyncio.sleep(STEP_SECONDS)
            await self.report(sent.id, "failed", 131026)
            return
        for step in self.steps:
            if channel == "instagram" and step == "delivered":
                continue  # Instagram does not tell
            await asyncio.sleep(STEP_SECONDS)
            await self.report(sent.id, step)
