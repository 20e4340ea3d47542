"""Hand a message to Twilio, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from channels.contract import ChannelConfig, ChannelError, OutboundMessage, Receipt
from channels.sms.client import as_channel_error
from channels.sms.numbers import e164, read_party
from channels.sms.parse import KEY_PARAMETER

MAX_MEDIA: Final = 10
MAX_TEXT: Final = 1600
KIND: Final = "sms"
_LOOK_BACK: Final = 50  # messages to the same number that are compared with ours
_CLOCKS_DIFFER: Final = timedelta(seconds=5)
_FAILED: Final = frozenset({"failed", "undelivered", "canceled"})
FAILURES: Final = (TwilioException, requests.RequestException)


def request_of(message: OutboundMessage, config: ChannelConfig) -> dict[str, Any]:
    """What Twilio is asked, as its client's arguments. Raises `ChannelError`."""
    to = read_party(message.conversation or message.to.value)
    if not to.via and not to.is_number and not e164(to.value):
        raise ChannelError(
            f"{to.value} is a sender's name or a short code; it takes no messages",
            retryable=False, code="21265")  # fmt: skip
    text = message.text.strip()
    if len(text) > MAX_TEXT:
        raise ChannelError(f"the text has {len(text)} characters; Twilio takes {MAX_TEXT}",
                           retryable=False, code="21617")  # fmt: skip
    request: dict[str, Any] = {"to": f"{to.via}:{to.value}" if to.via else to.value}
    if text:
        request["body"] = text
    media = _links(message, config)
    if media:
        request["media_url"] = media
    if not text and not media:
        raise ChannelError("the message has no text and no file", retryable=False, code="21602")
    request.update(_sender(config, to.via))
    callback = config.webhook_url(KIND)
    if callback:
        # Our key comes back with each status, also when the answer to this call got lost.
        request["status_callback"] = f"{callback}?{urlencode({KEY_PARAMETER: message.key})}"
    if config.options.get("smart_encoded", True) and not to.via:
        request["smart_encoded"] = True
    validity = str(config.options.get("validity_seconds") or "")
    if validity:
        request["validity_period"] = _seconds(validity)
    return request


def _sender(config: ChannelConfig, via: str) -> dict[str, str]:
    service = str(config.options.get("messaging_service_sid") or "")
    if service and not via:
        return {"messaging_service_sid": service}
    sender = str(config.options.get("sender_id") or "") or config.address
    if not sender:
        reason = "the inbox has neither a number nor a messaging_service_sid"
        raise ChannelError(reason, retryable=False, code="config")
    return {"from_": f"{via}:{read_party(config.address).value}" if via else sender}


def _links(message: OutboundMessage, config: ChannelConfig) -> list[str]:
    """Twilio fetches files itself, so each needs a link it can open."""
    if not message.attachments:
        return []
    if len(message.attachments) > MAX_MEDIA:
        reason = f"a message takes {MAX_MEDIA} files; this one has {len(message.attachments)}"
        raise ChannelError(reason, retryable=False, code="21623")
    if config.file_url is None:
        reason = "files go as links, and this desk has no public address; set DESK_PUBLIC_URL"
        raise ChannelError(reason, retryable=False, code="no-public-url")
    return [config.file_url(file) for file in message.attachments]


def _seconds(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 36_000:  # noqa: PLR2004 - Twilio's limit
        reason = "validity_seconds must be a whole number from 1 to 36000"
        raise ChannelError(reason, retryable=False, code="config")
    return int(value)


def send_once(client: Client, message: OutboundMessage, config: ChannelConfig) -> Receipt:
    """Send, or find that an earlier attempt arrived. Blocks. Raises `ChannelError`.

    Twilio has no idempotency keys. After an attempt without an answer (`uncertain_since`), and at
    once when this one's answer gets lost, the account's messages to that number are read.
    """
    request = request_of(message, config)
    if message.uncertain_since is not None:
        found = _look(client, request, message.uncertain_since)
        if found is not None:
            return found
    begun = datetime.now(UTC)
    try:
        sent = client.messages.create(**request)
    except ChannelError:
        raise
    except FAILURES as error:
        failure = as_channel_error(error, sending=True)
        if failure.code == "unanswered":
            found = _look_or_none(client, request, begun)
            if found is not None:
                return found
        raise failure from error
    return Receipt(str(sent.sid), detail=f"{sent.status}, {sent.num_segments or '?'} segments")


def _look_or_none(client: Client, request: dict[str, Any], since: datetime) -> Receipt | None:
    try:
        return _look(client, request, since)
    except ChannelError:
        return None  # the first failure is the one to tell; the next attempt looks again


def _look(client: Client, request: dict[str, Any], since: datetime) -> Receipt | None:
    """A message like ours, made since then. Raises `ChannelError` when Twilio cannot tell.

    Not by DateSent: what is still queued has none.
    """
    try:
        sent = client.messages.list(to=request["to"], limit=_LOOK_BACK)
    except ChannelError:
        raise
    except FAILURES as error:
        raise as_channel_error(error) from error
    for one in sent:
        made = one.date_created
        if made is None or made < since - _CLOCKS_DIFFER or one.status in _FAILED:
            continue
        service = request.get("messaging_service_sid")
        by_us = one.messaging_service_sid == service if service else one.from_ == request["from_"]
        if by_us and str(one.direction).startswith("outbound") and _alike(one, request):
            return Receipt(str(one.sid), detail="found at Twilio after a call without an answer")
    return None


def _alike(found: MessageInstance, request: dict[str, Any]) -> bool:
    if str(len(request.get("media_url", ()))) != str(found.num_media or 0):
        return False
    # A trial account writes a sentence before the text, and SmartEncoded exchanges punctuation.
    theirs, ours = _bare(found.body or ""), _bare(request.get("body", ""))
    return theirs.endswith(ours) if ours else theirs == ours


def _bare(text: str) -> str:
    """Letters and digits alone; the whole where there are none, as in an emoji."""
    return "".join(c for c in text if c.isalnum()) or text.strip()
