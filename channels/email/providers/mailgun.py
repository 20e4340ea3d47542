"""Mailgun: routes that forward or store mail, and its event webhooks.

Source: documentation.mailgun.com, "Routes", "Webhooks", "Securing webhooks": the signature is
HMAC-SHA256 over timestamp and token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from channels.contract import Attachment, BadSignature, ChannelConfig, RawPayload, Unparsable
from channels.email.providers.base import (
    KEY_NAME,
    Arrived,
    Form,
    Item,
    Provider,
    complaint,
    form_of,
    json_of,
    listed,
    mapping,
    rebuild,
    state,
    word,
)
from channels.signing import hmac_hex, same_hex

MAX_AGE: Final = timedelta(minutes=15)


def _is_event(payload: RawPayload) -> bool:
    return "json" in payload.content_type.lower()


class Mailgun(Provider):
    """See the module."""

    name: str = "mailgun"

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """By HMAC; an old signature is refused, too."""
        key = config.secrets.get("webhook_signing_key", "")
        if not key:
            raise BadSignature("webhook_signing_key is not set")
        if _is_event(payload):
            signed = mapping(mapping(json_of(payload)).get("signature"))
            timestamp, token, given = (
                word(signed.get(n)) for n in ("timestamp", "token", "signature")
            )
        else:
            form = form_of(payload)
            timestamp, token, given = (form.text(n) for n in ("timestamp", "token", "signature"))
        if not same_hex(hmac_hex(key, f"{timestamp}{token}".encode()), given):
            raise BadSignature
        if payload.received_at is not None and timestamp.isdecimal():
            when = datetime.fromtimestamp(int(timestamp[:12]), UTC)
            if abs(payload.received_at - when) > MAX_AGE:
                raise BadSignature("the signature is too old")

    def split(self, payload: RawPayload) -> Sequence[RawPayload]:
        """It sends one at a time."""
        return (payload,)

    def event_id(self, payload: RawPayload) -> str:
        """The event's own id."""
        if not _is_event(payload):
            return ""
        return f"mailgun:{word(mapping(mapping(json_of(payload)).get('event-data')).get('id'))}"

    def read(self, payload: RawPayload) -> Sequence[Item]:
        """A mail, or what became of one."""
        if not _is_event(payload):
            return (_arrived(form_of(payload)),)
        event = mapping(mapping(json_of(payload)).get("event-data"))
        headers = mapping(mapping(event.get("message")).get("headers"))
        about = (word(headers.get("message-id")),
                 word(mapping(event.get("user-variables")).get(KEY_NAME)),
                 word(event.get("recipient")), event.get("timestamp"))  # fmt: skip
        match word(event.get("event")):
            case "delivered":
                return (state("delivered", *about),)
            case "opened":
                return (state("read", *about),)
            case "failed" if word(event.get("severity")) != "temporary":
                told = mapping(event.get("delivery-status"))
                words = word(told.get("message")) or word(told.get("description"))
                dead = word(event.get("reason")) in ("bounce", "suppress-bounce")
                return (state("failed", *about, words or word(event.get("reason")),
                              code=word(told.get("code")), permanent=dead),)  # fmt: skip
            case "complained":
                return (complaint(self.event_id(payload), about[2], about[3], "Mailgun"),)
            case _:
                return ()

    def headers(self, key: str) -> Mapping[str, str]:
        """Variables come back in events."""
        return {"X-Mailgun-Variables": msgspec.json.encode({KEY_NAME: key}).decode()}


def _json(form: Form, name: str) -> Any:  # noqa: ANN401 - whatever was sent
    try:
        return msgspec.json.decode(form.fields.get(name, b"") or b"null")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _arrived(form: Form) -> Arrived:
    recipients = tuple(one.strip() for one in form.text("recipient").split(",") if one.strip())
    mime = form.fields.get("body-mime")
    if mime is not None:
        return Arrived(mime, recipients)
    headers = [(word(one[0]), word(one[1]))
               for one in map(listed, listed(_json(form, "message-headers"))) if len(one) == 2]  # noqa: PLR2004  # fmt: skip
    known = {name.lower() for name, _ in headers}
    for name, source in (("From", "from"), ("To", "To"), ("Subject", "subject"),
                         ("Message-ID", "Message-Id"), ("Date", "Date")):  # fmt: skip
        if name.lower() not in known and form.text(source):
            headers.append((name, form.text(source)))
    if not any(name.lower() == "from" for name, _ in headers):
        raise Unparsable("this is no mail: it has no From")
    cids = {word(field): cid for cid, field in mapping(_json(form, "content-id-map")).items()}
    files = [
        Attachment(file.filename, file.content_type, file.data, name in cids, cids.get(name))
        for name, file in form.files.items()
    ]
    text = form.text("body-plain")
    stored = [mapping(one) for one in listed(_json(form, "attachments"))]
    if stored:  # with store() the files stay there; what they are is not to be lost
        names = "\n".join(f"{word(one.get('name'))}: {word(one.get('url'))}" for one in stored)
        text = f"{text}\n\n[Files kept by Mailgun]\n{names}"
    return Arrived(rebuild(headers, text, form.text("body-html"), files), recipients)
