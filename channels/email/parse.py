"""Raw mail to `InboundMessage`. Never raises; what cannot be read is kept, `problems` says why."""

from __future__ import annotations

import hashlib
import re

from channels.contract import Address, InboundMessage
from channels.email.automated import LOOP_HEADER, classify
from channels.email.bounces import read_bounces
from channels.email.charsets import decode
from channels.email.content import attachments, bodies, gather
from channels.email.headers import (
    Headers,
    addresses,
    authentication_results,
    date,
    message_ids,
    parse_block,
)
from channels.email.mime import (
    MAX_HEADER_BYTES,
    read_mail,
    split_head,
)
from channels.email.quotes import split_reply
from channels.email.threading import find_reply_token

CHANNEL = "email"
MAX_TEXT_CHARS = 1_000_000
MAX_SUBJECT_CHARS = 998
MAX_RAW_BYTES = 100 * 1024 * 1024

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


def content_id_hash(raw: bytes) -> str:
    """A stable id for mail that has no Message-ID."""
    return f"sha256-{hashlib.sha256(raw).hexdigest()}"


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
    found = gather(root, problems)
    text, html = bodies(found)
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
        attachments=attachments(found),
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
            "invitation": found.invitation,
            "desk": headers.text(LOOP_HEADER.lower()),
            "automated_otherwise": headers.raw("auto-submitted").lower().startswith("auto-"),
            "auto_response_suppress": headers.text("x-auto-response-suppress"),
        },
    )


def _locale(headers: Headers) -> str | None:
    tag = re.match(r"\s*([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\b", headers.raw("content-language"))
    return tag[1] if tag else None
