"""Amazon SES: mail and events that come as notifications of SNS.

Source: docs.aws.amazon.com/ses, "Contents of notifications", docs.aws.amazon.com/sns, "Verifying
the signatures of Amazon SNS messages". The certificate that signs is fetched before (`prepare` of
the channel), from Amazon's own hosts only.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import load_pem_x509_certificate

from channels.contract import BadSignature, ChannelConfig, RawPayload, Unparsable
from channels.email.providers.base import (
    KEY_NAME,
    Arrived,
    Item,
    Provider,
    complaint,
    json_of,
    listed,
    mapping,
    state,
    word,
)

import msgspec  # isort: skip

_HOST: Final = re.compile(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(?:\.cn)?")
_PATH: Final = re.compile(r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem")
_SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token",
                                 "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token",
                                "TopicArn", "Type"),
}  # fmt: skip


def envelope(payload: RawPayload) -> Mapping[str, Any]:
    """The notification around the mail or event. Raises `Unparsable`."""
    return mapping(json_of(payload))


def certificate_url(note: Mapping[str, Any]) -> str:
    """Where the signing certificate lies. Raises `BadSignature` unless that is Amazon's place."""
    url = word(note.get("SigningCertURL"))
    parts = urlsplit(url)
    if (
        parts.scheme != "https"
        or not _HOST.fullmatch(parts.netloc)
        or not _PATH.fullmatch(parts.path)
    ):
        raise BadSignature("the certificate does not lie at Amazon's")
    return url


def subscribe_url(note: Mapping[str, Any], topic: str) -> str:
    """Where to confirm a subscription to our topic. Raises `BadSignature`."""
    url = word(note.get("SubscribeURL"))
    parts = urlsplit(url)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc):
        raise BadSignature("the confirmation does not lead to Amazon")
    if not topic or word(note.get("TopicArn")) != topic:
        raise BadSignature("it is about another topic than sns_topic")
    return url


def check_signature(note: Mapping[str, Any], certificate: bytes, topic: str) -> None:
    """Raises `BadSignature` unless Amazon signed this for our topic."""
    names = _SIGNED.get(word(note.get("Type")))
    if names is None:
        raise BadSignature("this is no notification of SNS")
    if not topic or word(note.get("TopicArn")) != topic:
        raise BadSignature("it is about another topic than sns_topic")
    signed = "".join(
        f"{name}\n{word(note[name])}\n" for name in names if note.get(name) is not None
    )
    digest: HashAlgorithm = SHA256() if word(note.get("SignatureVersion")) == "2" else SHA1()  # noqa: S303 - version 1 of SNS
    try:
        key = load_pem_x509_certificate(certificate).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise BadSignature("the certificate holds no RSA key")
        given = base64.b64decode(word(note.get("Signature")))
        key.verify(given, signed.encode(), padding.PKCS1v15(), digest)
    except (ValueError, binascii.Error) as error:
        raise BadSignature("the certificate or the signature cannot be read") from error
    except InvalidSignature as error:
        raise BadSignature from error


class Ses(Provider):
    """See the module; `verify` is the channel's, which has the certificate."""

    name: str = "ses"

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """The channel does it."""

    def split(self, payload: RawPayload) -> Sequence[RawPayload]:
        """It sends one at a time."""
        return (payload,)

    def event_id(self, payload: RawPayload) -> str:
        """The notification's id, for events."""
        note = envelope(payload)
        inner = _inner(note)
        if inner is not None and word(inner.get("notificationType")) == "Received":
            return ""
        return f"sns:{word(note.get('MessageId'))}"

    def read(self, payload: RawPayload) -> Sequence[Item]:
        """A mail, or what became of one."""
        note = envelope(payload)
        if word(note.get("Type")) != "Notification":
            return ()
        inner = _inner(note)
        if inner is None:
            if word(note.get("Message")).startswith("Successfully validated SNS topic"):
                return ()
            raise Unparsable("the notification holds no message of SES")
        kind = word(inner.get("notificationType")) or word(inner.get("eventType"))
        if kind == "Received":
            return (_arrived(inner),)
        return _events(kind, inner, f"sns:{word(note.get('MessageId'))}")

    def headers(self, key: str) -> Mapping[str, str]:
        """Tags come back in events."""
        return {"X-SES-MESSAGE-TAGS": f"{KEY_NAME}={key}"}


def _inner(note: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        found = msgspec.json.decode(word(note.get("Message")))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return mapping(found) if isinstance(found, Mapping) else None


def _arrived(inner: Mapping[str, Any]) -> Arrived:
    receipt = mapping(inner.get("receipt"))
    recipients = tuple(word(one) for one in listed(receipt.get("recipients")))
    action = mapping(receipt.get("action"))
    content = word(inner.get("content"))
    if not content:
        place = f"{word(action.get('bucketName'))}/{word(action.get('objectKey'))}".strip("/")
        where = f" (it lies in S3 at {place})" if place else ""
        raise Unparsable(
            f"the notification does not hold the mail{where}; let the receipt rule publish it to "
            "SNS with its content, encoded in Base64"
        )
    if word(action.get("encoding")).upper() == "BASE64":
        try:
            return Arrived(base64.b64decode(content), recipients)
        except binascii.Error as error:
            raise Unparsable("the mail's Base64 cannot be read") from error
    return Arrived(content.encode("utf-8", "surrogateescape"), recipients)


def _events(kind: str, inner: Mapping[str, Any], name: str) -> Sequence[Item]:
    mail = mapping(inner.get("mail"))
    tags = listed(mapping(mail.get("tags")).get(KEY_NAME))
    key = word(tags[0]) if tags else ""
    ours = next((word(one.get("value")) for one in map(mapping, listed(mail.get("headers")))
                 if word(one.get("name")).lower() == "message-id"), "")  # fmt: skip
    told = mapping(inner.get(kind.lower()))
    when = told.get("timestamp") or mail.get("timestamp")
    match kind:
        case "Delivery":
            return [state("delivered", ours, key, word(one), when)
                    for one in listed(told.get("recipients"))]  # fmt: skip
        case "Open":
            return [state("read", ours, key, word(one), when)
                    for one in listed(mail.get("destination"))[:1]]  # fmt: skip
        case "Bounce":
            dead = word(told.get("bounceType")) == "Permanent"
            return [state("failed", ours, key, word(one.get("emailAddress")), when,
                          word(one.get("diagnosticCode")), code=word(one.get("status")),
                          permanent=dead)
                    for one in map(mapping, listed(told.get("bouncedRecipients")))]  # fmt: skip
        case "Complaint":
            who = [word(mapping(one).get("emailAddress"))
                   for one in listed(told.get("complainedRecipients"))]  # fmt: skip
            return [complaint(f"{name}:{number}", one, when, "Amazon SES")
                    for number, one in enumerate(who)]  # fmt: skip
        case "Reject":
            return [state("failed", ours, key, word(one), when, word(told.get("reason")))
                    for one in listed(mail.get("destination"))]  # fmt: skip
        case _:
            return ()
