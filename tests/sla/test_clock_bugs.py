"""Bugs that other desks have or had, each by its number there."""

from __future__ import annotations

from datetime import timedelta

from sla.clock import Clock, Standing
from sla.ledger import Entry
from sla.replay import replay
from tests.sla.desk import BOOK, at, h, hours, ledger, policy, rules, targets

GOLD = rules(policy())


def clock(standing: Standing, metric: str) -> Clock:
    return next(c for c in reversed(standing.clocks) if c.metric == metric)


def test_chatwoot_14009_and_frappe_2212_the_lunch_break_does_not_count() -> None:
    split = hours("08:00-12:00", "13:30-18:00")
    book = type(BOOK)({"split": split}, "split")
    standing = replay(ledger("24 12:30", team=""), rules(policy(), book=book))
    first = clock(standing, "first_response")
    assert first.due_at == at("24 15:30")
    assert first.elapsed(at("24 13:30")) == timedelta(0)
    assert first.state(at("24 15:30")) == "running"
    # Two windows a day on both sides: an hour before lunch is followed by the hour after it.
    standing = replay(ledger("24 11:00", team=""), rules(policy(), book=book))
    assert clock(standing, "first_response").due_at == at("24 14:30")


def test_chatwoot_10178_a_last_word_from_the_customer_stops_counting_when_resolved() -> None:
    entries = ledger(
        "24 09:00",
        ("24 09:30", "reply"),
        ("24 10:00", "customer"),  # "thanks, bye!"
        ("24 10:30", "status", "resolved"),
    )
    standing = replay(entries, GOLD)
    assert [c.key for c in standing.live()] == []
    following = clock(standing, "next_response")
    assert following.state(at("27 16:00")) == "met"
    assert following.elapsed(at("27 16:00")) == h(0.5)
    assert standing.next_due() is None
    # An agent who opens it again a week later owes no answer to the goodbye.
    again = replay([*entries, Entry(9, at("30 09:00"), "status", "open")], GOLD)
    assert {c.metric for c in again.live()} == {"resolution", "team", "update"}


def test_chatwoot_10178_the_clock_follows_a_policy_that_is_changed_on_the_ticket() -> None:
    quick = policy(2, targets=targets(h(1), h(1), h(2), h(4)))
    entries = ledger("24 09:00", ("24 09:30", "policy", "gold@2"))
    standing = replay(entries, rules(policy(), quick))
    assert clock(standing, "first_response").due_at == at("24 10:00")


def test_frappe_1554_a_paused_clock_does_not_tick_and_shows_what_is_left() -> None:
    entries = ledger("24 09:00", ("24 10:00", "reply"), ("24 10:00", "status", "pending"))
    standing = replay(entries, GOLD)
    resolution = clock(standing, "resolution")
    assert resolution.state(at("26 16:00")) == "paused"
    assert resolution.due_at is None
    assert resolution.remaining(at("26 16:00")) == h(7)
    # Open again on Thursday at 16:00: 7 h from there, not from when the ticket was opened.
    entries.append(Entry(9, at("26 16:00"), "status", "open"))
    assert clock(replay(entries, GOLD), "resolution").due_at == at("27 15:00")


def test_frappe_2449_time_on_hold_outside_office_hours_adds_nothing() -> None:
    over_night = ledger(
        "24 09:00", ("24 17:00", "status", "on_hold"), ("25 09:00", "status", "open")
    )
    standing = replay(over_night, rules(policy(targets=targets(resolution=h(9)))))
    resolution = clock(standing, "resolution")
    assert resolution.due_at == at("25 10:00")
    assert resolution.paused == 0
    # Opened on a Saturday and held until Monday morning: the deadline is Monday's.
    saturday = ledger("21 12:00", ("21 13:00", "status", "on_hold"), ("23 09:00", "status", "open"))
    assert clock(replay(saturday, GOLD), "resolution").due_at == at("23 17:00")


