"""From a message to LINE's message objects."""

from __future__ import annotations

from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from channels.contract import Attachment, Button, ChannelConfig, ChannelError, OutboundMessage

MAX_TEXT: Final = 5000  # UTF-16 code units
MAX_OBJECTS: Final = 5  # in one call, which is what a retry key covers
MAX_BUTTONS: Final = 13
_MAX_LABEL: Final = 20
_MAX_DATA: Final = 300
_MAX_PREVIEW: Final = 1024 * 1024  # the preview's limit; we have no smaller picture to show
_IMAGES: Final = frozenset({"image/jpeg", "image/png"})


def retry_key(key: str) -> str:
    """LINE's idempotency key, a UUID; the same for the same message."""
    try:
        return str(UUID(key))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, key))


def body_of(message: OutboundMessage, config: ChannelConfig) -> dict[str, Any]:
    """The body of a push. Raises `ChannelError`."""
    images, links = _files(message, config)
    text = "\n".join(one for one in (message.text.strip(), *links) if one)
    if len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise _refused(f"the text is longer than the {MAX_TEXT} characters that LINE takes")
    objects: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    objects += images
    if not objects:
        raise _refused("the message has no text and no file")
    if len(objects) > MAX_OBJECTS:
        raise _refused(f"a message takes {MAX_OBJECTS - 1} pictures beside its text")
    if message.buttons:
        if len(message.buttons) > MAX_BUTTONS:
            raise _refused(f"a message takes {MAX_BUTTONS} buttons")
        items = [{"type": "action", "action": _action(one)} for one in message.buttons]
        objects[-1] = {**objects[-1], "quickReply": {"items": items}}
    return {
        "to": message.conversation or message.to.value,
        "messages": objects,
        "notificationDisabled": bool(config.options.get("silent")),
    }


def _action(button: Button) -> dict[str, str]:
    label = button.title if len(button.title) <= _MAX_LABEL else button.title[:19] + "…"
    if button.url:
        return {"type": "uri", "label": label, "uri": button.url}
    data = button.payload or button.title
    if len(data) > _MAX_DATA:
        raise _refused(f"the payload of the button {button.title!r} is longer than 300 characters")
    return {"type": "postback", "label": label, "data": data, "displayText": button.title[:300]}


def _files(
    message: OutboundMessage, config: ChannelConfig
) -> tuple[list[dict[str, Any]], list[str]]:
    """Pictures as pictures, the rest as links: LINE takes no other files from accounts."""
    images: list[dict[str, Any]] = []
    links: list[str] = []
    if message.attachments and config.file_url is None:
        raise _refused(
            "files go as links, and this desk has no public address; set DESK_PUBLIC_URL"
        )
    for file in message.attachments:
        url = config.file_url(file) if config.file_url else ""
        if _is_picture(file) and url.startswith("https://"):
            images.append({"type": "image", "originalContentUrl": url, "previewImageUrl": url})
        else:
            links.append(f"{file.filename}: {url}")
    return images, links


def _is_picture(file: Attachment) -> bool:
    kind = file.content_type.partition(";")[0].strip().lower()
    return kind in _IMAGES and len(file.data) <= _MAX_PREVIEW


def _refused(reason: str) -> ChannelError:
    return ChannelError(reason, retryable=False, code="invalid")
