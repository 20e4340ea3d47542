"""Tell what a reply adds from what it repeats: quotes, signatures and advertising are folded.

Every line is given a kind; the split is then decided on the sequence of kinds. Nothing is lost:
each line of the text is either in the fresh part or in the quoted part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from channels.email import quote_words as words

Kind = Literal["empty", "text", "quote", "intro", "field", "rule", "original", "forward", "mobile"]

MAX_LINES = 20_000
_MAX_CLASSIFIED_CHARS = 1000
_MAX_MARKER_CHARS = 160
_MIN_FIELDS = 3
_MAX_SIGNATURE_LINES = 12
_MAX_LOOK_AHEAD = 100
_MAX_FIELDS_TRIED = 200
_MAX_MOBILE_WORDS = 8
_MIN_MOBILE_CHARS = 4
_MAX_INTRO_CHARS = 400
_MAX_WRAPPED_CHARS = 90
_MAX_WRAPPED_FIELDS = 2
_QUOTED = re.compile(r"^\s{0,3}(?:[A-Za-z]{0,3}>|\|(?!.*\|\s*$)(?:\s|$)|\|\s*$|＞|»\s)")
_RULE = re.compile(r"^\s*(?:[-_=+~#*—–]{2,}|—|ᐧ|[-_ ]{3,})\s*$")
_INTRO_LINES = 4
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


def _is_mobile(line: str) -> bool:
    stripped = line.strip()
    if not _MIN_MOBILE_CHARS < len(stripped) < _MAX_MARKER_CHARS:
        return False
    for number, pattern in enumerate(words.MOBILE):
        match = pattern.match(stripped)
        if match is None:
            continue
        if number > 0:
            return True
        starts = re.match(
            r"\W*(?:sent|posted) (?:from|via|with|by|using|through)\b", stripped, re.IGNORECASE
        )
        if words.APOLOGY.search(stripped) and starts:
            return True
        short = len(stripped.split("](")[0].split()) <= _MAX_MOBILE_WORDS
        if starts and (short or "[" in stripped or "<http" in stripped):
            return True
    return False


def _intro_length(lines: Sequence[str], start: int) -> int:
    """How many lines from `start` say "on this day, someone wrote:"; 0 when they do not."""
    joined = ""
    for count, line in enumerate(lines[start : start + _INTRO_LINES], 1):
        if not line.strip() or (count > 1 and words.FIELDS["from"].match(line)):
            return 0
        piece = re.sub(
            r"^[\s>|]+(?:-{2,}\s+)?|^-{2,}\s+", "", _INVISIBLE.sub("", line[:_MAX_CLASSIFIED_CHARS])
        )
        joined = f"{joined} {piece}".strip()
        if len(joined) > _MAX_INTRO_CHARS:
            return 0
        if _is_intro(joined, lines, start + count):
            return count
        if count == 1 and not (
            words.INTRODUCES.match(joined) or words.MAIL_ADDRESS.search(joined)
            or words.DATED_NAME.match(joined) or joined.endswith("<")
            or words.QUOTING.match(joined)
            or (len(joined) < _MAX_WRAPPED_CHARS and words.DATE.search(joined))
        ):  # fmt: skip
            return 0
    return 0


def _is_intro(joined: str, lines: Sequence[str], after: int) -> bool:
    address = words.MAIL_ADDRESS.search(joined) is not None
    dated = words.DATE.search(joined) is not None
    ends = re.search(r"(?:[:：]\s*[*_]*|\s-{2,})$", joined) is not None
    if words.BETWEEN_ANGLES.match(joined) or (ends and address and words.QUOTING.match(joined)):
        return True
    if words.FIRST_PERSON.search(joined):
        return False
    if ends and words.WROTE.search(joined):
        follows = next((line for line in lines[after : after + 3] if line.strip()), "")
        quoted_next = _QUOTED.match(follows) is not None
        return address or (dated and words.INTRODUCES.match(joined) is not None) or quoted_next
    closed = ends or words.WROTE.search(joined[-20:]) is not None
    if closed and address and dated and words.INTRODUCES.match(joined):
        return True
    if words.DATED_NAME.match(joined):
        zone = re.search(r"\b(?:GMT|UTC)[+-]\d", joined) is not None
        return address or (zone and re.search(r"[+-]\d\d?:?\d*\s+\S", joined) is not None)
    # "Max Mustermann <max@example.com> schrieb am Fr., 28. Apr."
    timed = dated and re.search(r"\d{1,2}:\d{2}", joined) is not None
    fields = re.search(r"[^\W\d]: \w", joined) is not None
    return ends and timed and not fields and words.NAMED_ADDRESS.search(joined) is not None


def _is_field(line: str) -> bool:
    return any(pattern.match(line) for pattern in words.FIELDS.values())


def _starts_original(line: str, following: Sequence[str]) -> bool:
    """Whether the line announces the original message."""
    between = words.BETWEEN_RULES.match(line) is not None
    return words.ORIGINAL.match(line) is not None or (between and any(map(_is_field, following)))


def _classify(lines: Sequence[str]) -> list[Kind]:  # noqa: C901 - one kind after the other
    kinds: list[Kind] = []
    position = 0
    while position < len(lines):
        line = _INVISIBLE.sub("", lines[position][:_MAX_CLASSIFIED_CHARS])
        kind: Kind = "text"
        marker = len(line) < _MAX_MARKER_CHARS
        if not line.strip():
            kind = "empty"
        elif marker and words.BETWEEN_ANGLES.match(line):
            kind = "intro"
        elif marker and words.FORWARD.match(line):
            kind = "forward"
        elif marker and _starts_original(line, lines[position + 1 : position + 4]):
            kind = "original"
        elif _QUOTED.match(line):
            kind = "quote"
        elif _RULE.match(line):
            kind = "rule"
        elif _is_mobile(line):
            kind = "mobile"
        else:
            count = _intro_length(lines, position)
            if count:
                kinds += ["intro"] * count
                position += count
                continue
            if _is_field(line):
                kind = "field"
        kinds.append(kind)
        position += 1
    return kinds


def _underlines(lines: Sequence[str], at: int) -> bool:
    """Whether the rule underlines the heading right above it."""
    above = lines[at - 1].rstrip() if at else ""
    rule = lines[at].strip()
    return (
        len(rule) > 2  # noqa: PLR2004 - said by its context
        and rule[0] in "-=~*#"
        and abs(len(above) - len(rule)) <= 2  # noqa: PLR2004 - said by its context
        and above.strip() != ""
        and any(line.strip() for line in lines[at + 1 :])
    )


def _divides(kinds: Sequence[Kind], lines: Sequence[str], at: int) -> bool:
    """Whether the rule stands between parts of the text rather than above a signature."""
    if _underlines(lines, at):
        return True
    rule = lines[at].strip()
    if len(rule) <= len("--"):
        return False
    top = kinds[: min(at, _MAX_LOOK_AHEAD)]
    above = [line for line, kind in zip(lines, top, strict=False) if kind == "text"]
    copied: tuple[Kind, ...] = ("intro", "original", "forward", "quote")
    limit = min(len(kinds), at + _MAX_LOOK_AHEAD)
    end = next((n for n in range(at, limit) if kinds[n] in copied), limit)
    below = [lines[n] for n in range(at + 1, end) if kinds[n] in ("text", "field")]
    if any(words.FOOTER.search(line) for line in below):
        return False
    block = _header_block(kinds[at:end], lines[at:end])
    if block is not None and block <= _MAX_WRAPPED_FIELDS:
        return False
    if sum(line.strip() == rule for line in lines[:_MAX_LOOK_AHEAD]) > 1:
        return True
    greeted = 0 < len(above) <= _MAX_WRAPPED_FIELDS and all(
        words.GREETING.match(line) for line in above
    )
    return len(below) > _MAX_SIGNATURE_LINES or (greeted and bool(below))


def _header_block(kinds: Sequence[Kind], lines: Sequence[str]) -> int | None:
    """Where the first block of copied mail headers starts ("From:", "Sent:", "To:")."""
    starts = [at for at, kind in enumerate(kinds) if kind == "field"]
    for start in starts[:_MAX_FIELDS_TRIED]:
        seen: set[str] = set()
        gap = 0
        for offset, line in enumerate(lines[start : start + 14]):
            if kinds[start + offset] in ("field", "quote") and _is_field(line):
                seen |= {name for name, one in words.FIELDS.items() if one.match(line)}
                gap = 0
            else:
                gap += 1
                if gap > _MAX_WRAPPED_FIELDS:
                    break
        # "From: Berlin, To: Munich, Date: Monday" is a journey, not a mail.
        of_mail = "subject" in seen or any(
            "@" in line and kind in ("field", "quote")
            for line, kind in zip(lines[start : start + 14], kinds[start:], strict=False)
        )
        if len(seen) >= _MIN_FIELDS and "from" in seen and of_mail:
            return start
    return None


def _any(kinds: Sequence[Kind], *wanted: Kind) -> bool:
    return any(kind in wanted for kind in kinds)


def _cut(kinds: Sequence[Kind], lines: Sequence[str]) -> int:
    """The line at which everything that follows is a copy or a signature."""
    end = len(kinds)
    block = _header_block(kinds, lines)
    own = False
    for at, kind in enumerate(kinds):
        if kind in ("text", "quote", "mobile"):
            own = True
            continue
        if kind == "rule" and own and not _divides(kinds, lines, at):
            end = at
        elif kind in {"original", "forward"} or at == block:
            # Without own words it is a forward: what it carries is the message.
            end = at if _any(kinds[:at], "text", "mobile") else len(kinds)
            if end == len(kinds):
                return end
        else:
            continue
        break
    return end


def _keep_quoted_intro(kinds: list[Kind], lines: Sequence[str]) -> None:
    """A forward marker inside a quote belongs to the quote."""
    for at, kind in enumerate(kinds):
        if kind in ("forward", "original") and _QUOTED.match(lines[at]):
            kinds[at] = "quote"


def _opens_with_intro(lines: Sequence[str]) -> bool:
    """Whether the first words, quoted or not, say who wrote what follows."""
    first = next((at for at, line in enumerate(lines) if line.strip(" >\t|")), None)
    return first is not None and _intro_length(lines, first) > 0


def _header_as_intro(kinds: list[Kind], lines: Sequence[str]) -> None:
    """Copied headers at the top, above marked lines, introduce those lines."""
    first = next((at for at, kind in enumerate(kinds) if kind != "empty"), None)
    if first is None or kinds[first] not in ("original", "field", "rule"):
        return
    at = first
    while at < len(kinds) and kinds[at] in ("original", "field", "rule", "empty"):
        at += 1
    if (
        at < len(kinds)
        and kinds[at] == "quote"
        and _header_block(kinds[:at], lines[:at]) is not None
    ):
        kinds[first:at] = ["empty" if kind == "empty" else "intro" for kind in kinds[first:at]]


def _shown(kinds: list[Kind], lines: Sequence[str]) -> list[bool]:
    _keep_quoted_intro(kinds, lines)
    if not _any(kinds, "text", "field", "forward", "original") and _opens_with_intro(lines):
        return [False] * len(lines)
    _header_as_intro(kinds, lines)
    end = _cut(kinds, lines)
    first = next((at for at, kind in enumerate(kinds) if kind != "empty"), 0)
    if end == len(kinds) and (
        kinds[first] in ("forward", "original") or _header_block(kinds, lines) == first
    ):
        return [kind != "mobile" for kind in kinds]
    shown = [at < end and kind not in ("intro", "mobile") for at, kind in enumerate(kinds)]
    head = kinds[:end]
    intro = head.index("intro") if "intro" in head else None
    if intro is not None:
        _around_intro(head, shown, lines, intro)
    _drop_tail(head, shown)
    return shown


def _around_intro(head: Sequence[Kind], shown: list[bool], lines: Sequence[str], at: int) -> None:
    before = [
        line for line, kind in zip(lines, head[:at], strict=False) if kind in ("text", "field")
    ]
    rest = head[at:]
    body = [number for number, kind in enumerate(rest, at) if kind not in {"empty", "intro"}]
    quoted = bool(body) and head[body[0]] == "quote"
    last_quote = max((n for n in body if head[n] == "quote"), default=at)
    answers = [n for n in body if head[n] in ("text", "field")]
    if before and not quoted:  # top-posted over a copy that is not marked: all of it is the copy
        _hide(shown, range(at, len(head)))
    elif not before and quoted:
        between = [n for n in answers if n < last_quote]
        if answers and not between:  # bottom-posted
            _hide(shown, range(at, answers[0]))
        elif not answers:
            _hide(shown, range(at, len(head)))
    elif quoted and answers:
        inside = [n for n in answers if n < last_quote]
        trailing = [n for n in answers if n > last_quote]
        wrapped = bool(trailing) and trailing[0] == last_quote + 1
        greeting = all(words.GREETING.match(line) for line in before)
        footer = any(words.FOOTER.search(lines[n]) for n in trailing)
        if not inside and not greeting and (footer or wrapped):
            _hide(shown, range(at, len(head)))


def _drop_tail(head: Sequence[Kind], shown: list[bool]) -> None:
    """Quotes at the very end, below something of one's own, are folded."""
    at = len(head)
    while at and (head[at - 1] in ("quote", "empty", "intro", "mobile") or not shown[at - 1]):
        at -= 1
    if any(shown[n] and head[n] in ("text", "field") for n in range(at)):
        _hide(shown, range(at, len(head)))


