"""What a channel is: the port every adapter fills and the frozen values that cross it.

A channel turns a provider's bytes into `InboundMessage`s and `StatusUpdate`s, and an
`OutboundMessage` into a `Receipt`. It stores nothing, reads no clock and no settings of its own:
configuration arrives as `ChannelConfig`, raw payloads as `RawPayload`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeAlias

Automated = Literal["auto_reply", "bounce", "list", "loop"]
Keyword = Literal["stop", "start", "help"]
MessageState = Literal["sent", "delivered", "read", "failed"]


@dataclass(frozen=True, slots=True)
class Address:
    """Who is at the other end: `kind` names the identity kind, `value` is normalised."""

    kind: str  # "email", "phone", "webchat", ...
    value: str  # normalised: lower-case mail address, E.164 number, visitor id
    name: str = ""  # as displayed; decoded, without quotes; never trusted
    verified: bool = False  # the provider or we proved that the sender owns it


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message. `data` is the decoded content."""

    filename: str
    content_type: str  # as declared by the sender; the desk sniffs the real one
    data: bytes
    inline: bool = False
    content_id: str | None = None  # without angle brackets


@dataclass(frozen=True, slots=True)
class Media:
    """A file that the provider keeps: named in the payload, to be fetched with `Channel.fetch`."""

    ref: str  # the provider's media id, or the URL
    content_type: str = ""  # as declared; "" when the payload does not say
    filename: str = ""
    size: int | None = None  # bytes, as declared
    sha256: str = ""  # hex, where the provider states it


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery failure report (RFC 3464, or read from free text)."""

    recipient: str | None
    status: str | None  # enhanced status code, "5.1.1"
    permanent: bool  # the address itself is dead; a full mailbox or a refused content is not
    diagnostic: str = ""
    original_message_id: str | None = None  # of the mail that could not be delivered
    reason: str = ""  # "user_unknown", "mailbox_full", ... ; "" when nothing was recognised


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message from a customer, whatever the channel."""

    channel: str
    sender: Address
    text: str  # the whole plain text; "" when there is none
    external_id: str  # unique within the inbox: Message-ID, Twilio SID, client UUID
    sent_at: datetime | None = None  # UTC, as claimed by the sender
    subject: str = ""
    html: str | None = None  # sanitised, safe to show; remote images neutralised
    reply_text: str = ""  # the fresh part, quotes and signature removed
    quoted: str = ""  # what `reply_text` leaves out
    attachments: tuple[Attachment, ...] = ()
    message_id: str | None = None  # mail: without angle brackets; None when the mail has none
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    automated: Automated | None = None
    bounce: Bounce | None = None  # the first of `bounces`
    bounces: tuple[Bounce, ...] = ()  # one for each recipient the report speaks of
    thread_hint: str | None = None  # reply token found in a plus-address or in the body
    locale: str | None = None  # BCP 47, when the channel knows it
    auth_results: Mapping[str, str] = field(default_factory=dict)  # {"spf": "pass", "dkim": ...}
    problems: tuple[str, ...] = ()  # what was wrong with the payload and mended while parsing
    media: tuple[Media, ...] = ()  # files to fetch; `attachments` came along already
    conversation: str = ""  # the provider's id of the conversation, where it has one
    keyword: Keyword | None = None  # what the message asks of the channel itself (STOP by SMS)
    # Sent from our account by other means (the provider's app, its inbox): `to[0]` is the customer.
    own: bool = False
    reaction: str | None = None  # an emoji put on `in_reply_to`; "" takes it off again
    edits: str = ""  # the external id of the earlier message whose text this one replaces
    deletes: str = ""  # the external id of the earlier message that its sender took back
    aliases: tuple[Address, ...] = ()  # what else the provider calls the same person
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """The provider says what became of a message that we sent, or of all up to a moment."""

    external_id: str  # the provider's id of our message; "" when only `up_to` says which
    state: MessageState
    at: datetime | None = None  # UTC
    reason: str = ""  # the provider's words on a failure
    permanent: bool = False
    code: str = ""  # the provider's number of the failure
    key: str = ""  # the `OutboundMessage.key` that we sent, where the provider gives it back
    recipient: str = ""  # the value of the address it went to
    up_to: datetime | None = None  # UTC: all that was sent to `recipient` until then


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the provider tells us, and nobody wrote: for the inbox's page or a ticket."""

    text: str  # plain English
    external_id: str  # unique within the inbox
    at: datetime | None = None  # UTC
    warning: bool = False  # somebody should look: a template was rejected, the account restricted
    about: Address | None = None  # the customer whose conversation it belongs to
    conversation: str = ""
    # What it means for consent: `about` blocked us ("stop") or let us in again ("start").
    keyword: Keyword | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


