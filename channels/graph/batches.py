"""One webhook call holds many entries, each with many items: taken apart so that none is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from channels.contract import RawKey, RawPayload, Unparsable
from channels.values import Json, at, digest, dump, load, name

Explode = Callable[[object], Sequence[object]]
"""An entry -> entries that hold one item each, all of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """An item, how it is called, and whose it is."""

    external_id: str
    lane: str
    item: object


def hooks(body: object) -> list[object]:
    """The notifications in a body: one, or a list of them."""
    return body if isinstance(body, list) else [body]


def entries(body: object) -> Iterator[tuple[Json, Json]]:
    """Each well-formed entry with the notification that it came in."""
    for hook in hooks(body):
        found = at(hook, "entry")
        for entry in found if isinstance(found, list) else ():
            if isinstance(hook, dict) and isinstance(entry, dict):
                yield hook, entry


def split(payload: RawPayload, explode: Explode) -> Sequence[RawPayload]:
    """One payload for each item, each still a whole notification. Never raises."""
    try:
        body = load(payload.body)
        parts: list[bytes] = []
        for hook in hooks(body):
            found = at(hook, "entry")
            if not isinstance(hook, dict) or not isinstance(found, list) or not found:
                parts.append(dump(hook))
                continue
            for entry in found:
                parts += [dump({**hook, "entry": [piece]}) for piece in explode(entry)]
    except (Unparsable, RecursionError, ValueError):
        return (payload,)
    if len(parts) <= 1:
        return (payload,)  # as it came, byte for byte
    return tuple(replace(payload, body=part) for part in parts)


def key(payload: RawPayload, explode: Explode, know: Callable[[Json], Known | None]) -> RawKey:
    """Name a payload of one item; anything else is named by its content. Never raises.

    The fingerprint is that of the item alone: the same item in another batch, at another time, in
    other company or by another profile name is the same.
    """
    unknown = RawKey("body:" + hashlib.sha256(payload.body).hexdigest(), lane="")
    try:
        body = load(payload.body)
        found = [piece for _, entry in entries(body) for piece in explode(entry)]
        if len(found) != 1 or not isinstance(found[0], dict):
            return unknown
        known = know(found[0])
    except (Unparsable, RecursionError, ValueError):
        return unknown
    if known is None:
        content = digest({key: value for key, value in found[0].items() if key != "time"})
        return RawKey("event:" + content if content else unknown.external_id, lane="")
    lane = name(known.lane) if known.lane else ""
    return RawKey(name(known.external_id), lane, digest(known.item))
