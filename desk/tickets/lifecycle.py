"""The ticket's life as a pure state machine.

    new ──▶ open ──▶ pending ──▶ resolved ──▶ closed
             ▲  ╲──▶ on_hold ──▶    │
             ╰───────────────────────╯   a customer's message reopens until the ticket is closed

A closed ticket never changes status again: what arrives later becomes a follow-up ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

Status = Literal["new", "open", "pending", "on_hold", "resolved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]

STATUSES: Final = get_args(Status)
PRIORITIES: Final = get_args(Priority)
UNSOLVED: Final = ("new", "open", "pending", "on_hold")
SOLVED: Final = ("resolved", "closed")

_ALLOWED: Final[dict[str, frozenset[str]]] = {
    "new": frozenset({"open", "pending", "on_hold", "resolved", "closed"}),
    "open": frozenset({"pending", "on_hold", "resolved", "closed"}),
    "pending": frozenset({"open", "on_hold", "resolved", "closed"}),
    "on_hold": frozenset({"open", "pending", "resolved", "closed"}),
    "resolved": frozenset({"open", "pending", "on_hold", "closed"}),
    "closed": frozenset(),
}


@dataclass(frozen=True, slots=True)
class State:
    """What the state machine looks at. Times are UTC."""

    status: str
    waiting_since: datetime | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    first_replied_at: datetime | None = None


class IllegalTransitionError(ValueError):
    """The status cannot follow on the present one."""

    def __init__(self, before: str, after: str) -> None:
        allowed = ", ".join(s for s in STATUSES if s in _ALLOWED.get(before, frozenset()))
        hint = f"it can become: {allowed}" if allowed else "open a follow-up ticket instead"
        super().__init__(f"a ticket that is {before} cannot become {after}; {hint}")


def set_status(
    state: State, status: str, now: datetime, waited_since: datetime | None = None
) -> State:
    """An agent or a rule chooses a status. Raises IllegalTransitionError.

    Undoing a first change may also lead back to `new` from `open`. `waited_since` is since when
    the customer had waited as the ticket was resolved: whoever reopens it takes that up again.
    """
    if status == state.status:
        return state
    back_to_new = status == "new" and state.status != "closed" and state.first_replied_at is None
    if status not in _ALLOWED.get(state.status, frozenset()) and not back_to_new:
        raise IllegalTransitionError(state.status, status)
    solved = status in SOLVED
    reopened = state.status in SOLVED and not solved
    return State(
        status=status,
        waiting_since=None if solved else waited_since if reopened else state.waiting_since,
        snoozed_until=None if solved else state.snoozed_until,
        resolved_at=(state.resolved_at or now) if solved else None,
        first_replied_at=state.first_replied_at,
    )


def customer_wrote(state: State, now: datetime) -> State | None:
    """A customer's message: wakes and reopens; None means a follow-up ticket is needed."""
    if state.status == "closed":
        return None
    return State(
        status="new" if state.status == "new" else "open",
        waiting_since=state.waiting_since or now,
        snoozed_until=None,
        resolved_at=None,
        first_replied_at=state.first_replied_at,
    )


def agent_replied(state: State, now: datetime) -> State:
    """A public reply: nobody waits any more; a new or resolved ticket is in work."""
    return State(
        status="open" if state.status in {"new", "resolved"} else state.status,
        waiting_since=None,
        snoozed_until=state.snoozed_until,
        resolved_at=None if state.status == "resolved" else state.resolved_at,
        first_replied_at=state.first_replied_at or now,
    )


def bot_replied(state: State) -> State:
    """The bot answered: it is the customer's turn. A first response is a person's."""
    return State(
        status="pending" if state.status in {"new", "open"} else state.status,
        waiting_since=None,
        snoozed_until=state.snoozed_until,
        resolved_at=state.resolved_at,
        first_replied_at=state.first_replied_at,
    )


def handed_over(state: State, since: datetime) -> State:
    """The bot leaves it to people, for whom the customer waits since `since`."""
    return State(
        status="open" if state.status != "closed" else state.status,
        waiting_since=state.waiting_since or since,
        snoozed_until=None,
        resolved_at=None if state.status != "closed" else state.resolved_at,
        first_replied_at=state.first_replied_at,
    )


def take_back(
    state: State,
    statuses: Sequence[str] | None,
    waited_since: datetime | None,
    *,
    first_replied_at: datetime | None,
) -> State:
    """A reply is taken back before it was sent. `statuses` are those before and after it.

    What was changed since stays; a ticket that was closed with the reply stays closed.
    """
    status, resolved_at = state.status, state.resolved_at
    if statuses and status == statuses[1] and status != "closed":
        status = statuses[0]
        if status in UNSOLVED:
            resolved_at = None
    since = [at for at in (waited_since, state.waiting_since) if at is not None]
    return State(
        status=status,
        waiting_since=min(since) if since and status in UNSOLVED else None,
        snoozed_until=state.snoozed_until,
        resolved_at=resolved_at,
        first_replied_at=first_replied_at,
    )


def snooze(state: State, until: datetime | None, now: datetime) -> State:
    """Put away until `until`, or wake with None. Raises ValueError for a time that is past."""
    if until is not None and until <= now:
        message = "snooze until a time in the future"
        raise ValueError(message)
    if state.status in SOLVED and until is not None:
        message = "a ticket that is resolved cannot be snoozed; reopen it first"
        raise ValueError(message)
    return State(
        status=state.status,
        waiting_since=state.waiting_since,
        snoozed_until=until,
        resolved_at=state.resolved_at,
        first_replied_at=state.first_replied_at,
    )
