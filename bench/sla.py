"""Time the SLA engine on the sizes it is promised for, and check clocks at length.

    python -m bench.sla [part ...]      all of: calendar clocks replay routing simulation oracle

CPU seconds of this process. `calendar` compares with `businesstimedelta` where that is
installed (it is no dependency of the desk).
"""

from __future__ import annotations

import gc
import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from random import Random
from statistics import median
from time import process_time

import numpy as np

from bench.sla_calendar import compare
from sla import snapshot
from sla.calendar import BusinessCalendar
from sla.clock import Standing
from sla.hours import CalendarBook
from sla.ledger import Entry, Rules, Start
from sla.people import Candidate, Capacity, Demand
from sla.policy import PolicyVersion, Step, Target, Targets
from sla.replay import apply, replay
from sla.routing import decide
from sla.shifts import Shifts
from sla.simulate import PastTicket, Plan, Turn, simulate
from sla.vectors import CalendarTable, instants
from tests.sla.clock_agreement import check
from tests.sla.clock_cases import draw_ticket

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
ZONES = ("Europe/Oslo", "Asia/Manila", "America/New_York", "Europe/Lisbon")
PRIORITIES = ("low", "normal", "high", "urgent")


@contextmanager
def timed(what: str, count: int, promise: str = "") -> Iterator[None]:
    """Print the CPU seconds of a block, and what it is promised to take."""
    began = process_time()
    yield
    spent = process_time() - began
    note = f"   ({promise})" if promise else ""
    print(f"  {what:<52}{spent:8.2f} s {spent / count * 1e6:9.1f} us each{note}")


def _steady() -> None:
    """Keep the collector from walking over the sample data while something else is measured."""
    gc.collect()
    gc.freeze()


def rules() -> Rules:
    """Four teams' calendars and two versions of a policy with escalation steps."""
    split = {day: [(time(9), time(12)), (time(13), time(17))] for day in range(5)}
    named = {zone: BusinessCalendar(zone, split) for zone in ZONES}
    book = CalendarBook(named, ZONES[0], {zone: zone for zone in ZONES})
    steps = (
        Step("warn", "notify", "assignee", timedelta(minutes=-30)),
        Step("breach", "notify", "lead"),
        Step("raise", "raise_priority", "urgent", timedelta(hours=1)),
    )

    def version(number: int, hours: float) -> PolicyVersion:
        targets = {
            priority: Targets(
                *(Target(timedelta(hours=hours * part / (1 + rank))) for part in (1, 1, 4, 8))
            )
            for rank, priority in enumerate(PRIORITIES)
        }
        return PolicyVersion("gold", number, "Gold", targets=targets, steps=steps)

    policies = {p.key: p for p in (version(1, 4), version(2, 2))}
    return Rules(policies, {"now": book, "then": book})


def ledger(random: Random, *, solved: bool) -> list[Entry]:
    """A ticket of about nine entries over some days."""
    at = BEGIN + timedelta(minutes=random.randrange(300 * 1440))
    start = Start(
        priority=random.choice(PRIORITIES),
        policy="gold@1",
        calendars="now",
        team=random.choice(ZONES),
    )
    entries = [Entry(0, at, "started", start=start)]
    for seq in range(1, random.randint(5, 11)):
        at += timedelta(minutes=random.expovariate(1 / 300))
        kind = random.choice(("reply", "customer", "status", "status", "team", "priority"))
        value = {
            "status": random.choice(("open", "pending", "on_hold")),
            "team": random.choice(ZONES),
            "priority": random.choice(PRIORITIES),
        }.get(kind, "")
        match kind:
            case "reply" | "customer" | "status" | "team" | "priority":
                entries.append(Entry(seq, at, kind, value))
    if solved:
        entries.append(Entry(20, at + timedelta(hours=3), "status", "resolved"))
    return entries


def clocks() -> None:
    """Deadlines of 100,000 open tickets: from the ledgers, and after a calendar changed."""
    random, known = Random(1), rules()
    ledgers = [ledger(random, solved=False) for _ in range(100_000)]
    entries = sum(map(len, ledgers))
    print(f"100,000 open tickets, {entries:,} entries:")
    _steady()
    with timed("deadlines from the ledgers", len(ledgers), "at most 10 s"):
        due = [replay(each, known).next_due() for each in ledgers]
    running = sum(clock is not None for clock in due)
    del due
    standings = [replay(each, known) for each in ledgers]
    at = BEGIN + timedelta(days=400)
    entry = Entry(99, at, "calendars", "then")
    _steady()
    with timed("the same after a calendar changed", len(ledgers)):
        due = [apply(standing, entry, known).next_due() for standing in standings]
    assert sum(clock is not None for clock in due) == running
    print(f"  {running:,} have a deadline ahead, {100_000 - running:,} are paused")


