"""Random tickets: calendars around odd moments, policies, and what happens to the ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import get_args

from sla.calendar import BusinessCalendar
from sla.hours import CalendarBook
from sla.hours import Hours as Whose
from sla.ledger import Entry, Kind, Rules, Start
from sla.policy import Author, Metric, Ola, PolicyVersion, Step, Target, Targets
from tests.sla.cases import MINUTE, Case, draw
from tests.sla.clock_oracle import Counted, Happening, Promise, Ticket, count
from tests.sla.oracle import Hours

PRIORITIES = ("low", "normal", "high", "urgent")
METRICS = ("first_response", "next_response", "update", "resolution")
STATUSES = ("open", "open", "pending", "pending", "on_hold", "resolved", "closed")
ZONES = ("", "Asia/Kathmandu", "America/Sao_Paulo", "Australia/Lord_Howe")
TEAMS = ("", "north", "south")
CALENDARS = {"north": "main", "south": "other"}
AUTHORS = ("agent", "agent", "agent", "bot", "note", "auto_reply")

# kind: (how often, values)
KINDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "customer": (6, ("",)),
    "reply": (6, AUTHORS),
    "status": (7, STATUSES),
    "priority": (2, PRIORITIES),
    "team": (2, TEAMS),
    "policy": (2, ("p@1", "q@1", "")),
    "zone": (1, ZONES),
    "hold": (1, ("",)),
    "unhold": (1, ("",)),
    "handoff": (1, ("",)),
    "merged": (0, ("",)),
}


@dataclass(frozen=True)
class TicketCase:
    """A ledger with its rules, and the same told to the oracle."""

    entries: list[Entry]
    rules: Rules
    origin: datetime
    minutes: int
    until: int
    start: Start
    happenings: list[Happening]
    promises: dict[str, Promise]
    hours: dict[str, Hours]

    @property
    def end(self) -> datetime:
        """The last instant that was counted."""
        return self.origin + self.minutes * MINUTE

    def truth(self) -> list[Counted]:
        """Count every minute."""
        s = self.start
        ticket = Ticket(s.status, s.priority, s.policy, s.team, s.zone, s.bot, s.by == "agent")
        return count(
            self.origin,
            ticket,
            self.happenings,
            self.promises,
            self.hours,
            CALENDARS,
            self.minutes,
            self.until,
        )


def draw_ticket(random: Random) -> TicketCase:
    """Draw a ticket of one to four days, with up to 14 things that happen to it."""
    main, other = draw(random, MINUTE), draw(random, MINUTE)
    minutes = len(main.truth.open)
    origin = main.truth.at(0)
    promises = {"p@1": _promise(random), "q@1": _promise(random), "": NOTHING}
    policies = {key: policy_of(key, promise) for key, promise in promises.items() if key}
    names: Mapping[str, Case] = {"main": main, "other": other}
    calendars = {name: case.calendar for name, case in names.items()}
    rules = Rules(policies, {"book": book(calendars)})
    start = Start(
        by=random.choice(("customer", "customer", "customer", "agent")),
        status=random.choice(("new", "new", "open", "pending", "resolved")),
        priority=random.choice(PRIORITIES),
        policy=random.choice(("p@1", "p@1", "q@1", "")),
        calendars="book",
        team=random.choice(TEAMS),
        zone=random.choice(ZONES),
        bot=random.random() < 0.2,
    )
    happenings = _happenings(random, minutes)
    return TicketCase(
        entries=entries_of(start, happenings, origin),
        rules=rules,
        origin=origin,
        minutes=minutes,
        until=minutes + 600,
        start=start,
        happenings=happenings,
        promises=promises,
        hours={name: case.hours for name, case in names.items()},
    )


def book(calendars: Mapping[str, BusinessCalendar]) -> CalendarBook:
    """The calendars of two teams."""
    return CalendarBook(calendars, "main", CALENDARS)


def entries_of(start: Start, happenings: list[Happening], origin: datetime) -> list[Entry]:
    """The ledger."""
    kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
    authors: dict[str, Author] = {author: author for author in get_args(Author)}
    entries = [Entry(0, origin, "started", start=start)]
    for seq, it in enumerate(happenings, 1):
        at = origin + it.minute * MINUTE
        if it.kind == "reply":
            entries.append(Entry(seq, at, "reply", author=authors[it.value]))
        else:
            entries.append(Entry(seq, at, kinds[it.kind], it.value))
    return entries


def _happenings(random: Random, minutes: int) -> list[Happening]:
    kinds = list(KINDS)
    weights = [KINDS[kind][0] for kind in kinds]
    times = sorted(random.randint(0, minutes - 2) for _ in range(random.randint(0, 14)))
    found = [
        Happening(minute, kind, random.choice(KINDS[kind][1]))
        for minute, kind in zip(times, random.choices(kinds, weights, k=len(times)), strict=True)
    ]
    if random.random() < 0.08:
        found.append(Happening(minutes - 2, "merged"))
    return found


def _promise(random: Random) -> Promise:
    def some(choices: tuple[str, ...], share: float) -> frozenset[str]:
        return frozenset(one for one in choices if random.random() < share)

    return Promise(
        minutes={
            (metric, priority): random.choice((1, 10, 30, 60, 240, 480, 1500))
            for metric in METRICS
            for priority in PRIORITIES
            if random.random() < 0.75
        },
        by_wall=some(PRIORITIES, 0.3),
        team_minutes={team: random.choice((15, 90, 480)) for team in some(("north", "south"), 0.7)},
        calendar=random.choice(("", "", "main", "other")),
        customer_zone=random.random() < 0.3,
        responses=frozenset({"agent"}) | some(("bot", "note", "auto_reply"), 0.2),
        after_handoff=random.random() < 0.4,
        pauses={m: some(("pending", "on_hold"), 0.5) for m in (*METRICS, "team")},
        restart=random.random() < 0.3,
        from_change=random.random() < 0.3,
    )


NOTHING = Promise(
    minutes={},
    by_wall=frozenset(),
    team_minutes={},
    calendar="",
    customer_zone=False,
    responses=frozenset({"agent"}),
    after_handoff=False,
    pauses={
        "update": frozenset({"pending"}),
        "resolution": frozenset({"pending", "on_hold"}),
        "team": frozenset({"pending", "on_hold"}),
    },
    restart=False,
    from_change=False,
)


def policy_of(key: str, promise: Promise) -> PolicyVersion:
    """The same promise as a policy."""
    name, _, version = key.partition("@")
    metrics: dict[str, Metric] = {metric: metric for metric in get_args(Metric)}

    def target(metric: str, priority: str) -> Target | None:
        minutes = promise.minutes.get((metric, priority))
        if minutes is None:
            return None
        return Target(timedelta(minutes=minutes), business=priority not in promise.by_wall)

    authors: dict[str, Author] = {author: author for author in get_args(Author)}
    return PolicyVersion(
        name,
        int(version),
        name,
        targets={p: Targets(*(target(metric, p) for metric in METRICS)) for p in PRIORITIES},
        hours=Whose(promise.calendar, promise.customer_zone),
        olas=tuple(
            Ola(team, Target(timedelta(minutes=minutes)))
            for team, minutes in sorted(promise.team_minutes.items())
        ),
        responses=frozenset(authors[author] for author in promise.responses),
        starts="handoff" if promise.after_handoff else "created",
        pauses=dict(promise.pauses),
        reopening="restart" if promise.restart else "resume",
        counting="from_change" if promise.from_change else "from_start",
        steps=(
            Step("half", "notify", "assignee", share=0.5, metrics=frozenset(metrics.values())),
            Step("soon", "notify", "assignee", timedelta(minutes=-5)),
            Step("late", "webhook", "hook", timedelta(minutes=45)),
        ),
    )
