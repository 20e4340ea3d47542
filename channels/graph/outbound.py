"""What Messenger and Instagram are asked to send; pure.

https://developers.facebook.com/docs/messenger-platform/reference/send-api
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from channels.contract import Attachment, Button, ChannelError, OutboundMessage
from channels.graph.comments import THREAD
from channels.graph.events import OUR_MARK

HUMAN_AGENT: Final = "HUMAN_AGENT"
PRIVATE_REPLY: Final = "PRIVATE_REPLY"
# https://developers.facebook.com/docs/messenger-platform/send-messages/message-tags
# https://developers.facebook.com/docs/messenger-platform/discovery/private-replies
TAG_WINDOW: Final = timedelta(days=7)
MAX_QUICK_REPLIES: Final = 13
_MAX_LINKS: Final = 3  # buttons of a template, which is the kind that can open a page
_MAX_TEMPLATE_TEXT: Final = 640
_MAX_TITLE: Final = 20
_MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform takes."""

    title: str
    max_text: int
    bytes_count: bool  # the limit is in bytes of UTF-8
    types: tuple[str, ...]  # of files; a family is written image/*
    reactions: bool


def refuse(reason: str, code: str = "refused") -> ChannelError:
    """What cannot be sent, and will not be by trying again."""
    return ChannelError(reason, retryable=False, code=code)


def is_public(message: OutboundMessage) -> bool:
    """Whether it goes below a post, for all to see."""
    return message.conversation.startswith(THREAD) and message.tag != PRIVATE_REPLY


def comment_of(message: OutboundMessage) -> str:
    """The comment that is answered."""
    return message.reply_to or message.conversation.removeprefix(THREAD)


def check(message: OutboundMessage, limits: Limits) -> None:
    """Raise `ChannelError` in words on what the platform would refuse."""
    size = len(message.text.encode()) if limits.bytes_count else len(message.text)
    if size > limits.max_text:
        unit = "bytes" if limits.bytes_count else "characters"
        raise refuse(f"{limits.title} takes at most {limits.max_text} {unit} of text; this has "
                     f"{size}", "too-long")  # fmt: skip
    if message.reaction:
        if not limits.reactions:
            raise refuse(f"{limits.title} takes no reactions from a business", "reaction")
        if not message.reply_to:
            raise refuse("a reaction needs the message that it is put on", "reaction")
        return
    if not message.text.strip() and not message.attachments:
        raise refuse("the message is empty", "empty")
    if len(message.attachments) > 1:
        raise refuse(f"{limits.title} takes one file a message: send each by itself", "attachments")
    if message.attachments and (is_public(message) or message.tag == PRIVATE_REPLY):
        raise refuse("an answer to a comment takes no files", "attachments")
    for file in message.attachments:
        _check_file(file, limits)
    if message.buttons:
        _check_buttons(message)


def _check_file(file: Attachment, limits: Limits) -> None:
    mime = file.content_type.partition(";")[0].strip().lower()
    families = {mime, f"{mime.partition('/')[0]}/*"}
    if limits.types and not families & set(limits.types):
        raise refuse(f"{limits.title} does not take files of the type {mime or 'unknown'}", "type")
    most = 8 * _MB if mime.startswith("image/") else 25 * _MB
    if len(file.data) > most:
        raise refuse(f"{limits.title} takes a file like this of at most {most // _MB} MB",
                     "too-large")  # fmt: skip


def _check_buttons(message: OutboundMessage) -> None:
    buttons = message.buttons
    if not message.text.strip():
        raise refuse("buttons need a text above them", "empty")
    if any(not 1 <= len(button.title.strip()) <= _MAX_TITLE for button in buttons):
        raise refuse(f"a choice's title has 1 to {_MAX_TITLE} characters", "buttons")
    if any(button.url for button in buttons):
        if len(buttons) > _MAX_LINKS:
            raise refuse(f"at most {_MAX_LINKS} buttons go together when one is a link", "buttons")
        if len(message.text) > _MAX_TEMPLATE_TEXT:
            raise refuse(f"the text above links has at most {_MAX_TEMPLATE_TEXT} characters",
                         "too-long")  # fmt: skip
    elif len(buttons) > MAX_QUICK_REPLIES:
        raise refuse(f"at most {MAX_QUICK_REPLIES} choices go together", "buttons")


def kind_of(file: Attachment) -> str:
    """The kind of attachment that a file is."""
    family = file.content_type.partition("/")[0].strip().lower()
    return family if family in {"image", "video", "audio"} else "file"


def ascii_name(filename: str) -> str:
    """A file's name as uploads want it."""
    stem, dot, ending = filename.rpartition(".")
    plain = unicodedata.normalize("NFKD", stem if dot else filename)
    kept = "".join(c for c in plain if c.isascii() and (c.isalnum() or c in " -_")).strip()
    ending = "".join(c for c in ending if c.isascii() and c.isalnum()) if dot else ""
    return f"{kept or 'file'}.{ending}" if ending else kept or "file"


def envelope(message: OutboundMessage) -> dict[str, Any]:
    """To whom and why."""
    if message.tag == PRIVATE_REPLY:
        recipient: Mapping[str, str] = {"comment_id": comment_of(message)}
    else:
        recipient = {"id": message.to.value}
    if message.tag not in {"", HUMAN_AGENT, PRIVATE_REPLY}:
        raise refuse(f"the tag {message.tag} is not taken any more: use {HUMAN_AGENT}", "tag")
    if message.tag == HUMAN_AGENT:
        return {"recipient": recipient, "messaging_type": "MESSAGE_TAG", "tag": HUMAN_AGENT}
    return {"recipient": recipient, "messaging_type": "RESPONSE"}


def text_request(message: OutboundMessage) -> dict[str, Any]:
    """The text of a message, with its choices."""
    content: dict[str, Any] = {"metadata": (OUR_MARK + message.key)[:1000]}
    links = [button for button in message.buttons if button.url]
    if links:
        template = {"template_type": "button", "text": message.text,
                    "buttons": [_button(button) for button in message.buttons]}  # fmt: skip
        content["attachment"] = {"type": "template", "payload": template}
    else:
        content["text"] = message.text
        if message.buttons:
            content["quick_replies"] = _quick_replies(message.buttons)
    return _whole(message, content)


def file_request(message: OutboundMessage, kind: str, attachment_id: str) -> dict[str, Any]:
    """The file of a message, by the id that it was uploaded under."""
    attachment = {"type": kind, "payload": {"attachment_id": attachment_id}}
    return _whole(message, {"attachment": attachment, "metadata": (OUR_MARK + message.key)[:1000]})


def reaction_request(message: OutboundMessage) -> dict[str, Any]:
    """A heart on a message of the customer's, the one reaction there is."""
    payload = {"message_id": message.reply_to, "reaction": "love"}
    recipient = {"id": message.to.value}
    return {"recipient": recipient, "sender_action": "react", "payload": payload}


def _whole(message: OutboundMessage, content: Mapping[str, Any]) -> dict[str, Any]:
    request = {**envelope(message), "message": dict(content)}
    if message.reply_to and message.tag != PRIVATE_REPLY:
        request["reply_to"] = {"mid": message.reply_to}
    return request


def _button(button: Button) -> dict[str, str]:
    if button.url:
        return {"type": "web_url", "title": button.title, "url": button.url}
    return {"type": "postback", "title": button.title, "payload": button.payload or button.title}


def _quick_replies(buttons: Sequence[Button]) -> list[dict[str, str]]:
    return [
        {"content_type": "text", "title": button.title, "payload": button.payload or button.title}
        for button in buttons
    ]
