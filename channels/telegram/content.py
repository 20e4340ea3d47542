"""What is in a Telegram message: its text with the hidden links, and its files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from channels.contract import Media
from channels.telegram.chats import person
from channels.values import Json, line, number, obj, objects, readable, text, whole

# What Telegram says about a chat itself; nobody wrote it.
SERVICE: Final = (
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo",
    "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
    "message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id",
    "pinned_message", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
    "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
    "video_chat_scheduled", "video_chat_started", "video_chat_ended",
    "video_chat_participants_invited", "write_access_allowed", "boost_added",
    "chat_background_set", "proximity_alert_triggered", "chat_owner_left", "chat_owner_changed",
    "giveaway_created", "giveaway_completed",
)  # fmt: skip
# (field, content type when Telegram states none, name when it has none)
_FILES: Final = (
    ("animation", "video/mp4", "animation.mp4"),
    ("document", "application/octet-stream", "document"),
    ("audio", "audio/mpeg", "audio.mp3"),
    ("video", "video/mp4", "video.mp4"),
    ("video_note", "video/mp4", "video-note.mp4"),
    ("voice", "audio/ogg", "voice.ogg"),
)
_ENVELOPE: Final = frozenset({
    "message_id", "from", "chat", "date", "edit_date", "sender_chat", "message_thread_id",
    "is_topic_message", "entities", "caption_entities", "reply_to_message", "via_bot",
    "business_connection_id", "media_group_id", "has_protected_content", "link_preview_options",
    "author_signature", "reply_markup", "is_from_offline", "sender_business_bot",
})  # fmt: skip


def units(value: str, offset: int, length: int) -> str:
    """A part of a text, counted in UTF-16 code units as Telegram's entities are."""
    data = value.encode("utf-16-le")
    return data[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def entities(message: Json) -> list[Json]:
    """The marked parts of the text or caption, with what each one says under "said"."""
    body = text(message, "text") or text(message, "caption")
    found = objects(message, "entities") or objects(message, "caption_entities")
    marked: list[Json] = []
    for one in found[:200]:
        offset, length = whole(one, "offset"), whole(one, "length")
        if offset is None or length is None or not 0 <= offset <= offset + length <= 2 * len(body):
            continue
        marked.append({**one, "said": units(body, offset, length), "end": offset + length})
    return marked


def body_of(message: Json) -> str:
    """The text in full. A link behind words is written out after them."""
    body = text(message, "text") or text(message, "caption")
    data = body.encode("utf-16-le")
    for one in sorted(entities(message), key=lambda e: -int(e["end"])):
        url = text(one, "url")
        if one.get("type") == "text_link" and url and url != one["said"]:
            cut = 2 * int(one["end"])
            data = data[:cut] + f" ({url})".encode("utf-16-le", "replace") + data[cut:]
    return data.decode("utf-16-le", "replace").strip()


def media_of(message: Json) -> tuple[Media, ...]:
    """The files of a message; of a photo the largest size."""
    sizes = [one for one in objects(message, "photo") if text(one, "file_id")]
    if sizes:
        best = max(sizes, key=lambda one: (whole(one, "width") or 0) * (whole(one, "height") or 0))
        return (_media(best, "image/jpeg", "photo.jpg"),)
    sticker = obj(message, "sticker")
    if text(sticker, "file_id"):
        if sticker.get("is_animated"):
            return (_media(sticker, "application/x-tgsticker", "sticker.tgs"),)
        if sticker.get("is_video"):
            return (_media(sticker, "video/webm", "sticker.webm"),)
        return (_media(sticker, "image/webp", "sticker.webp"),)
    for field, kind, name in _FILES:  # an animation also comes as a document: the first one counts
        file = obj(message, field)
        if text(file, "file_id"):
            return (_media(file, kind, name),)
    return ()


def _media(file: Json, kind: str, name: str) -> Media:
    return Media(
        ref=text(file, "file_id")[:300],
        content_type=line(file, "mime_type")[:100] or kind,
        filename=line(file, "file_name")[:255] or name,
        size=whole(file, "file_size"),
    )


def place(location: Json, *names: str) -> str:
    """A point on the map as text."""
    latitude, longitude = number(location, "latitude"), number(location, "longitude")
    if latitude is None or longitude is None:
        return ""
    named = ", ".join(one for one in names if one)
    return f"{named} ({latitude}, {longitude})" if named else f"{latitude}, {longitude}"


def _venue(found: Json) -> str:
    return place(obj(found, "location"), line(found, "title"), line(found, "address"))


def _contact(found: Json) -> str:
    return f"{person(found)} {line(found, 'phone_number')}".strip()


def _poll(found: Json) -> str:
    options = [f"- {line(one, 'text')}" for one in objects(found, "options")]
    return "\n".join([line(found, "question"), *options])


def _dice(found: Json) -> str:
    return f"{line(found, 'emoji')} {line(found, 'value')}".strip()


def _checklist(found: Json) -> str:
    tasks = [f"- {line(one, 'text')}" for one in objects(found, "tasks")]
    return "\n".join([line(found, "title"), *tasks])


_SAID: Final[dict[str, Callable[[Json], str]]] = {
    "venue": _venue,  # before location, which a venue has as well
    "location": place,
    "contact": _contact,
    "poll": _poll,
    "dice": _dice,
    "checklist": _checklist,
}


def said(message: Json) -> str:
    """Text for a message that has none of its own: a place, a contact, a kind not known yet."""
    for field, words in _SAID.items():
        found = obj(message, field)
        if found:
            return words(found)
    if obj(message, "sticker"):
        return line(message, "sticker", "emoji")
    if media_of(message):
        return ""
    return readable({k: v for k, v in message.items() if k not in _ENVELOPE})
