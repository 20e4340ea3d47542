"""The LINE adapter: fills the `Channel` port for one official account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from channels.contract import (
    Address,
    Attachment,
    BadSignature,
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
from channels.http import api_origin, fetch_file
from channels.line import api, parse, send
from channels.signing import hmac_base64, same
from channels.values import line, text, whole

KIND: Final = "line"
MAX_FILE: Final = 200 * 1024 * 1024
CAPABILITIES: Final = Capabilities(
    max_text_chars=send.MAX_TEXT,
    max_attachments=send.MAX_OBJECTS - 1,
    buttons=True,
    max_buttons=send.MAX_BUTTONS,
    consent=True,
    clock=True,
    undo_seconds=10,
)
_CONFLICT: Final = "409"
_CONSOLE: Final = (
    "In developers.line.biz/console, issue a long-lived channel access token under Messaging API "
    "and enter it in the inbox."
)


class LineChannel(Channel):
    """One official account. Stateless; safe to share between tasks."""

    kind: str = KIND
    capabilities: Capabilities = CAPABILITIES

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Check X-Line-Signature over the body. Raises `BadSignature`."""
        secret = config.secrets.get("channel_secret", "")
        if not secret:
            raise BadSignature("channel_secret is not set, so no webhook can be checked")
        if not same(hmac_base64(secret, payload.body), payload.headers.get("x-line-signature", "")):
            raise BadSignature

    def handshake(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer | None:
        """LINE's test button sends a webhook without events; it is signed all the same."""
        if not parse.is_empty(payload):
            return None
        self.verify(payload, config)
        return WebhookAnswer()

    def split(self, payload: RawPayload, config: ChannelConfig) -> Sequence[RawPayload]:  # noqa: ARG002 - the port's signature
        """One payload for each event."""
        return parse.split(payload)

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:  # noqa: ARG002
        """The event's id, in its chat's lane. Never raises."""
        return parse.key(payload)

    def parse(self, payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
        """Read the events. Raises `Unparsable`."""
        return parse.parse(payload, config)

    async def fetch(self, media: Media, config: ChannelConfig) -> Attachment:
        """Get a file that LINE keeps for a while, or one at a URL. Raises `ChannelError`."""
        headers = {}
        url = media.ref
        if media.ref.startswith(parse.CONTENT):
            called = quote(media.ref.removeprefix(parse.CONTENT), safe="")
            base = (api_origin(config) or api.DATA).rstrip("/")
            url = f"{base}/v2/bot/message/{called}/content"
            headers = {"authorization": f"Bearer {api.token_of(config)}"}
        file = await fetch_file(
            url, max_bytes=MAX_FILE, headers=headers, trusted_origin=api_origin(config)
        )
        if not file.data:  # 202: LINE still converts a video or a recording
            raise ChannelError("LINE is still preparing the file", retryable=True, code="202",
                               retry_after=timedelta(seconds=10))  # fmt: skip
        return replace(file, filename=media.filename or file.filename)

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        """Push a message. LINE carries out one retry key once. Raises `ChannelError`.

        LINE tells nobody when a customer has blocked the account: it accepts and drops.
        """
        key = send.retry_key(message.key)
        body = send.body_of(message, config)
        async with api.client(config, {"x-line-retry-key": key}) as client:
            try:
                answer = await client.json("POST", "/v2/bot/message/push", json=body)
            except ChannelError as error:
                if error.code == _CONFLICT:
                    return Receipt(key, detail="LINE had accepted it already")
                raise
        ids = api.sent_ids(answer)
        return Receipt(ids[0] if ids else key, detail=f"{len(ids)} message objects")

    async def profile(self, address: Address, config: ChannelConfig) -> Address:
        """The customer's display name. Raises `ChannelError`."""
        async with api.client(config) as client:
            found = await client.json("GET", f"/v2/bot/profile/{quote(address.value, safe='')}")
        return replace(address, name=line(found, "displayName") or address.name)

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Whose account it is, whether LINE calls us, and what is left of the month."""
        try:
            async with api.client(config) as client:
                me = await client.json("GET", "/v2/bot/info")
                quota = await client.json("GET", "/v2/bot/message/quota")
                used = await client.json("GET", "/v2/bot/message/quota/consumption")
                lines = [
                    Check("access token", ok=True, detail=line(me, "displayName")),
                    Check(
                        "channel secret",
                        ok=bool(config.secrets.get("channel_secret")),
                        remedy="Copy the channel secret from the channel's basic settings.",
                    ),
                    _quota(whole(quota, "value"), whole(used, "totalUsage") or 0),
                ]
                try:
                    hook = await client.json("GET", "/v2/bot/channel/webhook/endpoint")
                except ChannelError as error:
                    hook = {"endpoint": "", "detail": error.reason}
        except ChannelError as error:
            remedy = "Try again later." if error.retryable else _CONSOLE
            return [Check("access token", ok=False, detail=error.reason, remedy=remedy)]
        lines.append(_webhook(text(hook, "endpoint"), hook.get("active") is True,
                              config.webhook_url(KIND)))  # fmt: skip
        return lines

    async def connect(self, config: ChannelConfig, webhook_url: str) -> Sequence[Check]:
        """Enter our webhook at LINE and have LINE try it."""
        try:
            async with api.client(config) as client:
                path = "/v2/bot/channel/webhook"
                await client.call("PUT", f"{path}/endpoint", json={"endpoint": webhook_url})
                found = await client.json("POST", f"{path}/test", json={"endpoint": webhook_url})
        except ChannelError as error:
            remedy = _CONSOLE
            if error.code == "400":
                remedy = "LINE wants a public https address; set DESK_PUBLIC_URL."
            return [Check("webhook", ok=False, detail=error.reason, remedy=remedy)]
        return [
            Check(
                "webhook",
                ok=found.get("success") is True,
                detail=f"LINE tried {webhook_url}: {line(found, 'reason')} {line(found, 'detail')}",
                remedy='Turn on "Use webhook" in the channel\'s Messaging API settings, and see '
                "that LINE reaches the address.",
            )
        ]


def _quota(limit: int | None, used: int) -> Check:
    if limit is None:
        return Check("quota", ok=True, detail=f"{used} messages sent this month, no limit")
    return Check(
        "quota",
        ok=used < limit,
        detail=f"{used} of {limit} messages sent this month",
        remedy="Raise the account's plan in LINE Official Account Manager.",
    )


def _webhook(is_set: str, active: bool, wanted: str) -> Check:
    remedy = "Set DESK_PUBLIC_URL to the desk's https address."
    if wanted and is_set != wanted:
        remedy = "Connect the inbox."
    elif wanted:
        remedy = 'Turn on "Use webhook" in the channel\'s Messaging API settings.'
    return Check(
        "webhook",
        ok=bool(wanted) and is_set == wanted and active,
        detail=f"LINE calls {is_set or 'nobody'}" + ("" if active else " (not in use)"),
        remedy=remedy,
    )
