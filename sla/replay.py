"""From the ledger to the clocks: `replay` reads all of it, `apply` adds one entry to a standing.

After every entry the clocks that should exist are made, those that are over are ended, and each
that is left is told its calendar, target and whether it runs. What an entry does not concern is
not touched, so both ways of reading end in the same standing.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from sla.calendar import BusinessCalendar
from sla.clock import Clock, Standing
from sla.hours import Hours
from sla.ledger import SOLVED, Entry, LedgerError, OutOfOrder, Rules, in_order
from sla.offsets import to_micros
from sla.policy import Metric, PolicyVersion

_TEAM_HOURS = Hours()
# After these, a clock that runs goes on as it did.
_CHANGES_NO_CLOCK = frozenset({"customer", "reply", "handoff"})


def replay(entries: Iterable[Entry], rules: Rules) -> Standing:
    """Read a whole ledger. Raises LedgerError."""
    ordered = in_order(entries)
    if not ordered:
        raise LedgerError("the ledger is empty")
    standing = _begin(ordered[0], rules)
    for entry in ordered[1:]:
        _step(standing, entry, rules)
    return standing


def apply(standing: Standing, entry: Entry, rules: Rules) -> Standing:
    """What `replay` would say with one more entry. Raises OutOfOrder, LedgerError."""
    if entry.kind == "void" or (to_micros(entry.at), entry.seq) <= (standing.at, standing.seq):
        raise OutOfOrder(f"entry {entry.seq} ({entry.kind}) changes the past: replay the ledger")
    after = copy(standing)
    after.clocks = [_copied(clock) for clock in standing.clocks]
    _step(after, entry, rules)
    return after


def tell(standing: Standing, rules: Rules) -> None:
    """Give clocks that come from a store the calendars and steps that are not kept with them."""
    policy, book = rules.policy(standing.policy), rules.book(standing.calendars)
    general = book.of(policy.hours, standing.team, standing.zone)
    for clock in standing.live():
        team = clock.metric == "team"
        clock.calendar = book.of(_TEAM_HOURS, clock.team) if team else general
        clock.steps = policy.steps_of(clock.metric)
        clock.plan()


def _copied(clock: Clock) -> Clock:
    if clock.ended is not None and clock.metric != "resolution":
        return clock  # never touched again
    other = copy(clock)
    other.reached = dict(clock.reached)
    return other


def _begin(entry: Entry, rules: Rules) -> Standing:
    start = entry.start
    if start is None:
        raise LedgerError(f"entry {entry.seq} ('started') does not say how the ticket stood")
    at = to_micros(entry.at)
    ours = start.by == "agent"
    standing = Standing(
        at=at,
        seq=entry.seq,
        status=start.status,
        priority=start.priority,
        policy=start.policy,
        calendars=start.calendars,
        team=start.team,
        zone=start.zone,
        bot=start.bot,
        answered=ours,
        responded=ours,
        asked=None if ours else at,
    )
    _settle(standing, at, rules)
    return standing


def _step(standing: Standing, entry: Entry, rules: Rules) -> None:
    at = to_micros(entry.at)
    _take_in(standing, entry, at, rules)
    standing.at, standing.seq = at, entry.seq
    _settle(standing, at, rules, only_new=entry.kind in _CHANGES_NO_CLOCK)


def _take_in(standing: Standing, entry: Entry, at: int, rules: Rules) -> None:  # noqa: C901, PLR0912 - one branch a kind
    """Note what happened; the clocks follow in `_settle`."""
    match entry.kind:
        case "customer":
            if standing.asked is None:
                standing.asked = at
        case "reply":
            _replied(standing, entry, at, rules)
        case "handoff":
            standing.bot = False
        case "status":
            standing.status = entry.value
        case "priority":
            standing.priority = entry.value
        case "policy":
            standing.policy = entry.value
        case "team":
            if standing.team != entry.value:
                _end(standing, at, "moved", "team")
            standing.team = entry.value
        case "zone":
            standing.zone = entry.value
        case "calendars":
            standing.calendars = entry.value
        case "hold" | "unhold":
            standing.held = entry.kind == "hold"
        case "merged":
            standing.merged = True
        case _:
            raise LedgerError(f"entry {entry.seq} ({entry.kind!r}) cannot stand here")


def _replied(standing: Standing, entry: Entry, at: int, rules: Rules) -> None:
    if entry.author not in rules.policy(standing.policy).responses:
        return
    if entry.author == "agent":
        standing.bot = False
    standing.answered = standing.responded = True
    standing.asked = None
    _end(standing, at, "reply", "first_response", "next_response", "update")


def _settle(standing: Standing, at: int, rules: Rules, *, only_new: bool = False) -> None:
    """Make, end and set every clock by what is known now."""
    policy = rules.policy(standing.policy)
    if standing.merged:
        _end(standing, at, "merged")
        return
    if standing.status in SOLVED:
        if any(clock.ended is None for clock in standing.clocks):
            _end(standing, at, "solved")
            standing.asked = None
            standing.answered = True
        return
    if not (standing.bot and policy.starts == "handoff"):
        _open(standing, at, policy)
    book = rules.book(standing.calendars)
    general = book.of(policy.hours, standing.team, standing.zone)
    for clock in standing.clocks:
        known = clock.since is not None or clock.idle is not None
        if clock.ended is None and not (known and only_new):
            its = general if clock.metric != "team" else book.of(_TEAM_HOURS, clock.team)
            _set(clock, standing, at, policy, its)


def _open(standing: Standing, at: int, policy: PolicyVersion) -> None:
    """Start the clocks that are owed and do not run yet."""
    live = {clock.metric for clock in standing.clocks if clock.ended is None}
    if "resolution" not in live:
        last = standing.find("resolution")
        if last is None or policy.reopening == "restart":
            _start(standing, at, "resolution")
        else:
            last.ended, last.ended_by = None, ""
    if not standing.answered and "first_response" not in live:
        _start(standing, at, "first_response")
    if standing.answered and standing.asked is not None and "next_response" not in live:
        _start(standing, at, "next_response")
    if standing.responded and "update" not in live:
        _start(standing, at, "update")
    if standing.team and "team" not in live:
        _start(standing, at, "team", standing.team)


def _start(standing: Standing, at: int, metric: Metric, team: str = "") -> None:
    cycle = 1 + sum(c.metric == metric and c.team == team for c in standing.clocks)
    standing.clocks.append(Clock(metric, cycle, at, team))


def _end(standing: Standing, at: int, by: str, *metrics: Metric) -> None:
    for clock in standing.clocks:
        if clock.ended is None and (not metrics or clock.metric in metrics):
            clock.end(at, by)


def _set(
    clock: Clock, standing: Standing, at: int, policy: PolicyVersion, calendar: BusinessCalendar
) -> None:
    """Tell a clock its calendar, its target and whether it runs, if any of it is new."""
    target = policy.promise(clock.metric, standing.priority, clock.team)
    promise, business = target if target is not None else (None, True)
    known = None if clock.limit is None else clock.limit - clock.base
    runs = not standing.held and not policy.pauses_in(clock.metric, standing.status)
    steps = policy.steps_of(clock.metric)
    set_already = clock.since is not None if runs else clock.idle is not None
    if (
        set_already
        and promise == known
        and business == clock.business
        and calendar is clock.calendar
        and steps is clock.steps
    ):
        return
    clock.settle(at)
    clock.business, clock.calendar = business, calendar
    if promise != known or steps is not clock.steps:
        if promise != known and policy.counting == "from_change":
            clock.base = clock.used
        clock.limit = None if promise is None else clock.base + promise
        clock.steps = steps
        clock.plan()
    if runs:
        clock.run(at)
    else:
        clock.pause(at)
