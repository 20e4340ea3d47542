"""Payloads of sending services on their way through the port of the email channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from channels.contract import (
    BadSignature,
    ChannelConfig,
    Inbound,
    RawKey,
    RawPayload,
    StatusUpdate,
    Unparsable,
    WebhookAnswer,
)
from channels.email.providers import ses
from channels.email.providers.base import Arrived, Item, Provider, plain
from channels.email.providers.mailgun import Mailgun
from channels.email.providers.postmark import Postmark
from channels.email.providers.sendgrid import SendGrid
from channels.http import api_origin, fetch_file

PROVIDERS: Final[Mapping[str, Provider]] = {
    one.name: one for one in (Postmark(), Mailgun(), SendGrid(), ses.Ses())
}
MAX_CERTIFICATES: Final = 20
CERTIFICATE_BYTES: Final = 64 * 1024


def is_webhook(payload: RawPayload) -> bool:
    """Whether a service called us; mail over our own listener has no URL."""
    return bool(payload.url)


def provider_of(config: ChannelConfig) -> Provider | None:
    """The service that the inbox names."""
    return PROVIDERS.get(str(config.options.get("inbound_provider") or "none").lower())


def sent_headers(config: ChannelConfig, key: str) -> Mapping[str, str]:
    """What our mails say to the service, so that its events name them."""
    provider = provider_of(config)
    return {} if provider is None else provider.headers(key)


class SnsCertificates:
    """Amazon's certificates, fetched once. Kept by URL, of which only Amazon has valid ones."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    async def prepare(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Fetch what `verify` needs, and confirm a subscription. Raises `ChannelError`."""
        note = ses.envelope(payload)
        url = ses.certificate_url(note)
        if url not in self._known:
            if len(self._known) >= MAX_CERTIFICATES:
                self._known.clear()
            self._known[url] = await self._get(url, config)
        if note.get("Type") == "SubscriptionConfirmation":
            topic = str(config.options.get("sns_topic") or "")
            ses.check_signature(note, self._known[url], topic)
            await self._get(ses.subscribe_url(note, topic), config)

    async def _get(self, url: str, config: ChannelConfig) -> bytes:
        """Over the guarded client; tests put a server of their own in Amazon's place."""
        origin = api_origin(config)
        if origin:
            there, path = urlsplit(origin), urlsplit(url)
            url = urlunsplit((there.scheme, there.netloc, path.path, path.query, ""))
        found = await fetch_file(url, max_bytes=CERTIFICATE_BYTES, trusted_origin=origin)
        return found.data

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Raises `BadSignature`."""
        note = ses.envelope(payload)
        certificate = self._known.get(ses.certificate_url(note))
        if certificate is None:
            raise BadSignature("the certificate is not known yet")
        ses.check_signature(note, certificate, str(config.options.get("sns_topic") or ""))


def handshake(payload: RawPayload, provider: Provider | None) -> WebhookAnswer | None:
    """An answer to a confirmation of SNS, which `prepare` has checked and confirmed."""
    if provider is None or provider.name != "ses":
        return None
    kind = ses.envelope(payload).get("Type")
    confirms = kind in ("SubscriptionConfirmation", "UnsubscribeConfirmation")
    return WebhookAnswer() if confirms else None


def _needed(config: ChannelConfig) -> Provider:
    provider = provider_of(config)
    if provider is None:
        raise Unparsable("inbound_provider of the inbox names none of the known services")
    return provider


def mail_of(payload: RawPayload, config: ChannelConfig) -> RawPayload | None:
    """The mail in a payload as if our own listener had taken it; None for an event."""
    for item in _needed(config).read(payload):
        if isinstance(item, Arrived):
            headers = {"envelope-to": ", ".join(item.recipients)} if item.recipients else {}
            return RawPayload(item.raw, headers, "message/rfc822", received_at=payload.received_at)
    return None


def event_key(payload: RawPayload, config: ChannelConfig) -> RawKey:
    """The name of an event; one lane for each recipient."""
    provider = _needed(config)
    who = next((_about(item) for item in provider.read(payload)), "")
    return RawKey(plain(provider.event_id(payload))[:900], plain(f"email-event:{who}")[:300])


def _about(item: Item) -> str:
    if isinstance(item, StatusUpdate):
        return item.recipient or item.external_id
    about = getattr(item, "about", None)
    return "" if about is None else str(about.value)


def events(payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
    """States and notices in a payload. Raises `Unparsable`."""
    return [item for item in _needed(config).read(payload) if not isinstance(item, Arrived)]
