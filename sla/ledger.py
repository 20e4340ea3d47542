"""The ledger of a ticket: what happened to it that a clock must know of, in order.

The entries are facts, not verdicts: that an agent answered, that the status is now `pending`.
Whether this stops or pauses a clock is the policy's to say, so the same ledger can be read
under another policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from sla.hours import CalendarBook
from sla.policy import Author, PolicyVersion

Kind = Literal[
    "started",  # the ticket was opened; carries its first standing
    "customer",  # the customer wrote
    "reply",  # somebody or something of ours wrote; `author`
    "handoff",  # the bot gave the ticket to people
    "status",
    "priority",
    "policy",  # another policy or version applies, or none
    "team",
    "zone",  # the customer's time zone became known
    "calendars",  # the calendars changed; names the new book
    "hold",  # a person stopped every clock
    "unhold",
    "merged",  # the ticket lives on in another one
    "void",  # the entry `voids` was a mistake: read the ledger as if it were not there
]

SOLVED: Final = frozenset({"resolved", "closed"})


class LedgerError(ValueError):
    """The ledger cannot be read: it says which entry and what is wrong."""


class OutOfOrder(LedgerError):
    """An entry belongs before one that was already counted: replay the whole ledger."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `value` is the new status, priority, policy key, team, ...

    `seq` orders entries of one instant.
    """

    seq: int
    at: datetime
    kind: Kind
    value: str = ""
    author: Author = "agent"
    start: Start | None = None
    voids: int | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """How a ticket stood when it was opened."""

    by: Literal["customer", "agent"] = "customer"
    status: str = "new"
    priority: str = "normal"
    policy: str = ""  # a policy's key; empty for none
    calendars: str = ""  # the name of the calendar book
    team: str = ""
    zone: str = ""
    bot: bool = False  # a bot has the first word


@dataclass(frozen=True)
class Rules:
    """What the names in ledgers stand for; `override` reads them under another policy."""

    policies: Mapping[str, PolicyVersion]
    books: Mapping[str, CalendarBook]
    override: Callable[[str], PolicyVersion | None] | None = None
    _none: PolicyVersion = field(default=PolicyVersion("", 0, "None"), init=False, repr=False)

    def policy(self, key: str) -> PolicyVersion:
        """The version a ledger names; one that promises nothing for no name. LedgerError."""
        if self.override is not None:
            return self.override(key) or self._none
        if not key:
            return self._none
        found = self.policies.get(key)
        if found is None:
            raise LedgerError(f"the ledger names policy {key!r}, which is not there")
        return found

    def book(self, name: str) -> CalendarBook:
        """The calendars a ledger names. LedgerError."""
        found = self.books.get(name)
        if found is None:
            raise LedgerError(f"the ledger names the calendars {name!r}, which are not there")
        return found


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Entries as they are to be read: in order, without those that were voided."""
    listed = sorted(entries, key=lambda entry: (entry.at, entry.seq))
    voided = {entry.voids for entry in listed if entry.kind == "void"}
    kept = [entry for entry in listed if entry.seq not in voided and entry.kind != "void"]
    if kept and kept[0].kind != "started":
        raise LedgerError(f"the ledger begins with {kept[0].kind!r} instead of 'started'")
    return kept
