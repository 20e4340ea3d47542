"""Callouts: a quotation that begins with `[!NOTE]` is set apart. A markdown-it-py plugin. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

KINDS: Final = ("note", "tip", "important", "warning", "caution")
# What is read aloud or shown where the text itself says nothing; a page brings its own language.
WORDS: Final[Mapping[str, str]] = {
    "note": "Note",
    "tip": "Tip",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
    "table": "Table",
    "done": "Done",
    "open": "Not done",
}
_MARK: Final = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*", re.IGNORECASE)


def plugin(md: MarkdownIt) -> None:
    """Add callouts to a parser."""
    md.core.ruler.push("callouts", _callouts)


def _callouts(state: StateCore) -> None:
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type != "blockquote_open" or index + 2 >= len(tokens):
            continue
        inline = tokens[index + 2]
        if tokens[index + 1].type != "paragraph_open" or inline.type != "inline":
            continue
        children = inline.children or []
        match = _MARK.fullmatch(children[0].content) if children else None
        if match is None or (len(children) > 1 and children[1].type != "softbreak"):
            continue
        inline.children = children[2:]
        inline.content = inline.content.partition("\n")[2]
        _set_apart(tokens, index, match.group(1).lower())
        if not inline.children:  # the mark stood alone in its paragraph
            tokens[index + 1].hidden = tokens[index + 3].hidden = True


def _set_apart(tokens: list[Token], index: int, kind: str) -> None:
    opening = tokens[index]
    opening.tag = "aside"
    opening.attrs = {"class": f"callout {kind}", "role": "note"}
    depth = 0
    for token in tokens[index:]:
        depth += token.nesting if token.type.startswith("blockquote") else 0
        if depth == 0:
            token.tag = "aside"
            return
