"""The WhatsApp adapter: Meta's Cloud API, in and out."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from channels.contract import (
    Attachment,
    Capabilities,
    Channel,
    ChannelConfig,
    ChannelError,
    Check,
    Inbound,
    Media,
    OutboundMessage,
    RawKey,
    RawPayload,
    Receipt,
    TemplateOffer,
    WebhookAnswer,
)
from channels.graph import batches, signature
from channels.graph.client import Graph
from channels.http import api_origin, fetch_file
from channels.values import line, objects, text, whole
from channels.whatsapp import compose, setup, templates
from channels.whatsapp.batches import explode, know
from channels.whatsapp.parse import parse

CAPABILITIES: Final = Capabilities(
    max_attachment_bytes=100 * 1024 * 1024,
    max_text_chars=compose.MAX_TEXT,
    read_receipts=True,
    delivery_receipts=True,
    buttons=True,
    reply_window=timedelta(hours=24),
    templates=True,
    max_buttons=compose.MAX_ROWS,
    max_attachments=1,
    attachment_types=tuple(compose.KINDS),
    reactions=True,
    consent=True,
    clock=True,
)
_GONE: Final = frozenset({"100", "131052"})  # the id is unknown, or its file cannot be had
# Whether a request that was not answered was carried out shows in the status that follows: its
# `key` is ours. A later try must leave it the time to arrive.
_UNCERTAIN: Final = timedelta(minutes=2)


class WhatsAppChannel(Channel):
    """Fills the channel port for one phone number of a WhatsApp Business Account."""

    kind: str = "whatsapp"
    capabilities: Capabilities = CAPABILITIES

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Raise `BadSignature` unless the app secret signed the body."""
        signature.verify(payload, config)

    def handshake(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer | None:
        """Meta's challenge given back, when the verify token is ours."""
        return signature.handshake(payload, config)

    def split(self, payload: RawPayload, config: ChannelConfig) -> Sequence[RawPayload]:  # noqa: ARG002
        """One payload for each message, status, echo and notice. Never raises."""
        return batches.split(payload, explode)

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:  # noqa: ARG002
        """The message's id, or the message's id and state; one lane a customer. Never raises."""
        return batches.key(payload, explode, know)

    def parse(self, payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
        """Read everything the payload holds. Raises `Unparsable`."""
        return parse(payload, config)

    async def fetch(self, media: Media, config: ChannelConfig) -> Attachment:
        """Ask where the file is, then get it; its address lives for minutes only."""
        most = self.capabilities.max_attachment_bytes
        number = str(config.options.get("phone_number_id") or "")
        try:
            async with Graph(config) as graph:
                found = await graph.get(
                    media.ref, **({"phone_number_id": number} if number else {})
                )
        except ChannelError as error:
            if error.code not in _GONE:
                raise
            raise ChannelError("WhatsApp does not have the file any more: it keeps files for 30 "
                               "days. Ask the customer to send it again.", retryable=False,
                               code="expired") from error  # fmt: skip
        size = whole(found, "file_size") or 0
        if size > most:
            raise ChannelError(f"the file has {size} bytes; at most {most} are kept",
                               retryable=False, code="too-large")  # fmt: skip
        token = config.secrets.get("access_token", "")
        file = await fetch_file(
            text(found, "url"),
            max_bytes=most,
            headers={"authorization": f"Bearer {token}"},
            trusted_origin=api_origin(config),
        )
        expected = media.sha256 or text(found, "sha256").lower()
        if expected and hashlib.sha256(file.data).hexdigest() != expected:
            raise ChannelError("the file arrived damaged", retryable=True, code="damaged")
        content_type = media.content_type or line(found, "mime_type").partition(";")[0]
        content_type = content_type or file.content_type
        return Attachment(media.filename or _filename(media.ref, content_type), content_type,
                          file.data)  # fmt: skip

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        """Hand the message to WhatsApp, its file first. Raises `ChannelError`."""
        number = str(config.options.get("phone_number_id") or "")
        if not number:
            raise compose.refuse("no phone_number_id is set for this inbox", "phone_number_id")
        upload = compose.upload_of(message)
        compose.body(message, "checked")  # refuse before anything is handed over
        async with Graph(config) as graph:
            media_id = await _upload(graph, number, upload.file) if upload else ""
            try:
                answer = await graph.post(f"{number}/messages",
                                          json=compose.body(message, media_id))  # fmt: skip
            except ChannelError as error:
                if error.code == "unanswered":
                    raise ChannelError(error.reason, retryable=True, code=error.code,
                                       retry_after=_UNCERTAIN) from error  # fmt: skip
                raise
        sent = objects(answer, "messages")
        external_id = text(sent[0], "id") if sent else ""
        if not external_id:
            raise ChannelError("WhatsApp answered without naming the message", retryable=True,
                               code="unanswered", retry_after=_UNCERTAIN)  # fmt: skip
        return Receipt(external_id, detail=line(sent[0], "message_status") or "accepted")

    async def templates(self, config: ChannelConfig) -> Sequence[TemplateOffer]:
        """What may be sent outside the window. Raises `ChannelError`."""
        return await templates.fetch(config)

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Token, number, app secret, webhook."""
        return await setup.check(config)

    async def connect(self, config: ChannelConfig, webhook_url: str) -> Sequence[Check]:
        """Send the account's webhooks to us."""
        return await setup.connect(config, webhook_url)


async def _upload(graph: Graph, number: str, file: Attachment) -> str:
    """The id of a file handed over; doing it twice harms nobody."""
    content_type = file.content_type.partition(";")[0].strip().lower()
    answer = await graph.post(
        f"{number}/media",
        data={"messaging_product": "whatsapp", "type": content_type},
        files={"file": (file.filename, file.data, content_type)},
    )
    media_id = text(answer, "id")
    if not media_id:
        raise ChannelError("WhatsApp took the file without naming it", retryable=True, code="media")
    return media_id


def _filename(ref: str, content_type: str) -> str:
    ending = mimetypes.guess_extension(content_type) or ""
    return f"whatsapp-{ref[-12:]}{ending}"
