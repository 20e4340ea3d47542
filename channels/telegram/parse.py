"""Telegram's updates: core.telegram.org/bots/api#update. An unknown kind is kept as it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from channels.contract import (
    Address,
    ChannelConfig,
    Inbound,
    InboundMessage,
    Notice,
    RawKey,
    RawPayload,
    Unparsable,
)
from channels.telegram import content
from channels.telegram.chats import Spot, person
from channels.values import Json, line, load, moment, obj, objects, readable, text, whole

IDENTITY: Final = "telegram"
GROUPS: Final = ("mention", "all", "none")
_MESSAGES: Final = ("message", "edited_message", "business_message", "edited_business_message")
_POSTS: Final = ("channel_post", "edited_channel_post")
_GONE: Final = frozenset({"kicked", "left"})


def _update(payload: RawPayload) -> tuple[Json, str]:
    """The update and its kind. Raises Unparsable."""
    update = load(payload.body)
    if not isinstance(update, dict) or whole(update, "update_id") is None:
        raise Unparsable("there is no update_id; is this a webhook of Telegram's Bot API?")
    kinds = [key for key in update if key != "update_id"]
    if not kinds:
        raise Unparsable("the update is empty")
    return update, kinds[0]


def key(payload: RawPayload) -> RawKey:
    """The update's number; one lane for each chat. Never raises."""
    try:
        update, kind = _update(payload)
    except Unparsable:
        return RawKey(f"sha256:{hashlib.sha256(payload.body).hexdigest()}", "")
    item = obj(update, kind)
    chat = whole(item, "chat", "id")
    for path in (("message", "chat", "id"), ("user", "id"), ("from", "id")):
        chat = whole(item, *path) if chat is None else chat
    lane = f"{IDENTITY}:{chat}" if chat is not None else ""
    return RawKey(f"update:{whole(update, 'update_id')}", lane)


