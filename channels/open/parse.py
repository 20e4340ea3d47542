"""What a partner sends, version 1: a batch of messages and statuses. See docs/channels/open.md."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from channels.contract import (
    Address,
    Attachment,
    Inbound,
    InboundMessage,
    Keyword,
    Media,
    MessageState,
    RawKey,
    RawPayload,
    StatusUpdate,
    Unparsable,
)
from channels.values import Json, line, load, name, obj, objects, text, whole

IDENTITY: Final = "open"
VERSION: Final = 1
MAX_ITEMS: Final = 1000
MAX_INLINE: Final = 5 * 1024 * 1024  # bytes of a file inside the JSON
MAX_FILES: Final = 20
_STATES: Final[dict[str, MessageState]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
}
_KEYWORDS: Final[dict[str, Keyword]] = {"stop": "stop", "start": "start", "help": "help"}
_MESSAGE: Final = frozenset({
    "type", "id", "sender", "text", "sent_at", "conversation", "subject", "locale", "reply_to",
    "attachments", "payload", "keyword", "reaction", "edits", "deletes", "metadata",
})  # fmt: skip
_STATUS: Final = frozenset(
    {"type", "id", "key", "state", "at", "reason", "code", "permanent", "to"}
)


def _items(payload: RawPayload) -> tuple[Json, list[Json]]:
    """The batch and its items. Raises Unparsable."""
    body = load(payload.body)
    if not isinstance(body, dict):
        raise Unparsable("the body is not a JSON object")
    if whole(body, "version") != VERSION:
        raise Unparsable(f'"version" must be {VERSION}')
    found = body.get("items")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unparsable('"items" must be a list of objects')
    if len(found) > MAX_ITEMS:
        raise Unparsable(f'"items" may hold {MAX_ITEMS}; send the rest in another call')
    return body, found


def split(payload: RawPayload) -> Sequence[RawPayload]:
    """One payload for each item. Never raises."""
    try:
        body, items = _items(payload)
        if len(items) <= 1:
            return (payload,)
        return tuple(
            replace(payload, body=json.dumps({**body, "items": [one]}).encode()) for one in items
        )
    except (Unparsable, RecursionError):
        return (payload,)


def key(payload: RawPayload) -> RawKey:
    """The item's id, with the state of a status; one lane for each customer. Never raises."""
    unknown = RawKey(f"sha256:{hashlib.sha256(payload.body).hexdigest()}", "")
    try:
        _, items = _items(payload)
        if len(items) != 1:
            return unknown
        item = items[0]
        content = hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
    except (Unparsable, RecursionError):
        return unknown
    called = text(item, "id") or text(item, "key")
    if not called:
        return RawKey(unknown.external_id, "", content)
    if line(item, "type") == "status":
        lane = text(item, "to")
        return RawKey(name(f"status:{called}:{line(item, 'state')}"), _lane(lane), content)
    return RawKey(name(f"message:{called}"), _lane(text(item, "sender", "id")), content)


def _lane(customer: str) -> str:
    return name(f"{IDENTITY}:{customer}") if customer else ""


def parse(payload: RawPayload) -> Sequence[Inbound]:
    """Read every item; one that is wrong refuses the payload, in words. Raises Unparsable."""
    _, items = _items(payload)
    found: list[Inbound] = []
    for index, item in enumerate(items):
        where = f"items[{index}]"
        match line(item, "type"):
            case "message":
                found.append(_message(item, where))
            case "status":
                found.append(_status(item, where))
            case other:
                raise Unparsable(f'{where}.type is {other!r}; it must be "message" or "status"')
    return found


def _known(item: Json, names: frozenset[str], where: str) -> None:
    # A misspelt field would be lost without a word.
    unknown = sorted(str(one)[:50] for one in set(item) - names)
    if unknown:
        raise Unparsable(f"{where} has fields that version {VERSION} does not know: "
                         f"{', '.join(unknown[:5])}; put them into metadata")  # fmt: skip


