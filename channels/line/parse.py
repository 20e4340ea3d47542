"""LINE's webhooks: developers.line.biz/en/reference/messaging-api/#webhook-event-objects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from channels.contract import (
    Address,
    ChannelConfig,
    Inbound,
    InboundMessage,
    Media,
    Notice,
    RawKey,
    RawPayload,
    Unparsable,
)
from channels.values import (
    Json,
    line,
    load,
    moment,
    name,
    number,
    obj,
    objects,
    readable,
    text,
    whole,
)

IDENTITY: Final = "line"
GROUPS: Final = ("mention", "all", "none")
CONTENT: Final = "content:"  # a file that LINE keeps, as opposed to a URL
# (content type, file name) of what LINE does not describe
_FILES: Final = {
    "image": ("image/jpeg", "image.jpg"),
    "video": ("video/mp4", "video.mp4"),
    "audio": ("audio/mp4", "audio.m4a"),
    "file": ("application/octet-stream", "file"),
}
# Not part of what happened: how and how often we were told.
_TRANSPORT: Final = frozenset({"deliveryContext", "replyToken"})


def _events(payload: RawPayload) -> list[Json]:
    """The events of a webhook. Raises Unparsable."""
    body = load(payload.body)
    found = body.get("events") if isinstance(body, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unparsable("there is no list of events; is this a webhook of LINE's?")
    return found


def is_empty(payload: RawPayload) -> bool:
    """Whether LINE only asks if somebody is there: a webhook without events."""
    try:
        return not _events(payload)
    except Unparsable:
        return False


def split(payload: RawPayload) -> Sequence[RawPayload]:
    """One payload for each event. Never raises."""
    try:
        body, events = load(payload.body), _events(payload)
        if len(events) <= 1:
            return (payload,)
        return tuple(
            replace(payload, body=json.dumps({**body, "events": [one]}).encode()) for one in events
        )
    except (Unparsable, RecursionError):
        return (payload,)


def key(payload: RawPayload) -> RawKey:
    """The event's id, also when LINE delivers it again; one lane for each chat. Never raises."""
    unknown = RawKey(f"sha256:{hashlib.sha256(payload.body).hexdigest()}", "")
    try:
        events = _events(payload)
        if len(events) != 1:
            return unknown
        event = events[0]
        told = {k: v for k, v in event.items() if k not in _TRANSPORT}
        content = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    except (Unparsable, RecursionError):
        return unknown
    chat = _group(event) or text(event, "source", "userId")
    called = text(event, "webhookEventId")
    lane = name(f"{IDENTITY}:{chat}") if chat else ""
    return RawKey(name(called) if called else f"sha256:{content}", lane, content)