def replays() -> None:
    """50,000 closed tickets under another version, twice, with the same answer."""
    random, known = Random(2), rules()
    ledgers = [ledger(random, solved=True) for _ in range(50_000)]
    other = known.policies["gold@2"]
    under = Rules(known.policies, known.books, lambda _: other)
    print("50,000 tickets under another policy version:")
    digests: list[str] = []
    standings: list[Standing] = []
    for run in ("first", "second"):
        digest = hashlib.sha256()
        _steady()
        with timed(f"{run} replay", len(ledgers), "at most 60 s"):
            standings = [replay(each, under) for each in ledgers]
        for standing in standings:
            digest.update(snapshot.encode(standing))
        digests.append(digest.hexdigest()[:16])
    assert digests[0] == digests[1]
    late = sum(c.breached is not None for s in standings for c in s.clocks)
    print(f"  answers {' and '.join(digests)}; {late:,} promises broken")


def routing() -> None:
    """One decision among 500 agents, each with a calendar of their own, and with shared ones."""
    random = Random(3)
    now = datetime(2026, 11, 24, 9, 7, tzinfo=UTC)
    demand = Demand(
        "t",
        languages=(("nb", 0.9), ("da", 0.1)),
        zone="Europe/Oslo",
        due_at=now + timedelta(hours=2),
        waiting_since=now - timedelta(minutes=5),
        skills=frozenset({"billing"}),
    )

    def agents(share: Callable[[int], BusinessCalendar]) -> list[Candidate]:
        return [
            Candidate(
                f"a{n}",
                languages={"nb": random.choice(("B1", "B2", "C1")), "en": "C1"},
                calendar=share(n),
                load={"email": random.randint(0, 4), "chat": random.randint(0, 2)},
                capacity=Capacity(12, {"email": 0.5}, {"chat": 4}),
                skills={"billing": random.random()},
                teams=frozenset({"nordics"}),
                assigned_at=now - timedelta(minutes=random.randint(1, 400)),
            )
            for n in range(500)
        ]

    def calendar(n: int) -> BusinessCalendar:
        zone = ZONES[n % len(ZONES)]
        return BusinessCalendar(zone, {day: [(time(5), time(21))] for day in range(7)})

    shared = [calendar(n) for n in range(4)]
    print("one decision among 500 agents (median of 50; at most 5 ms):")
    for name, people in (
        ("each with a calendar of their own", agents(calendar)),
        ("sharing four calendars", agents(lambda n: shared[n % 4])),
    ):
        for reused in (False, True):
            shifts = Shifts(now) if reused else None
            ranked = len(decide(demand, people, now, shifts=shifts).ranking)  # lays calendars out
            times: list[float] = []
            for _ in range(50):
                began = process_time()
                decide(demand, people, now, shifts=shifts)
                times.append((process_time() - began) * 1000)
            label = f"{name}{', shifts known' if reused else ''}"
            print(f"  {label:<52}{median(times):8.2f} ms, {ranked} ranked")


def calendars() -> None:
    """Due times one by one, as columns, and by the other library."""
    compare(2000)
    office = BusinessCalendar("Europe/Oslo", {day: [(time(9), time(17))] for day in range(5)})
    random = Random(4)
    starts = instants(
        [BEGIN + timedelta(seconds=random.randrange(25_000_000)) for _ in range(10**6)]
    )
    table = CalendarTable(office, BEGIN, BEGIN + timedelta(days=400))
    print("columns of 1,000,000:")
    with timed("due times", 10**6):
        due = table.add(starts, np.array([20], dtype="timedelta64[h]"))
    with timed("measured", 10**6):
        measured = table.between(starts, due)
    assert bool((measured == np.timedelta64(20, "h")).all())


def oracle() -> None:
    """1,000 tickets against counted minutes."""
    with timed("1,000 random tickets against counted minutes", 1000):
        for seed in range(1000):
            check(draw_ticket(Random(seed)))


def simulation() -> None:
    """A month of 10,000 tickets with twenty agents in two zones."""
    random, known = Random(5), rules()
    past = []
    for number in range(10_000):
        created = BEGIN + timedelta(minutes=random.randrange(28 * 1440))
        turns = [Turn(timedelta(minutes=random.randint(2, 15)))]
        while random.random() < 0.4:
            work, after = random.randint(2, 10), random.randint(5, 600)
            turns.append(Turn(timedelta(minutes=work), timedelta(minutes=after)))
        demand = Demand(f"t{number}", languages=(("en", 0.9),))
        past.append(PastTicket(demand, created, tuple(turns)))
    hours = {day: [(time(7), time(19))] for day in range(7)}
    shifts = [BusinessCalendar(zone, hours) for zone in ZONES[:2]]
    staff = tuple(
        Candidate(f"a{n}", languages={"en": "C1"}, calendar=shifts[n % 2], capacity=Capacity(3))
        for n in range(20)
    )
    plan = Plan("now", staff, known, "now", lambda _: "gold@1")
    print("a simulated month of 10,000 tickets, 20 agents:")
    reports = []
    for run in ("first", "second"):
        with timed(f"{run} run", len(past)):
            reports.append(simulate(past, plan))
    assert reports[0] == reports[1]
    print(f"  {reports[0].closed:,} closed, first response p90 {reports[0].first_p90}")


PARTS = {
    "calendar": calendars,
    "clocks": clocks,
    "replay": replays,
    "routing": routing,
    "simulation": simulation,
    "oracle": oracle,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
