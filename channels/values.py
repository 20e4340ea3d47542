"""Reading JSON that strangers wrote: every access is checked, and only `load` raises."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from channels.contract import Unparsable

Json = Mapping[str, Any]

MAX_ID: Final = 300  # characters; an id that is longer or not plain text is replaced by its digest
_MAX_SECONDS: Final = 32_503_680_000  # the year 3000; above it a number must be milliseconds
_NESTING: Final = 4  # how deep `readable` looks
_MOST_WORDS: Final = 8000  # characters of what `readable` tells; the payload itself is kept


def load(body: bytes) -> Any:  # noqa: ANN401 - whatever was sent
    """The JSON of a body. Raises `Unparsable`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unparsable(f"the body is not JSON: {error}") from error


def dump(value: object) -> bytes:
    """JSON in one form: the same content is the same bytes. Raises RecursionError."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def digest(value: object) -> str:
    """A name for any JSON value; "" for one that is nested too deep to write."""
    try:
        return hashlib.sha256(dump(value)).hexdigest()
    except (RecursionError, ValueError):
        return ""


def at(value: object, *path: str) -> Any:  # noqa: ANN401 - whatever is there
    """What lies at the end of a path of keys; None when the path breaks off."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def obj(value: object, *path: str) -> Json:
    """The object at a path; an empty one when there is none."""
    found = at(value, *path)
    return found if isinstance(found, Mapping) else {}


def objects(value: object, *path: str) -> Sequence[Json]:
    """The objects of the list at a path; whatever else it holds is left out."""
    found = at(value, *path)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def text(value: object, *path: str) -> str:
    """The string at a path, numbers written out, without what no database keeps; else ""."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return storable(str(found))


def storable(found: str) -> str:
    """Without NUL and without halves of surrogate pairs."""
    if "\0" in found:
        found = found.replace("\0", "")
    return found.encode("utf-8", "replace").decode("utf-8")


def line(value: object, *path: str) -> str:
    """The same on one line, at most 500 characters."""
    return " ".join(text(value, *path).split())[:500]


def number(value: object, *path: str) -> float | None:
    """The number at a path, also when it is written as a string."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    try:
        result = float(found)
    except (ValueError, OverflowError):
        return None
    return result if abs(result) < float("inf") else None


def whole(value: object, *path: str) -> int | None:
    """The whole number at a path."""
    found = number(value, *path)
    return int(found) if found is not None and found.is_integer() else None


def moment(value: object, *path: str) -> datetime | None:
    """The time at a path: seconds or milliseconds since 1970. UTC."""
    found = number(value, *path)
    if found is None or found <= 0:
        return None
    if found > _MAX_SECONDS:
        found /= 1000
    return datetime.fromtimestamp(found, UTC) if found < _MAX_SECONDS else None


def name(value: str) -> str:
    """An id that can be stored and compared: itself, or its digest where it is unfit."""
    if 0 < len(value) <= MAX_ID and value.isprintable():
        return value
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def readable(value: object) -> str:
    """The words in a value that we do not know, one per line, for a person to look at."""
    found = _written_out(value, 0)
    return found if len(found) <= _MOST_WORDS else found[:_MOST_WORDS] + " …"


def _written_out(value: object, depth: int) -> str:
    if isinstance(value, Mapping):
        if depth >= _NESTING:
            return "…"
        lines = []
        for key, inner in list(value.items())[:40]:
            found = _written_out(inner, depth + 1)
            if found:
                joint = "\n" if "\n" in found else " "
                lines.append(f"{line({'k': str(key)}, 'k')}:{joint}{found}")
        return "\n".join(lines)
    if isinstance(value, list):
        if depth >= _NESTING:
            return "…"
        return "\n".join(filter(None, (_written_out(inner, depth + 1) for inner in value[:40])))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return text({"v": value}, "v")[:2000]
