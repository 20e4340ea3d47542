"""What an adapter says about itself: read by the registry, the set-up pages and the docs test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from channels.contract import Channel


@dataclass(frozen=True, slots=True)
class Manifest:
    """One channel. `options` and `secrets` map a name to one line of documentation."""

    kind: str
    title: str
    identity_kind: str  # the kind of identity its senders have: email, phone, webchat, ...
    make: Callable[[], Channel]
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    # token, hash secret -> the ticket number the token was made for, or None
    read_reply_token: Callable[[str, str], str | None] = lambda _token, _secret: None
    # ticket number, hash secret -> a token for the reply address
    make_reply_token: Callable[[str, str], str] = lambda _key, _secret: ""
    # message key, hash secret, our address -> the id that the channel's message will carry
    make_message_id: Callable[[str, str, str], str | None] = lambda _key, _secret, _address: None
