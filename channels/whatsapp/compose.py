"""What WhatsApp is asked to send, made from an outbound message; pure.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from channels.contract import Address, Attachment, Button, ChannelError, OutboundMessage, Template
from channels.whatsapp.numbers import e164, is_scoped

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
MAX_BUTTONS: Final = 3
MAX_ROWS: Final = 10
_MB: Final = 1024 * 1024

# https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
KINDS: Final[Mapping[str, str]] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "sticker",
    "video/mp4": "video",
    "video/3gpp": "video",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mp4": "audio",
    "audio/mpeg": "audio",
    "audio/ogg": "audio",
    "application/msword": "document",
    "application/pdf": "document",
    "application/vnd.ms-excel": "document",
    "application/vnd.ms-powerpoint": "document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "text/plain": "document",
}
MAX_BYTES: Final[Mapping[str, int]] = {
    "image": 5 * _MB,
    "video": 16 * _MB,
    "audio": 16 * _MB,
    "document": 100 * _MB,
    "sticker": 500 * 1024,
}
_HEADER_KINDS: Final[Mapping[str, str]] = {
    "jpg": "image", "jpeg": "image", "png": "image", "mp4": "video", "3gp": "video",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to hand over first; its id goes into the message."""

    kind: str
    file: Attachment


def refuse(reason: str, code: str = "refused") -> ChannelError:
    """What cannot be sent, and will not be by trying again."""
    return ChannelError(reason, retryable=False, code=code)


def upload_of(message: OutboundMessage) -> Upload | None:
    """The file of a message, checked against what WhatsApp takes. Raises `ChannelError`."""
    if not message.attachments or message.template:
        return None
    if len(message.attachments) > 1:
        raise refuse("WhatsApp takes one file a message: send each by itself", "attachments")
    file = message.attachments[0]
    mime = file.content_type.partition(";")[0].strip().lower()
    kind = KINDS.get(mime)
    if kind is None:
        raise refuse(f"WhatsApp does not take files of the type {mime or 'unknown'}", "type")
    if len(file.data) > MAX_BYTES[kind]:
        most = MAX_BYTES[kind] / _MB
        raise refuse(f"WhatsApp takes a {kind} of at most {most:g} MB", "too-large")
    if kind == "audio" and message.text:
        kind = "document"  # an audio message has no room for words
    if kind == "sticker" and message.text:
        raise refuse("WhatsApp takes a WebP image only as a sticker, without a text", "type")
    limit = MAX_CAPTION
    if len(message.text) > limit:
        raise refuse(f"the text beside a file has at most {limit} characters: send it by itself",
                     "too-long")  # fmt: skip
    return Upload(kind, file)


def body(message: OutboundMessage, media_id: str = "") -> dict[str, Any]:
    """The request for `/messages`. Raises `ChannelError` in words on what cannot be sent."""
    request: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **recipient(message.to),
        **_content(message, media_id),
        "biz_opaque_callback_data": message.key[:512],  # comes back in the statuses
    }
    if message.reply_to and not message.reaction:
        request["context"] = {"message_id": message.reply_to}
    return request


def recipient(to: Address) -> dict[str, str]:
    """By number where we have one. An id must not go into `to`: WhatsApp would drop the message."""
    if number := e164(to.value):
        return {"to": number}
    if is_scoped(to.value):
        return {"recipient": to.value}
    raise refuse(f"{to.value[:40]!r} is no phone number", "address")


def _content(message: OutboundMessage, media_id: str) -> dict[str, Any]:
    if message.template:
        return {"type": "template", "template": template(message.template)}
    if message.reaction:
        if not message.reply_to:
            raise refuse("a reaction needs the message that it is put on", "reaction")
        reaction = {"message_id": message.reply_to, "emoji": message.reaction}
        return {"type": "reaction", "reaction": reaction}
    upload = upload_of(message)
    if message.buttons:
        return {"type": "interactive", "interactive": _interactive(message, upload, media_id)}
    if upload:
        return {"type": upload.kind, upload.kind: _media(upload, media_id, message.text)}
    if not message.text.strip():
        raise refuse("the message is empty", "empty")
    if len(message.text) > MAX_TEXT:
        raise refuse(f"a WhatsApp message has at most {MAX_TEXT} characters", "too-long")
    preview = bool(re.search(r"https?://", message.text))
    return {"type": "text", "text": {"body": message.text, "preview_url": preview}}


def _media(upload: Upload, media_id: str, caption: str) -> dict[str, str]:
    part = {"id": media_id}
    if caption:
        part["caption"] = caption
    if upload.kind == "document":
        part["filename"] = upload.file.filename
    return part


