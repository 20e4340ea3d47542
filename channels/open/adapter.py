"""The open channel's adapter: whoever speaks docs/channels/open.md is a channel."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import httpx

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
    WebhookAnswer,
)
from channels.http import api_client, api_origin, fetch_file, refusal
from channels.open import parse
from channels.open.signature import sign, verify
from channels.values import line, name, text

KIND: Final = "open"
MAX_FILE: Final = 25 * 1024 * 1024
CAPABILITIES: Final = Capabilities(
    subject=True,
    max_attachment_bytes=MAX_FILE,
    max_attachments=parse.MAX_FILES,
    max_text_chars=20_000,
    delivery_receipts=True,
    read_receipts=True,
    buttons=True,
    max_buttons=10,
    reactions=True,
    consent=True,
    clock=True,
    undo_seconds=10,
)
_CONFLICT: Final = 409


class OpenChannel(Channel):
    """A partner at the inbox's `url`. Stateless; safe to share between tasks."""

    kind: str = KIND
    capabilities: Capabilities = CAPABILITIES

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Check Parley-Signature and the age of the call. Raises `BadSignature`."""
        verify(payload, config)

    def split(self, payload: RawPayload, config: ChannelConfig) -> Sequence[RawPayload]:  # noqa: ARG002 - the port's signature
        """One payload for each item."""
        return parse.split(payload)

    def accepted(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer:  # noqa: ARG002
        """The partner may forget the batch."""
        return WebhookAnswer(body=b'{"ok": true}', content_type="application/json")

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:  # noqa: ARG002
        """The item's id, in its customer's lane. Never raises."""
        return parse.key(payload)

    def parse(self, payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:  # noqa: ARG002
        """Read the items. Raises `Unparsable`."""
        return parse.parse(payload)

    async def fetch(self, media: Media, config: ChannelConfig) -> Attachment:
        """Get a file at a partner's URL: https, and no private address. Raises `ChannelError`."""
        file = await fetch_file(media.ref, max_bytes=MAX_FILE, trusted_origin=api_origin(config))
        return replace(file, filename=media.filename or file.filename)

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        """Post the message to the partner; `id` lets it recognise a repetition.

        Raises `ChannelError`.
        """
        answer = await _post(config, {"type": "message", **_body(message, config)})
        called = text(answer, "id")
        return Receipt(name(called) if called else message.key, detail=line(answer, "detail"))

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Post a signed ping."""
        try:
            await _post(config, {"type": "ping"})
        except ChannelError as error:
            remedy = "See that the partner's server runs and answers a ping with 200."
            if error.code in {"401", "403"}:
                remedy = "Give the partner the same signing_secret as the inbox has."
            elif error.code == "config":
                remedy = "Set the option and the secret in the inbox."
            return [Check("partner", ok=False, detail=error.reason, remedy=remedy)]
        return [Check("partner", ok=True, detail="answered a signed ping")]

    async def connect(self, config: ChannelConfig, webhook_url: str) -> Sequence[Check]:  # noqa: ARG002
        """There is nobody to register with; say what the partner needs."""
        return [
            Check("webhook", ok=True, detail=f"The partner posts to {webhook_url}"),
        ]


def _body(message: OutboundMessage, config: ChannelConfig) -> dict[str, Any]:
    to: dict[str, str] = {"id": message.to.value}
    if message.to.name:
        to["name"] = message.to.name
    optional = {
        "conversation": message.conversation,
        "text": message.text,
        "subject": message.subject,
        "author": message.author_name,
        "locale": message.locale,
        "reply_to": message.reply_to,
        "reaction": message.reaction,
    }
    body: dict[str, Any] = {"id": message.key, "to": to}
    body |= {name: value for name, value in optional.items() if value}
    if message.automated:
        body["automated"] = True
    if message.buttons:
        body["buttons"] = [
            {"title": one.title, "url": one.url}
            if one.url
            else {"title": one.title, "payload": one.payload or one.title}
            for one in message.buttons
        ]
    if message.attachments:
        body["attachments"] = [_file(one, config) for one in message.attachments]
    return body


def _file(file: Attachment, config: ChannelConfig) -> dict[str, Any]:
    told = {"filename": file.filename, "content_type": file.content_type, "size": len(file.data)}
    if config.file_url is not None:
        return {**told, "url": config.file_url(file)}
    if len(file.data) > parse.MAX_INLINE:
        reason = f"{file.filename} is too large to go without a link; set DESK_PUBLIC_URL"
        raise ChannelError(reason, retryable=False, code="no-public-url")
    return {**told, "data": b64encode(file.data).decode()}


async def _post(config: ChannelConfig, item: dict[str, Any]) -> Any:  # noqa: ANN401 - the partner's words
    """One signed call. Raises `ChannelError`."""
    url = str(config.options.get("url") or config.options.get("api_url") or "")
    secret = config.secrets.get("signing_secret", "")
    if not url or not secret:
        missing = "signing_secret" if url else "url"
        raise ChannelError(f"{missing} is not set for this inbox", retryable=False, code="config")
    body = json.dumps({"version": parse.VERSION, "inbox": config.inbox_id, **item}).encode()
    headers = {"content-type": "application/json", **sign(secret, body, datetime.now(UTC))}
    async with api_client(config, url, explain=_explain) as client:
        try:
            answer = await client.call("POST", url, content=body, headers=headers)
        except _KnownAlreadyError as known:
            return known.answer
    try:
        return answer.json()
    except ValueError:
        return {}


class _KnownAlreadyError(ChannelError):
    """The partner has this message; its answer is as good as the first one."""

    def __init__(self, answer: Any) -> None:  # noqa: ANN401 - the partner's words
        super().__init__("the partner had the message already", retryable=False, code="409")
        self.answer = answer


def _explain(answer: httpx.Response) -> ChannelError | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    if answer.status_code == _CONFLICT:
        return _KnownAlreadyError({**told, "detail": "the partner had it already"}
                                  if isinstance(told, dict) else {})  # fmt: skip
    words = line(told, "error")
    known = refusal(answer)
    if not words:
        return known
    return ChannelError(f"the partner refused it: {words}", retryable=known.retryable,
                        code=known.code, retry_after=known.retry_after)  # fmt: skip
