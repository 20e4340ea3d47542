"""Who gets a ticket and why, as a lead would check it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from sla.conditions import Is
from sla.people import Candidate, Capacity, Demand
from sla.queues import Assigned, drain, next_for, queue, reassignments
from sla.routing import Decision, Overflow, Routing, Rule, Weights, decide
from sla.scoring import COMPONENTS
from tests.sla.desk import MANILA, OFFICE, at, h

NOW = at("24 10:00")  # a Tuesday; Oslo is at work, Manila at 17:00 has just closed
MORNING_THERE = at("24 03:00")  # 10:00 in Manila


def agent(name: str, **parts: Any) -> Candidate:
    given: dict[str, Any] = {
        "name": name.title(),
        "languages": {"nb": "native", "en": "C1"},
        "calendar": OFFICE,
        "teams": frozenset({"nordics"}),
        "assigned_at": at("24 09:00"),
    }
    return Candidate(name, **(given | parts))


def ticket(name: str = "t1", **parts: Any) -> Demand:
    given: dict[str, Any] = {
        "languages": (("nb", 0.98),),
        "zone": "Europe/Oslo",
        "due_at": at("24 12:00"),
        "waiting_since": at("24 09:50"),
    }
    return Demand(name, **(given | parts))


MARTA, NOA = agent("marta"), agent("noa", languages={"no": "B2"})


def points(decision: Decision, name: str) -> dict[str, float]:
    ranked = next(r for r in decision.ranking if r.agent == name)
    return dict(zip(COMPONENTS, ranked.factors, strict=True))


def test_the_native_speaker_gets_it_and_the_reasons_say_so() -> None:
    decision = decide(ticket(), [NOA, MARTA], NOW)
    assert decision.chosen == "marta"
    assert [ranked.agent for ranked in decision.ranking] == ["marta", "noa"]
    first = decision.reasons[0]
    assert (first.key, first.text) == ("routing.language", "Marta writes nb (native) (+30).")
    assert first.params["points"] == 30.0
    assert decision.alarm is None


def test_weights_decide_what_counts() -> None:
    knows = agent("noa", languages={"nb": "B2"})
    met = ticket(last_agent="noa")
    assert decide(met, [MARTA, knows], NOW).chosen == "noa"
    fluent_only = Routing(weights=Weights(language=50, sticky=1))
    assert decide(met, [MARTA, knows], NOW, fluent_only).chosen == "marta"


def test_who_answered_before_is_remembered_for_three_months() -> None:
    now = NOW.astimezone(UTC)
    met = ticket(knows={"noa": now - timedelta(days=45), "marta": now - timedelta(days=100)})
    decision = decide(met, [agent("noa"), MARTA], NOW)
    assert points(decision, "noa")["sticky"] == pytest.approx(0.4)
    assert points(decision, "marta")["sticky"] == 0.0


def test_zammad_854_equals_take_turns() -> None:
    staff = {name: agent(name, assigned_at=None) for name in ("anna", "bo", "cai")}
    got = []
    for number in range(6):
        now = NOW + timedelta(minutes=number)
        decision = decide(ticket(f"t{number}"), staff.values(), now)
        assert decision.chosen is not None
        got.append(decision.chosen)
        # Nobody carries more than the others: what is answered is done.
        staff[decision.chosen] = agent(decision.chosen, assigned_at=now)
    assert got == ["anna", "bo", "cai"] * 2


def test_at_three_in_oslo_the_ticket_follows_the_sun() -> None:
    manila = agent(
        "jose", languages={"en": "C2", "nb": "B2"}, calendar=MANILA, teams=frozenset({"manila"})
    )
    night = ticket(team="nordics", due_at=at("24 04:00"), waiting_since=at("24 03:00"))
    decision = decide(night, [MARTA, NOA, manila], MORNING_THERE)
    assert decision.chosen == "jose"
    assert decision.relaxed == {"team"}
    assert decision.reasons[0].text == (
        "Nobody in nordics can take it now, so it went to another team."
    )
    why_not = decision.why_not("marta")
    assert why_not is not None
    assert why_not.text == "Marta does not work at this hour."
    # By day the team keeps it.
    assert decide(ticket(team="nordics"), [MARTA, manila], NOW).relaxed == frozenset()


def test_a_shift_that_ends_first_counts_as_waiting_until_the_next() -> None:
    late = at("24 16:45")
    pace = timedelta(minutes=30)
    going = agent("anna", pace=pace)
    staying = agent("bo", pace=pace, calendar=None)
    decision = decide(ticket(due_at=late + h(2)), [going, staying], late)
    assert points(decision, "anna")["slack"] == 0.0
    assert points(decision, "bo")["slack"] == 1.0
    assert decision.chosen == "bo"


def test_points_for_working_in_the_customers_day() -> None:
    early = at("24 09:00")
    decision = decide(ticket(zone="Europe/Oslo"), [MARTA, agent("bo", calendar=None)], early)
    assert points(decision, "marta")["hours"] == pytest.approx(8 / 12)
    assert points(decision, "bo")["hours"] == 1.0
    assert points(decide(ticket(zone="Mars"), [MARTA], NOW), "marta")["hours"] == 0.0


LEFT_OUT: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"absent_until": at("25 09:00")}, {}, "absent"),
    ({"presence": "away"}, {}, "away"),
    ({"presence": "offline"}, {}, "offline"),
    ({"calendar": MANILA}, {}, "off_shift"),
    ({"load": {"email": 8}}, {}, "full"),
    ({"load": {"chat": 4}, "capacity": Capacity(8, {}, {"chat": 4})}, {"channel": "chat"},
     "channel_full"),
    ({"languages": {"en": "C2"}}, {}, "language"),
    ({"languages": {"nb": "A2"}}, {}, "language"),
    ({}, {"skills": frozenset({"billing"})}, "skill"),
    ({}, {"team": "payments"}, "team"),
    ({}, {"refused": frozenset({"marta"})}, "refused"),
]  # fmt: skip


@pytest.mark.parametrize(("theirs", "asked", "code"), LEFT_OUT)
def test_hard_rules_leave_people_out_by_name(
    theirs: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    fresh = ticket(waiting_since=NOW, **asked)
    no_overflow = Routing(overflow=())
    decision = decide(fresh, [agent("marta", **theirs)], NOW, no_overflow)
    assert decision.chosen is None
    reason = decision.why_not("marta")
    assert reason is not None
    assert reason.key == f"routing.out.{code}"
    assert "{" not in reason.text
    assert decision.alarm is not None
    assert decision.alarm.params["counts"] == {code: 1}


def test_a_mail_counts_half() -> None:
    half = Capacity(2, {"email": 0.5})
    assert decide(ticket(), [agent("marta", load={"email": 3}, capacity=half)], NOW).chosen
    assert not decide(ticket(), [agent("marta", load={"email": 4}, capacity=half)], NOW).chosen


def test_an_unsure_language_is_a_wish_and_not_a_condition() -> None:
    unsure = ticket(languages=(("da", 0.4), ("nb", 0.35)))
    decision = decide(unsure, [MARTA], NOW)
    assert decision.chosen == "marta"
    assert 0.2 < points(decision, "marta")["language"] < 1.0


def test_nobody_sounds_the_alarm_and_says_when_to_try_again() -> None:
    night = ticket(due_at=None, waiting_since=MORNING_THERE)
    away = agent("cai", presence="away")
    decision = decide(night, [MARTA, NOA, away], MORNING_THERE)
    assert decision.chosen is None
    assert decision.alarm is not None
    assert decision.alarm.text == "Nobody can take it: 1 away, 2 off shift."
    assert decision.retry_at == at("24 09:00")
    empty = decide(night, [], NOW)
    assert empty.alarm is not None
    assert empty.alarm.text == "Nobody can take it: there are no agents."


def test_another_language_only_when_it_has_taken_long() -> None:
    english = agent("amy", languages={"en": "native"})
    assert decide(ticket(waiting_since=at("24 09:50")), [english], NOW).chosen is None
    late = decide(ticket(waiting_since=at("24 09:25")), [english], NOW)
    assert late.chosen == "amy"
    assert late.relaxed == {"team", "language"}
    assert any("translated drafts" in reason.text for reason in late.reasons)
    never = Routing(overflow=(Overflow(frozenset({"team"})),))
    assert decide(ticket(waiting_since=at("1 09:00")), [english], NOW, never).chosen is None


CHARGEBACK = Rule(
    "r1", "Chargebacks", Is("tags", "has", "chargeback"), team="payments", alert="key accounts"
)


def test_a_rule_outvotes_points_and_overflow() -> None:
    routing = Routing(rules=(CHARGEBACK,))
    asked = ticket(tags=frozenset({"chargeback"}), waiting_since=at("1 09:00"), last_agent="marta")
    payer = agent("pia", teams=frozenset({"payments"}), languages={"nb": "B1"})
    decision = decide(asked, [MARTA, payer], NOW, routing)
    assert decision.chosen == "pia"
    assert decision.reasons[0].text == "The rule “Chargebacks” applies."
    assert decision.alerts == (("key accounts", at("1 09:05")),)
    assert decide(asked, [MARTA], NOW, routing).chosen is None
    assert decide(ticket(), [MARTA], NOW, routing).chosen == "marta"


def test_rules_on_levels_skills_and_bad_ratings() -> None:
    fluent = Routing(rules=(Rule("r", "Hebrew", Is("language", "is", "he"), level="C1"),))
    hebrew = ticket(languages=(("he", 0.9),), waiting_since=at("1 09:00"))
    ok, good = agent("ok", languages={"he": "B2"}), agent("good", languages={"he": "C1"})
    assert decide(hebrew, [ok, good], NOW, fluent).chosen == "good"
    assert decide(hebrew, [ok], NOW, fluent).chosen is None
    again = Routing(rules=(Rule("r", "Not again", not_after_bad_rating=True),))
    rated = ticket(last_agent="marta", last_rating=2)
    assert decide(rated, [MARTA, NOA], NOW, again).chosen == "noa"
    assert decide(ticket(last_agent="marta", last_rating=5), [MARTA, NOA], NOW, again).chosen == (
        "marta"
    )
    skilled = Routing(rules=(Rule("r", "Skill", skill="billing"),))
    assert decide(ticket(), [MARTA, agent("bea", skills={"billing": 1})], NOW, skilled).chosen == (
        "bea"
    )


def test_the_last_slot_is_kept_for_vips() -> None:
    routing = Routing(vip_reserve=1)
    busy = agent("marta", load={"email": 7})
    assert decide(ticket(), [busy], NOW, routing).chosen is None
    vip = ticket(segments=frozenset({"vip"}))
    assert decide(vip, [busy], NOW, routing).chosen == "marta"


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="the weight of load is -1"):
        Weights(load=-1)
    with pytest.raises(ValueError, match="every weight is 0"):
        Weights(0, 0, 0, 0, 0, 0, 0)
    with pytest.raises(ValueError, match="no level 'fluent'"):
        Routing(level="fluent")
    with pytest.raises(ValueError, match="no level 'fluent'"):
        Rule("r", "R", level="fluent")


def test_the_queue_is_ordered_by_the_time_left() -> None:
    waiting = [
        ticket("unpromised", due_at=None, waiting_since=at("24 09:00")),
        ticket("soon", due_at=at("24 11:00")),
        ticket("vip", due_at=at("24 11:30"), segments=frozenset({"vip"})),
        ticket("overdue", due_at=at("24 09:30")),
        ticket("urgent", due_at=at("24 11:00"), priority="urgent"),
        ticket("forgotten", due_at=None, waiting_since=at("23 09:00")),
    ]
    assert [demand.ticket for demand in queue(waiting, NOW)] == [
        "forgotten", "overdue", "vip", "urgent", "soon", "unpromised",
    ]  # fmt: skip


def test_chatwoot_13050_whoever_comes_free_takes_what_waits() -> None:
    waiting = [
        ticket("german", languages=(("de", 0.9),), due_at=at("24 10:10")),
        ticket("later", due_at=at("24 15:00")),
        ticket("sooner", due_at=at("24 11:00")),
    ]
    found = next_for(MARTA, waiting, NOW)
    assert found is not None
    assert found.ticket == "sooner"
    assert next_for(agent("marta", load={"email": 8}), waiting, NOW) is None
    assert next_for(MARTA, [], NOW) is None
    # And the whole queue, when several come online: each takes no more than fits.
    small = Capacity(1)
    staff = [agent("anna", capacity=small), agent("bo", capacity=small, languages={"de": "C1"})]
    decisions = {d.demand.ticket: d.chosen for d in drain(waiting, staff, NOW)}
    assert decisions == {"german": "bo", "sooner": "anna", "later": None}


def test_a_sleeping_teams_ticket_is_taken_by_who_is_awake() -> None:
    jose = agent("jose", calendar=MANILA, teams=frozenset({"manila"}))
    night = ticket(team="nordics", waiting_since=MORNING_THERE)
    found = next_for(jose, [night], MORNING_THERE, colleagues=[MARTA])
    assert found is not None
    by_day = ticket(team="nordics", waiting_since=at("24 09:55"))
    pia = agent("pia", teams=frozenset())
    assert next_for(pia, [by_day], NOW, colleagues=[MARTA]) is None


def test_tickets_leave_an_agent_who_is_gone() -> None:
    tickets = [
        Assigned(ticket("absent"), "marta"),
        Assigned(ticket("away"), "noa"),
        Assigned(ticket("short"), "bo"),
        Assigned(ticket("done"), "marta", waiting=False),
        Assigned(ticket("left"), "zed"),
        Assigned(ticket("fine"), "cai"),
    ]
    staff = [
        agent("marta", absent_until=at("26 09:00")),
        agent("noa", presence="away", away_since=at("24 09:45")),
        agent("bo", presence="away", away_since=at("24 09:55")),
        agent("cai"),
    ]
    moves = {move.ticket: move for move in reassignments(tickets, staff, NOW)}
    assert set(moves) == {"absent", "away", "left"}
    assert {move.decision.chosen for move in moves.values()} == {"cai"}
    assert moves["away"].reason.text == "Noa has been away for 15 min."


def test_a_ticket_due_before_the_shift_begins_moves_on() -> None:
    evening = at("24 17:30")
    jose = agent("jose", calendar=None, teams=frozenset({"manila"}))
    soon = Assigned(ticket("soon", due_at=at("24 20:00")), "marta")
    tomorrow = Assigned(ticket("tomorrow", due_at=at("25 12:00")), "marta")
    moves = reassignments([soon, tomorrow], [MARTA, jose], evening)
    assert [(move.ticket, move.decision.chosen) for move in moves] == [("soon", "jose")]
    alone = reassignments([soon], [MARTA], evening)
    assert alone[0].decision.chosen is None
    assert alone[0].decision.alarm is not None