def _interactive(message: OutboundMessage, upload: Upload | None, media_id: str) -> dict[str, Any]:
    if not message.text.strip():
        raise refuse("buttons need a text above them", "empty")
    if len(message.text) > MAX_CAPTION:
        raise refuse(f"the text above buttons has at most {MAX_CAPTION} characters", "too-long")
    part: dict[str, Any] = {"body": {"text": message.text}}
    links = [button for button in message.buttons if button.url]
    if links:
        if len(message.buttons) > 1:
            raise refuse("WhatsApp takes one link under a message, and no buttons beside it",
                         "buttons")  # fmt: skip
        parameters = {"display_text": links[0].title[:20], "url": links[0].url}
        part |= {"type": "cta_url", "action": {"name": "cta_url", "parameters": parameters}}
    elif len(message.buttons) <= MAX_BUTTONS and not any(b.description for b in message.buttons):
        part |= {"type": "button", "action": {"buttons": _replies(message.buttons)}}
    elif len(message.buttons) <= MAX_ROWS:
        part |= {"type": "list", "action": _list(message.buttons, message.locale)}
    else:
        raise refuse(f"WhatsApp takes at most {MAX_ROWS} choices", "buttons")
    if upload:
        if part["type"] == "list" or upload.kind not in {"image", "video", "document"}:
            raise refuse("a file goes with up to three buttons only, and only an image, a video or "
                         "a document", "buttons")  # fmt: skip
        media = _media(upload, media_id, "")
        part["header"] = {"type": upload.kind, upload.kind: media}
    return part


def _ids(buttons: Sequence[Button], limit: int) -> list[str]:
    """Payloads, each different, as WhatsApp wants them."""
    ids = [(button.payload or button.title)[:limit].strip() for button in buttons]
    if len(set(ids)) < len(ids) or not all(ids):
        raise refuse("each choice needs a payload of its own", "buttons")
    return ids


def _titles(buttons: Sequence[Button], limit: int) -> list[str]:
    titles = [button.title.strip() for button in buttons]
    if any(not title or len(title) > limit for title in titles):
        raise refuse(f"a choice's title has 1 to {limit} characters", "buttons")
    if len(set(titles)) < len(titles):
        raise refuse("two choices have the same title", "buttons")
    return titles


def _replies(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    pairs = zip(_ids(buttons, 256), _titles(buttons, 20), strict=True)
    return [{"type": "reply", "reply": {"id": key, "title": title}} for key, title in pairs]


_CHOOSE: Final[Mapping[str, str]] = {
    "ar": "اختر", "de": "Auswählen", "es": "Elegir", "fr": "Choisir", "he": "בחירה",
    "hu": "Választás", "ja": "選択", "nb": "Velg", "no": "Velg", "zh": "选择",
}  # fmt: skip


def _list(buttons: Sequence[Button], locale: str | None) -> dict[str, Any]:
    rows: list[dict[str, str]] = []
    for button, key, title in zip(buttons, _ids(buttons, 200), _titles(buttons, 24), strict=True):
        row = {"id": key, "title": title}
        if button.description:
            row["description"] = button.description[:72]
        rows.append(row)
    choose = _CHOOSE.get((locale or "").partition("-")[0].lower(), "Choose")
    return {"button": choose, "sections": [{"title": choose, "rows": rows}]}


def template(chosen: Template) -> dict[str, Any]:
    """A template with what is filled in."""
    components: list[dict[str, Any]] = []
    if chosen.header:
        components.append({"type": "header", "parameters": [_header(chosen)]})
    if chosen.parameters:
        if chosen.names and len(chosen.names) != len(chosen.parameters):
            raise refuse(f"the template takes {len(chosen.names)} values", "template")
        components.append({"type": "body", "parameters": [
            {"type": "text", "text": value,
             **({"parameter_name": chosen.names[at]} if chosen.names else {})}
            for at, value in enumerate(chosen.parameters)
        ]})  # fmt: skip
    components += [
        _button(at, value, chosen.button_kinds[at] if at < len(chosen.button_kinds) else "")
        for at, value in enumerate(chosen.buttons)
        if value
    ]
    request: dict[str, Any] = {
        "name": chosen.name,
        "language": {"policy": "deterministic", "code": chosen.language},
    }
    if components:
        request["components"] = components
    return request


def _header(chosen: Template) -> dict[str, Any]:
    value = chosen.header[0]
    kind = chosen.header_kind
    if not kind:
        is_link = value.startswith("https://")
        ending = urlsplit(value).path.rpartition(".")[2].lower() if is_link else ""
        kind = _HEADER_KINDS.get(ending, "document") if is_link else "text"
    if kind == "text":
        return {"type": "text", "text": value}
    return {"type": kind, kind: {"link": value}}


def _button(index: int, value: str, kind: str) -> dict[str, Any]:
    kind = kind or "quick_reply"
    parameter = {
        "url": {"type": "text", "text": value},
        "copy_code": {"type": "coupon_code", "coupon_code": value},
    }.get(kind, {"type": "payload", "payload": value})
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}