Inbound: TypeAlias = InboundMessage | StatusUpdate | Notice


@dataclass(frozen=True, slots=True)
class Button:
    """A choice offered under a message. `payload` comes back when it is pressed."""

    title: str
    payload: str = ""
    url: str = ""  # opens a page instead
    description: str = ""  # shown in lists


@dataclass(frozen=True, slots=True)
class Template:
    """A message that the provider has approved; the only kind allowed outside its window."""

    name: str
    language: str  # as the provider writes it: en_US
    parameters: tuple[str, ...] = ()  # of the body, in order
    header: tuple[str, ...] = ()  # of the header: a text, or the URL of a file
    buttons: tuple[str, ...] = ()  # payloads of quick replies or suffixes of URLs, in order
    # As the offer has them, where it does:
    names: tuple[str, ...] = ()  # of the body's parameters, when they are named
    header_kind: str = ""  # "text", "image", "video", "document"
    button_kinds: tuple[str, ...] = ()  # "quick_reply", "url", "copy_code"


@dataclass(frozen=True, slots=True)
class TemplateOffer:
    """A template as the provider keeps it, for the composer and the set-up page."""

    name: str
    language: str
    body: str  # with its {{1}} or {{name}} placeholders
    parameters: int = 0  # how many the body takes
    names: tuple[str, ...] = ()  # of these, when they are named
    header: str = ""  # its text
    header_kind: str = ""  # "text" when it takes a parameter; "image", "video", "document" a file
    footer: str = ""
    buttons: tuple[str, ...] = ()  # titles, in order
    button_kinds: tuple[str, ...] = ()  # of those, in order; "" for one that takes no parameter
    category: str = ""  # as the provider names it: utility, marketing, ...
    usable: bool = True  # approved, and of a kind that we can fill in
    note: str = ""  # why it is not usable, or what the provider thinks of it


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to a customer, ready to send. `key` makes sending again harmless."""

    key: str  # idempotency key: the desk's message id
    to: Address
    text: str
    html: str | None = None
    subject: str = ""
    cc: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    message_id: str | None = None  # mail: the Message-ID to use, without angle brackets
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_token: str | None = None  # goes into Reply-To as a plus-address
    author_name: str = ""
    automated: bool = False  # sets Auto-Submitted and friends
    conversation: str = ""  # the provider's id of the conversation, where it has one
    number: int | None = None  # the ticket's, for signatures and templates
    locale: str | None = None
    buttons: tuple[Button, ...] = ()
    template: Template | None = None
    reply_to: str | None = None  # the provider's id of the message that this one answers
    reaction: str = ""  # an emoji put on `reply_to`; the message is nothing but that
    tag: str = ""  # why it may be sent outside the window, in the provider's words
    # UTC: an attempt since then may have arrived although nobody told us. Adapters of providers
    # without idempotency keys look for it before they send again.
    uncertain_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message. `external_id` is how later status updates will name it."""

    external_id: str
    state: MessageState = "sent"
    detail: str = ""  # the provider's answer, for the delivery log


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the composer may offer on a channel."""

    subject: bool = False
    html: bool = False
    cc: bool = False
    attachments: bool = True
    max_attachment_bytes: int = 25 * 1024 * 1024
    max_text_chars: int | None = None
    typing: bool = False
    read_receipts: bool = False
    delivery_receipts: bool = False
    buttons: bool = False
    live: bool = False  # the customer is waiting at the other end
    undo_seconds: int = 0  # what the composer proposes as send hold
    reply_window: timedelta | None = None  # how long after the customer's last message we may write
    templates: bool = False  # outside the window, or as first message, a template may go
    tags: tuple[str, ...] = ()  # reasons that the provider accepts outside the window
    max_buttons: int = 0
    segments: bool = False  # the text is billed by SMS segment; see `channels.sms.segments`
    max_attachments: int | None = None
    attachment_types: tuple[str, ...] = ()  # image/*, application/pdf; () takes everything
    reactions: bool = False
    consent: bool = False  # the provider or the law has the customer say STOP; the desk keeps it
    sends_per_second: float | None = None  # what the provider takes; None is as fast as we can
    clock: bool = False  # the provider's `sent_at` is to be believed: messages are ordered by it
    # Conversations that begin so are held in public (below a post): no window closes them, the
    # answer is for all to see. "" where there are none.
    public: str = ""


@dataclass(frozen=True, slots=True)
class RawPayload:
    """What the provider handed over, byte for byte."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    content_type: str = "application/octet-stream"
    url: str = ""  # webhooks: as the provider signed it, query included
    received_at: datetime | None = None  # UTC
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What the provider wants to hear."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class RawKey:
    """How a raw payload is stored: unique per inbox, in one lane per sender."""

    external_id: str
    lane: str
    fingerprint: str = ""  # of the content without transport traces; "" means the whole body


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """An inbox as its adapter sees it: public options and decrypted secrets, by name."""

    inbox_id: str
    address: str  # our own address on that channel: mail address, phone number, page id
    name: str
    options: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # never in a log
    public_url: str = ""
    # A link to a file of ours that the provider can open for a while without signing in; None where
    # the desk cannot be reached from outside.
    file_url: Callable[[Attachment], str] | None = field(default=None, compare=False)

    def webhook_url(self, kind: str) -> str:
        """Where the provider reaches this inbox; "" when the desk has no public address."""
        if not self.public_url:
            return ""
        return f"{self.public_url.rstrip('/')}/webhooks/{kind}/{self.inbox_id}"


