"""An article in paragraphs, and which of a translation's are stale. Pure.

A *unit* is the title, the summary or a block of the Markdown. A translation carries a stamp for
each of its units: the hash of the source unit that it was made from ("" for one without a source).
A stamp that no present source unit has is stale.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from knowledge_base import diff

State = Literal["current", "stale", "missing", "extra"]

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
HEAD: Final = 2  # units before the body: the title and the summary


@dataclass(frozen=True, slots=True)
class Row:
    """A source unit beside its translation, as the editor shows them."""

    state: State
    source_index: int | None
    source: str
    target_index: int | None
    target: str
    changes: tuple[diff.Piece, ...] = ()  # stale: what changed in the source since


def blocks(markdown: str) -> list[str]:
    """The blocks of a text: what blank lines divide, fenced code kept whole."""
    found: list[list[str]] = [[]]
    fence = ""
    for line in markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark.group(1).startswith(fence) and line.strip() == mark.group(1):
                fence = ""
        elif mark:
            fence = mark.group(1)
        if line.strip() or fence:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return ["\n".join(block).rstrip() for block in found if block]


def units(title: str, summary: str, markdown: str) -> list[str]:
    """Title, summary and blocks."""
    return [title, summary, *blocks(markdown)]


def digest(unit: str) -> str:
    """A unit's hash; white space does not count. "" for an empty unit."""
    flat = " ".join(unit.split())
    return hashlib.sha256(flat.encode("utf-8", "surrogatepass")).hexdigest()[:16] if flat else ""


def digests(texts: Sequence[str]) -> list[str]:
    """The hashes of units."""
    return [digest(text) for text in texts]


def restamp(
    before: Sequence[str], stamps: Sequence[str], after: Sequence[str], source: Sequence[str]
) -> list[str]:
    """The stamps of a translation that was edited from `before` to `after`.

    What was not touched keeps its stamp, stale or not; what was rewritten is taken for a
    translation of the source as it stands.
    """
    now = digests(source)
    old, new = digests(before), digests(after)
    kept: list[str | None] = [None] * len(new)
    for tag, i1, i2, j1, _ in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            for offset in range(i2 - i1):
                kept[j1 + offset] = stamps[i1 + offset] if i1 + offset < len(stamps) else ""
    result: list[str] = []
    for index, stamp in enumerate(kept):
        if stamp is not None:
            result.append(stamp)
            continue
        place = index if index < HEAD or len(new) == len(now) else _after(kept, now, index)
        result.append(now[place] if place < len(now) and new[index] else "")
    return result


def _after(kept: Sequence[str | None], now: Sequence[str], index: int) -> int:
    """The source unit that follows the one of the nearest untouched unit before."""
    for distance in range(1, index - HEAD + 1):
        stamp = kept[index - distance]
        if stamp and stamp in now:
            return now.index(stamp) + distance
    return index


def compare(
    source: Sequence[str],
    target: Sequence[str],
    stamps: Sequence[str],
    past: Sequence[Sequence[str]] = (),
) -> list[Row]:
    """Source and translation side by side, in the source's order; what has no source comes last.

    `past` are the units of earlier versions of the source, the newest first: from them comes what
    changed.
    """
    now = digests(source)
    texts = {digest(text): text for version in reversed(past) for text in version}
    places = _places(target, stamps, now, past)
    rows: list[Row] = []
    taken = set(places.values())
    by_place = {place: index for index, place in sorted(places.items(), reverse=True)}
    for index, text in enumerate(source):
        if not now[index]:
            continue
        if index not in taken:
            rows.append(Row("missing", index, text, None, ""))
            continue
        own = by_place[index]
        stamp = stamps[own] if own < len(stamps) else ""
        if stamp == now[index]:
            rows.append(Row("current", index, text, own, target[own]))
        else:
            changes = tuple(diff.words(texts[stamp], text)) if stamp in texts else ()
            rows.append(Row("stale", index, text, own, target[own], changes))
    rows += [
        Row("extra", None, "", index, text)
        for index, text in enumerate(target)
        if text.strip() and by_place.get(places.get(index, -1)) != index
    ]
    return rows


def _places(
    target: Sequence[str],
    stamps: Sequence[str],
    now: Sequence[str],
    past: Sequence[Sequence[str]],
) -> dict[int, int]:
    """Which source unit each unit of the translation belongs to."""
    moved = _moved(now, [digests(version) for version in past])
    places: dict[int, int] = {}
    for index, text in enumerate(target):
        if not text.strip():
            continue
        stamp = stamps[index] if index < len(stamps) else ""
        if index < HEAD:
            if index < len(now) and now[index]:
                places[index] = index
        elif stamp in now[HEAD:]:
            places[index] = now.index(stamp, HEAD)
        elif stamp in moved:
            places[index] = moved[stamp]
    return places


def _moved(now: Sequence[str], past: Sequence[Sequence[str]]) -> dict[str, int]:
    """Where the units of earlier versions that are gone would stand in the present one."""
    found: dict[str, int] = {}
    for version in past:
        for tag, i1, i2, j1, j2 in SequenceMatcher(
            None, version, now, autojunk=False
        ).get_opcodes():
            if tag == "replace":
                for offset in range(min(i2 - i1, j2 - j1)):
                    found.setdefault(version[i1 + offset], j1 + offset)
    return found
