"""The SMS adapter: fills the `Channel` port with Twilio's official client."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from twilio.rest import Client

from channels.contract import (
    Attachment,
    Capabilities,
    Channel,
    ChannelConfig,
    ChannelError,
    Check,
    InboundMessage,
    Media,
    OutboundMessage,
    RawKey,
    RawPayload,
    Receipt,
    StatusUpdate,
    WebhookAnswer,
)
from channels.http import api_origin, fetch_file
from channels.sms import parse, send, setup, webhook
from channels.sms.client import QuietHttp, make_client

MAX_FILE_BYTES: Final = 5 * 1024 * 1024  # what Twilio takes out; incoming files are smaller
CAPABILITIES: Final = Capabilities(
    max_attachment_bytes=MAX_FILE_BYTES,
    max_text_chars=send.MAX_TEXT,
    max_attachments=send.MAX_MEDIA,
    attachment_types=("image/*", "video/*", "audio/*", "application/pdf", "text/vcard"),
    delivery_receipts=True,
    segments=True,
    consent=True,
    undo_seconds=10,
)
_TWIML: Final = b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


class SmsChannel(Channel):
    """SMS and MMS, and WhatsApp where Twilio carries it. Safe to share between tasks."""

    kind: str = "sms"
    capabilities: Capabilities = CAPABILITIES

    def __init__(self) -> None:
        self._http = QuietHttp()
        self._direct = QuietHttp(direct=True)

    def _client(self, config: ChannelConfig) -> Client:
        return make_client(config, self._direct if config.options.get("api_url") else self._http)

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Check X-Twilio-Signature. Raises `BadSignature`."""
        webhook.verify(payload, config)

    def accepted(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer:  # noqa: ARG002 - the port's signature
        """TwiML without a verb: nothing is answered in the webhook's own reply."""
        return WebhookAnswer(body=_TWIML, content_type="text/xml; charset=utf-8")

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:  # noqa: ARG002
        """The message's SID, with the status where there is one. Never raises."""
        return parse.key(payload)

    def parse(
        self, payload: RawPayload, config: ChannelConfig
    ) -> Sequence[InboundMessage | StatusUpdate]:
        """One message, or one status. Raises `Unparsable`."""
        return parse.parse(payload, config)

    async def fetch(self, media: Media, config: ChannelConfig) -> Attachment:
        """Get a file of an MMS; Twilio asks for the account's credentials and then redirects."""
        account = str(config.options.get("account_sid") or "")
        token = config.secrets.get("auth_token", "")
        host = urlsplit(media.ref).hostname or ""
        headers = {}
        if host.endswith(".twilio.com") or _at(media.ref, api_origin(config)):
            basic = b64encode(f"{account}:{token}".encode()).decode()
            headers["authorization"] = f"Basic {basic}"
        return await fetch_file(
            media.ref,
            max_bytes=self.capabilities.max_attachment_bytes,
            headers=headers,
            trusted_origin=api_origin(config),
        )

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        """Send an SMS, or an MMS when there are files. Raises `ChannelError`."""
        return await asyncio.to_thread(send.send_once, self._client(config), message, config)

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Sign in, and look at the number or the Messaging Service."""
        try:
            client = self._client(config)
        except ChannelError as error:
            return [setup.credentials_missing(error)]
        return await asyncio.to_thread(setup.check, client, config)

    async def connect(self, config: ChannelConfig, webhook_url: str) -> Sequence[Check]:
        """Have Twilio call us for this number or Messaging Service."""
        try:
            client = self._client(config)
        except ChannelError as error:
            return [setup.credentials_missing(error)]
        return await asyncio.to_thread(setup.connect, client, config, webhook_url)


def _at(url: str, origin: str) -> bool:
    if not origin:
        return False
    ours, theirs = urlsplit(origin), urlsplit(url)
    return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)
