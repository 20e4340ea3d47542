"""What if: known outcomes of small worlds, and the same answer for the same question."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from sla.hours import CalendarBook
from sla.ledger import Rules
from sla.people import Candidate, Capacity, Demand
from sla.routing import Routing, Weights
from sla.simulate import Cancelled, PastTicket, Plan, Turn, compare, simulate
from tests.sla.desk import BOOK, MANILA, OFFICE, at, h, policy, targets

MINUTES = timedelta(minutes=1)
TEN = 10 * MINUTES
RULES = Rules(
    {"gold@1": policy(), "gold@2": policy(2, targets=targets(h(0.5), h(0.5), None, h(8)))},
    {"now": CalendarBook(BOOK.named, "office", {})},
)


def agent(name: str, **parts: Any) -> Candidate:
    given: dict[str, Any] = {
        "calendar": OFFICE,
        "languages": {"nb": "native"},
        "capacity": Capacity(3),
        "pace": TEN,
    }
    return Candidate(name, **(given | parts))


def plan(name: str, *staff: Candidate, version: int = 1, **parts: Any) -> Plan:
    return Plan(name, staff, RULES, "now", lambda _: f"gold@{version}", **parts)


def ticket(number: int, created: datetime, *turns: Turn, language: str = "nb") -> PastTicket:
    demand = Demand(f"t{number:05}", languages=((language, 0.95),))
    return PastTicket(demand, created, turns or (Turn(TEN),))


def month(count: int, seed: int = 1) -> list[PastTicket]:
    random = Random(seed)
    made = []
    for number in range(count):
        created = at("2 00:00") + random.randrange(14 * 1440) * MINUTES
        turns = [Turn(random.randint(3, 25) * MINUTES)]
        while random.random() < 0.4:
            turns.append(Turn(random.randint(3, 15) * MINUTES, random.randint(5, 600) * MINUTES))
        made.append(ticket(number, created, *turns))
    return made


def test_one_agent_answers_one_after_the_other() -> None:
    tickets = [ticket(n, at("24 09:00")) for n in range(3)]
    report = simulate(tickets, plan("one", agent("anna")))
    assert (report.closed, report.unanswered) == (3, 0)
    assert (report.first_p50, report.first_p90) == (20 * MINUTES, 30 * MINUTES)
    assert report.agents["anna"].busy == 30 * MINUTES
    assert report.promises["first_response"].share_met == 1.0


def test_a_second_agent_halves_the_wait() -> None:
    tickets = [ticket(n, at("24 09:00")) for n in range(4)]
    one = simulate(tickets, plan("one", agent("anna")))
    two = simulate(tickets, plan("two", agent("anna"), agent("bo")))
    difference = compare(one, two)
    assert difference.first_p90 == -20 * MINUTES
    assert difference.busiest == -2


def test_a_stricter_policy_breaks_more_promises_on_the_same_work() -> None:
    tickets = [ticket(n, at("24 09:00")) for n in range(5)]
    now = simulate(tickets, plan("now", agent("anna")))
    strict = simulate(tickets, plan("strict", agent("anna"), version=2))
    assert now.broken == 0
    assert compare(now, strict).broken["first_response"] == 2  # those answered after 40 and 50
    assert now.first_p90 == strict.first_p90


def test_nobody_works_at_night_and_the_queue_drains_in_the_morning() -> None:
    tickets = [ticket(1, at("24 03:00")), ticket(2, at("24 20:00"))]
    report = simulate(tickets, plan("office", agent("anna")))
    assert report.closed == 2
    assert report.first_p50 == h(6) + TEN
    assert report.first_p90 == h(13) + TEN
    around = plan("sun", agent("anna"), agent("jose", calendar=MANILA))
    assert simulate(tickets, around).first_p50 == TEN


def test_what_is_not_done_by_the_end_of_the_shift_goes_on_the_next_day() -> None:
    report = simulate([ticket(1, at("24 16:55"))], plan("late", agent("anna")))
    assert report.first_p50 == h(16) + TEN  # five minutes today and five tomorrow


def test_a_conversation_comes_back_after_our_answer_and_to_the_same_agent() -> None:
    turns = Turn(TEN), Turn(TEN, after=h(1)), Turn(TEN, after=h(1))
    sticky = Routing(weights=Weights(sticky=100))
    staff = agent("anna"), agent("bo")
    report = simulate([ticket(1, at("24 09:00"), *turns)], plan("talk", *staff, routing=sticky))
    answered = sorted(load.answered for load in report.agents.values())
    assert answered == [0, 3]
    assert report.promises["next_response"].promised == 2


def test_nobody_who_speaks_it_leaves_it_unanswered() -> None:
    strict = Routing(overflow=())
    tickets = [ticket(1, at("24 09:00"), language="he"), ticket(2, at("24 09:00"))]
    report = simulate(tickets, plan("nb only", agent("anna"), routing=strict))
    assert (report.closed, report.unanswered) == (1, 1)
    assert report.promises["first_response"].broken == 1
    assert report.longest_queue == 1
    empty = simulate(tickets, plan("nobody"))
    assert (empty.closed, empty.first_p50) == (0, None)


def test_the_same_plan_and_seed_give_the_same_report() -> None:
    tickets = month(300)
    staff = [agent(f"a{n}", pace=timedelta(minutes=5 + n)) for n in range(3)]
    tried = plan("vary", *staff, variation=0.4)
    first = simulate(tickets, tried, seed=7)
    shuffled = Random(3).sample(tickets, len(tickets))
    assert simulate(shuffled, tried, seed=7) == first
    assert simulate(tickets, tried, seed=8) != first
    assert first.closed == 300
    answers = sum(len(t.turns) for t in tickets)
    assert sum(load.answered for load in first.agents.values()) == answers
    assert all(0 < load.share_busy < 1 for load in first.agents.values())


def test_more_staff_never_answer_later_in_all() -> None:
    tickets = month(300)
    reports = [
        simulate(tickets, plan(f"{n}", *(agent(f"a{i}") for i in range(n)))) for n in (1, 2, 4)
    ]
    waits = [report.response_p90 for report in reports]
    assert waits == sorted(waits, reverse=True, key=lambda wait: wait or timedelta(0))
    assert reports[0].broken > reports[2].broken


def test_progress_is_told_and_a_simulation_can_be_stopped() -> None:
    tickets = month(200)
    told: list[tuple[int, int]] = []
    simulate(tickets, plan("p", agent("anna")), progress=lambda *seen: told.append(seen))
    assert told == sorted(told)
    assert told[-1] == (200, 200)
    with pytest.raises(Cancelled, match="of 200 tickets"):
        simulate(tickets, plan("p", agent("anna")), cancelled=lambda: True)


def test_an_empty_span_and_unlike_spans_are_refused() -> None:
    with pytest.raises(ValueError, match="choose a longer one"):
        simulate([], plan("p", agent("anna")))
    one = simulate(month(1), plan("one", agent("anna")))
    two = simulate(month(2), plan("two", agent("anna")))
    with pytest.raises(ValueError, match="over the same span"):
        compare(one, two)
