"""Which ticket does a message belong to? Pure, and it says why.

Evidence counts in this order: the conversation that the channel itself names, our own Message-ID
in the headers, the reply token in an address, the token in the body, a reference to the
customer's own earlier mail. A subject line proves nothing. Evidence alone is not enough: whoever
writes must take part in the ticket, otherwise the message opens a ticket of its own, so that
somebody who has seen a ticket number cannot read along or write in another's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

Evidence = Literal["conversation", "own_message_id", "reply_token", "body_marker", "reference"]

ORDER: Final[tuple[Evidence, ...]] = (
    "conversation",
    "own_message_id",
    "reply_token",
    "body_marker",
    "reference",
)
_WORDS: Final[dict[Evidence, str]] = {
    "conversation": "it was written in this conversation",
    "own_message_id": "it answers one of our messages",
    "reply_token": "it was sent to this ticket's reply address",
    "body_marker": "it carries this ticket's mark in the text",
    "reference": "it refers to an earlier mail of this ticket",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that some evidence points at."""

    evidence: Evidence
    ticket_id: UUID
    number: int
    status: str
    contact_id: UUID
    participants: frozenset[str] = field(default_factory=frozenset)  # normalised addresses


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the message goes. `ticket_id` None opens a new ticket, a follow-up of `follow_up`."""

    ticket_id: UUID | None
    follow_up: UUID | None
    key: str  # i18n key of the sentence
    params: dict[str, object]
    sentence: str  # in English, for the log


def decide(sender: str, sender_contact: UUID | None, candidates: Sequence[Candidate]) -> Decision:
    """Choose a ticket for a message by `sender` (normalised address)."""
    refused: Candidate | None = None
    for candidate in sorted(candidates, key=lambda c: ORDER.index(c.evidence)):
        takes_part = (
            candidate.contact_id == sender_contact
            or sender in candidate.participants
            or candidate.evidence == "conversation"
        )
        if not takes_part:
            refused = refused or candidate
            continue
        if candidate.status == "closed":
            return Decision(
                None,
                candidate.ticket_id,
                "threading.follow_up",
                {"number": candidate.number},
                f"New ticket: it answers #{candidate.number}, which is closed.",
            )
        return Decision(
            candidate.ticket_id,
            None,
            f"threading.{candidate.evidence}",
            {"number": candidate.number},
            f"Added to #{candidate.number}: {_WORDS[candidate.evidence]}.",
        )
    if refused is not None:
        return Decision(
            None,
            None,
            "threading.not_a_participant",
            {"number": refused.number, "sender": sender},
            f"New ticket: it points at #{refused.number}, but {sender} takes no part in that one.",
        )
    return Decision(None, None, "threading.new", {}, "New ticket: it answers nothing we know.")