def test_frappe_2449_time_on_hold_is_not_counted_twice() -> None:
    entries = ledger(
        "24 09:00",
        ("24 10:00", "status", "on_hold"),
        ("24 11:00", "status", "open"),
        ("24 12:00", "status", "on_hold"),
        ("24 14:00", "status", "open"),
    )
    resolution = clock(replay(entries, GOLD), "resolution")
    assert resolution.due_at == at("25 12:00")  # 8 h and 3 h on hold
    assert resolution.elapsed(at("24 17:00")) == h(5)


def test_zammad_3180_reopening_takes_the_clock_up_where_it_stopped() -> None:
    entries = ledger(
        "24 09:00",
        ("24 10:00", "reply"),
        ("24 12:00", "status", "resolved"),
        ("26 10:00", "customer"),
        ("26 10:00", "status", "open"),
    )
    standing = replay(entries, GOLD)
    resolution = clock(standing, "resolution")
    assert resolution.elapsed(at("26 10:00")) == h(3)
    assert resolution.due_at == at("26 15:00")
    assert clock(standing, "next_response").due_at == at("26 12:00")
    assert clock(standing, "first_response").state(at("26 10:00")) == "met"  # not owed again
    restarted = replay(entries, rules(policy(reopening="restart")))
    assert clock(restarted, "resolution").due_at == at("27 10:00")
    assert [c.key for c in restarted.clocks if c.metric == "resolution"] == [
        "resolution:1",
        "resolution:2",
    ]


def test_zammad_3180_a_policy_that_changes_keeps_what_was_counted() -> None:
    strict = policy(2, targets=targets(h(1), h(1), None, h(4)))
    entries = ledger("24 09:00", ("24 11:00", "reply"), ("24 11:30", "policy", "gold@2"))
    standing = replay(entries, rules(policy(), strict))
    first = clock(standing, "first_response")
    assert first.state(at("24 12:00")) == "met"  # judged by what was promised then
    assert clock(standing, "resolution").due_at == at("24 13:00")
    assert clock(standing, "update").state(at("30 12:00")) == "untracked"  # no longer promised
    # The same ledger as if the strict version had held from the start.
    under = rules(policy(), strict)
    replayed = replay(entries, type(under)(under.policies, under.books, lambda _: strict))
    assert clock(replayed, "first_response").breach(at("24 12:00")) == at("24 10:00")


def test_zammad_5177_a_short_update_target_waits_for_the_first_response() -> None:
    short = rules(policy(targets=targets(h(4), h(4), h(1), None)))
    standing = replay(ledger("24 09:00"), short)
    soonest = standing.next_due()
    assert soonest is not None
    assert (soonest.metric, soonest.due_at) == ("first_response", at("24 13:00"))
    answered = replay(ledger("24 09:00", ("24 10:00", "reply")), short)
    soonest = answered.next_due()
    assert soonest is not None
    assert (soonest.metric, soonest.due_at) == ("update", at("24 11:00"))


def test_zammad_3551_answering_and_pausing_at_once_is_an_answer() -> None:
    entries = ledger("24 09:00", ("24 10:00", "reply"), ("24 10:00", "status", "pending"))
    assert clock(replay(entries, GOLD), "first_response").state(at("25 09:00")) == "met"


def test_zammad_3410_several_messages_are_one_question_from_the_first_of_them() -> None:
    entries = ledger(
        "24 09:00",
        ("24 09:10", "reply"),
        ("24 10:00", "customer"),
        ("24 11:00", "customer"),
        ("24 11:30", "reply"),
        ("24 11:40", "reply"),
    )
    standing = replay(entries, GOLD)
    cycles = [c for c in standing.clocks if c.metric == "next_response"]
    assert [(c.cycle, c.elapsed(at("25 09:00"))) for c in cycles] == [(1, h(1.5))]


def test_zammad_904_a_merged_ticket_owes_nothing() -> None:
    standing = replay(ledger("24 09:00", ("24 10:00", "merged")), GOLD)
    assert standing.live() == []
    assert {c.state(at("30 10:00")) for c in standing.clocks} == {"void"}


def test_libredesk_70_a_ticket_that_is_opened_resolved_has_no_clock() -> None:
    standing = replay(ledger("24 09:00", status="closed"), GOLD)
    assert standing.clocks == []
