"""Which ticket does a message belong to? Pure rules over evidence; every answer says why.

Evidence counts in the order in which it is given, the strongest first; a subject line is none.
Evidence alone is not enough: whoever writes must take part in the ticket, otherwise the message
opens a ticket of its own, so that somebody who has seen a ticket number can neither read along
nor write in another's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from channels.contract import InboundMessage

EvidenceKind = Literal[
    "conversation", "own_message", "reply_token", "body_marker", "known_message", "bounced"
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something in a message that points at a ticket."""

    kind: EvidenceKind
    key: str  # our message key, the ticket key of a token, or a channel's message id


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What the caller knows about the ticket that a piece of evidence points at."""

    ticket: str
    number: int
    participants: frozenset[str]  # normalised addresses: the contact's and the copied ones
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a key and parameters for translation, and the English sentence."""

    key: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The ticket, or None for a new one.

    `follow_up` is the closed ticket that a new one follows, `related` one to show beside it.
    """

    ticket: str | None
    reason: Reason
    follow_up: str | None = None
    related: str | None = None


_SENTENCES: Final[dict[EvidenceKind, str]] = {
    "conversation": "It was written in this conversation.",
    "own_message": "It answers a message that we sent in this ticket.",
    "reply_token": "It was sent to the reply address of this ticket.",
    "body_marker": "Its text carries the reference of this ticket.",
    "known_message": "It answers a message that is part of this ticket.",
    "bounced": "It reports on the delivery of a message that we sent in this ticket.",
}
_NO_PARTICIPANT_NEEDED: Final = frozenset({"bounced", "conversation"})


def decide(
    message: InboundMessage,
    evidence: Iterable[Evidence],
    facts: Mapping[Evidence, TicketFacts],
) -> Decision:
    """Choose the ticket. `facts` holds an entry for each piece of evidence that leads somewhere."""
    sender = message.sender.value.lower()
    forged = message.auth_results.get("dmarc") == "fail"
    stranger: TicketFacts | None = None
    for item in evidence:
        known = facts.get(item)
        if known is None:
            continue
        takes_part = bool(sender) and sender in known.participants and not forged
        if takes_part or item.kind in _NO_PARTICIPANT_NEEDED:
            return _joined(item, known, sender)
        stranger = stranger or known
    if stranger is None:
        return Decision(None, Reason("threading.new", "It does not answer any message of ours."))
    return _kept_apart(stranger, sender, forged=forged)


def _joined(item: Evidence, known: TicketFacts, sender: str) -> Decision:
    params = {"number": known.number, "sender": sender}
    if known.closed and item.kind != "bounced":
        text = f"It answers #{known.number}, which is closed, so it opened a follow-up."
        return Decision(None, Reason("threading.follow_up", text, params), follow_up=known.ticket)
    return Decision(known.ticket, Reason(f"threading.{item.kind}", _SENTENCES[item.kind], params))


def _kept_apart(stranger: TicketFacts, sender: str, *, forged: bool) -> Decision:
    params = {"number": stranger.number, "sender": sender}
    if forged and sender in stranger.participants:
        text = (
            f"It answers #{stranger.number}, but {sender} failed its domain's authentication "
            "check (DMARC), so the sender may be forged. It was kept in a ticket of its own."
        )
        return Decision(None, Reason("threading.forged", text, params), related=stranger.ticket)
    text = (
        f"It answers #{stranger.number}, in which {sender or 'its sender'} takes no part, "
        "so it was kept in a ticket of its own."
    )
    return Decision(None, Reason("threading.stranger", text, params), related=stranger.ticket)
