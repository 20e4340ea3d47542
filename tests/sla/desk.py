"""A small desk for tests: an office in Oslo, a policy, and a ledger told in a few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from sla.calendar import BusinessCalendar
from sla.hours import CalendarBook
from sla.ledger import Entry, Kind, Rules, Start
from sla.policy import Author, PolicyVersion, Target, Targets

OSLO = ZoneInfo("Europe/Oslo")
WEEKDAYS = range(5)


def at(text: str) -> datetime:
    """An instant of November 2026 by the clock in Oslo: "24 09:30"; the 24th is a Tuesday."""
    day, clock = text.split()
    hour, minute = clock.split(":")
    return datetime(2026, 11, int(day), int(hour), int(minute), tzinfo=OSLO)


def hours(*windows: str, zone: str = "Europe/Oslo", days: range = WEEKDAYS) -> BusinessCalendar:
    """A calendar: hours("09:00-12:00", "13:00-17:00")."""
    parsed = [tuple(map(time.fromisoformat, window.split("-"))) for window in windows]
    return BusinessCalendar(zone, {day: [(a, b) for a, b in parsed] for day in days})


OFFICE = hours("09:00-17:00")
MANILA = hours("09:00-17:00", zone="Asia/Manila")
BOOK = CalendarBook(
    {"office": OFFICE, "manila": MANILA}, "office", {"nordics": "office", "manila": "manila"}
)


def h(count: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)


def policy(version: int = 1, /, **parts: Any) -> PolicyVersion:
    """First and next response 2 h, an update every 4 h, resolution 8 h; all in office hours."""
    given: dict[str, Any] = {
        "policy": "gold",
        "version": version,
        "name": "Gold",
        "targets": targets(h(2), h(2), h(4), h(8)),
    }
    return PolicyVersion(**(given | parts))


def targets(
    first: timedelta | None = None,
    following: timedelta | None = None,
    update: timedelta | None = None,
    resolution: timedelta | None = None,
    *,
    business: bool = True,
) -> dict[str, Targets]:
    """The same targets for low and normal, half of them for high and urgent."""

    def every(part: int) -> Targets:
        given = (first, following, update, resolution)
        return Targets(*(Target(d / part, business) if d is not None else None for d in given))

    return {"low": every(1), "normal": every(1), "high": every(2), "urgent": every(2)}


def rules(*policies: PolicyVersion, book: CalendarBook = BOOK) -> Rules:
    """Rules with these policies."""
    return Rules({p.key: p for p in policies}, {"book": book})


def ledger(
    opened: str, *entries: tuple[str, str] | tuple[str, str, str], **start: Any
) -> list[Entry]:
    """A ledger: ledger("24 09:00", ("24 10:00", "reply"), ("24 11:00", "status", "pending"))."""
    first = replace(Start(policy="gold@1", calendars="book", team="nordics"), **start)
    made = [Entry(0, at(opened), "started", start=first)]
    for seq, (when, kind, *rest) in enumerate(entries, 1):
        value = rest[0] if rest else ""
        if kind == "reply":
            made.append(Entry(seq, at(when), "reply", author=_named(Author, value or "agent")))
        elif kind == "void":
            made.append(Entry(seq, at(when), "void", voids=int(value)))
        else:
            made.append(Entry(seq, at(when), _named(Kind, kind), value))
    return made


def _named(kind: Any, name: str) -> Any:
    assert name in get_args(kind)
    return name
