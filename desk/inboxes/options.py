"""Options that the desk itself knows, beside those of an inbox's channel. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import time
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from channels import templates

COMMON: Final[dict[str, str]] = {
    "reopen_hours": "Hours after which a message no longer reopens a resolved ticket; 72.",
    "sends_per_second": "How many messages a second may be sent; empty for the channel's own rate.",
    "consent_texts": 'Answers to STOP, START and HELP: {"stop": {"en": "..."}, ...}.',
    "quiet_hours": 'When nobody is written to unasked: {"from": "21:00", "to": "08:00"}.',
    "timezone": "IANA zone of customers whose own is not known, e.g. Europe/Oslo.",
}
KEYWORDS: Final = frozenset({"stop", "start", "help"})
MAX_TEXT: Final = 1000


def problems(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the desk's own options, as (field, message)."""
    for name, check in _CHECKS.items():
        value = options.get(name)
        if value is None or value == "":
            continue
        said = check(value)
        if said:
            yield f"options.{name}", said


def _positive(value: object) -> str:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "is not a number"
    return "" if 0 < number <= 100_000 else "is a number above 0, at most 100000"  # noqa: PLR2004


def _texts(value: object) -> str:
    if not isinstance(value, Mapping) or set(value) - KEYWORDS:
        return "is an object with stop, start and help"
    for texts in value.values():
        if not isinstance(texts, Mapping) or not all(
            isinstance(text, str) and 0 < len(text) <= MAX_TEXT for text in texts.values()
        ):
            return f"each word has texts by language, of at most {MAX_TEXT} characters"
    return ""


def _quiet(value: object) -> str:
    if not isinstance(value, Mapping) or set(value) != {"from", "to"}:
        return "is an object with from and to"
    try:
        for side in ("from", "to"):
            time.fromisoformat(str(value[side]))
    except ValueError:
        return "has times such as 21:00"
    return ""


def _zone(value: object) -> str:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "is not an IANA time zone, such as Europe/Oslo"
    return ""


def _template(value: object) -> str:
    texts = value.values() if isinstance(value, Mapping) else (value,)
    return next((said for text in texts if (said := templates.check(str(text)))), "")


_CHECKS: Final[dict[str, Callable[[object], str]]] = {
    "signature": _template,
    "from_display": _template,
    "auto_reply": _template,
    "auto_reply_per_hour": _positive,
    "reopen_hours": _positive,
    "sends_per_second": _positive,
    "consent_texts": _texts,
    "quiet_hours": _quiet,
    "timezone": _zone,
}