def _hide(shown: list[bool], where: range) -> None:
    for at in where:
        shown[at] = False


def announces_quote(lines: Sequence[str]) -> bool:
    """Whether these lines begin as an introduction, copied headers or a forward does."""
    kinds = _classify([line for line in lines if line.strip()][:_MAX_LOOK_AHEAD])
    return bool(kinds) and kinds[0] in ("intro", "original", "forward", "field", "quote", "rule")


def split_reply(text: str) -> tuple[str, str]:
    """Split a mail's text into what its sender wrote now and what it repeats.

    Returns (fresh, quoted). Interleaved answers are fresh, with the quotes that they answer; a
    forward without words of one's own is fresh as a whole.
    """
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = normal.split("\n")
    if len(lines) > MAX_LINES:
        return normal.strip(), ""
    shown = _shown(_classify(lines), lines)
    while shown and not all(shown):  # empty lines between fresh and folded stay with the folded
        last = max((n for n, keep in enumerate(shown) if keep and lines[n].strip()), default=-1)
        _hide(shown, range(last + 1, len(lines)))
        break
    fresh = "\n".join(line for line, keep in zip(lines, shown, strict=True) if keep).strip("\n")
    quoted = [line for line, keep in zip(lines, shown, strict=True) if not keep]
    return fresh.strip(), "".join(f"\n{line}" for line in quoted) if fresh else "\n".join(quoted)
