"""What an adapter says about itself: read by the registry, the set-up pages and the docs test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from channels.contract import Capabilities, Channel, InboundMessage
from channels.threading import Evidence


def no_evidence(_message: InboundMessage, _secret: str) -> Sequence[Evidence]:
    """For channels whose messages name their conversation themselves."""
    return ()


def no_message_id(_key: str, _secret: str, _address: str) -> str | None:
    """For channels whose provider names the messages."""
    return None


def no_reply_token(_ticket: str, _secret: str) -> str:
    """For channels without reply addresses."""
    return ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One channel. `options` and `secrets` map a name to one line of documentation."""

    kind: str
    title: str
    identity_kind: str  # the kind of identity its senders have: email, phone, webchat, ...
    capabilities: Capabilities
    make: Callable[[], Channel]
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    webhook: bool = False  # the provider calls /webhooks/{kind}/{inbox}
    # What those have who lack the first: such an identity can be written to as well.
    other_identity_kinds: tuple[str, ...] = ()
    # Senders that are names or codes of machines: nobody reads what is sent to them.
    silent_identity_kinds: tuple[str, ...] = ()
    required: tuple[str, ...] = ()  # options and secrets without which the inbox cannot work
    steps: tuple[str, ...] = ()  # how to set it up at the provider's side, in order, plain English
    # (text, options) -> what it comes to where texts are billed by segment
    count_segments: Callable[[str, Mapping[str, object]], Mapping[str, object]] | None = None
    # (message, hash secret) -> what points at a ticket, the strongest first
    gather_evidence: Callable[[InboundMessage, str], Sequence[Evidence]] = no_evidence
    # (message key, hash secret, our address) -> the id that our message will carry
    make_message_id: Callable[[str, str, str], str | None] = no_message_id
    # (ticket key, hash secret) -> a token for the reply address
    make_reply_token: Callable[[str, str], str] = no_reply_token
