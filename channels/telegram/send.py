"""From a message to the Bot API's calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from channels.contract import Attachment, Button, ChannelConfig, ChannelError, OutboundMessage
from channels.telegram.chats import Spot, message_number

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
MAX_FILES: Final = 10
MAX_BUTTONS: Final = 20
_MAX_DATA: Final = 64  # bytes of a button's payload
_MAX_PHOTO: Final = 10 * 1024 * 1024
_PHOTOS: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_ALBUM: Final = frozenset({"photo", "video"})  # the only kinds that go together


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make."""

    method: str
    fields: Mapping[str, Any]
    files: Mapping[str, tuple[str, bytes, str]] = field(default_factory=dict)


def calls_for(
    message: OutboundMessage, config: ChannelConfig, chat: int | None = None
) -> list[Call]:
    """What to call, in order: one call, or two when text and files do not fit into one.

    `chat` is where a group has moved to. Raises `ChannelError`.
    """
    spot = Spot.read(message.conversation or message.to.value)
    if spot is None:
        raise _refused(f"{message.conversation or message.to.value!r} is no chat of Telegram's")
    base: dict[str, Any] = {"chat_id": spot.chat if chat is None else chat}
    answered = message_number(message.reply_to or "")
    if message.reaction or (message.reply_to and not message.text and not message.attachments):
        if answered is None:
            raise _refused("a reaction needs the message that it belongs to")
        emoji = [{"type": "emoji", "emoji": message.reaction}] if message.reaction else []
        return [Call("setMessageReaction", {**base, "message_id": answered, "reaction": emoji})]
    if spot.topic is not None:
        base["message_thread_id"] = spot.topic
    if spot.business:
        base["business_connection_id"] = spot.business
    if answered is not None:
        # A message that the customer has deleted meanwhile is no reason not to answer.
        base["reply_parameters"] = {"message_id": answered, "allow_sending_without_reply": True}
    if config.options.get("silent"):
        base["disable_notification"] = True
    return _calls(message, base)


def _calls(message: OutboundMessage, base: dict[str, Any]) -> list[Call]:
    text = message.text.strip()
    if len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise _refused(f"the text is longer than the {MAX_TEXT} characters that Telegram takes")
    if len(message.attachments) > MAX_FILES:
        raise _refused(f"a message takes {MAX_FILES} files; send {len(message.attachments)} apart")
    if not text and not message.attachments:
        raise _refused("the message has no text and no file")
    keyboard = _keyboard(message.buttons)
    if not message.attachments:
        return [Call("sendMessage", {**base, "text": text, **keyboard})]
    several = len(message.attachments) > 1
    fits = len(text.encode("utf-16-le")) // 2 <= MAX_CAPTION and not (several and keyboard)
    calls = []
    if text and not fits:
        calls.append(Call("sendMessage", {**base, "text": text, **keyboard}))
        text, keyboard = "", {}
    if several:
        calls.append(_album(message.attachments, base, text))
    else:
        calls.append(_one(message.attachments[0], {**base, **keyboard}, text))
    return calls


def _keyboard(buttons: tuple[Button, ...]) -> dict[str, Any]:
    if len(buttons) > MAX_BUTTONS:
        raise _refused(f"a message takes {MAX_BUTTONS} buttons")
    rows = []
    for one in buttons:
        if one.url:
            rows.append([{"text": one.title, "url": one.url}])
            continue
        data = one.payload or one.title
        if len(data.encode()) > _MAX_DATA:
            raise _refused(f"the payload of the button {one.title!r} is longer than 64 bytes")
        rows.append([{"text": one.title, "callback_data": data}])
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _kind(file: Attachment) -> str:
    kind = file.content_type.partition(";")[0].strip().lower()
    if kind in _PHOTOS and len(file.data) <= _MAX_PHOTO:
        return "photo"
    known = {"video/mp4": "video", "audio/mpeg": "audio", "audio/mp4": "audio",
             "audio/ogg": "voice", "image/gif": "animation"}  # fmt: skip
    return known.get(kind, "document")


def _part(file: Attachment) -> tuple[str, bytes, str]:
    return (file.filename or "file", file.data, file.content_type or "application/octet-stream")


def _one(file: Attachment, base: dict[str, Any], caption: str) -> Call:
    kind = _kind(file)
    fields = {**base, **({"caption": caption} if caption else {})}
    return Call(f"send{kind.capitalize()}", _as_form(fields), {kind: _part(file)})


def _album(files: tuple[Attachment, ...], base: dict[str, Any], caption: str) -> Call:
    kinds = {_kind(file) for file in files}
    media: list[dict[str, Any]] = []
    for index, file in enumerate(files):
        one = {"type": _kind(file) if kinds <= _ALBUM else "document",
               "media": f"attach://file{index}"}  # fmt: skip
        if index == 0 and caption:
            one["caption"] = caption
        media.append(one)
    parts = {f"file{index}": _part(file) for index, file in enumerate(files)}
    return Call("sendMediaGroup", _as_form({**base, "media": media}), parts)


def _as_form(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(value) if isinstance(value, dict | list | bool) else value
        for name, value in fields.items()
    }


def _refused(reason: str) -> ChannelError:
    return ChannelError(reason, retryable=False, code="invalid")