class ChannelError(Exception):
    """Sending or verifying failed. `retryable` says whether trying again later can help.

    `code` is the provider's own (an SMTP status, a Twilio error number); agents see `reason`.
    """

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool,
        code: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.code = code
        self.retry_after = retry_after


class BadSignature(ChannelError):
    """The payload was not signed by who it claims to be from."""

    def __init__(self, reason: str = "the signature does not match") -> None:
        super().__init__(reason, retryable=False, code="bad-signature")


class Unparsable(ChannelError):
    """The payload makes no sense to this adapter; the desk keeps it and shows it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retryable=False, code="unparsable")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `desk doctor`: what was tried, whether it works, and how to mend it."""

    name: str
    ok: bool
    detail: str = ""
    remedy: str = ""


class Channel(Protocol):
    """An adapter. Stateless; safe to share between tasks. Subclass it for the defaults.

    A webhook walks `prepare`, `handshake` (answered at once when it returns something), `verify`,
    `split`, and for each part `key`; then the desk commits and answers `accepted`; a job calls
    `parse`.
    """

    kind: str
    capabilities: Capabilities

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Raise `BadSignature` unless the provider sent this payload."""

    async def prepare(self, payload: RawPayload, config: ChannelConfig) -> None:  # noqa: ARG002
        """Get over the network what `handshake` and `verify` need. Raises `ChannelError`."""
        return

    def handshake(
        self,
        payload: RawPayload,  # noqa: ARG002 - the port's signature
        config: ChannelConfig,  # noqa: ARG002
    ) -> WebhookAnswer | None:
        """The answer to a provider that asks whether this URL is ours. Raises `BadSignature`."""
        return None

    def split(self, payload: RawPayload, config: ChannelConfig) -> Sequence[RawPayload]:  # noqa: ARG002
        """One payload for each message or status of a batch, each a batch of one. Never raises.

        What cannot be split comes back whole.
        """
        return (payload,)

    def accepted(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer:  # noqa: ARG002
        """What to answer once the payload is stored."""
        return WebhookAnswer()

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:
        """Name the payload without parsing it in full. Never raises."""

    def parse(self, payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
        """Read everything the payload holds. Raises `Unparsable`."""

    async def examine(
        self,
        message: InboundMessage,
        payload: RawPayload,  # noqa: ARG002 - the port's signature
        config: ChannelConfig,  # noqa: ARG002
    ) -> InboundMessage:
        """Add what only the network can tell about a parsed message. Never raises."""
        return message

    async def fetch(self, media: Media, config: ChannelConfig) -> Attachment:  # noqa: ARG002
        """Get a file that a message named. Raises `ChannelError`."""
        reason = f"{self.kind} has no files to fetch ({media.ref})"
        raise ChannelError(reason, retryable=False, code="no-media")

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        """Hand the message to the provider. Raises `ChannelError`."""

    async def templates(self, config: ChannelConfig) -> Sequence[TemplateOffer]:  # noqa: ARG002
        """What the provider has approved. Raises `ChannelError`."""
        return ()

    async def profile(self, address: Address, config: ChannelConfig) -> Address:  # noqa: ARG002
        """The address with the name that the provider knows. Raises `ChannelError`."""
        return address

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Try the credentials and the connection, without side effects."""

    async def connect(self, config: ChannelConfig, webhook_url: str) -> Sequence[Check]:  # noqa: ARG002
        """Register our webhook with the provider, or say the exact steps in `remedy`."""
        return ()