def parse(payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
    """What the events say. Raises Unparsable."""
    found: list[Inbound] = []
    for event in _events(payload):
        found += _event(event, config)
    return found


def _group(event: Json) -> str:
    return text(event, "source", "groupId") or text(event, "source", "roomId")


def _sender(event: Json) -> Address:
    # In groups a member may be nameless: people with old apps, or without consent.
    user = text(event, "source", "userId")
    return Address(IDENTITY, name(user or _group(event) or "unknown"), verified=bool(user))


def _called(event: Json) -> str:
    return name(text(event, "webhookEventId") or hashlib.sha256(repr(event).encode()).hexdigest())


def _event(event: Json, config: ChannelConfig) -> Sequence[Inbound]:
    kind = line(event, "type")
    match kind:
        case "message":
            return _message(event, config)
        case "postback":
            return [_postback(event)]
        case "unsend":
            gone = text(event, "unsend", "messageId")
            return [replace(_plain(event, "", _called(event)), deletes=name(gone) if gone else "")]
        case "follow" | "unfollow":
            who = _sender(event)
            words = {"follow": "The customer added the account as a friend",
                     "unfollow": "The customer blocked the account"}[kind]  # fmt: skip
            return [
                Notice(
                    words,
                    _called(event),
                    at=moment(event, "timestamp"),
                    about=who,
                    keyword="start" if kind == "follow" else "stop",
                )
            ]
    told = {k: v for k, v in event.items()
            if k not in {"webhookEventId", "timestamp", "mode", *_TRANSPORT}}  # fmt: skip
    return [
        Notice(
            f"LINE: {readable(told)}"[:4000],
            _called(event),
            at=moment(event, "timestamp"),
            warning=kind in {"botSuspended", "deactivated"},
        )
    ]


def _plain(event: Json, words: str, external_id: str) -> InboundMessage:
    extra: dict[str, object] = {}
    if line(event, "mode") == "standby":  # another of the account's modules answers just now
        extra["standby"] = True
    return InboundMessage(
        channel=IDENTITY,
        sender=_sender(event),
        text=words,
        reply_text=words,
        external_id=external_id,
        sent_at=moment(event, "timestamp"),
        conversation=name(_group(event)) if _group(event) else "",
        extra=extra,
    )


def _postback(event: Json) -> InboundMessage:
    data = text(event, "postback", "data")
    chosen = obj(event, "postback", "params")
    words = readable(chosen) or data
    found = _plain(event, words, _called(event))
    return replace(found, extra={**found.extra, "payload": data[:2000], **chosen})


def _message(event: Json, config: ChannelConfig) -> Sequence[Inbound]:
    message = obj(event, "message")
    called = text(message, "id")
    if not called:
        raise Unparsable("the message has no id")
    if _group(event) and not _is_for_us(message, config):
        return []
    kind = line(message, "type")
    found = _plain(event, _words(message, kind), name(called))
    media = (_media(message, kind),) if kind in _FILES else ()
    quoted = text(message, "quotedMessageId")
    extra = {**found.extra, **_marks(message, kind)}
    return [replace(found, media=media, extra=extra, in_reply_to=name(quoted) if quoted else None)]


def _words(message: Json, kind: str) -> str:
    match kind:
        case "text":
            return text(message, "text").strip()
        case "image" | "video" | "audio" | "file":
            return ""
        case "location":
            return _place(message)
        case "sticker":
            return _sticker(message)
        case _:
            return readable(message)


def _marks(message: Json, kind: str) -> dict[str, object]:
    """What a message carries beside its words."""
    extra: dict[str, object] = {}
    if obj(message, "imageSet"):
        extra["image_set"] = line(message, "imageSet", "id")
    emojis = objects(message, "emojis")
    if emojis:
        extra["emojis"] = [f"{line(e, 'productId')}/{line(e, 'emojiId')}" for e in emojis[:50]]
    mentioned = [text(one, "userId") for one in objects(message, "mention", "mentionees")]
    if any(mentioned):
        extra["mentions"] = [one for one in mentioned if one][:20]
    if kind == "sticker":
        extra["sticker"] = f"{line(message, 'packageId')}/{line(message, 'stickerId')}"
    return extra


def _is_for_us(message: Json, config: ChannelConfig) -> bool:
    """In a group: whether the account is meant. The option `groups` may want all or nothing."""
    wanted = str(config.options.get("groups") or "mention")
    if wanted != "mention":
        return wanted == "all"
    mentioned = objects(message, "mention", "mentionees")
    return any(one.get("isSelf") is True or one.get("type") == "all" for one in mentioned)


def _media(message: Json, kind: str) -> Media:
    content_type, filename = _FILES[kind]
    url = text(message, "contentProvider", "originalContentUrl")
    return Media(
        ref=url[:2000] or CONTENT + text(message, "id")[:100],
        content_type=content_type,
        filename=line(message, "fileName")[:255] or filename,
        size=whole(message, "fileSize"),
    )


def _place(message: Json) -> str:
    latitude, longitude = number(message, "latitude"), number(message, "longitude")
    named = ", ".join(one for one in (line(message, "title"), line(message, "address")) if one)
    return f"{named} ({latitude}, {longitude})" if named else f"{latitude}, {longitude}"


def _sticker(message: Json) -> str:
    words = message.get("keywords")
    named = [w for w in words if isinstance(w, str)][:3] if isinstance(words, list) else []
    return line(message, "text") or (f"[sticker: {', '.join(named)}]" if named else "[sticker]")
