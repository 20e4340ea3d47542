"""SendGrid: Inbound Parse (parsed or raw) and the Event Webhook.

Source: twilio.com/docs/sendgrid, "Setting up the Inbound Parse Webhook", "Event Webhook", "Event
Webhook Security Features". Parse posts are not signed; the URL carries a password. Events may be
signed with ECDSA over timestamp and body.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from channels.contract import Attachment, BadSignature, ChannelConfig, RawPayload, Unparsable
from channels.email.providers.base import (
    KEY_NAME,
    Arrived,
    Form,
    Item,
    Provider,
    check_password,
    complaint,
    form_of,
    json_of,
    listed,
    mapping,
    rebuild,
    state,
    word,
)

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


def _is_event(payload: RawPayload) -> bool:
    return "json" in payload.content_type.lower()


def _check_signature(payload: RawPayload, key: str) -> None:
    try:
        public = load_der_public_key(base64.b64decode(key))
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise BadSignature("sendgrid_public_key is not a key for ECDSA")
        given = base64.b64decode(payload.headers.get(_SIGNATURE, ""))
        signed = payload.headers.get(_TIMESTAMP, "").encode() + payload.body
        public.verify(given, signed, ec.ECDSA(SHA256()))
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        raise BadSignature("sendgrid_public_key or the signature cannot be read") from error
    except InvalidSignature as error:
        raise BadSignature from error


class SendGrid(Provider):
    """See the module."""

    name: str = "sendgrid"

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Events by their signature where a key is set, everything else by the URL's password."""
        key = config.secrets.get("sendgrid_public_key", "")
        if _is_event(payload) and key:
            _check_signature(payload, key)
        else:
            check_password(payload, config, "SendGrid")

    def split(self, payload: RawPayload) -> Sequence[RawPayload]:
        """One payload for each event."""
        if not _is_event(payload):
            return (payload,)
        events = listed(json_of(payload))
        return [replace(payload, body=msgspec.json.encode([event])) for event in events]

    def event_id(self, payload: RawPayload) -> str:
        """The event's own id."""
        if not _is_event(payload):
            return ""
        events = listed(json_of(payload))
        first = mapping(events[0]) if events else {}
        return f"sendgrid:{word(first.get('sg_event_id'))}" if first.get("sg_event_id") else ""

    def read(self, payload: RawPayload) -> Sequence[Item]:
        """A mail, or what became of some."""
        if not _is_event(payload):
            return (_arrived(form_of(payload)),)
        found = [_event(mapping(one)) for one in listed(json_of(payload))]
        return [one for one in found if one is not None]

    def headers(self, key: str) -> Mapping[str, str]:
        """Arguments come back in events."""
        return {"X-SMTPAPI": msgspec.json.encode({"unique_args": {KEY_NAME: key}}).decode()}


def _event(event: Mapping[str, Any]) -> Item | None:
    about = (word(event.get("smtp-id")), word(event.get(KEY_NAME)), word(event.get("email")),
             event.get("timestamp"))  # fmt: skip
    reason = word(event.get("reason")) or word(event.get("response"))
    match word(event.get("event")):
        case "delivered":
            return state("delivered", *about)
        case "open":
            return state("read", *about)
        case "bounce":
            dead = word(event.get("type")) != "blocked" and word(event.get("status"))[:1] == "5"
            return state("failed", *about, reason, code=word(event.get("status")), permanent=dead)
        case "dropped":
            dead = "bounced" in reason.lower() or "invalid" in reason.lower()
            return state("failed", *about, reason, code="dropped", permanent=dead)
        case "spamreport":
            name = f"sendgrid:{word(event.get('sg_event_id'))}"
            return complaint(name, about[2], about[3], "SendGrid")
        case _:
            return None


def _json(form: Form, name: str) -> Mapping[str, Any]:
    try:
        return mapping(msgspec.json.decode(form.fields.get(name, b"") or b"{}"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _arrived(form: Form) -> Arrived:
    recipients = tuple(word(one) for one in listed(_json(form, "envelope").get("to")))
    if "email" in form.fields:
        return Arrived(form.fields["email"], recipients)
    charsets = {name: word(value) for name, value in _json(form, "charsets").items()}

    def text(name: str) -> str:
        return form.text(name, charsets.get(name) or "utf-8")

    headers = _unfolded(form.text("headers"))
    known = {name.lower() for name, _ in headers}
    for name in ("From", "To", "Cc", "Subject"):
        if name.lower() not in known and text(name.lower()):
            headers.append((name, text(name.lower())))
    if not any(name.lower() == "from" for name, _ in headers):
        raise Unparsable("this is no mail: it has no From")
    told = _json(form, "attachment-info")
    files = []
    for name, file in form.files.items():
        info = mapping(told.get(name))
        content_id = word(info.get("content-id")) or None
        files.append(Attachment(
            word(info.get("filename")) or file.filename,
            word(info.get("type")) or file.content_type, file.data,
            inline=content_id is not None, content_id=content_id,
        ))  # fmt: skip
    return Arrived(rebuild(headers, text("text"), text("html"), files), recipients)


def _unfolded(block: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in block.replace("\r\n", "\n").split("\n"):
        if line[:1] in (" ", "\t") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        elif ":" in line:
            name, _, value = line.partition(":")
            found.append((name, value.strip()))
    return found
