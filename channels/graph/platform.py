"""Messenger and Instagram as one: how their webhooks are taken apart and their items named.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from channels.contract import Address
from channels.graph.batches import Known
from channels.values import Json, at, digest, line, obj, objects, text

EVENT_LISTS: Final = ("messaging", "standby")
# A webhook of the dashboard's test button, and some of Instagram's, put an event into `changes`.
_EVENT_FIELDS: Final = ("message", "postback", "reaction", "read", "referral", "message_edit")


@dataclass(frozen=True, slots=True)
class Platform:
    """One of the two. `account` is the option that holds the id of our page or account."""

    kind: str
    title: str
    object: str
    account: str

    def address(self, who: str, name: str = "") -> Address:
        """A person, by the id that Meta gives them for our page or account."""
        return Address(self.kind, who, name, verified=True)

    def lane(self, who: str) -> str:
        """One lane a customer."""
        return f"{self.kind}:{who}" if who else ""


def explode(entry: object) -> Sequence[object]:
    """An entry as entries of one item each."""
    if not isinstance(entry, Mapping):
        return (entry,)
    rest = {key: value for key, value in entry.items()
            if key not in {*EVENT_LISTS, "changes"} or not isinstance(value, list)}  # fmt: skip
    parts: list[object] = []
    for key in (*EVENT_LISTS, "changes"):
        items = entry.get(key)
        for item in items if isinstance(items, list) else ():
            parts += [{**rest, key: [one]} for one in _one_by_one(item)]
    return parts or (entry,)


def _one_by_one(event: object) -> Sequence[object]:
    """A receipt for several messages as one receipt for each."""
    mids = at(event, "delivery", "mids")
    if not isinstance(event, Mapping) or not isinstance(mids, list) or len(mids) < 2:  # noqa: PLR2004 - several
        return (event,)
    return [{**event, "delivery": {**event["delivery"], "mids": [mid]}} for mid in mids]


def changes_of(entry: Json) -> Sequence[Json]:
    """The changes of an entry; Instagram's own login writes a single one into the entry itself."""
    found = objects(entry, "changes")
    if not found and "field" in entry and "value" in entry:
        return [{"field": entry["field"], "value": entry["value"]}]
    return found


def as_event(change: Json) -> Json:
    """The event that hides in a change; {} when it is a change of its own."""
    value = obj(change, "value")
    is_event = "sender" in value and any(field in value for field in _EVENT_FIELDS)
    return value if is_event else {}


def events_of(entry: Json) -> Sequence[tuple[Json, bool]]:
    """The events of an entry; True for those that another app is in charge of."""
    return [
        *((event, key == "standby") for key in EVENT_LISTS for event in objects(entry, key)),
        *((event, False) for event in map(as_event, changes_of(entry)) if event),
    ]


def is_echo(event: Json) -> bool:
    """Whether an event tells of a message from our side."""
    return at(event, "message", "is_echo") is True or at(event, "message", "is_self") is True


def customer_of(event: Json) -> str:
    """The id of the person at the other end; "" when Meta does not name one."""
    side = "recipient" if is_echo(event) else "sender"
    return text(event, side, "id")


def event_id(event: Json) -> str:
    """An id for an event that is the same each time it is sent."""
    mid = text(event, "message", "mid")
    if mid:
        return f"{mid}:deleted" if at(event, "message", "is_deleted") is True else mid
    if edit := obj(event, "message_edit"):
        return f"{text(edit, 'mid')}:edit:{text(edit, 'num_edit')}"
    if found := text(event, "postback", "mid"):
        return found
    who = customer_of(event)
    delivered = at(event, "delivery", "mids")
    if isinstance(delivered, list) and len(delivered) == 1 and isinstance(delivered[0], str):
        return f"{delivered[0]}:delivered"
    if found := text(event, "read", "mid"):
        return f"{found}:read"
    for what in ("read", "delivery"):
        if found := text(event, what, "watermark"):
            return f"{what}:{who}:{found}"
    content = {key: value for key, value in event.items() if key != "timestamp"}
    return f"event:{who}:{text(event, 'timestamp')}:{digest(content)[:32]}"


def comment_id(field: str, value: Json) -> str:
    """The id of a comment, or of what happened to it; "" when the change is none."""
    if field in {"comments", "live_comments"}:
        return text(value, "id")
    if field != "feed" or text(value, "item") != "comment":
        return ""
    found, verb = text(value, "comment_id"), text(value, "verb")
    if verb in {"", "add"} or not found:
        return found
    return f"{found}:{verb}:{text(value, 'created_time')}:{digest(value)[:16]}"


def thread_of(value: Json) -> str:
    """The comment that a conversation hangs on: the first of its branch."""
    own = text(value, "comment_id") or text(value, "id")
    parent = text(value, "parent_id")
    return parent if parent and parent != text(value, "post_id") else own


def know(platform: Platform) -> Any:  # noqa: ANN401 - a Callable[[Json], Known | None]
    """How the items of this platform are called."""

    def known(entry: Json) -> Known | None:
        events = events_of(entry)
        if events:
            event = events[0][0]
            return Known(event_id(event), platform.lane(customer_of(event)), event)
        for change in changes_of(entry):
            value = obj(change, "value")
            found = comment_id(text(change, "field"), value)
            if found:
                who = text(value, "from", "id")
                ours = who == text(entry, "id")
                thread = f"{platform.kind}:comment:{thread_of(value)}"
                return Known(found, thread if ours or not who else platform.lane(who), value)
        return None

    return known


def referral_of(value: Json) -> dict[str, object]:
    """Where somebody came from: an advertisement, a link, a shop."""
    found: dict[str, object] = {
        key: line(value, key)
        for key in ("ref", "source", "type", "ad_id", "referer_uri")
        if line(value, key)
    }
    if title := line(value, "ads_context_data", "ad_title"):
        found["headline"] = title
    if product := line(value, "product", "id"):
        found["product"] = product
    return found
