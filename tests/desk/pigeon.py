"""A channel of the tests' own: carrier pigeons. JSON in, a list out, everything can be arranged."""

from __future__ import annotations

import asyncio
import hmac
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.contract import (
    Address,
    Attachment,
    BadSignature,
    Capabilities,
    Channel,
    ChannelConfig,
    ChannelError,
    Inbound,
    InboundMessage,
    Media,
    Notice,
    OutboundMessage,
    RawKey,
    RawPayload,
    Receipt,
    StatusUpdate,
    TemplateOffer,
    Unparsable,
    WebhookAnswer,
)
from channels.manifest import Manifest

CAPABILITIES = Capabilities(
    max_attachment_bytes=1000,
    max_text_chars=200,
    buttons=True,
    max_buttons=2,
    reply_window=timedelta(hours=24),
    templates=True,
    tags=("urgent",),
    max_attachments=1,
    attachment_types=("image/*", "text/plain"),
    consent=True,
    clock=True,
)
SECRET = "coo coo"


@dataclass
class Loft:
    """The provider: what it got, and how it is to behave."""

    sent: list[tuple[OutboundMessage, ChannelConfig]] = field(default_factory=list)
    by_key: dict[str, str] = field(default_factory=dict)  # it knows a message again by its key
    errors: list[ChannelError] = field(default_factory=list)
    files: dict[str, bytes | ChannelError] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    offers: list[TemplateOffer] = field(default_factory=list)
    before_answer: Callable[[str], Any] | None = None
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def to(self, value: str) -> list[OutboundMessage]:
        return [message for message, _ in self.sent if message.to.value == value]


class PigeonChannel(Channel):
    kind: str = "pigeon"
    capabilities: Capabilities = CAPABILITIES

    def __init__(self) -> None:
        self.loft = Loft()

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        ring = payload.headers.get("x-ring", "")
        if ring == "explode":
            raise ZeroDivisionError
        if not hmac.compare_digest(ring, config.secrets["ring"]):
            raise BadSignature

    def handshake(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer | None:
        if payload.method != "GET":
            return None
        if "ring=" + config.secrets["ring"].replace(" ", "%20") not in payload.url:
            raise BadSignature
        return WebhookAnswer(body=payload.url.encode())

    def split(self, payload: RawPayload, config: ChannelConfig) -> Sequence[RawPayload]:
        if b"unsplittable" in payload.body:
            raise ZeroDivisionError
        try:
            items = json.loads(payload.body)
        except ValueError:
            return (payload,)
        return [replace(payload, body=json.dumps([item]).encode()) for item in items]

    def accepted(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer:
        return WebhookAnswer(202, b"coo")

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:
        (item,) = json.loads(payload.body)
        about = item.get("from") or item.get("recipient") or ""
        return RawKey(item["id"], f"pigeon:{about}" if about else "")

    def parse(self, payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
        try:
            return [_read(item) for item in json.loads(payload.body)]
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise Unparsable(f"this is no pigeon's paper: {error!r}") from error

    async def fetch(self, media: Media, config: ChannelConfig) -> Attachment:
        await asyncio.sleep(0.01)  # a real network yields: no write transaction may be open here
        found = self.loft.files.get(media.ref)
        if found is None:
            raise ChannelError("the pigeon has flown on", retryable=False, code="gone")
        if isinstance(found, ChannelError):
            raise found
        return Attachment("leaf.bin", "application/octet-stream", found)

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        await asyncio.sleep(0)
        if self.loft.errors:
            raise self.loft.errors.pop(0)
        known = self.loft.by_key.get(message.key)
        external_id = known or f"out{next(self.loft.numbers)}"
        if known is None:
            self.loft.by_key[message.key] = external_id
            self.loft.sent.append((message, config))
        if self.loft.before_answer is not None:
            await self.loft.before_answer(external_id)
        return Receipt(external_id)

    async def templates(self, config: ChannelConfig) -> Sequence[TemplateOffer]:
        return self.loft.offers

    async def profile(self, address: Address, config: ChannelConfig) -> Address:
        return replace(address, name=self.loft.names.get(address.value, ""))

    async def check(self, config: ChannelConfig) -> Sequence[Any]:
        return ()


def _read(item: dict[str, Any]) -> Inbound:
    if "status" in item:
        up_to = item.get("up_to")
        return StatusUpdate(
            external_id=item.get("of", ""),
            state=item["status"],
            reason=item.get("reason", ""),
            permanent=item.get("permanent", False),
            recipient=item.get("recipient", ""),
            key=item.get("key", ""),
            up_to=datetime.fromtimestamp(up_to, UTC) if up_to else None,
        )
    if "notice" in item:
        about = Address("pigeon", item["from"]) if "from" in item else None
        return Notice(
            item["notice"],
            item["id"],
            warning=item.get("warning", False),
            about=about,
            keyword=item.get("keyword"),
        )
    own = item.get("own", False)
    who = Address("pigeon", item["from"], item.get("name", ""))
    at = item.get("at")
    return InboundMessage(
        channel="pigeon",
        sender=Address("pigeon", "the loft") if own else who,
        to=(who,) if own else (),
        own=own,
        text=item.get("text", ""),
        external_id=item["id"],
        sent_at=datetime.fromtimestamp(at, UTC) if at else None,
        conversation=item.get("conversation", ""),
        in_reply_to=item.get("reply_to"),
        reaction=item.get("reaction"),
        edits=item.get("edits", ""),
        deletes=item.get("deletes", ""),
        keyword=item.get("keyword"),
        aliases=tuple(Address(*pair) for pair in item.get("aliases", ())),
        media=tuple(Media(**media) for media in item.get("media", ())),
        extra=item.get("extra", {}),
    )


MANIFEST = Manifest(
    kind="pigeon",
    title="Carrier pigeon",
    identity_kind="pigeon",
    capabilities=CAPABILITIES,
    make=PigeonChannel,
    options={"loft": "Where the pigeons live."},
    secrets={"ring": "The number on the pigeon's ring."},
    webhook=True,
    required=("ring",),
    steps=("Feed the pigeons.",),
)
