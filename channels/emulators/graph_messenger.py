"""Messenger's and Instagram's side of the Graph stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from channels.contract import Attachment
from channels.emulators.graph_errors import Refused, invalid, missing

_KEYS: Final = frozenset({
    "recipient", "message", "messaging_type", "tag", "sender_action", "payload", "reply_to",
})  # fmt: skip
_TYPES: Final = frozenset({"RESPONSE", "UPDATE", "MESSAGE_TAG"})
MAX_TEXT: Final = {"messenger": 2000, "instagram": 1000}
INSTAGRAM_FIELDS: Final = (
    "messages", "messaging_postbacks", "messaging_seen", "message_reactions", "messaging_referral",
    "standby", "comments", "live_comments", "mentions", "story_insights",
)  # fmt: skip
FIELDS: Final = (
    "messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_reactions",
    "message_echoes", "messaging_referrals", "messaging_optins", "messaging_handovers", "standby",
    "feed", "mention", "message_edits",
)  # fmt: skip


def check_message(body: object, files: Mapping[str, Attachment], channel: str) -> tuple[str, str]:
    """Recipient and kind of a request for `/messages`. Raises `Refused` as Graph would."""
    if not isinstance(body, dict):
        raise invalid("body", "must be a JSON object")
    strange = body.keys() - _KEYS
    if strange:
        raise invalid(min(strange), "is not expected")
    recipient = body.get("recipient")
    if not isinstance(recipient, dict) or len(recipient) != 1:
        raise missing("recipient")
    to = next(iter(recipient.values()))
    if body.get("sender_action"):
        return str(to), "reaction"
    if body.get("messaging_type") not in _TYPES:
        raise invalid("messaging_type", f"must be one of {sorted(_TYPES)}")
    if (body["messaging_type"] == "MESSAGE_TAG") != bool(body.get("tag")):
        raise invalid("tag", "goes with MESSAGE_TAG, and only with it")
    return str(to), _check_content(body.get("message"), files, channel)


def _check_content(message: object, files: Mapping[str, Attachment], channel: str) -> str:
    if not isinstance(message, dict):
        raise missing("message")
    if attachment := message.get("attachment"):
        if "text" in message:
            raise invalid("message", "has either a text or an attachment")
        return _check_attachment(attachment, files)
    text = message.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= MAX_TEXT[channel]:
        raise invalid("message[text]", f"must be 1 to {MAX_TEXT[channel]} characters long")
    for reply in message.get("quick_replies", ()):
        if len(reply["title"]) > 20 or not reply["payload"]:  # noqa: PLR2004 - Meta's limit
            raise invalid("quick_replies", "have titles of 20 characters and a payload")
    return "text"


def _check_attachment(attachment: Mapping[str, Any], files: Mapping[str, Attachment]) -> str:
    kind, payload = attachment.get("type"), attachment.get("payload") or {}
    if kind == "template":
        if payload.get("template_type") != "button" or not 1 <= len(payload["buttons"]) <= 3:  # noqa: PLR2004 - Meta's limit
            raise invalid("payload", "has one to three buttons")
        return "template"
    if kind not in {"image", "video", "audio", "file"}:
        raise invalid("attachment[type]", "is not expected")
    if payload.get("attachment_id") not in files:
        raise Refused(100, "Attachment not found", sub=2018047)
    return str(kind)


def text_of(message: Mapping[str, Any]) -> str:
    """What the customer reads of a message."""
    payload = (message.get("attachment") or {}).get("payload") or {}
    return str(message.get("text") or payload.get("text") or "")


def hook(channel: str, account: str, event: Mapping[str, Any], at: int, *,
         key: str = "messaging") -> dict[str, Any]:  # fmt: skip
    """A webhook body with one event. `at` in milliseconds."""
    name = "page" if channel == "messenger" else "instagram"
    return {"object": name, "entry": [{"id": account, "time": at, key: [dict(event)]}]}
