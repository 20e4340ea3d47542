"""Warnings and escalation: each step once, at a time when it is of use to somebody."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sla.calendar import BusinessCalendar
from sla.ledger import Entry
from sla.policy import Step
from sla.replay import replay
from sla.steps import Firing, due_steps, next_step_at
from tests.sla.clock_cases import draw_ticket
from tests.sla.desk import OFFICE, at, h, ledger, policy, rules, targets
from tests.sla.test_clock_bugs import clock
from tests.sla.test_clock_oracle import BRUTE, seeds

STEPS = (
    Step("warn", "notify", "assignee", timedelta(minutes=-30)),
    Step("breach", "notify", "assignee"),
    Step("lead", "notify", "lead", h(1)),
    Step("raise", "raise_priority", "high", h(1)),
    Step("urgent", "raise_priority", "urgent", h(2)),
    Step("hook", "webhook", "pager", share=0.75),
)
WALL = rules(policy(targets=targets(h(2), business=False), steps=STEPS))
OFFICE_TIME = rules(policy(targets=targets(h(2)), steps=STEPS))


def told(firings: list[Firing]) -> list[str]:
    return [firing.step.id for firing in firings]


def in_office(step: Step) -> BusinessCalendar | None:
    return None if step.action == "webhook" else OFFICE


def test_each_step_comes_at_its_point() -> None:
    first = clock(replay(ledger("24 09:00"), OFFICE_TIME), "first_response")
    times = {f.step.id: f.at for f in due_steps(first, at("24 09:00"), at("25 09:00"))}
    assert times == {
        "hook": at("24 10:30"),
        "breach": at("24 11:00"),  # stands for the warning, which nobody needs any more
        "lead": at("24 12:00"),
        "urgent": at("24 13:00"),
    }
    assert next_step_at(first, at("24 09:00")) == at("24 10:30")
    assert next_step_at(first, at("24 12:30")) == at("24 13:00")
    assert next_step_at(first, at("24 13:00")) is None


def test_a_step_in_office_hours_counts_office_time() -> None:
    first = clock(replay(ledger("24 16:00"), OFFICE_TIME), "first_response")
    warned = due_steps(first, at("24 16:00"), at("25 09:45"))
    assert [(f.step.id, f.at) for f in warned] == [
        ("hook", at("25 09:30")),
        ("warn", at("25 09:30")),
    ]


def test_after_downtime_the_last_word_to_each_person_stands_for_all() -> None:
    first = clock(replay(ledger("24 09:00"), OFFICE_TIME), "first_response")
    firings = due_steps(first, at("24 09:00"), at("24 16:00"))
    assert told(firings) == ["hook", "breach", "lead", "urgent"]
    covered = {firing.step.id: firing.covers for firing in firings}
    assert covered["breach"] == ("first_response:1:warn",)
    assert covered["urgent"] == ("first_response:1:raise",)
    keys = [key for firing in firings for key in (firing.key, *firing.covers)]
    assert due_steps(first, at("24 09:00"), at("27 16:00"), fired=keys) == []


def test_nobody_is_told_at_midnight() -> None:
    first = clock(replay(ledger("24 22:30"), WALL), "first_response")  # breached at 00:30
    night = due_steps(first, at("24 22:00"), at("25 08:59"), at_work=in_office)
    assert told(night) == ["hook"]
    morning = due_steps(first, at("25 08:59"), at("25 09:00"), at_work=in_office)
    assert told(morning) == ["breach", "lead", "urgent"]
    assert {firing.at for firing in morning} == {at("25 09:00")}
    assert next_step_at(first, at("25 03:00"), in_office) == at("25 09:00")


def test_a_step_may_come_at_any_hour_when_it_says_so() -> None:
    loud = Step("page", "notify", "lead", in_hours=False)
    night = rules(policy(targets=targets(h(2), business=False), steps=(loud,)))
    first = clock(replay(ledger("24 22:30"), night), "first_response")
    (firing,) = due_steps(first, at("24 22:30"), at("25 01:00"), at_work=in_office)
    assert firing.at == at("25 00:30")


def test_what_was_answered_in_the_meantime_disturbs_nobody() -> None:
    entries = ledger("24 22:30", ("25 08:00", "reply"))  # breached at 00:30, answered at 08:00
    first = clock(replay(entries, WALL), "first_response")
    assert told(due_steps(first, at("24 22:00"), at("25 12:00"), at_work=in_office)) == ["hook"]
    # Without hours to wait for, the breach is news still: it did happen.
    assert told(due_steps(first, at("24 22:00"), at("25 12:00"))) == ["hook", "breach", "lead"]
    in_time = ledger("24 09:00", ("24 10:45", "reply"))
    first = clock(replay(in_time, OFFICE_TIME), "first_response")
    assert told(due_steps(first, at("24 09:00"), at("25 12:00"))) == ["hook"]


def test_a_pause_moves_the_steps_that_are_left() -> None:
    steps = (Step("warn", "notify", "assignee", timedelta(minutes=-30)), STEPS[1])
    eight = rules(policy(targets=targets(resolution=h(8)), steps=steps))
    entries = ledger("24 09:00", ("24 16:45", "status", "pending"))
    paused = clock(replay(entries, eight), "resolution")
    assert told(due_steps(paused, at("24 09:00"), at("27 16:00"))) == ["warn"]
    assert next_step_at(paused, at("24 16:45")) is None
    entries.append(Entry(9, at("26 10:00"), "status", "open"))
    resumed = clock(replay(entries, eight), "resolution")
    (firing,) = due_steps(resumed, at("24 17:00"), at("27 16:00"))
    assert (firing.step.id, firing.at) == ("breach", at("26 10:15"))


def test_hours_that_never_come_do_not_silence_a_step() -> None:
    never = BusinessCalendar("UTC", {})
    first = clock(replay(ledger("24 09:00"), OFFICE_TIME), "first_response")
    firings = due_steps(first, at("24 09:00"), at("24 11:00"), at_work=lambda _: never)
    assert told(firings) == ["hook", "breach"]


def test_a_look_ends_where_the_next_begins() -> None:
    first = clock(replay(ledger("24 09:00"), OFFICE_TIME), "first_response")
    assert told(due_steps(first, at("24 10:00"), at("24 10:30"))) == ["hook", "warn"]
    assert told(due_steps(first, at("24 10:30"), at("24 10:59"))) == []


def test_an_answer_on_the_deadline_is_no_breach_to_tell_of() -> None:
    on_time = clock(
        replay(ledger("24 09:00", ("24 11:00", "reply")), OFFICE_TIME), "first_response"
    )
    assert on_time.reached.keys() == {"hook", "warn"}
    late = clock(replay(ledger("24 09:00", ("24 11:01", "reply")), OFFICE_TIME), "first_response")
    assert late.reached.keys() == {"hook", "warn", "breach"}


@given(seeds, st.lists(st.integers(0, 6000), max_size=12))
@BRUTE
def test_however_often_one_looks_each_step_comes_once(seed: int, looks: list[int]) -> None:
    case = draw_ticket(Random(seed))
    end = case.origin + timedelta(minutes=6000)
    times = [case.origin - timedelta(1), *_sorted(case.origin, looks), end]
    for its in replay(case.entries, case.rules).clocks:
        often = [
            key
            for since, until in pairwise(times)
            for firing in due_steps(its, since, until)
            for key in (firing.key, *firing.covers)
        ]
        at_once = [
            key for firing in due_steps(its, times[0], end) for key in (firing.key, *firing.covers)
        ]
        assert sorted(often) == sorted(at_once)
        assert len(set(often)) == len(often)


def _sorted(origin: datetime, looks: list[int]) -> list[datetime]:
    return [origin + timedelta(minutes=minute) for minute in sorted(set(looks))]
