"""Which events a ticket's ledger has to know of, and what they are there; pure.

Events come fresh from a unit of work or back from the log, where ids are texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from desk.events import Kind
from sla.ledger import Entry, Start
from sla.ledger import Kind as EntryKind
from sla.policy import Author

OF_A_TICKET: Final = frozenset(
    {
        Kind.TICKET_CREATED,
        Kind.TICKET_CHANGED,
        Kind.MESSAGE_RECEIVED,
        Kind.MESSAGE_QUEUED,
        Kind.MESSAGE_MIRRORED,
        Kind.MESSAGE_STATE,
        Kind.NOTE_ADDED,
        Kind.DECISION_SLA,
    }
)
_AUTHORS: Final[Mapping[str, Author]] = {"agent": "agent", "bot": "bot"}
_FIELDS: Final[Mapping[str, EntryKind]] = {
    "status": "status",
    "priority": "priority",
    "team_id": "team",
}
# A change of these may put the ticket under another policy.
DECIDES_POLICY: Final = frozenset({"priority", "team_id", "tags", "locale", "contact_id"})


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as far as a ledger looks at it."""

    at: datetime
    kind: Kind
    actor: str
    message: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """How the ticket stands now, after all that happened."""

    status: str
    priority: str
    team: str
    zone: str


def start(happenings: Iterable[Happening], now: Ticket, policy: str, calendars: str) -> Start:
    """How the ticket stood when it was opened: as it stands now, before its first changes."""
    first: dict[str, str] = {}
    by: Literal["customer", "agent"] = "customer"
    bot = False
    for item in happenings:
        if item.kind is Kind.TICKET_CREATED:
            by = "agent" if item.actor == "agent" else "customer"
            bot = bool(item.data.get("bot"))
        elif item.kind is Kind.TICKET_CHANGED:
            for name, (before, _after) in item.changes.items():
                first.setdefault(name, _text(before))
    return Start(
        by=by,
        status=first.get("status", now.status),
        priority=first.get("priority", now.priority),
        policy=policy,
        calendars=calendars,
        team=first.get("team_id", now.team),
        zone=now.zone,
        bot=bot,
    )


def entries(
    happenings: Iterable[Happening], seq: int, replies: Mapping[str, int], not_before: datetime
) -> list[Entry]:
    """The entries that follow, numbered from `seq`, none before `not_before`.

    `replies` maps the ids of messages that stand in the ledger to their entries, so that one
    that is taken back is struck out.
    """
    known = dict(replies)
    found: list[Entry] = []
    for item in happenings:
        at = max(item.at, not_before)
        for kind, value, author in _of(item):
            voids = known.pop(value, None) if kind == "void" else None
            if kind == "void" and voids is None:
                continue
            if kind == "reply":
                known[value] = seq
            found.append(Entry(seq, at, kind, value, author, voids=voids))
            seq += 1
    return found


def _of(item: Happening) -> list[tuple[EntryKind, str, Author]]:
    match item.kind:
        case Kind.TICKET_CHANGED:
            return [
                (_FIELDS[name], _text(after), "agent")
                for name, (_before, after) in item.changes.items()
                if name in _FIELDS
            ]
        case Kind.MESSAGE_RECEIVED if not item.data.get("unasked"):
            return [("customer", item.message, "agent")]
        case Kind.MESSAGE_QUEUED if not item.data.get("again"):
            return [("reply", item.message, _AUTHORS.get(item.actor, "auto_reply"))]
        case Kind.MESSAGE_MIRRORED:
            return [("reply", item.message, "agent")]
        case Kind.NOTE_ADDED if item.actor == "agent":
            return [("reply", item.message, "note")]
        case Kind.MESSAGE_STATE if _text(item.changes.get("state", ("", ""))[1]) == "canceled":
            return [("void", item.message, "agent")]
        case Kind.DECISION_SLA if not item.data.get("first"):
            wanted: tuple[EntryKind, ...] = ("policy", "calendars")
            return [(one, str(item.data[one]), "agent") for one in wanted if one in item.data]
        case _:
            return []


def _text(value: object) -> str:
    return "" if value is None else str(value)
