"""Validation messages of msgspec in words for people. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

_PATH = re.compile(r" - at `(?:key in )?\$?\.?(?P<path>[^`]*)`$")
_TYPES = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "array": "a list",
    "object": "an object",
    "uuid": "an id",
    "datetime": "an instant such as 2026-01-31T12:00:00Z",
    "date": "a date such as 2026-01-31",
}

_Wording = Callable[[re.Match[str]], tuple[str, str]]
_RULES: tuple[tuple[re.Pattern[str], _Wording], ...] = (
    (
        re.compile(r"Object missing required field `(.+)`"),
        lambda m: (m[1], "This is required."),
    ),
    (
        re.compile(r"Object contains unknown field `(.+)`"),
        lambda m: (m[1], "There is no such field."),
    ),
    (
        re.compile(r"Expected `(?:str|array|object)` of length <= (\d+)"),
        lambda m: ("", f"This is too long; at most {m[1]}."),
    ),
    (
        re.compile(r"Expected `(?:str|array|object)` of length >= (\d+)"),
        lambda m: ("", f"This is too short; at least {m[1]}."),
    ),
    (
        re.compile(r"Expected `(?:int|float)` >= (\S+)"),
        lambda m: ("", f"Give {m[1]} or more."),
    ),
    (
        re.compile(r"Expected `(?:int|float)` <= (\S+)"),
        lambda m: ("", f"Give {m[1]} or less."),
    ),
    (
        re.compile(r"Expected `([^`]+)`, got `([^`]+)`"),
        lambda m: ("", f"Expected {_words(m[1])}, not {_words(m[2])}."),
    ),
    (
        re.compile(r"Invalid enum value (.+)"),
        lambda m: ("", f"{m[1]} is not one of the choices."),
    ),
    (re.compile(r"'(?:data|body)'$"), lambda _: ("", "A body is required.")),
    (re.compile(r"Invalid UUID"), lambda _: ("", "This is not an id.")),
    (
        re.compile(r"Invalid RFC3339 encoded (datetime|date)"),
        lambda m: ("", f"Expected {_TYPES[m[1]]}."),
    ),
)


def reword(message: str, key: str = "") -> tuple[str, str]:
    """(field, sentence) for a message of msgspec; `key` is the field when it is known."""
    path = ""
    found = _PATH.search(message)
    if found:
        path = found["path"]
        message = message[: found.start()]
    field = key.removeprefix("data.") if key not in {"", "data"} else path
    if key and path and field != path and not field.endswith(path):
        field = f"{field}.{path}" if field else path
    for pattern, wording in _RULES:
        match = pattern.match(message)
        if match:
            inner, sentence = wording(match)
            return ".".join(part for part in (field, inner) if part) or "body", sentence
    text = message if message.endswith(".") else message + "."
    return field or "body", text[:300]


def _words(types: str) -> str:
    return " or ".join(_TYPES.get(one.strip(), one.strip()) for one in types.split("|"))
