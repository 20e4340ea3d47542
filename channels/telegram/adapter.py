"""The Telegram adapter: fills the `Channel` port for one bot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from channels.contract import (
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
    Unparsable,
    WebhookAnswer,
)
from channels.http import api_origin, fetch_file
from channels.signing import hmac_hex, same
from channels.telegram import api, parse, send
from channels.telegram.chats import Spot
from channels.values import line, load, obj, text, whole

KIND: Final = "telegram"
MAX_DOWNLOAD: Final = 20 * 1024 * 1024  # what getFile gives out
CAPABILITIES: Final = Capabilities(
    max_text_chars=send.MAX_TEXT,
    max_attachments=send.MAX_FILES,
    max_attachment_bytes=50 * 1024 * 1024,
    buttons=True,
    max_buttons=send.MAX_BUTTONS,
    reactions=True,
    consent=True,
    clock=True,
    undo_seconds=10,
)
# All that Telegram would not send unless asked.
UPDATES: Final = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages",
    "message_reaction", "callback_query", "my_chat_member",
)  # fmt: skip
_NEW_BOT: Final = "Ask @BotFather for the token (/token) and enter it in the inbox."


class TelegramChannel(Channel):
    """One bot. Stateless; safe to share between tasks."""

    kind: str = KIND
    capabilities: Capabilities = CAPABILITIES

    def __init__(self) -> None:
        api.hide_tokens()

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Check the secret that we gave Telegram with the webhook. Raises `BadSignature`."""
        sent = payload.headers.get("x-telegram-bot-api-secret-token", "")
        try:
            ours = _secret(config)
        except ChannelError as error:
            raise BadSignature(f"{error.reason}, so no webhook can be checked") from error
        if not same(ours, sent):
            raise BadSignature("X-Telegram-Bot-Api-Secret-Token is not ours; connect the inbox")

    def accepted(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer:  # noqa: ARG002 - the port's signature
        """Nothing; after a button press, the call that takes the waiting sign off the button."""
        try:
            pressed = text(obj(load(payload.body), "callback_query"), "id")
        except Unparsable:
            pressed = ""
        if not pressed:
            return WebhookAnswer()
        answer = {"method": "answerCallbackQuery", "callback_query_id": pressed}
        return WebhookAnswer(body=json.dumps(answer).encode(), content_type="application/json")

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:  # noqa: ARG002
        """The update's number, in its chat's lane. Never raises."""
        return parse.key(payload)

    def parse(self, payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
        """Read an update. Raises `Unparsable`."""
        return parse.parse(payload, config)

    async def fetch(self, media: Media, config: ChannelConfig) -> Attachment:
        """Get a file by its id. Raises `ChannelError`."""
        found = await api.call(config, "getFile", {"file_id": media.ref})
        path = text(found, "file_path")
        if not path:
            raise ChannelError("Telegram gives out no files larger than 20 MB", retryable=False,
                               code="too-large")  # fmt: skip
        file = await fetch_file(
            api.file_url(config, path), max_bytes=MAX_DOWNLOAD, trusted_origin=api_origin(config)
        )
        # Telegram serves every file as bytes; the update said what it is.
        return Attachment(media.filename or file.filename, media.content_type or file.content_type,
                          file.data)  # fmt: skip

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        """Send a message, a file, an album or a reaction. Raises `ChannelError`.

        Telegram has neither idempotency keys nor a list of what a bot sent. After an attempt that
        got no answer it is for a person to say whether to send again.
        """
        if message.uncertain_since is not None:
            reason = ("an earlier attempt got no answer from Telegram, so the message may have "
                      "arrived; send it again if it has not")  # fmt: skip
            raise ChannelError(reason, retryable=False, code="uncertain")
        first, *rest = send.calls_for(message, config)
        try:
            result = await api.call(config, first.method, first.fields, first.files)
        except api.MovedError as moved:
            first, *rest = send.calls_for(message, config, chat=moved.chat)
            result = await api.call(config, first.method, first.fields, first.files)
        for one in rest:
            try:
                await api.call(config, one.method, one.fields, one.files)
            except ChannelError as error:
                reason = f"the text was sent, its files were not: {error.reason}"
                raise ChannelError(reason, retryable=False, code=error.code) from error
        if first.method == "setMessageReaction":
            return Receipt(f"{message.reply_to}:reaction:{message.key}")
        return _receipt(result)

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Whose token it is, and what Telegram says of the webhook."""
        try:
            me = await api.call(config, "getMe")
            hook = await api.call(config, "getWebhookInfo")
        except ChannelError as error:
            remedy = "Try again later." if error.retryable else _NEW_BOT
            return [Check("bot token", ok=False, detail=error.reason, remedy=remedy)]
        name = line(me, "username")
        lines = [Check("bot token", ok=True, detail=f"@{name}")]
        ours = config.address.strip().lstrip("@").lower()
        if ours != name.lower():
            lines.append(Check("address", ok=False, detail=f"the inbox says {config.address}",
                               remedy=f"Set the inbox's address to @{name}."))  # fmt: skip
        lines.append(_webhook(hook, config.webhook_url(KIND)))
        return lines

    async def connect(self, config: ChannelConfig, webhook_url: str) -> Sequence[Check]:
        """Have Telegram call us, with a secret that only it and we know."""
        try:
            fields = {"url": webhook_url, "secret_token": _secret(config),
                      "allowed_updates": list(UPDATES)}  # fmt: skip
            await api.call(config, "setWebhook", fields)
        except ChannelError as error:
            remedy = _NEW_BOT
            if error.code == "400":
                remedy = "The desk needs a public https address on port 443, 80, 88 or 8443."
            return [Check("webhook", ok=False, detail=error.reason, remedy=remedy)]
        return [Check("webhook", ok=True, detail=f"Telegram calls {webhook_url}")]


def _secret(config: ChannelConfig) -> str:
    """The webhook's secret: made from the token, so it changes with it and is stored nowhere."""
    return hmac_hex(api.token_of(config), f"webhook:{config.inbox_id}".encode())


def _receipt(result: Any) -> Receipt:  # noqa: ANN401 - a message, or the messages of an album
    found = result[0] if isinstance(result, list) and result else result
    spot = Spot.of(found) if isinstance(found, dict) else None
    number = whole(found, "message_id")
    if spot is None or number is None:
        raise ChannelError("Telegram's answer names no message", retryable=True, code="unanswered")
    return Receipt(spot.message(number))


def _webhook(hook: Any, wanted: str) -> Check:  # noqa: ANN401 - Telegram's WebhookInfo
    is_set, last = text(hook, "url"), line(hook, "last_error_message")
    waiting = whole(hook, "pending_update_count") or 0
    detail = f"Telegram calls {is_set or 'nobody'}; {waiting} updates wait"
    if last:
        detail += f"; last error: {last}"
    remedy = "Connect the inbox." if wanted else "Set DESK_PUBLIC_URL to the desk's https address."
    return Check("webhook", ok=bool(wanted) and is_set == wanted, detail=detail, remedy=remedy)
