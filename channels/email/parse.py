"""Raw mail to `InboundMessage`. Never raises; what cannot be read is kept, `problems` says why."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace

from channels.contract import Address, Attachment, InboundMessage
from channels.email.automated import classify
from channels.email.bounces import read_bounces
from channels.email.charsets import decode
from channels.email.headers import (
    Headers,
    addresses,
    authentication_results,
    date,
    message_ids,
    one_line,
    parse_block,
)
from channels.email.html import from_text, sanitise, to_text
from channels.email.mime import (
    MAX_HEADER_BYTES,
    Part,
    default_filename,
    part_text,
    read_mail,
    safe_filename,
    split_head,
)
from channels.email.quotes import split_reply
from channels.email.threading import find_reply_token
from channels.email.tnef import unpack

CHANNEL = "email"
MAX_TEXT_CHARS = 1_000_000
MAX_SUBJECT_CHARS = 998
MAX_RAW_BYTES = 100 * 1024 * 1024

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


@dataclass(slots=True)
class _Found:
    """What the tree of parts holds: shown segments (text, html) in order, and files."""

    segments: list[tuple[str | None, str | None]] = field(default_factory=list)
    files: list[tuple[Part, bool]] = field(default_factory=list)


def content_id_hash(raw: bytes) -> str:
    """A stable id for mail that has no Message-ID."""
    return f"sha256-{hashlib.sha256(raw).hexdigest()}"


def _is_shown(part: Part) -> bool:
    return (
        part.content_type in ("text/plain", "text/html")
        and part.disposition != "attachment"
        and not part.filename
    )


def _gather(part: Part, problems: list[str], *, related: bool = False) -> _Found:
    found = _Found()
    if part.content_type == "multipart/alternative":
        inner = [_gather(child, problems) for child in part.children]
        texts = [text for one in inner for text, _ in one.segments if text and text.strip()]
        htmls = [html for one in inner for _, html in one.segments if html and html.strip()]
        if texts or htmls:
            found.segments.append((texts[0] if texts else None, htmls[-1] if htmls else None))
        found.files = [file for one in inner for file in one.files]
    elif part.content_type.startswith("multipart/"):
        inside = part.content_type == "multipart/related"
        for child in part.children:
            one = _gather(child, problems, related=inside)
            found.segments += one.segments
            found.files += one.files
    elif _is_shown(part):
        text = part_text(part, problems)
        found.segments.append((None, text) if part.content_type == "text/html" else (text, None))
    else:
        inline = part.disposition == "inline" or (related and part.content_id is not None)
        found.files.append((part, inline and part.content_type.startswith("image/")))
    return found


def _bodies(found: _Found) -> tuple[str, str | None]:
    texts, htmls = [], []
    for text, html in found.segments:
        shown = to_text(html) if text is None and html is not None else text or ""
        texts.append(shown.rstrip() if len(found.segments) > 1 else shown)
        htmls.append(sanitise(html) if html is not None else from_text(text or ""))
    has_html = any(html is not None for _, html in found.segments)
    text = "\n\n".join(part for part in texts if part.strip()) if len(texts) > 1 else "".join(texts)
    return text, "\n".join(htmls) if has_html else None


def _unwrapped(part: Part) -> list[Attachment]:
    """The files inside a winmail.dat, so that people without Outlook can open them."""
    if not part.content_type.endswith("ms-tnef") and part.filename.lower() != "winmail.dat":
        return []
    return [
        Attachment(
            filename=safe_filename(file.name) or f"attachment-{number}.bin",
            content_type=one_line(file.content_type) or "application/octet-stream",
            data=file.data,
            inline=bool(file.content_id),
            content_id=one_line(file.content_id).strip("<>") or None,
        )
        for number, file in enumerate(unpack(part.data), 1)
    ]


def _attachments(found: _Found) -> tuple[Attachment, ...]:
    out: list[Attachment] = []
    taken: set[str] = set()
    for number, (part, inline) in enumerate(found.files, 1):
        name = default_filename(part, number)
        itself = Attachment(name, part.content_type, part.data, inline, part.content_id)
        for file in _unwrapped(part) or [itself]:
            name = file.filename
            if name in taken:
                stem, dot, ending = name.rpartition(".")
                count = len(taken) + 1
                name = f"{stem} ({count}){dot}{ending}" if stem else f"{name} ({count})"
            taken.add(name)
            out.append(replace(file, filename=name))
    return tuple(out)


def _sender(headers: Headers, problems: list[str]) -> Address:
    for name in ("from", "sender", "reply-to", "return-path"):
        found = addresses(headers.all_raw(name))
        if found:
            if name != "from":
                problems.append(f"no address in From, taken from {name.title()}")
            return found[0]
    problems.append("no sender address")
    return Address("email", "", headers.text("from")[:200])


def parse_email(raw: bytes, *, authserv_id: str | None = None) -> InboundMessage:
    """Read a mail. Never raises, whatever the bytes.

    `authserv_id` names the server whose Authentication-Results we trust; without it none are read.
    """
    try:
        return _parse(raw, authserv_id)
    except Exception as error:  # noqa: BLE001 - the port promises to keep any bytes whatsoever
        return _as_text(raw, type(error).__name__)


def _as_text(raw: bytes, why: str) -> InboundMessage:
    """The last resort: the headers as far as they go, and the rest as one text."""
    head, body = split_head(raw[:MAX_TEXT_CHARS])
    headers, _ = parse_block(head[:MAX_HEADER_BYTES])
    text, _ = decode(body)
    ids = message_ids(headers.all_raw("message-id")[:1])
    problems = [f"could not be taken apart ({why}), kept as text"]
    return InboundMessage(
        channel=CHANNEL,
        sender=_sender(headers, problems),
        text=text,
        external_id=ids[0] if ids else content_id_hash(raw),
        subject=headers.text("subject")[:MAX_SUBJECT_CHARS],
        reply_text=text,
        message_id=ids[0] if ids else None,
        problems=tuple(problems),
    )


def _parse(raw: bytes, authserv_id: str | None) -> InboundMessage:
    headers, root, problems = read_mail(raw[:MAX_RAW_BYTES])
    if len(raw) > MAX_RAW_BYTES:
        problems.append("cut at 100 MiB")
    found = _gather(root, problems)
    text, html = _bodies(found)
    if len(text) > MAX_TEXT_CHARS:
        problems.append("text cut at one million characters")
        text = text[:MAX_TEXT_CHARS]
    sender = _sender(headers, problems)
    subject = headers.text("subject")[:MAX_SUBJECT_CHARS]
    bounces = read_bounces(headers, root, text, subject, sender.value)
    ids = message_ids(headers.all_raw("message-id")[:1])
    answered = message_ids(headers.all_raw("in-reply-to"))
    to = addresses(headers.all_raw("to"))
    cc = addresses(headers.all_raw("cc"))
    delivered = addresses(value for name in _DELIVERED for value in headers.all_raw(name))
    fresh, quoted = split_reply(text)
    return InboundMessage(
        channel=CHANNEL,
        sender=sender,
        text=text,
        external_id=ids[0] if ids else content_id_hash(raw),
        sent_at=date(headers.raw("date")),
        subject=subject,
        html=html,
        reply_text=fresh,
        quoted=quoted,
        attachments=_attachments(found),
        message_id=ids[0] if ids else None,
        in_reply_to=answered[0] if answered else None,
        references=message_ids([*headers.all_raw("references")]),
        to=to,
        cc=cc,
        automated=classify(headers, subject, bounced=bool(bounces)),
        bounce=bounces[0] if bounces else None,
        bounces=bounces,
        thread_hint=find_reply_token((*to, *cc, *delivered), text),
        locale=_locale(headers),
        auth_results=authentication_results(headers, authserv_id),
        problems=tuple(dict.fromkeys(problems)),
        extra={
            "delivered_to": tuple(address.value for address in delivered),
            "reply_to": tuple(a.value for a in addresses(headers.all_raw("reply-to"))),
            "auto_response_suppress": headers.text("x-auto-response-suppress"),
        },
    )


def _locale(headers: Headers) -> str | None:
    tag = re.match(r"\s*([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\b", headers.raw("content-language"))
    return tag[1] if tag else None
