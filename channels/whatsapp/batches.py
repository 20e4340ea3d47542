"""A WhatsApp webhook taken apart: entries, changes, and in each messages, statuses and echoes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from channels.graph.batches import Known
from channels.values import Json, digest, obj, objects, text
from channels.whatsapp.numbers import address

ITEMS: Final = ("messages", "statuses", "message_echoes", "user_preferences", "calls")
_PERSONS: Final = (
    "from", "from_user_id", "recipient_id", "recipient_user_id", "to", "to_user_id", "wa_id",
    "user_id",
)  # fmt: skip


def explode(entry: object) -> Sequence[object]:
    """An entry as entries of one item each."""
    changes = entry.get("changes") if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(changes, list) or not changes:
        return (entry,)
    return [{**entry, "changes": [one]} for change in changes for one in _one_by_one(change)]


def _one_by_one(change: object) -> Sequence[object]:
    value = change.get("value") if isinstance(change, Mapping) else None
    if not isinstance(change, Mapping) or not isinstance(value, Mapping):
        return (change,)
    lists = {key: value[key] for key in ITEMS if isinstance(value.get(key), list)}
    found = [(key, item) for key, items in lists.items() for item in items]
    errors = value.get("errors")
    apart = bool(errors and found)  # trouble of the account's own, beside the items
    if len(found) + apart <= 1:
        return (change,)
    rest = {key: inner for key, inner in value.items() if key not in lists}
    if apart:
        del rest["errors"]
    people = _people(rest)
    parts = [
        {**change, "value": {**rest, **_contacts(people, item), key: [item]}} for key, item in found
    ]
    if apart:
        parts.append({**change, "value": {**rest, "errors": errors}})
    return parts


def _people(rest: Json) -> Mapping[str, Json]:
    """The contacts of a change, by each of their ids."""
    return {
        found: contact
        for contact in objects(rest, "contacts")
        for found in (text(contact, "wa_id"), text(contact, "user_id"))
        if found
    }


def _contacts(people: Mapping[str, Json], item: object) -> Json:
    """The contacts that an item is about; all of them when none of them can be told apart."""
    ids = [text(item, key) for key in _PERSONS]
    found = {id(people[one]): people[one] for one in ids if one in people}
    return {"contacts": list(found.values())} if found else {}


def know(entry: Json) -> Known | None:
    """The id and the person of an entry's one item; None when it has neither."""
    changes = objects(entry, "changes")
    value = obj(changes[0], "value") if len(changes) == 1 else {}
    for key in ITEMS:
        for item in objects(value, key):
            return _know_item(key, item)
    return None


def _know_item(key: str, item: Json) -> Known | None:
    if key == "user_preferences":
        return Known(preference_id(item), lane_of(item, "wa_id"), item)
    external_id = text(item, "id")
    if not external_id:
        return None
    if key == "statuses":
        state = text(item, "status")
        return Known(f"{external_id}:{state}", lane_of(item, "recipient_id"), item)
    if key == "calls":
        return Known(call_id(item), lane_of(item, caller_of(item)), item)
    return Known(external_id, lane_of(item, "to" if key == "message_echoes" else "from"), item)


def preference_id(item: Json) -> str:
    """A name for a customer's choice about marketing messages."""
    return f"preference:{digest(item)}"


def call_id(item: Json) -> str:
    """A name for one step of a call."""
    step = text(item, "event") or text(item, "status")
    return f"{text(item, 'id')}:{step}"


def caller_of(item: Json) -> str:
    """Which key of a call holds the customer."""
    return "to" if text(item, "direction") == "BUSINESS_INITIATED" else "from"


def lane_of(item: Json, person: str) -> str:
    """One lane for each customer, whichever way the message goes."""
    scoped = {"recipient_id": "recipient_user_id", "wa_id": "user_id"}.get(
        person, f"{person}_user_id"
    )
    who = address(text(item, person), text(item, scoped))
    return f"{who.kind}:{who.value}" if who else ""
