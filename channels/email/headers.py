"""Mail headers: RFC 2047 words, parameters, addresses, ids and dates, read tolerantly.

Nothing here raises. The values are single-line text, so that none can smuggle in a header.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from inspect import signature
from urllib.parse import unquote_to_bytes

from channels.contract import Address
from channels.email.charsets import decode

MAX_VALUE_CHARS = 64 * 1024
MAX_ADDRESSES = 500
MAX_REFERENCES = 100

# Since 2024's security releases it drops whatever looks odd unless told not to.
_LENIENT: dict[str, bool] = (
    {"strict": False} if "strict" in signature(getaddresses).parameters else {}
)
_WORD = re.compile(r"=\?\s*([^?\s]{1,60})\s*\?\s*([bBqQ])\s*\?([^?]*(?:\?(?!=)[^?]*)*)\?=")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")
_PLAIN_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]]{1,255}@[^\s<>,;:\"'()\[\]@]{1,255}")


@dataclass(frozen=True, slots=True)
class Headers:
    """The header fields in their order; names in lower case, values raw and unfolded."""

    fields: tuple[tuple[str, str], ...]

    def raw(self, name: str) -> str:
        """The first value as it came, 8-bit bytes as surrogates; "" when there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def all_raw(self, name: str) -> list[str]:
        """Every value of that name."""
        return [value for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        """The first value, decoded."""
        return decode_words(self.raw(name))

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return any(key == name for key, _ in self.fields)


def _raw_bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = _raw_bytes(payload)
    if encoding in "qQ":
        return unquote_to_bytes(
            re.sub(rb"=([0-9A-Fa-f]{2})", rb"%\1", data.replace(b"%", b"%25")).replace(b"_", b" ")
        )
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return base64.b64decode(data[: len(data) // 4 * 4])


def one_line(text: str) -> str:
    """Control characters and line breaks become one space."""
    return _CONTROL.sub(" ", text).strip()


def _literal(value: str) -> str:
    return value if value.isascii() else decode(_raw_bytes(value))[0]


def _decode_once(value: str) -> str:
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for match in _WORD.finditer(value):
        between = value[position : match.start()]
        charset = match[1].partition("*")[0].lower()  # RFC 2231: charset*language
        data = _word_bytes(match[2], match[3])
        if pending is not None and not between.strip():
            if pending[0] == charset:  # a character may be cut between two words
                pending = (charset, pending[1] + data)
                position = match.end()
                continue
            between = ""
        if pending is not None:
            out.append(decode(pending[1], pending[0])[0])
        out.append(_literal(between))
        pending = (charset, data)
        position = match.end()
    if pending is not None:
        out.append(decode(pending[1], pending[0])[0])
    out.append(_literal(value[position:]))
    return "".join(out)


def decode_words(value: str) -> str:
    """Decode RFC 2047 words and raw 8-bit bytes to one line of text."""
    text = one_line(_decode_once(one_line(value[:MAX_VALUE_CHARS])))
    if _WORD.search(text):  # some gateways encode what was encoded already
        text = one_line(_decode_once(text))
    return text


def _split_parameters(value: str) -> list[str]:
    parts, current, quoted, escaped = [], "", False, False
    for char in value[:MAX_VALUE_CHARS]:
        if escaped:
            escaped = False
        elif char == "\\" and quoted:
            escaped = True
        elif char == '"':
            quoted = not quoted
        if char == ";" and not quoted:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current]


def _unquote(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        inside = re.match(r'"((?:[^"\\]|\\.)*)', value)  # what follows the closing quote is junk
        return re.sub(r"\\(.)", r"\1", inside[1] if inside else value[1:])
    return value


def _extended(pieces: Sequence[tuple[int, bool, str]]) -> str:
    """Join the pieces of one RFC 2231 parameter and decode them."""
    ordered = sorted(pieces, key=lambda piece: piece[0])
    charset, data, encoded_any = "", b"", False
    for place, (_, encoded, piece) in enumerate(ordered):
        text = piece
        if encoded:
            encoded_any = True
            if place == 0 and piece.count("'") >= 2:  # noqa: PLR2004 - said by its context
                charset, _, text = piece.split("'", 2)
            data += unquote_to_bytes(_raw_bytes(text))
        else:
            data += _raw_bytes(text)
    return (
        one_line(decode(data, charset or None)[0])
        if encoded_any
        else decode_words(data.decode("utf-8", "surrogateescape"))
    )


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """The value before the first semicolon in lower case, and the decoded parameters."""
    first, *rest = _split_parameters(value)
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for item in rest[:200]:
        name, equals, piece = item.partition("=")
        if not equals:
            continue
        match = re.fullmatch(r"([^*\s]+)(?:\*(\d{1,4}))?(\*)?", re.sub(r"\s", "", name).lower())
        if match:
            entry = (int(match[2] or -1), bool(match[3]), _unquote(piece))
            pieces.setdefault(match[1], []).append(entry)
    decoded = {}
    for name, found in pieces.items():
        plain = [entry for entry in found if entry[0] < 0 and not entry[1]]
        better = [entry for entry in found if entry not in plain]
        decoded[name] = _extended(better or plain[:1])
    return one_line(first).lower(), decoded


def normalise_address(address: str) -> str:
    """The form in which a mail address is compared: lower case, no white space."""
    return re.sub(r"\s", "", one_line(address)).strip("<>").lower()


def addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """Every mail address in these raw header values, in order, each once."""
    joined = [one_line(value[:MAX_VALUE_CHARS]) for value in values]
    try:
        pairs = getaddresses(joined, **_LENIENT)
    except (TypeError, ValueError, IndexError, RecursionError):
        pairs = [("", found) for value in joined for found in _PLAIN_ADDRESS.findall(value)]
    found: dict[str, Address] = {}
    for name, address in pairs[: MAX_ADDRESSES * 2]:
        value = normalise_address(_literal(address))
        if "@" not in value[1:-1]:
            inside = _PLAIN_ADDRESS.search(decode_words(f"{name} {address}"))
            if inside is None:
                continue
            value = normalise_address(inside[0])
        shown = decode_words(name).strip("\"' ")
        found.setdefault(value, Address("email", value, "" if shown == value else shown))
    return tuple(found.values())[:MAX_ADDRESSES]


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Message-IDs without angle brackets, in order, each once; the newest ones are kept."""
    found: dict[str, None] = {}
    for value in values:
        line = one_line(value[:MAX_VALUE_CHARS])
        ids = _ID.findall(line) or [word for word in line.split() if "@" in word[1:-1]]
        found.update(dict.fromkeys(decode_words(item.strip("<>")) for item in ids))
    return tuple(found)[-MAX_REFERENCES:]


def date(value: str) -> datetime | None:
    """A Date header in UTC, or None when it makes no sense."""
    try:
        when = parsedate_to_datetime(_literal(one_line(value))[:200])
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return None


def authentication_results(headers: Headers, authserv_id: str | None) -> dict[str, str]:
    """Verdicts (RFC 8601) of the server we trust; of no other, since anyone can write the field."""
    if not authserv_id:
        return {}
    for value in headers.all_raw("authentication-results"):
        server, _, rest = one_line(value).partition(";")
        if server.split()[:1] == [authserv_id]:
            verdicts = re.findall(r"(?:^|[;\s])(spf|dkim|dmarc|arc)\s*=\s*([a-z]+)", rest.lower())
            return dict(reversed(verdicts))
    return {}


def parse_block(block: bytes) -> tuple[Headers, list[str]]:
    """Read a header block; broken lines are skipped and named in the second value."""
    fields: list[tuple[str, list[str]]] = []
    skipped = 0
    for line in re.split(r"\r\n|\n|\r", block.decode("utf-8", "surrogateescape")):
        if line[:1] in (" ", "\t") and fields:
            fields[-1][1].append(line)
            continue
        name, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[!-9;-~]+[ \t]*", name):
            fields.append((name.strip().lower(), [value]))
        elif line.strip() and not line.startswith("From "):
            skipped += 1
            if fields:  # most often a folded line that lost its indent
                fields[-1][1].append(" " + line)
    problems = [f"{skipped} broken header lines"] if skipped else []
    return Headers(tuple((name, "".join(lines).strip()) for name, lines in fields)), problems
