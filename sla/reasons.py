"""Why something was decided: a key with parameters for the interface, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Reason:
    """`key` and `params` are translated by the interface; `text` is the English sentence."""

    key: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)


def span(duration: timedelta) -> str:
    """A duration in a few characters, to the minute: "2 h 05 min", "3 d 4 h", "-8 min"."""
    sign = "-" if duration < timedelta(0) else ""
    minutes = abs(duration) // timedelta(minutes=1)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{sign}{days} d" + (f" {hours} h" if hours else "")
    if hours:
        return f"{sign}{hours} h" + (f" {minutes % 60:02} min" if minutes % 60 else "")
    return f"{sign}{minutes} min"
