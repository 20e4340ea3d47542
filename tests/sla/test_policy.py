"""Policies: which one applies and why, how they are stored, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla import conditions
from sla import policy as policies
from sla.conditions import PRIORITIES, AllOf, AnyOf, Condition, Facts, Is, Not, explain, holds
from sla.hours import CalendarBook, Hours
from sla.policy import Ola, Step, Target, choose
from tests.sla.desk import BOOK, OFFICE, h, policy, targets

VIP_MAIL = AllOf((Is("segments", "has", "vip"), Is("channel", "in", ("email", "whatsapp"))))
VIP = policy(name="VIP", condition=VIP_MAIL)
NORDIC = policy(name="Nordic", condition=Is("language", "is", "no"))
REST = policy(name="Everyone")


def test_the_first_policy_that_holds_applies_and_says_why() -> None:
    facts = Facts(channel="email", segments=frozenset({"vip"}), language="nb")
    choice = choose([VIP, NORDIC, REST], facts)
    assert choice.policy is VIP
    assert choice.sentence() == (
        "VIP applies: segments has vip; channel is one of email, whatsapp."
    )


def test_the_policies_before_it_say_why_not() -> None:
    choice = choose([VIP, NORDIC, REST], Facts(channel="sms", segments=frozenset({"vip"})))
    assert choice.policy is REST
    assert [finding.decisive() for _, finding in choice.findings] == [
        ("channel is not one of email, whatsapp (it is sms)",),
        ("language is not no (it is not set)",),
        ("there is no condition",),
    ]
    assert choose([VIP], Facts()).sentence() == "No policy applies, so nothing is promised."


FACTS = Facts(
    inbox="shop",
    channel="email",
    segments=frozenset({"vip", "b2b"}),
    language="pt-BR",
    priority="high",
    team="nordics",
    tags=frozenset({"refund"}),
    custom={"plan": "Gold Plus", "seats": 12},
)
HELD = [
    Is("inbox", "is", "shop"),
    Is("segments", "is", "b2b"),
    Is("language", "is", "pt"),
    Is("language", "in", ("de", "pt-br")),
    Is("priority", "at_least", "high"),
    Is("priority", "at_most", "high"),
    Is("tags", "has", "refund"),
    Is("tags", "present"),
    Is("custom.plan", "contains", "gold"),
    Is("custom.seats", "at_least", 12),
    Not(Is("custom.seats", "at_least", 13)),
    Not(Is("custom.missing", "present")),
    Not(Is("custom.missing", "at_least", 1)),
    AnyOf((Is("channel", "is", "sms"), Is("team", "is", "nordics"))),
    AllOf(),
]


@pytest.mark.parametrize("condition", HELD, ids=str)
def test_comparisons_that_hold(condition: Condition) -> None:
    assert holds(condition, FACTS)
    assert not holds(Not(condition), FACTS)


def test_varieties_of_a_language_are_that_language_and_not_the_reverse() -> None:
    assert conditions.language_matches("nn", "no")
    assert conditions.language_matches("zh-Hant-TW", "zh-Hant")
    assert not conditions.language_matches("pt", "pt-BR")
    assert not conditions.language_matches("nordic", "no")


comparisons = st.one_of(
    st.builds(Is, st.sampled_from(["channel", "inbox", "team"]), st.just("is"), st.text()),
    st.builds(Is, st.just("tags"), st.just("has"), st.sampled_from(["refund", "spam"])),
    st.builds(Is, st.just("priority"), st.just("at_least"), st.sampled_from(PRIORITIES)),
    st.builds(Is, st.just("language"), st.just("in"), st.lists(st.text(), max_size=3).map(tuple)),
)
trees = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=8,
)


@given(trees)
def test_conditions_survive_being_stored_and_explained(condition: Condition) -> None:
    assert conditions.parse(json.loads(json.dumps(conditions.as_data(condition)))) == condition
    finding = explain(condition, FACTS)
    assert finding.held == holds(condition, FACTS)
    assert finding.decisive() or not finding.held


REFUSED: list[tuple[Any, str]] = [
    ([], "expected an object"),
    ({"any": []}, r"condition\.any: expected a list"),
    ({"field": "colour", "op": "is", "value": 1}, "no field 'colour'; there are inbox"),
    ({"field": "custom.", "op": "is", "value": 1}, "no field"),
    ({"field": "tags", "op": "like", "value": 1}, "no operator 'like'"),
    ({"field": "tags", "op": "in", "value": "a"}, "needs a list"),
    ({"field": "priority", "op": "is", "value": "p1"}, "no priority 'p1'"),
    ({"field": "custom.seats", "op": "at_least", "value": "12"}, "needs a number"),
    ({"field": "tags", "op": "has", "value": "a", "x": 1}, "does not know x"),
    ({"all": [{"not": {"field": "tags", "op": "?"}}]}, r"condition\.all\[0\]\.not: no operator"),
]


@pytest.mark.parametrize(("data", "problem"), REFUSED, ids=str)
def test_a_bad_condition_is_named_where_it_is(data: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        conditions.parse(data)


def test_a_condition_too_deep_to_read_is_refused() -> None:
    data: dict[str, Any] = {"all": []}
    for _ in range(20):
        data = {"not": data}
    with pytest.raises(ValueError, match="nested more than 12 deep"):
        conditions.parse(data)


def test_a_policy_survives_being_stored() -> None:
    whole = policy(
        condition=VIP_MAIL,
        hours=Hours("office", customer_zone=True),
        olas=(Ola("nordics", Target(h(1), business=False)),),
        responses=frozenset({"agent", "bot"}),
        starts="handoff",
        pauses={"resolution": frozenset({"pending"})},
        reopening="restart",
        counting="from_change",
        steps=(Step("warn", "notify", "lead", timedelta(minutes=-30)),),
    )
    assert policies.parse(json.loads(json.dumps(policies.as_data(whole)))) == whole


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"targets": {"p1": targets()["low"]}}, "no priority 'p1'"),
        ({"pauses": {"reply": frozenset()}}, "no clock 'reply'"),
        ({"steps": (Step("a", "webhook", "x"), Step("a", "webhook", "y"))}, "the same id"),
        ({"olas": (Ola("a", Target(h(1))), Ola("a", Target(h(2))))}, "two targets"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        replace(policy(), **change)


def test_targets_and_steps_nobody_could_carry_out_are_refused() -> None:
    for duration in (timedelta(0), h(-1), timedelta(days=4000)):
        with pytest.raises(ValueError, match="not above 0 and at most ten years"):
            Target(duration)
    with pytest.raises(ValueError, match="a share is above 0"):
        Step("x", "notify", "lead", share=1.5)
    with pytest.raises(ValueError, match="no priority 'P1'"):
        Step("x", "raise_priority", "P1")
    with pytest.raises(ValueError, match="needs an id"):
        Step("", "notify", "lead")


def test_stored_policies_name_what_is_wrong() -> None:
    good = policies.as_data(policy())
    for change, problem in (
        ({"version": "one"}, "version: Expected `int`"),
        ({"colour": 1}, "has no colour"),
        ({"targets": {"low": {"update": {"duration": "P0D"}}}}, "targets: .*not above 0"),
    ):
        with pytest.raises(ValueError, match=problem):
            policies.parse(good | change)
    with pytest.raises(ValueError, match="needs name, policy, version"):
        policies.parse({})


def test_calendars_that_are_not_there_are_named() -> None:
    with pytest.raises(ValueError, match="no calendar 'summer'; there are manila, office"):
        BOOK.of(Hours("summer"))
    with pytest.raises(ValueError, match="no calendar 'night'"):
        CalendarBook({"office": OFFICE}, "office", {"owls": "night"})
