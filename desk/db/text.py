"""Text from outside in a form that both databases store.

PostgreSQL knows no NUL, UTF-8 no half of a surrogate pair: both become the replacement character.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_STORABLE = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """The text without what cannot be stored."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", NOT_STORABLE).encode("utf-8", "replace").decode()


def storable_json(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same for every text inside a JSON value."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value
