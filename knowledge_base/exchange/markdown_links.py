"""Links and pictures in Markdown: found and replaced, outside code."""

from __future__ import annotations

import re
from collections.abc import Callable

# Code comes first, so that what it holds is passed over.
_PARTS = re.compile(
    r"(?P<fence>^(?P<mark>`{3,}|~{3,}).*?(?:^(?P=mark)[`~]*[ \t]*$|\Z))"
    r"|(?P<code>(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<escape>\\[\[\]()!\\])"
    r"|(?P<open>\]\()(?P<target><[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)"
    r"(?P<title>[ \t]+(?:\"[^\"]*\"|'[^']*'))?\)"
    r"|^(?P<label>[ ]{0,3}\[[^\]\n]+\]:[ \t]+)(?P<reference><[^<>\n]*>|\S+)",
    re.DOTALL | re.MULTILINE,
)


def rewrite(body: str, replace: Callable[[str, int], str]) -> str:
    """The body with each target replaced. `replace` gets the target and its offset."""

    def one(match: re.Match[str]) -> str:
        if match["open"] is not None:
            target = replace(_bare(match["target"]), match.start("target"))
            return f"]({_written(target)}{match['title'] or ''})"
        if match["label"] is not None:
            target = replace(_bare(match["reference"]), match.start("reference"))
            return f"{match['label']}{_written(target)}"
        return match.group()

    return _PARTS.sub(one, body)


def _bare(target: str) -> str:
    return target[1:-1] if target.startswith("<") and target.endswith(">") else target


def _written(target: str) -> str:
    """In angle brackets where it would not be one word otherwise."""
    plain = re.fullmatch(r"[^\s()<>]*", target)
    return target if plain else f"<{target}>"
