"""What Twilio's webhooks say: messages from customers, and what became of ours.

Source: twilio.com/docs/messaging/guides/webhook-request and track-outbound-message-status
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from channels.contract import (
    ChannelConfig,
    InboundMessage,
    Media,
    MessageState,
    RawKey,
    RawPayload,
    StatusUpdate,
    Unparsable,
)
from channels.sms.codes import explain
from channels.sms.keywords import keyword_of
from channels.sms.numbers import read_party
from channels.sms.webhook import Form, read_form

KEY_PARAMETER: Final = "key"  # of the status callback's URL: it carries our idempotency key
MAX_MEDIA: Final = 100
_INBOUND: Final = frozenset({"", "received", "receiving"})
_STATES: Final[dict[str, MessageState]] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
# What Twilio knows about the sender and the app; kept as it came.
_EXTRA: Final = (
    "FromCity", "FromState", "FromZip", "FromCountry", "Latitude", "Longitude", "Address", "Label",
    "ButtonText", "ButtonPayload", "ListId", "ListTitle", "Forwarded", "FrequentlyForwarded",
    "OriginalRepliedMessageSid", "ReferralBody", "ReferralHeadline", "ReferralSourceUrl",
    "ReferralSourceType", "ReferralSourceId", "MessagingServiceSid", "NumSegments", "WaId",
    "OptOutType", "MessageType", "ChannelMetadata",
)  # fmt: skip


def _sid(form: Form) -> str:
    return form.text("MessageSid") or form.text("SmsSid") or form.text("SmsMessageSid")


def _status(form: Form) -> str:
    return (form.text("MessageStatus") or form.text("SmsStatus")).lower()


def key(payload: RawPayload) -> RawKey:
    """Name a webhook: the message's SID, with the status where it reports one. Never raises.

    A message and its statuses share the lane of the customer's number.
    """
    try:
        form = read_form(payload)
    except Unparsable:
        form = Form([])
    sid, status = _sid(form), _status(form)
    if not sid:
        seen = hashlib.sha256(payload.url.encode("utf-8", "replace") + b"\n" + payload.body)
        return RawKey(f"sha256:{seen.hexdigest()}", "")
    inbound = status in _INBOUND
    customer = read_party(form.text("From" if inbound else "To"), form.text("FromCountry"))
    lane = f"phone:{customer.value}"[:300]
    if inbound:
        # Twilio repeats a webhook with the same content and other counters of its retries.
        told = "\n".join(f"{k}={form[k]}" for k in ("From", "To", "Body", "NumMedia") if k in form)
        return RawKey(sid[:200], lane, hashlib.sha256(told.encode("utf-8", "replace")).hexdigest())
    return RawKey(f"{sid[:200]}:{status[:40]}", lane, status)


def parse(payload: RawPayload, config: ChannelConfig) -> list[InboundMessage | StatusUpdate]:
    """The one message or status that a webhook is. Raises Unparsable."""
    form = read_form(payload)
    if not _sid(form):
        raise Unparsable("there is no MessageSid; is this a webhook of Twilio's messaging?")
    account = config.options.get("account_sid")
    if account and form.text("AccountSid") not in {"", str(account)}:
        raise Unparsable(f"the message belongs to another account ({form.text('AccountSid')[:40]})")
    if _status(form) in _INBOUND:
        return [_message(form)]
    return [_receipt(form, payload.url)]


def _message(form: Form) -> InboundMessage:
    party = read_party(form.text("From"), form.text("FromCountry"))
    if not party.value:
        raise Unparsable("the message has no sender (From)")
    text = form.text("Body").replace("\r\n", "\n")
    media = _media(form)
    problems: tuple[str, ...] = ()
    declared = form.number("NumMedia") or 0
    if declared > len(media):
        problems = (f"{declared} files were announced, {len(media)} are named",)
    extra: dict[str, object] = {n: form.text(n)[:2000] for n in _EXTRA if form.text(n)}
    if party.via:
        extra["via"] = party.via
    if form.text("ButtonPayload"):
        extra["payload"] = form.text("ButtonPayload")[:2000]
    text = text or form.text("ButtonText") or _place(form)
    return InboundMessage(
        channel="sms",
        # A sender's number is easily forged in the telephone network: it proves nobody.
        sender=party.address(" ".join(form.text("ProfileName").split())[:200]),
        text=text,
        reply_text=text,
        external_id=_sid(form)[:200],
        to=(read_party(form.text("To")).address(),) if form.text("To") else (),
        media=media,
        conversation=f"{party.via}:{party.value}" if party.via else "",
        keyword=keyword_of(text, form.text("OptOutType")),
        in_reply_to=form.text("OriginalRepliedMessageSid")[:200] or None,
        problems=problems,
        extra=extra,
    )


def _media(form: Form) -> tuple[Media, ...]:
    found = []
    for index in range(min(form.number("NumMedia") or 0, MAX_MEDIA)):
        url = form.text(f"MediaUrl{index}")
        if url:
            found.append(Media(ref=url[:2000], content_type=form.text(f"MediaContentType{index}")))
    return tuple(found)


def _place(form: Form) -> str:
    """A shared location as text: WhatsApp's come as fields alone."""
    latitude, longitude = form.text("Latitude"), form.text("Longitude")
    if not latitude or not longitude:
        return ""
    named = " ".join(one for one in (form.text("Label"), form.text("Address")) if one)
    return f"{named} ({latitude}, {longitude})" if named else f"{latitude}, {longitude}"


def _receipt(form: Form, url: str) -> StatusUpdate:
    status = _status(form)
    state = _STATES.get(status)
    if state is None:
        raise Unparsable(f"Twilio reports a status that is not known here: {status[:40]!r}")
    told = form.text("ErrorMessage") or form.text("ChannelStatusMessage")
    reason, permanent = "", False
    if state == "failed":
        code = explain(form.number("ErrorCode"), told)
        reason, permanent = code.words, code.permanent
        if status == "canceled" and not form.number("ErrorCode"):
            reason = "the message was cancelled at Twilio before it was sent"
    return StatusUpdate(
        external_id=_sid(form)[:200],
        state=state,
        at=_done_at(form.text("RawDlrDoneDate")),
        reason=reason,
        permanent=permanent,
        key=_our_key(url),
    )


def _done_at(value: str) -> datetime | None:
    """When the carrier says it was done: YYMMDDhhmm, UTC."""
    try:
        return datetime.strptime(value, "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def _our_key(url: str) -> str:
    try:
        return parse_qs(urlsplit(url).query).get(KEY_PARAMETER, [""])[0][:200]
    except ValueError:
        return ""
