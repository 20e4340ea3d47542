"""A mail that somebody passes on: who wrote it, and what the one who passes it on adds. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from channels.contract import Address, InboundMessage
from channels.email import quote_words as words
from channels.email.headers import addresses, date
from channels.email.parse import parse_email
from channels.email.quotes import split_reply

_MAX_LINES = 2000
_MAX_BLOCK_LINES = 16
_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|fw|wg|tr|rv|enc|i|vs|vl|vb|doorst|videres|továbbítás|"
    r"továbbítva|pd|odp fwd|przekaz|fs|ilt|yön|προώθ|trs|пер|пересл|fwd|הועבר|העבר|إعادة توجيه|"
    r"转发|轉寄|转寄|轉發|転送|전달)"
    r"\s*[:：]\s*(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_OWN = re.compile(r"^[\s>]*[*_]*[^:：]{1,40}[*_]*[ \t]?[:：][*_\s]*(.*)$")


def _plain(line: str) -> str:
    return re.sub(r"^(?:> ?)+", "", line).rstrip()


def _start(lines: Sequence[str]) -> tuple[int, int] | None:
    """Where the words of the forwarder end, and where the copied headers begin."""
    for at, line in enumerate(lines[:_MAX_LINES]):
        marker = words.FORWARD.match(line) or words.ORIGINAL.match(line)
        if marker:
            following = next(
                (n for n in range(at + 1, min(at + 4, len(lines))) if lines[n].strip(" >")), at
            )
            if _field_of(_plain(lines[following])):
                return at, following
        elif _field_of(_plain(line)) in ("from", "sent"):
            kinds = {_field_of(_plain(one)) for one in lines[at : at + _MAX_BLOCK_LINES]}
            if {"from", "subject"} <= kinds:
                return at, at
    return None


def _field_of(line: str) -> str:
    for name in ("from", "sent", "to", "cc", "subject"):
        if words.FIELDS[name].match(line):
            return name
    return ""


def _fields(lines: Sequence[str], start: int) -> tuple[dict[str, str], int]:
    """The copied headers, and where the copied text begins."""
    found: dict[str, str] = {}
    last = ""
    at = start
    while at < len(lines) and at < start + _MAX_BLOCK_LINES:
        line = _plain(lines[at])
        name = _field_of(line)
        if not line.strip():
            if found.get("from") and ("subject" in found or "to" in found):
                break
        elif name:
            match = _OWN.match(line)
            found.setdefault(name, match[1].strip(" *_") if match else "")
            last = name
        elif last and at == start + len(found) and line[:1].isspace():
            found[last] += " " + line.strip()
        elif words.FIELDS["other"].match(line):
            pass
        elif "subject" in found:
            break
        at += 1
    return found, at


def _author(value: str) -> Address | None:
    cleaned = re.sub(r"\[mailto:\s*([^\]]+)\]|<mailto:\s*([^>]+)>", r"<\1\2>", value)
    cleaned = re.sub(r"\(([^()\s]+@[^()\s]+)\)", r"<\1>", cleaned)
    found = words.MAIL_ADDRESS.search(cleaned)
    if found is None:
        return None
    address = addresses([found[0]])
    name = re.sub(r"[<\[(].*", "", cleaned[: found.start()]).strip(" \"'*")
    return replace(address[0], name=name[:200]) if address else None


def _inline(message: InboundMessage) -> tuple[InboundMessage, str] | None:
    lines = message.text.replace("\r\n", "\n").split("\n")
    spot = _start(lines)
    if spot is None:
        return None
    fields, body_at = _fields(lines, spot[1])
    author = _author(fields.get("from", ""))
    if author is None:
        return None
    own = split_reply("\n".join(lines[: spot[0]]))[0]
    rest = lines[body_at:]
    marked = all(line.startswith(">") for line in rest if line.strip())
    text = "\n".join(_plain(line) if marked else line for line in rest).strip("\n")
    fresh, quoted = split_reply(text)
    inner = replace(
        message, sender=author, subject=fields.get("subject") or _bare(message.subject), text=text,
        html=None, reply_text=fresh, quoted=quoted, automated=None, references=(), in_reply_to=None,
        locale=None, sent_at=date(fields.get("sent", "")) or message.sent_at, to=message.to, cc=(),
        attachments=(),
    )  # fmt: skip
    return inner, own


def _bare(subject: str) -> str:
    match = _SUBJECT.match(subject)
    return match[1].strip() if match else subject


def _carried(message: InboundMessage) -> tuple[InboundMessage, str] | None:
    mails = [file for file in message.attachments if file.content_type == "message/rfc822"]
    if len(mails) != 1:
        return None
    inner = parse_email(mails[0].data)
    if not inner.sender.value:
        return None
    return replace(inner, external_id=message.external_id, message_id=message.message_id,
                   to=message.to, cc=()), message.reply_text  # fmt: skip


def read_forward(message: InboundMessage) -> tuple[InboundMessage, str] | None:
    """The forwarded mail and the forwarder's own words; None for a mail that is no forward.

    Its `attachments` are those that only the carried mail holds; the others are the forward's.
    Whether the forwarder may speak for its author is for the caller to decide.
    """
    if message.automated in ("bounce", "list", "loop"):
        return None
    titled = _SUBJECT.match(message.subject) is not None
    marked = any(words.FORWARD.match(line) for line in message.text.split("\n")[:200])
    carried = _carried(message)
    if carried is not None and (titled or not message.text.strip()):
        return carried
    return _inline(message) if titled or marked else None
