"""Each kind of WhatsApp message as text that an agent can read, with what is behind it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from channels.contract import Media
from channels.graph.errors import words
from channels.values import Json, line, number, obj, objects, readable, text
from channels.whatsapp.numbers import e164

MEDIA: Final = ("image", "video", "audio", "voice", "document", "sticker")


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says."""

    text: str = ""
    media: tuple[Media, ...] = ()
    reaction: str | None = None
    in_reply_to: str = ""
    edits: str = ""
    deletes: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


def read(message: Json) -> Content:
    """The content of a message of any kind; one that we do not know is written out."""
    kind = text(message, "type")
    if kind in MEDIA:
        return _media(message, kind)
    reader = _READERS.get(kind)
    return reader(message) if reader else _unknown(message)


def _plain(message: Json) -> Content:
    return Content(text(message, "text", "body"))


def _media(message: Json, kind: str) -> Content:
    part = obj(message, kind)
    caption = text(part, "caption")
    ref = text(part, "id")
    if not ref:
        return Content(
            caption or f"[{kind} that WhatsApp does not hand over]", extra={"kind": kind}
        )
    media = Media(
        ref,
        content_type=line(part, "mime_type").partition(";")[0].strip().lower(),
        filename=line(part, "filename"),
        sha256=_hex(text(part, "sha256")),
    )
    voice = kind == "voice" or part.get("voice") is True
    return Content(caption, (media,), extra={"kind": kind, **({"voice": True} if voice else {})})


def _hex(digest: str) -> str:
    """A digest that the webhook writes in base64 and the API in hex, in hex."""
    if len(digest) == 64:  # noqa: PLR2004 - SHA-256 in hex
        return digest.lower()
    try:
        raw = base64.b64decode(digest, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return raw.hex() if len(raw) == 32 else ""  # noqa: PLR2004 - SHA-256 in bytes


def _reaction(message: Json) -> Content:
    emoji = text(message, "reaction", "emoji")
    words = f"Reacted with {emoji}" if emoji else "Took the reaction back"
    return Content(words, reaction=emoji, in_reply_to=text(message, "reaction", "message_id"))


def _location(message: Json) -> Content:
    place = obj(message, "location")
    latitude, longitude = number(place, "latitude"), number(place, "longitude")
    told = ", ".join(filter(None, (line(place, "name"), line(place, "address"))))
    lines = [f"Location: {told}" if told else "Location"]
    if latitude is not None and longitude is not None:
        lines.append(f"{latitude:.6f}, {longitude:.6f}")
        lines.append(
            f"https://www.openstreetmap.org/?mlat={latitude:.6f}&mlon={longitude:.6f}&zoom=17"
        )
    if url := line(place, "url"):
        lines.append(url)
    return Content(
        "\n".join(lines), extra={"location": {"latitude": latitude, "longitude": longitude}}
    )


def _contacts(message: Json) -> Content:
    cards = objects(message, "contacts")
    lines = ["Contact: " + ", ".join(filter(None, _card(card))) for card in cards] or [
        "Contact that WhatsApp does not show"
    ]
    return Content("\n".join(lines), extra={"contacts": [dict(card) for card in cards]})


def _card(card: Json) -> list[str]:
    name = line(card, "name", "formatted_name") or " ".join(
        filter(None, (line(card, "name", "first_name"), line(card, "name", "last_name")))
    )
    return [
        name,
        line(card, "org", "company"),
        *(line(phone, "phone") or e164(text(phone, "wa_id")) for phone in objects(card, "phones")),
        *(line(mail, "email") for mail in objects(card, "emails")),
        *(line(link, "url") for link in objects(card, "urls")),
    ]


def _button(message: Json) -> Content:
    """A quick reply of a template."""
    pressed = obj(message, "button")
    return Content(text(pressed, "text") or text(pressed, "payload"), extra={
        "payload": text(pressed, "payload")})  # fmt: skip


def _interactive(message: Json) -> Content:
    part = obj(message, "interactive")
    for kind in ("button_reply", "list_reply"):
        reply = obj(part, kind)
        if reply:
            more = text(reply, "description")
            said = text(reply, "title") + (f"\n{more}" if more else "")
            return Content(said or text(reply, "id"), extra={"payload": text(reply, "id")})
    if form := obj(part, "nfm_reply"):
        return _form(form)
    return Content(readable(part) or "Pressed something that WhatsApp does not name")


def _form(form: Json) -> Content:
    """What was filled in on a flow."""
    answers: object = form.get("response_json")
    if isinstance(answers, str):
        try:
            answers = json.loads(answers)
        except (ValueError, RecursionError):
            return Content(text(form, "response_json"), extra={"form": text(form, "name")})
    if isinstance(answers, Mapping):
        answers = {key: value for key, value in answers.items() if key != "flow_token"}
    written = readable(answers)
    return Content(
        "\n".join(filter(None, (line(form, "body"), written))) or "Sent a form",
        extra={"form": text(form, "name"), "answers": written},
    )


def _order(message: Json) -> Content:
    order = obj(message, "order")
    lines = ["Order"]
    for item in objects(order, "product_items"):
        price = " ".join(filter(None, (line(item, "item_price"), line(item, "currency"))))
        count = line(item, "quantity") or "1"
        lines.append(
            f"{count} × {line(item, 'product_retailer_id')}" + (f", {price}" if price else "")
        )
    if note := text(order, "text"):
        lines.append(note)
    return Content("\n".join(lines), extra={"catalog": text(order, "catalog_id")})


def _edit(message: Json) -> Content:
    """The earlier message's new content."""
    edit = obj(message, "edit")
    inner = obj(edit, "message") or edit
    return replace(
        read(inner) if text(inner, "type") not in {"", "edit"} else _plain(inner),
        edits=text(edit, "original_message_id"),
    )


def _revoke(message: Json) -> Content:
    return Content("Deleted a message", deletes=text(message, "revoke", "original_message_id"))


def _request_welcome(_message: Json) -> Content:
    return Content("Opened the conversation without writing yet")


def _unknown(message: Json) -> Content:
    """A kind that WhatsApp does not hand over, or that is newer than this adapter."""
    kind = line(message, "type") or "unknown"
    known = {"from", "from_user_id", "from_parent_user_id", "id", "timestamp", "type", "context",
             "errors", "group_id"}  # fmt: skip
    told = readable({key: value for key, value in message.items() if key not in known})
    reasons = [words(error) for error in objects(message, "errors")]
    first = (
        "The customer sent something that WhatsApp does not hand over."
        if kind in {"unsupported", "unknown"}
        else f"The customer sent a message of the kind “{kind}”."
    )
    return Content("\n".join(filter(None, (first, *reasons, told))), extra={"kind": kind})


_READERS: Final[Mapping[str, Callable[[Json], Content]]] = {
    "text": _plain,
    "reaction": _reaction,
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "edit": _edit,
    "revoke": _revoke,
    "request_welcome": _request_welcome,
}
