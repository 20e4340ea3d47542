"""The email adapter: fills the `Channel` port."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from channels.contract import (
    Address,
    BadSignature,
    Capabilities,
    Channel,
    ChannelConfig,
    ChannelError,
    Check,
    Inbound,
    InboundMessage,
    OutboundMessage,
    RawKey,
    RawPayload,
    Receipt,
    WebhookAnswer,
)
from channels.email import webhook
from channels.email.authentication import authenticate, is_open
from channels.email.compose import compose, wire_address
from channels.email.dns import Resolver, SystemResolver
from channels.email.forwarded import read_forward
from channels.email.headers import addresses, decode_words, message_ids, parse_block
from channels.email.mailbox import MailboxConfig, try_mailbox
from channels.email.mime import MAX_HEADER_BYTES, split_head
from channels.email.oauth import Tokens
from channels.email.parse import content_id_hash, parse_email
from channels.email.send import SmtpSettings, send_mail, try_connection
from channels.email.threading import find_reply_token, make_message_id
from channels.templates import VARIABLES
from channels.templates import check as check_template

CAPABILITIES = Capabilities(
    subject=True,
    html=True,
    cc=True,
    attachments=True,
    max_attachment_bytes=25 * 1024 * 1024,
    undo_seconds=10,
)
MIN_SECRET_CHARS = 16


def content_fingerprint(raw: bytes) -> str:
    """The same for one mail over two routes: what its author wrote, without traces of transport.

    Line ends and spaces at the end of the mail differ between SMTP, LMTP and IMAP.
    """
    head, body = split_head(raw)
    headers, _ = parse_block(head[:MAX_HEADER_BYTES])
    seen = hashlib.sha256()
    for name in ("from", "subject", "date"):
        value = " ".join(decode_words(headers.raw(name)).split())
        seen.update(value.encode("utf-8", "replace") + b"\n")
    seen.update(body.replace(b"\r\n", b"\n").rstrip())
    return seen.hexdigest()


class EmailChannel(Channel):
    """Mail. Stateless; safe to share between tasks."""

    kind: str = "email"
    capabilities: Capabilities = CAPABILITIES

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._resolver: Resolver = resolver or SystemResolver()
        self._certificates = webhook.SnsCertificates()
        self._tokens = Tokens()

    async def prepare(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Fetch the certificate with which Amazon signs; confirm its subscription."""
        provider = webhook.provider_of(config)
        if provider is not None and provider.name == "ses":
            await self._certificates.prepare(payload, config)

    def handshake(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer | None:
        """Amazon alone asks."""
        return webhook.handshake(payload, webhook.provider_of(config))

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Mail comes over our own listener or from our mailbox; a service proves who it is."""
        if not webhook.is_webhook(payload):
            return
        provider = webhook.provider_of(config)
        if provider is None:
            raise BadSignature("inbound_provider is not set for this inbox")
        if provider.name == "ses":
            self._certificates.verify(payload, config)
        else:
            provider.verify(payload, config)

    def split(self, payload: RawPayload, config: ChannelConfig) -> Sequence[RawPayload]:
        """One payload for each event of a batch; a mail is one."""
        provider = webhook.provider_of(config)
        return (payload,) if provider is None else provider.split(payload)

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:
        """The Message-ID, or a hash of the bytes; one lane for each From address."""
        if webhook.is_webhook(payload):
            try:
                mail = webhook.mail_of(payload, config)
                if mail is None:
                    return webhook.event_key(payload, config)
            except ChannelError:
                return RawKey(content_id_hash(payload.body), "email:")
            payload = mail
        head, _ = split_head(payload.body[:MAX_HEADER_BYTES])
        headers, _ = parse_block(head)
        ids = message_ids(headers.all_raw("message-id")[:1])
        senders = addresses(headers.all_raw("from")) or addresses(headers.all_raw("sender"))
        lane = senders[0].value if senders else payload.headers.get("envelope-from", "")
        return RawKey(
            ids[0] if ids else content_id_hash(payload.body),
            f"email:{lane}"[:300],
            content_fingerprint(payload.body),
        )

    def parse(self, payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
        """The one message that a mail is, or what a service says of mails of ours."""
        if not webhook.is_webhook(payload):
            return [_message(payload, config)]
        mail = webhook.mail_of(payload, config)
        return webhook.events(payload, config) if mail is None else [_message(mail, config)]

    async def examine(
        self, message: InboundMessage, payload: RawPayload, config: ChannelConfig
    ) -> InboundMessage:
        """Check SPF, DKIM and DMARC of mail that came to our own listener from the open."""
        off = str(config.options.get("check_sender", "yes")).lower() in ("no", "false", "off", "0")
        if off or message.auth_results or webhook.is_webhook(payload):
            return message
        if not is_open(payload.headers.get("peer-ip", "")) or config.options.get("authserv_id"):
            return message
        results = await authenticate(payload.body, payload.headers, self._resolver)
        return replace(message, auth_results=results)

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        """Send over SMTP. Sending the same key again uses the same Message-ID."""
        settings = SmtpSettings.of(config, self._tokens)
        message_id = message.message_id or self._message_id(message, config)
        mail = compose(message, config, date=datetime.now(UTC), message_id=message_id)
        delivered = await send_mail(mail, settings)
        detail = delivered.answer
        if delivered.refused:
            detail += " | refused: " + "; ".join(f"{a} ({b})" for a, b in delivered.refused.items())
        return Receipt(external_id=message_id, state="sent", detail=detail)

    def _message_id(self, message: OutboundMessage, config: ChannelConfig) -> str:
        secret = config.secrets.get("hash_secret", "")
        if not secret:
            reason = "hash_secret is not set: answers could not be told from forgeries"
            raise ChannelError(reason, retryable=False, code="config")
        domain = wire_address(config.address).rpartition("@")[2]
        return make_message_id(message.key, secret, domain)

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Log in to the servers and leave again; nothing is sent, nothing is marked."""
        checks = [
            self._check_address(config),
            self._check_secret(config),
            *_check_templates(config),
            await self._check_smtp(config),
        ]
        if config.options.get("imap_host"):
            checks.append(await self._check_imap(config))
        return checks

    def _check_address(self, config: ChannelConfig) -> Check:
        fits = re.fullmatch(r"[^\s@+]+@[^\s@]+", config.address) is not None
        remedy = "" if fits else "Give the inbox a mail address without a plus part."
        return Check("address", fits, config.address, remedy)

    def _check_secret(self, config: ChannelConfig) -> Check:
        long_enough = len(config.secrets.get("hash_secret", "")) >= MIN_SECRET_CHARS
        remedy = "" if long_enough else "Set hash_secret to at least 16 random characters."
        return Check(
            "hash secret", long_enough, "set" if long_enough else "missing or short", remedy
        )

    async def _check_smtp(self, config: ChannelConfig) -> Check:
        try:
            answer = await try_connection(SmtpSettings.of(config))
        except ChannelError as error:
            return Check("smtp", ok=False, detail=error.reason, remedy=_remedy(error, "smtp"))
        return Check("smtp", ok=True, detail=answer)

    async def _check_imap(self, config: ChannelConfig) -> Check:
        try:
            count, idle = await asyncio.to_thread(try_mailbox, MailboxConfig.of(config))
        except ChannelError as error:
            return Check("imap", ok=False, detail=error.reason, remedy=_remedy(error, "imap"))
        waiting = "new mail is announced (IDLE)" if idle else "new mail is polled for"
        return Check("imap", ok=True, detail=f"{count} mails, {waiting}")


def _message(payload: RawPayload, config: ChannelConfig) -> InboundMessage:
    """A mail read. Recipients of the envelope join those of the header."""
    trusted = str(config.options.get("authserv_id") or "") or None
    message = parse_email(payload.body, authserv_id=trusted)
    forward = read_forward(message)
    if forward is not None:
        names = {"forwarded": forward[0], "forwarder_words": forward[1]}
        message = replace(message, extra={**message.extra, **names})
    envelope = tuple(
        one.strip() for one in payload.headers.get("envelope-to", "").split(",") if one.strip()
    )
    if not envelope:
        return message
    known = message.extra.get("delivered_to")
    delivered = (*envelope, *(known if isinstance(known, tuple) else ()))
    hint = find_reply_token((Address("email", one) for one in envelope), "")
    return replace(
        message,
        thread_hint=hint or message.thread_hint,
        extra={**message.extra, "delivered_to": tuple(dict.fromkeys(delivered))},
    )


def _check_templates(config: ChannelConfig) -> list[Check]:
    """Texts with variables: what is wrong with them, said before a customer waits for one."""
    found: list[Check] = []
    for option in ("signature", "from_display", "auto_reply"):
        value = config.options.get(option)
        texts = value if isinstance(value, Mapping) else {"": value or ""}
        for locale, text in texts.items():
            problem = check_template(str(text))
            if problem:
                name = f"{option} ({locale})" if locale else option
                remedy = f"Mend the template; it knows {', '.join(VARIABLES)}."
                found.append(Check(name, ok=False, detail=problem, remedy=remedy))
    return found


def _remedy(error: ChannelError, kind: str) -> str:
    match error.code:
        case "connection" | "timeout":
            return f"Check {kind}_host, {kind}_port and the firewall; is the server running?"
        case "certificate":
            return "Set tls_ca_file to your own authority, or renew the server's certificate."
        case "auth" | "534" | "535":
            return f"Check {kind}_user and {kind}_password; some providers want an app password."
        case "oauth":
            return "Check oauth_client_id, oauth_client_secret and oauth_token_url."
        case "unsupported":
            return f"The server offers no such encryption: check {kind}_tls and {kind}_port."
        case "folder":
            return "Check imap_folder against the folders of the mailbox."
        case _:
            return f"Check the {kind}_ options of the inbox."
