"""The parts of a mail, decoded and bounded. Never raises on content."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MissingHeaderBodySeparatorDefect
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from channels.email.charsets import decode, is_utf8
from channels.email.headers import Headers, one_line, parameters, parse_block

MAX_HEADER_BYTES = 256 * 1024
MAX_PARTS = 500
MAX_DEPTH = 20
MAX_BOUNDARY_LINES = 20_000
MAX_DECODED_BYTES = 64 * 1024 * 1024
MAX_NAME_CHARS = 150
_FEW = 2
MAX_ENDING_CHARS = 12

_HEAD_END = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r|\r?\n(?=--)")  # a boundary ends the headers, too
_HEADER_START = re.compile(rb"\s*(?:>?From [^\r\n]*[\r\n]+)?[!-9;-~]+[ \t]*:")
_BOUNDARY = re.compile(
    rb"\bboundary[ \t]*=[ \t]*(\"[^\"\r\n]{1,200}\"|[^\";\s]{1,200})", re.IGNORECASE
)
_MAX_BOUNDARIES = 50
_UNSAFE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+')
_USUAL_NAMES = {"text/calendar": "invite.ics", "message/rfc822": "message.eml",
    "message/delivery-status": "delivery-status.txt", "message/feedback-report": "report.txt",
    "text/rfc822-headers": "headers.txt"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A MIME entity. `data` is the decoded body of a leaf; a multipart has `children` instead."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    disposition: str  # "", "inline", "attachment"
    filename: str  # safe to show and to save; "" when there is none
    content_id: str | None
    data: bytes
    children: tuple[Part, ...] = ()

    @property
    def charset(self) -> str | None:
        """As declared."""
        return self.parameters.get("charset") or None

    def leaves(self) -> Iterator[Part]:
        """Every part that holds content, in order."""
        if self.content_type.startswith("multipart/"):
            for child in self.children:
                yield from child.leaves()
        else:
            yield self


class _Budget:
    """What one mail may still cost."""

    def __init__(self) -> None:
        self.parts = MAX_PARTS
        self.bytes = MAX_DECODED_BYTES
        self.problems: list[str] = []

    def note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """The header block and the body; everything is body where no header starts."""
    if not _HEADER_START.match(raw[:4096]):
        return b"", raw
    end = _HEAD_END.search(raw)
    return (raw, b"") if end is None else (raw[: end.start()], raw[end.end() :])


def safe_filename(name: str) -> str:
    """A file name without folders, control or direction characters; bounded, ending kept."""
    base = one_line(name).replace("\\", "/").rsplit("/", 1)[-1]
    base = _UNSAFE_NAME.sub("_", base).strip(". ")
    if len(base) > MAX_NAME_CHARS:
        stem, dot, ending = base.rpartition(".")
        keep = dot + ending if stem and len(ending) < MAX_ENDING_CHARS else ""
        base = base[: MAX_NAME_CHARS - len(keep)] + keep
    return base


def default_filename(part: Part, number: int) -> str:
    """The part's own name, or one made from its type."""
    if part.filename:
        return part.filename
    if part.content_type in _USUAL_NAMES:
        return _USUAL_NAMES[part.content_type]
    return f"attachment-{number}{mimetypes.guess_extension(part.content_type) or '.bin'}"


