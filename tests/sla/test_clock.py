"""What the clocks of a ticket say, by examples worked out by hand."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from sla.ledger import Entry, LedgerError, OutOfOrder, Rules
from sla.policy import Ola, Target
from sla.replay import apply, replay
from tests.sla.desk import BOOK, OFFICE, at, h, hours, ledger, policy, rules, targets
from tests.sla.test_clock_bugs import GOLD, clock


def test_the_deadline_itself_is_in_time_and_the_next_moment_is_not() -> None:
    first = clock(replay(ledger("24 09:00"), GOLD), "first_response")
    assert first.due_at == at("24 11:00")
    assert first.state(at("24 11:00")) == "running"
    late = at("24 11:00") + timedelta(microseconds=1)
    assert (first.state(late), first.breach(late)) == ("breached", at("24 11:00"))
    on_time = replay(ledger("24 09:00", ("24 11:00", "reply")), GOLD)
    assert clock(on_time, "first_response").state(at("25 09:00")) == "met"
    too_late = replay(ledger("24 09:00", ("24 11:01", "reply")), GOLD)
    assert clock(too_late, "first_response").state(at("25 09:00")) == "breached"


def test_a_mail_at_night_is_due_in_the_morning_and_in_calendar_time_at_night() -> None:
    assert clock(replay(ledger("24 03:00"), GOLD), "first_response").due_at == at("24 11:00")
    wall = rules(policy(targets=targets(h(2), business=False)))
    assert clock(replay(ledger("24 03:00"), wall), "first_response").due_at == at("24 05:00")


def test_the_share_that_is_left_colours_the_chip() -> None:
    first = clock(replay(ledger("24 09:00"), GOLD), "first_response")
    shares = [first.share_left(at(f"24 {time}")) for time in ("09:00", "10:30", "11:00", "12:00")]
    assert shares == [1.0, 0.25, 0.0, -0.5]


def test_raising_the_priority_counts_the_time_so_far_unless_told_otherwise() -> None:
    entries = ledger("24 09:00", ("24 12:00", "priority", "urgent"))
    resolution = clock(replay(entries, GOLD), "resolution")
    assert resolution.due_at == at("24 13:00")  # 4 h of which 3 are gone
    from_change = rules(policy(counting="from_change"))
    assert clock(replay(entries, from_change), "resolution").due_at == at("24 16:00")
    # A new target that is used up is due now, not in a past in which it was not promised.
    late = ledger("24 09:00", ("24 16:00", "priority", "urgent"))
    assert clock(replay(late, GOLD), "resolution").due_at == at("24 16:00")


def test_each_team_counts_its_own_hours() -> None:
    entries = ledger("24 16:00", ("24 17:00", "team", "manila"))
    standing = replay(entries, GOLD)
    # An hour in Oslo; Manila opens at 02:00 Oslo time and the second hour is over at 03:00.
    assert clock(standing, "first_response").due_at == at("25 03:00")


def test_a_team_has_its_own_target_each_time_it_gets_the_ticket() -> None:
    ola = rules(policy(olas=(Ola("nordics", Target(h(1))), Ola("manila", Target(h(3))))))
    entries = ledger(
        "24 09:00",
        ("24 11:00", "team", "manila"),
        ("25 10:00", "team", "nordics"),
        ("25 10:30", "team", ""),
    )
    standing = replay(entries, ola)
    kept = [(c.key, c.state(at("30 09:00"))) for c in standing.clocks if c.metric == "team"]
    assert kept == [
        ("team:nordics:1", "breached"),
        ("team:manila:1", "breached"),  # 02:00 to 10:00 in Oslo is a day in Manila
        ("team:nordics:2", "met"),
    ]
    assert clock(standing, "team").ended_by == "moved"


def test_the_teams_hours_on_the_customers_clock() -> None:
    theirs = rules(policy(hours=type(policy().hours)(customer_zone=True)))
    entries = ledger("24 03:00", zone="Asia/Tokyo")  # 11:00 in Tokyo
    assert clock(replay(entries, theirs), "first_response").due_at == at("24 05:00")
    entries = ledger("24 03:00", ("24 03:30", "zone", "Asia/Tokyo"))
    assert clock(replay(entries, theirs), "first_response").due_at == at("24 05:30")
    unknown = ledger("24 03:00", zone="Mars/Olympus")
    assert clock(replay(unknown, theirs), "first_response").due_at == at("24 11:00")


def test_what_answers_is_a_setting() -> None:
    entries = ledger("24 09:00", ("24 09:00", "reply", "auto_reply"), ("24 10:00", "reply", "bot"))
    assert clock(replay(entries, GOLD), "first_response").state(at("24 10:30")) == "running"
    lenient = rules(policy(responses=frozenset({"agent", "bot"})))
    first = clock(replay(entries, lenient), "first_response")
    assert (first.state(at("24 10:30")), first.elapsed(at("24 10:30"))) == ("met", h(1))


def test_a_ticket_with_a_bot_may_count_from_the_handoff() -> None:
    waits = rules(policy(starts="handoff"))
    opened = ledger("24 09:00", bot=True)
    assert replay(opened, waits).clocks == []
    assert clock(replay(opened, GOLD), "first_response").due_at == at("24 11:00")
    handed = [*opened, Entry(1, at("24 10:00"), "handoff")]
    assert clock(replay(handed, waits), "first_response").due_at == at("24 12:00")
    # Solved by the bot: nothing was owed and nothing is missed.
    solved = [*opened, Entry(1, at("24 10:00"), "status", "resolved")]
    assert replay(solved, waits).clocks == []


def test_a_ticket_that_we_open_owes_no_first_response() -> None:
    entries = ledger("24 09:00", ("24 10:00", "customer"), by="agent")
    standing = replay(entries, GOLD)
    assert standing.find("first_response") is None
    assert clock(standing, "next_response").due_at == at("24 12:00")


def test_a_hold_stops_every_clock() -> None:
    entries = ledger("24 09:00", ("24 10:00", "hold"), ("25 10:00", "unhold"))
    standing = replay(entries, GOLD)
    assert {c.metric: c.due_at for c in standing.live() if c.due_at} == {
        "first_response": at("25 11:00"),
        "resolution": at("25 17:00"),
    }
    assert clock(standing, "first_response").paused == 8 * 3_600_000_000


def test_a_calendar_that_changes_counts_from_then_on() -> None:
    longer = type(BOOK)({"office": hours("07:00-22:00")}, "office")
    both = Rules({"gold@1": policy()}, {"book": BOOK, "winter": longer})
    entries = ledger("24 16:00", ("24 16:30", "calendars", "winter"))
    assert clock(replay(entries, both), "resolution").due_at == at("25 09:00")


def test_an_entry_made_by_mistake_is_voided() -> None:
    entries = ledger("24 09:00", ("24 16:00", "priority", "urgent"), ("24 16:05", "void", "1"))
    resolution = clock(replay(entries, GOLD), "resolution")
    assert resolution.state(at("24 17:00")) == "running"
    assert resolution.due_at == at("24 17:00")


def test_what_changes_the_past_asks_for_a_replay() -> None:
    entries = ledger("24 09:00", ("24 10:00", "customer"))
    standing = replay(entries, GOLD)
    with pytest.raises(OutOfOrder, match="replay the ledger"):
        apply(standing, Entry(2, at("24 09:30"), "reply"), GOLD)
    with pytest.raises(OutOfOrder):
        apply(standing, Entry(2, at("24 10:30"), "void", voids=1), GOLD)


def test_a_ledger_that_cannot_be_read_says_why() -> None:
    with pytest.raises(LedgerError, match="empty"):
        replay([], GOLD)
    with pytest.raises(LedgerError, match="begins with 'reply'"):
        replay([Entry(0, at("24 09:00"), "reply")], GOLD)
    with pytest.raises(LedgerError, match="policy 'silver@1', which is not there"):
        replay(ledger("24 09:00", policy="silver@1"), GOLD)
    with pytest.raises(LedgerError, match="calendars 'summer'"):
        replay(ledger("24 09:00", calendars="summer"), GOLD)


def test_a_calendar_that_never_opens_promises_no_instant() -> None:
    never = type(BOOK)({"office": hours(days=range(0))}, "office")
    standing = replay(ledger("24 09:00"), rules(policy(), book=never))
    first = clock(standing, "first_response")
    assert (first.due_at, first.state(at("30 09:00"))) == (None, "running")
    assert standing.next_due() is None


def test_times_come_back_in_utc() -> None:
    first = clock(replay(ledger("24 09:00"), GOLD), "first_response")
    assert first.due_at is not None
    assert first.due_at.tzinfo is UTC
    assert OFFICE.is_open(first.due_at)