def _time(item: Json, field: str, where: str) -> datetime | None:
    value = item.get(field)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unparsable(f"{where}.{field} is not a time like 2026-01-31T09:30:00Z") from None
    if found.tzinfo is None:
        raise Unparsable(f"{where}.{field} has no time zone; add Z or an offset")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise Unparsable(f"{where}.{field} lies outside all calendars") from None


def _message(item: Json, where: str) -> InboundMessage:
    _known(item, _MESSAGE, where)
    called, customer = text(item, "id"), text(item, "sender", "id")
    if not called or not customer:
        raise Unparsable(f"{where} needs an id and a sender.id")
    attachments, media = _files(item, where)
    words = text(item, "text").strip()
    extra: dict[str, object] = {}
    if obj(item, "metadata"):
        extra["metadata"] = obj(item, "metadata")
    if text(item, "payload"):
        extra["payload"] = text(item, "payload")[:2000]
    edits, deletes = text(item, "edits"), text(item, "deletes")
    answered = text(item, "reply_to")
    if not (words or attachments or media or deletes or "reaction" in item):
        raise Unparsable(f"{where} has neither text nor attachments")
    return InboundMessage(
        channel=IDENTITY,
        sender=Address(IDENTITY, name(customer), line(item, "sender", "name")[:200], verified=True),
        # The partner says so; nobody has proved it.
        aliases=tuple(
            Address(kind, value)
            for kind in ("email", "phone")
            if (value := line(item, "sender", kind)[:320])
        ),
        text=words,
        reply_text=words,
        external_id=name(called),
        sent_at=_time(item, "sent_at", where),
        subject=line(item, "subject")[:500],
        conversation=name(text(item, "conversation")) if text(item, "conversation") else "",
        locale=line(item, "locale")[:35] or None,
        in_reply_to=name(answered) if answered else None,
        attachments=attachments,
        media=media,
        keyword=_KEYWORDS.get(line(item, "keyword")),
        reaction=text(item, "reaction")[:50] if "reaction" in item else None,
        edits=name(edits) if edits else "",
        deletes=name(deletes) if deletes else "",
        extra=extra,
    )


def _files(item: Json, where: str) -> tuple[tuple[Attachment, ...], tuple[Media, ...]]:
    attachments: list[Attachment] = []
    media: list[Media] = []
    found = objects(item, "attachments")
    if len(found) > MAX_FILES:
        raise Unparsable(f"{where}.attachments may hold {MAX_FILES} files")
    for index, one in enumerate(found):
        here = f"{where}.attachments[{index}]"
        kind = line(one, "content_type")[:100] or "application/octet-stream"
        filename = line(one, "filename")[:255] or "file"
        if text(one, "url"):
            media.append(Media(text(one, "url")[:2000], kind, filename, whole(one, "size")))
            continue
        try:
            data = base64.b64decode(text(one, "data"), validate=True)
        except (binascii.Error, ValueError):
            raise Unparsable(f"{here}.data is not base64") from None
        if not data:
            raise Unparsable(f"{here} has neither a url nor data")
        if len(data) > MAX_INLINE:
            raise Unparsable(f"{here}.data is larger than {MAX_INLINE} bytes; send a url")
        attachments.append(Attachment(filename, kind, data))
    return tuple(attachments), tuple(media)


def _status(item: Json, where: str) -> StatusUpdate:
    _known(item, _STATUS, where)
    called, ours = text(item, "id"), text(item, "key")
    state = _STATES.get(line(item, "state"))
    if not called and not ours:
        raise Unparsable(f"{where} needs the id of the message, or its key")
    if state is None:
        raise Unparsable(f"{where}.state must be one of {', '.join(_STATES)}")
    return StatusUpdate(
        external_id=name(called) if called else "",
        state=state,
        at=_time(item, "at", where),
        reason=line(item, "reason"),
        permanent=item.get("permanent") is True,
        code=line(item, "code")[:50],
        key=ours[:200],
        recipient=name(text(item, "to")) if text(item, "to") else "",
    )
