"""What holds for every decision, whoever asks and whoever is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sla.people import LEVELS, Candidate, Capacity, Demand, level_in
from sla.queues import drain, queue
from sla.routing import Routing, Weights, decide
from sla.scoring import COMPONENTS
from tests.sla.desk import MANILA, OFFICE, at
from tests.sla.test_clock_oracle import seeds

NOW = at("24 10:00")
LANGUAGES = ("nb", "en", "de", "he")
CALENDARS = (OFFICE, MANILA, None)
CHANNELS = ("email", "chat", "sms")
MANY = settings(max_examples=150, deadline=None)


def some_agent(random: Random, number: int) -> Candidate:
    spoken = random.sample(LANGUAGES, random.randint(1, 3))
    return Candidate(
        f"a{number:03}",
        languages={code: random.choice(list(LEVELS)) for code in spoken},
        calendar=random.choice(CALENDARS),
        presence=random.choice(("online", "online", "online", "away", "offline")),
        absent_until=random.choice((None, None, None, NOW + timedelta(days=1))),
        load={channel: random.randint(0, 3) for channel in CHANNELS},
        capacity=Capacity(random.randint(1, 8), {"email": 0.5}, {"chat": random.randint(0, 4)}),
        skills={s: random.random() for s in ("billing", "returns") if random.random() < 0.5},
        teams=frozenset(t for t in ("nordics", "manila") if random.random() < 0.6),
        assigned_at=random.choice((None, NOW - timedelta(minutes=random.randint(0, 300)))),
        pace=timedelta(minutes=random.randint(5, 200)),
    )


def some_ticket(random: Random, number: int) -> Demand:
    due = random.choice((None, NOW + timedelta(minutes=random.randint(-60, 600))))
    return Demand(
        f"t{number:03}",
        channel=random.choice(CHANNELS),
        languages=((random.choice(LANGUAGES), random.random()),),
        priority=random.choice(("low", "normal", "high", "urgent")),
        segments=frozenset({"vip"} if random.random() < 0.2 else ()),
        skills=frozenset({"billing"} if random.random() < 0.3 else ()),
        team=random.choice(("", "", "nordics", "manila")),
        zone=random.choice(("", "Europe/Oslo", "Asia/Manila")),
        last_agent=random.choice(("", "a001", "a002")),
        due_at=due,
        waiting_since=NOW - timedelta(minutes=random.randint(0, 200)),
    )


def some_routing(random: Random) -> Routing:
    weights = Weights(*(random.randint(int(name == "turn"), 50) for name in COMPONENTS))
    return Routing(weights=weights, vip_reserve=random.choice((0.0, 1.0)))


@given(seeds)
@MANY
def test_nobody_is_overfilled_and_every_hard_rule_holds(seed: int) -> None:
    random = Random(seed)
    staff = {a.agent: a for a in (some_agent(random, n) for n in range(12))}
    tickets = [some_ticket(random, n) for n in range(25)]
    routing = some_routing(random)
    loads = {name: dict(one.load) for name, one in staff.items()}
    for decision in drain(tickets, staff.values(), NOW, routing):
        if decision.chosen is None:
            assert decision.alarm is not None
            continue
        chosen, demand = staff[decision.chosen], decision.demand
        load = loads[decision.chosen]
        load[demand.channel] = load.get(demand.channel, 0) + 1
        assert chosen.capacity.used(load) <= chosen.capacity.slots
        assert load[demand.channel] <= chosen.capacity.per_channel.get(demand.channel, 99)
        assert chosen.presence == "online"
        assert chosen.absent_until is None
        assert chosen.calendar is None or chosen.calendar.is_open(NOW)
        if "team" not in decision.relaxed and demand.team:
            assert demand.team in chosen.teams
        if "language" not in decision.relaxed and demand.languages[0][1] >= routing.sure:
            assert LEVELS[level_in(chosen, demand.language)] >= LEVELS["B1"]
        if "skill" not in decision.relaxed:
            assert demand.skills <= chosen.skills.keys()


@given(seeds)
@MANY
def test_the_order_of_the_candidates_does_not_matter(seed: int) -> None:
    random = Random(seed)
    staff = [some_agent(random, n) for n in range(20)]
    demand, routing = some_ticket(random, 1), some_routing(random)
    decision = decide(demand, staff, NOW, routing)
    assert decide(demand, random.sample(staff, len(staff)), NOW, routing) == decision
    tickets = [some_ticket(random, n) for n in range(10)]
    assert queue(random.sample(tickets, 10), NOW, routing) == queue(tickets, NOW, routing)


@given(seeds, st.integers(0, len(COMPONENTS) - 1), st.integers(1, 50))
@MANY
def test_a_heavier_weight_never_favours_who_has_less_of_it(seed: int, part: int, more: int) -> None:
    random = Random(seed)
    staff = [some_agent(random, n) for n in range(20)]
    demand, routing = some_ticket(random, 1), some_routing(random)
    name = COMPONENTS[part]
    heavier = replace(routing.weights, **{name: getattr(routing.weights, name) + more})
    before = decide(demand, staff, NOW, routing)
    after = decide(demand, staff, NOW, replace(routing, weights=heavier))
    if before.chosen is not None:
        assert after.ranking[0].factors[part] >= before.ranking[0].factors[part]


@given(seeds)
@MANY
def test_everyone_is_either_ranked_or_told_why_not(seed: int) -> None:
    random = Random(seed)
    staff = [some_agent(random, n) for n in range(20)]
    decision = decide(some_ticket(random, 1), staff, NOW, some_routing(random))
    ranked = {one.agent for one in decision.ranking}
    assert ranked.isdisjoint(candidate.agent for candidate, _ in decision.left_out)
    assert len(decision.ranking) + len(decision.left_out) == len(staff)
    assert all(decision.why_not(c.agent) is not None for c, _ in decision.left_out)
    factors = [factor for one in decision.ranking for factor in one.factors]
    assert all(0 <= factor <= 1 for factor in factors)