def _decode_base64(data: bytes, budget: _Budget) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/=]", b"", data)
    strange = len(re.sub(rb"\s", b"", data)) - len(clean)
    if strange:
        budget.note("broken base64")
    if (strange > _FEW and strange * 50 > len(clean)) or re.search(rb"\w [a-z]{2,} \w", data):
        return data  # it was never encoded
    out = b""
    for run in re.split(rb"=+", clean):  # several encoded blocks may have been joined
        try:
            out += base64.b64decode(run + b"=" * (-len(run) % 4))
        except binascii.Error:
            out += base64.b64decode(run[: len(run) // 4 * 4])
            budget.note("broken base64")
    return out


def _decode_body(message: Message, encoding: str, budget: _Budget) -> bytes:
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        uudecoded = message.get_payload(decode=True)
        return uudecoded if isinstance(uudecoded, bytes) else b""
    del message["content-transfer-encoding"]
    body = message.get_payload(decode=True)  # without the field: the bytes as they came
    raw = body if isinstance(body, bytes) else b""
    if encoding == "base64":
        return _decode_base64(raw, budget)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    if encoding not in ("", "7bit", "8bit", "binary"):
        budget.note(f"unknown transfer encoding {encoding[:40]}")
    return raw


def _content_type(headers: Headers, fallback: str, budget: _Budget) -> tuple[str, dict[str, str]]:
    raw = headers.raw("content-type")
    if not raw:
        return fallback, {}
    kind, found = parameters(raw)
    if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind):
        return kind, found
    budget.note("malformed Content-Type")
    first = re.match(r"([\w.+-]+/[\w.+-]+)", kind)
    return (
        first[1] if first else "text/plain" if kind in ("", "text") else "application/octet-stream"
    ), found


class _Entity(Message):
    """A part as the parser builds it; a carried mail stays one piece, byte for byte."""

    def get_content_type(self) -> str:
        kind = super().get_content_type()
        return "application/x-carried" if kind.startswith("message/") else kind

    def get_content_maintype(self) -> str:
        return self.get_content_type().partition("/")[0]


def _parsed(raw: bytes) -> Message:
    # compat32 keeps the fields raw: the newer policy's header parser raises on hostile ones.
    return BytesParser(_Entity, policy=compat32).parsebytes(raw)


def _mended(message: Message, budget: _Budget) -> Message:
    """The part again, when a folded header line without its indent had ended its headers."""
    if not any(isinstance(one, MissingHeaderBodySeparatorDefect) for one in message.defects):
        return message
    budget.note("broken headers of a part")
    payload = message.get_payload()
    if not isinstance(payload, str):
        return message
    fields = Headers(tuple((name, str(value)) for name, value in message.raw_items()))
    head, body = split_head(_serialise(fields) + payload.encode("utf-8", "surrogateescape"))
    headers, _ = parse_block(head)
    return _parsed(_serialise(headers) + b"\n" + body)


def _build(message: Message, budget: _Budget, depth: int, fallback: str) -> Part:
    budget.parts -= 1
    message = _mended(message, budget)
    fields = tuple((name.lower(), str(value)) for name, value in message.raw_items())
    headers = Headers(tuple((name, re.sub(r"\r?\n|\r", "", value)) for name, value in fields))
    kind, found = _content_type(headers, fallback, budget)
    disposition, named = parameters(headers.raw("content-disposition"))
    name = safe_filename(named.get("filename") or found.get("name") or "")
    encoding = one_line(headers.raw("content-transfer-encoding")).split(";")[0].strip(" \"'")
    content_id = one_line(headers.raw("content-id")).strip("<> ")[:250] or None
    children: tuple[Part, ...] = ()
    data = b""
    if message.is_multipart() and kind.startswith("multipart/"):
        children = _children(message, budget, depth, kind)
    else:
        data = _decode_body(message, encoding.lower(), budget)
    if len(data) > budget.bytes:
        budget.note("content cut, the mail decodes to more than 64 MiB")
        data = data[: budget.bytes]
    budget.bytes -= len(data)
    return Part(headers, kind, found, disposition, name, content_id, data, children)


def _children(message: Message, budget: _Budget, depth: int, kind: str) -> tuple[Part, ...]:
    if depth >= MAX_DEPTH:
        budget.note(f"parts nested deeper than {MAX_DEPTH} left out")
        return ()
    inner = message.get_payload()
    fallback = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    out = []
    for child in inner if isinstance(inner, list) else []:
        if budget.parts <= 0:
            budget.note(f"more than {MAX_PARTS} parts, the rest left out")
            break
        if isinstance(child, Message):
            out.append(_build(child, budget, depth + 1, fallback))
    return tuple(out)


def _guess_boundary(body: bytes) -> str | None:
    """The boundary that the body uses, for a multipart that does not declare it."""
    for match in re.finditer(rb"(?:^|\n)--([^\s-][^\r\n]{0,69}?)[ \t]*\r?\n", body[:65536]):
        if body.count(b"\n--" + match[1]) > 1 or match[1] + b"--" in body:
            return match[1].decode("ascii", "replace")
    return None


def _close_boundaries(head: bytes, body: bytes, budget: _Budget) -> bytes:
    """End the parts where they end, also when something was written right behind the boundary."""
    declared = _BOUNDARY.findall(head) + _BOUNDARY.findall(body[:MAX_HEADER_BYTES])
    known = {one.strip(b' \t"') for one in declared[:_MAX_BOUNDARIES]}

    def end(match: re.Match[bytes]) -> bytes:
        if match[0].strip()[2:] in known or match[0].strip()[2:].removesuffix(b"--") in known:
            return match[0]
        budget.note("text behind the last boundary left out")
        return match[1]

    for boundary in known - {b""}:
        ending = b"--" + boundary + b"--"
        if ending in body:
            pattern = rb"^(" + re.escape(ending) + rb")[^\s][^\r\n]*"
            body = re.sub(pattern, end, body, flags=re.MULTILINE)
    return body


def _serialise(headers: Headers) -> bytes:
    lines = "".join(f"{name}: {value}\n" for name, value in headers.fields if name != "")
    return lines.encode("utf-8", "surrogateescape")


def _with_content_type(headers: Headers, value: str) -> Headers:
    rest = tuple(field for field in headers.fields if field[0] != "content-type")
    return Headers((*rest, ("content-type", value)))


def read_mail(raw: bytes) -> tuple[Headers, Part, list[str]]:
    """The header fields, the tree of parts, and what had to be mended."""
    budget = _Budget()
    head, body = split_head(raw)
    if len(head) > MAX_HEADER_BYTES:
        budget.note("header block cut at 256 KiB")
        head = head[:MAX_HEADER_BYTES]
    body = _close_boundaries(head, body, budget)
    headers, skipped = parse_block(head)
    budget.problems += skipped
    if len(headers.fields) == 0:
        budget.note("no headers")
    effective = _repair(headers, body, budget)
    message = _parsed(_serialise(effective) + b"\n" + body)
    root = _build(message, budget, 0, "text/plain")
    return headers, root, budget.problems


def _repair(headers: Headers, body: bytes, budget: _Budget) -> Headers:
    """Header fields with which the body can be taken apart."""
    kind, found = _content_type(headers, "text/plain", budget)
    if body.count(b"\n--") > MAX_BOUNDARY_LINES:
        budget.note("too many parts, kept as text")
        return _with_content_type(headers, "text/plain")
    if kind.startswith("multipart/"):
        boundary = found.get("boundary", "")
        lines = b"\n" + body
        if boundary and b"\n--" + boundary.encode("utf-8", "surrogateescape") in lines:
            # Written anew: what follows the closing quote would spoil it for the parser.
            return _with_content_type(headers, f'{kind}; boundary="{boundary}"')
        guessed = _guess_boundary(body)
        budget.note("multipart without its boundary")
        if guessed is None:
            return _with_content_type(headers, "text/plain")
        return _with_content_type(headers, f'{kind}; boundary="{guessed}"')
    if not headers.raw("content-type"):
        guessed = _guess_boundary(body)
        if guessed and re.search(rb"\n--[^\r\n]+\r?\nContent-", b"\n" + body, re.IGNORECASE):
            budget.note("multipart without Content-Type")
            return _with_content_type(headers, f'multipart/mixed; boundary="{guessed}"')
        if re.match(rb"\s*<(?:!doctype html|html|body)\b", body[:500], re.IGNORECASE):
            budget.note("HTML without Content-Type")
            return _with_content_type(headers, "text/html")
    return headers


def part_text(part: Part, problems: list[str]) -> str:
    r"""A text part's text, with `\\n` line ends; format=flowed (RFC 3676) joined."""
    charset = part.charset
    if charset is None and part.content_type == "text/html":
        declared = re.search(
            rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.-]{2,40})", part.data[:4096], re.IGNORECASE
        )
        if declared and not is_utf8(part.data):
            charset = declared[1].decode("ascii")
    text, problem = decode(part.data, charset)
    if problem:
        problems.append(problem)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.parameters.get("format", "").lower() == "flowed":
        text = _unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _unflow(text: str, *, delete_space: bool) -> str:
    out: list[str] = []
    flowing: str | None = None  # the quote prefix of the paragraph that goes on
    for line in text.split("\n"):
        quote = re.match(r">*", line)
        prefix = quote[0] if quote else ""
        rest = line[len(prefix) :]
        rest = rest.removeprefix(" ")
        if flowing == prefix and out and rest != "-- ":
            out[-1] += rest
        else:
            out.append(f"{prefix} {rest}" if prefix and rest else prefix + rest)
        flowing = prefix if rest.endswith(" ") and rest != "-- " else None
        if flowing is not None and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)
