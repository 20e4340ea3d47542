"""What changed between two texts, word by word. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

Kind = Literal["same", "added", "removed"]

# A run of letters and digits is a word; Chinese and Japanese characters are one each; white
# space and every other sign stand alone, so that joining the pieces gives the text again.
_WORDS: Final = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f]"
    r"|(?:(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f])\w)+"
    r"|\s+|[^\w\s]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, came or went."""

    kind: Kind
    text: str


def tokens(text: str) -> list[str]:
    """The text in words and what is between them; joined, they are the text."""
    return _WORDS.findall(text)


def words(before: str, after: str) -> list[Piece]:
    """From one to the other: without `added` it spells `before`, without `removed` `after`."""
    old, new = tokens(before), tokens(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            _append(pieces, "same", "".join(old[i1:i2]))
            continue
        _append(pieces, "removed", "".join(old[i1:i2]))
        _append(pieces, "added", "".join(new[j1:j2]))
    return pieces


def _append(pieces: list[Piece], kind: Kind, text: str) -> None:
    if not text:
        return
    if pieces and pieces[-1].kind == kind:
        pieces[-1] = Piece(kind, pieces[-1].text + text)
    else:
        pieces.append(Piece(kind, text))