def parse(payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
    """What an update says. Raises Unparsable."""
    update, kind = _update(payload)
    item = obj(update, kind)
    name = f"update:{whole(update, 'update_id')}"
    if kind in _MESSAGES:
        return _message(item, config, name)
    if kind == "callback_query":
        return _pressed(item)
    if kind == "message_reaction":
        return _reaction(item, name)
    if kind == "my_chat_member":
        return _member(item, name)
    if kind == "deleted_business_messages":
        return _deleted(item, name)
    if kind in _POSTS:
        where = person(obj(item, "chat"))
        words = content.body_of(item) or content.said(item)
        return [_notice(name, f"Post in the channel {where}: {words}", item)]
    return [_notice(name, f"Telegram: {kind}\n{readable(item)}", item)]


def bot_id(config: ChannelConfig) -> int | None:
    """The bot's own number: the first part of its token."""
    head = config.secrets.get("bot_token", "").partition(":")[0]
    return int(head) if head.isascii() and head.isdigit() and len(head) < 20 else None  # noqa: PLR2004 - 64 bits


def _notice(name: str, words: str, item: Json) -> Notice:
    return Notice(words[:4000], name, at=moment(item, "date"))


def _sender(item: Json) -> Address:
    """Whoever wrote: a user, or a group's or channel's own voice."""
    voice = obj(item, "sender_chat")
    user = voice if whole(voice, "id") is not None else obj(item, "from")
    number = whole(user, "id")
    if number is None:
        user = obj(item, "chat")
        number = whole(user, "id")
    # Telegram vouches for the number; nobody can write under somebody else's.
    return Address(IDENTITY, str(number), person(user), verified=True)


def _message(item: Json, config: ChannelConfig, name: str) -> Sequence[Inbound]:
    spot = Spot.of(item)
    if spot is None or whole(item, "message_id") is None:
        raise Unparsable("the message has no chat or no number")
    service = next((field for field in content.SERVICE if field in item), None)
    if service:
        return [_notice(name, f"{service.replace('_', ' ')}: {readable(item[service])}", item)]
    grouped = line(item, "chat", "type") in {"group", "supergroup"}
    if grouped and not _is_for_us(item, config):
        return []
    found = _read(item, spot, grouped=grouped)
    if spot.business:
        author = whole(item, "from", "id")
        if whole(item, "sender_business_bot", "id") is not None:
            return []  # what we sent ourselves on the account's behalf
        if author != spot.chat:  # the account's owner wrote from their own phone
            found = replace(found, own=True, to=(_address(obj(item, "chat")),))
    elif found.text == "/start":  # pressing the button that opens every chat with a bot
        words = f"{found.sender.name} opened the chat"
        return [Notice(words, name, at=found.sent_at, about=found.sender, keyword="start")]
    return [found]


def _address(chat: Json) -> Address:
    return Address(IDENTITY, str(whole(chat, "id")), person(chat), verified=True)


def _read(item: Json, spot: Spot, *, grouped: bool) -> InboundMessage:
    words = content.body_of(item) or content.said(item)
    number = whole(item, "message_id")
    edited = whole(item, "edit_date")
    this = spot.message(number)
    reply = whole(item, "reply_to_message", "message_id")
    extra: dict[str, object] = {}
    for field in ("media_group_id", "effect_id", "author_signature"):
        if text(item, field):
            extra[field] = line(item, field)
    for field in ("forward_origin", "quote", "external_reply", "reply_to_story"):
        if obj(item, field):
            extra[field] = readable(item[field])[:2000]
    if obj(item, "contact"):
        extra["contact"] = {k: line(item, "contact", k) for k in obj(item, "contact")}
    if line(item, "from", "username"):
        extra["username"] = line(item, "from", "username")
    if grouped:
        extra["group"] = person(obj(item, "chat"))
    command, _, rest = words.partition(" ")
    if command == "/start" and rest:
        extra["payload"] = rest[:200]
    return InboundMessage(
        channel=IDENTITY,
        sender=_sender(item),
        text=words,
        reply_text=words,
        external_id=f"{this}:edit:{edited}" if edited is not None else this,
        edits=this if edited is not None else "",
        sent_at=moment(item, "edit_date") or moment(item, "date"),
        in_reply_to=spot.message(reply) if reply is not None else None,
        media=content.media_of(item),
        conversation="" if spot.is_private else str(spot),
        keyword="stop" if words == "/stop" else None,
        locale=line(item, "from", "language_code")[:35] or None,
        extra=extra,
    )


def _is_for_us(item: Json, config: ChannelConfig) -> bool:
    """In a group: whether the bot is meant. The option `groups` may want all or nothing."""
    wanted = str(config.options.get("groups") or "mention")
    if wanted != "mention":
        return wanted == "all"
    us, name = bot_id(config), config.address.strip().lstrip("@").lower()
    if us is not None and whole(item, "reply_to_message", "from", "id") == us:
        return True
    for one in content.entities(item):
        spoken = str(one["said"]).lower()
        match one.get("type"):
            case "mention" if name and spoken == f"@{name}":
                return True
            case "text_mention" if us is not None and whole(one, "user", "id") == us:
                return True
            case "bot_command" if spoken.partition("@")[2] in {"", name}:
                return True
    return False


def _pressed(item: Json) -> Sequence[Inbound]:
    """A button under one of our messages."""
    if not text(item, "id") or whole(item, "from", "id") is None:
        raise Unparsable("the button press has no id or no sender")
    data = text(item, "data")
    shown = obj(item, "message")
    rows = shown.get("reply_markup", {}) if isinstance(shown.get("reply_markup"), dict) else {}
    keyboard = rows.get("inline_keyboard")
    title = ""
    for row in keyboard if isinstance(keyboard, list) else ():
        for button in row if isinstance(row, list) else ():
            if data and text(button, "callback_data") == data:
                title = line(button, "text")
    spot = Spot.of(shown)
    words = title or data or line(item, "game_short_name")
    return [
        InboundMessage(
            channel=IDENTITY,
            sender=_address(obj(item, "from")),
            text=words,
            reply_text=words,
            external_id=f"callback:{line(item, 'id')}",
            in_reply_to=spot.message(whole(shown, "message_id")) if spot else None,
            conversation="" if spot is None or spot.is_private else str(spot),
            locale=line(item, "from", "language_code")[:35] or None,
            extra={"payload": data[:200]},
        )
    ]


def _reaction(item: Json, name: str) -> Sequence[Inbound]:
    spot, number = Spot.of(item), whole(item, "message_id")
    user = obj(item, "user") or obj(item, "actor_chat")
    if spot is None or number is None or whole(user, "id") is None:
        raise Unparsable("the reaction names no message or nobody")
    now = [line(one, "emoji") or "⭐" for one in objects(item, "new_reaction")]
    return [
        InboundMessage(
            channel=IDENTITY,
            sender=_address(user),
            text="",
            external_id=name,
            reaction="".join(now)[:50],
            in_reply_to=spot.message(number),
            sent_at=moment(item, "date"),
            conversation="" if spot.is_private else str(spot),
        )
    ]


def _member(item: Json, name: str) -> Sequence[Inbound]:
    """The bot's own standing changed: blocked and let in again, or added to a group."""
    new = line(item, "new_chat_member", "status")
    out = new in _GONE
    if line(item, "chat", "type") == "private":
        who = _address(obj(item, "from"))
        words = f"{who.name} {'blocked the bot' if out else 'let the bot write again'}"
        return [Notice(words, name, at=moment(item, "date"), about=who,
                       keyword="stop" if out else "start")]  # fmt: skip
    where = person(obj(item, "chat"))
    words = f"The bot was {'removed from' if out else 'added to'} {where} ({new})"
    return [Notice(words, name, at=moment(item, "date"))]


def _deleted(item: Json, name: str) -> Sequence[Inbound]:
    spot = Spot.of({**item, "is_topic_message": False})
    numbers = item.get("message_ids")
    if spot is None or not isinstance(numbers, list):
        raise Unparsable("the deletion names no chat or no messages")
    return [
        InboundMessage(
            channel=IDENTITY,
            sender=_address(obj(item, "chat")),
            text="",
            external_id=f"{name}:{index}",
            deletes=spot.message(number),
            conversation=str(spot),
        )
        for index, number in enumerate(numbers[:100])
        if isinstance(number, int)
    ]
