"""The YAML block at the top of a Markdown file, and what of it an article needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import yaml

_FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Matter:
    """A file taken apart: its values, its body, the body's first line, and what was wrong."""

    values: Mapping[str, Any]
    body: str
    line: int = 1
    problems: list[tuple[int, str]] = field(default_factory=list)


def split(text: str) -> Matter:
    """Never fails: a block that cannot be read is a problem, and the body is kept."""
    match = _FENCE.match(text)
    if match is None:
        return Matter({}, text.removeprefix("\ufeff"))
    body, line = text[match.end() :], text.count("\n", 0, match.end()) + 1
    try:
        values = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = 2 + (mark.line if mark else 0)
        what = getattr(error, "problem", None) or "not YAML"
        return Matter({}, body, line, [(at, f"the front matter cannot be read: {what}")])
    except ValueError as error:  # a date that does not exist
        return Matter({}, body, line, [(2, f"the front matter cannot be read: {error}")])
    if values is None:
        values = {}
    if not isinstance(values, dict):
        return Matter({}, body, line, [(2, "the front matter must be `name: value` lines")])
    return Matter({str(name).lower(): value for name, value in values.items()}, body, line)


def joined(values: Mapping[str, Any], body: str) -> str:
    """A file with front matter; the reverse of `split`. What is None is left out."""
    kept = {name: value for name, value in values.items() if value is not None}
    block = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{block}---\n{body}"


def text_of(values: Mapping[str, Any], *names: str) -> str:
    """The first of these that has a value, as text."""
    for name in names:
        value = values.get(name)
        if value not in (None, ""):
            return str(value).strip() if not isinstance(value, list | dict) else ""
    return ""


def list_of(values: Mapping[str, Any], *names: str) -> list[str]:
    """A YAML list, or words parted by commas."""
    for name in names:
        value = values.get(name)
        if isinstance(value, list):
            return [str(item).strip() for item in value if str(item).strip()]
        if isinstance(value, str) and value.strip():
            return [part.strip() for part in value.split(",") if part.strip()]
    return []


def time_of(values: Mapping[str, Any], *names: str) -> datetime | None:
    """An aware time; one without a zone is taken as UTC. ValueError for what is no time."""
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and value.strip():
            value = datetime.fromisoformat(value.strip())
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None
