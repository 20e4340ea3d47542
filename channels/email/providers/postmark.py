"""Postmark: inbound webhook and the events of its outbound streams.

Source: postmarkapp.com/developer/webhooks. Postmark signs nothing; the URL carries a password.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from channels.contract import Attachment, ChannelConfig, RawPayload, Unparsable
from channels.email.providers.base import (
    KEY_NAME,
    Arrived,
    Item,
    Provider,
    check_password,
    complaint,
    json_of,
    listed,
    mapping,
    rebuild,
    state,
    word,
)

# Types of bounces after which the address takes no mail any more.
_DEAD = frozenset({"HardBounce", "BadEmailAddress", "ManuallyDeactivated", "Unsubscribe"})
_TEMPORARY = frozenset({"Transient", "DnsError", "SoftBounce", "AutoResponder", "AddressChange"})


class Postmark(Provider):
    """See the module."""

    name: str = "postmark"

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """By the password in the URL."""
        check_password(payload, config, "Postmark")

    def split(self, payload: RawPayload) -> Sequence[RawPayload]:
        """It sends one at a time."""
        return (payload,)

    def event_id(self, payload: RawPayload) -> str:
        """Kind, message and number of the event."""
        body = mapping(json_of(payload))
        kind = word(body.get("RecordType"))
        if kind in ("", "Inbound"):
            return ""
        number = word(body.get("ID")) or word(body.get("Recipient")) or word(body.get("Email"))
        return f"postmark:{kind}:{word(body.get('MessageID'))}:{number}"

    def read(self, payload: RawPayload) -> Sequence[Item]:
        """A mail, or what became of one."""
        body = mapping(json_of(payload))
        kind = word(body.get("RecordType"))
        if kind in ("", "Inbound"):
            return (_arrived(body),)
        key = word(mapping(body.get("Metadata")).get(KEY_NAME))
        to = word(body.get("Recipient") or body.get("Email"))
        match kind:
            case "Delivery":
                return (state("delivered", "", key, to, body.get("DeliveredAt")),)
            case "Open":
                return (state("read", "", key, to, body.get("ReceivedAt")),)
            case "Bounce":
                sort = word(body.get("Type"))
                if sort in _TEMPORARY:
                    return ()
                words = word(body.get("Details")) or word(body.get("Description"))
                return (state("failed", "", key, to, body.get("BouncedAt"), words, code=sort,
                              permanent=sort in _DEAD),)  # fmt: skip
            case "SpamComplaint":
                name = self.event_id(payload)
                return (complaint(name, to, body.get("BouncedAt"), "Postmark"),)
            case _:
                return ()

    def headers(self, key: str) -> Mapping[str, str]:
        """Metadata come back in events; the Message-ID stays ours."""
        return {f"X-PM-Metadata-{KEY_NAME}": key, "X-PM-KeepID": "true"}


def _arrived(body: Mapping[str, Any]) -> Arrived:
    recipient = word(body.get("OriginalRecipient"))
    recipients = (recipient,) if recipient else ()
    raw = word(body.get("RawEmail"))
    if raw:
        return Arrived(raw.encode("utf-8", "surrogateescape"), recipients)
    if "From" not in body and "FromFull" not in body:
        raise Unparsable("this is no mail: it has no From")
    named = [(word(one.get("Name")), word(one.get("Value")))
             for one in map(mapping, listed(body.get("Headers")))]  # fmt: skip
    known = {name.lower() for name, _ in named}
    fields = {
        "From": _person(mapping(body.get("FromFull"))) or word(body.get("From")),
        "To": _people(body.get("ToFull")) or word(body.get("To")),
        "Cc": _people(body.get("CcFull")) or word(body.get("Cc")),
        "Reply-To": word(body.get("ReplyTo")),
        "Subject": word(body.get("Subject")),
        "Date": word(body.get("Date")),
        "Message-ID": f"<{word(body.get('MessageID'))}@inbound.postmarkapp.com>",
    }
    headers = [
        (name, value) for name, value in fields.items() if value and name.lower() not in known
    ]
    files = [_file(mapping(one)) for one in listed(body.get("Attachments"))]
    mail = rebuild(
        [*headers, *named], word(body.get("TextBody")), word(body.get("HtmlBody")), files
    )
    return Arrived(mail, recipients)


def _person(value: Mapping[str, Any]) -> str:
    address, name = word(value.get("Email")), word(value.get("Name")).replace('"', "'")
    return f'"{name}" <{address}>' if name and address else address


def _people(value: object) -> str:
    return ", ".join(filter(None, (_person(mapping(one)) for one in listed(value))))


def _file(value: Mapping[str, Any]) -> Attachment:
    content = word(value.get("Content"))
    try:
        data = base64.b64decode(content)
    except binascii.Error:
        data = content.encode("utf-8", "replace")
    content_id = word(value.get("ContentID")) or None
    return Attachment(
        word(value.get("Name")) or "attachment.bin", word(value.get("ContentType")), data,
        inline=content_id is not None, content_id=content_id,
    )  # fmt: skip
