"""What hangs on a Messenger or Instagram message: files to fetch, and things to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from channels.contract import Media
from channels.values import Json, line, number, obj, objects, readable, text

_FILES: Final = frozenset({"image", "video", "audio", "file", "animated_image", "sticker"})
_SHARED: Final = {
    "ig_reel": "Shared a reel",
    "reel": "Shared a reel",
    "ig_post": "Shared a post",
    "post": "Shared a post",
    "ig_story": "Shared a story",
    "story": "Shared a story",
    "story_mention": "Mentioned you in a story",
}
_MAX_LINES: Final = 40


@dataclass(slots=True)
class Attached:
    """What was found."""

    lines: list[str] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    extra: dict[str, object] = field(default_factory=dict)


def read(items: Sequence[Json], written: str) -> Attached:
    """All attachments of a message; `written` is its own text, whose links need no repeating."""
    found = Attached()
    for item in items:
        _one(item, written, found)
    del found.lines[_MAX_LINES:]
    return found


def _one(item: Json, written: str, found: Attached) -> None:
    kind, payload = text(item, "type"), obj(item, "payload")
    url = text(payload, "url") or text(item, "url")
    if kind in _FILES:
        _file(kind, url, payload, found)
    elif kind in _SHARED:
        title = line(payload, "title")
        found.lines.append(f"{_SHARED[kind]}: {title}" if title else _SHARED[kind])
        if url:
            found.media.append(Media(url))
        found.extra["shared"] = kind
    elif kind == "location":
        _location(item, payload, found)
    elif kind in {"fallback", "share", "link"}:
        title = line(item, "title") or line(payload, "title")
        if title and title not in written:
            found.lines.append(title)
        if url and url not in written:
            found.lines.append(url)
    elif kind == "template":
        _template(payload, found)
    else:
        name = line(item, "type") or "attachment"
        found.lines.append(f"[{name}]")
        if told := readable(payload or {k: v for k, v in item.items() if k != "type"}):
            found.lines.append(told)


def _file(kind: str, url: str, payload: Json, found: Attached) -> None:
    if not url:
        found.lines.append(f"[{kind} that Meta does not hand over]")
        return
    found.media.append(Media(url, filename=line(payload, "title") if kind == "file" else ""))
    if text(payload, "sticker_id"):
        found.extra["sticker"] = text(payload, "sticker_id")


def _location(item: Json, payload: Json, found: Attached) -> None:
    latitude = number(payload, "coordinates", "lat")
    longitude = number(payload, "coordinates", "long")
    title = line(item, "title")
    found.lines.append(f"Location: {title}" if title else "Location")
    if latitude is not None and longitude is not None:
        found.lines.append(f"{latitude:.6f}, {longitude:.6f}")
        found.extra["location"] = {"latitude": latitude, "longitude": longitude}


def _template(payload: Json, found: Attached) -> None:
    """A card with buttons, as our side may have sent it from elsewhere."""
    parts = [payload, *objects(payload, "elements"), *objects(payload, "generic", "elements")]
    for part in parts:
        for key in ("text", "title", "subtitle"):
            if told := line(part, key):
                found.lines.append(told)
        found.lines += [
            f"[{line(b, 'title')}]" for b in objects(part, "buttons") if line(b, "title")
        ]
    if not found.lines:
        found.lines.append(readable(payload) or "[card]")
