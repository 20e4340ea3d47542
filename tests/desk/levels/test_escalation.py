"""Warnings and escalations happen once, whatever was down; and the clock has been asked first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from desk.events import Kind
from desk.triage import escalation
from sla.models import SlaFiring
from tests.desk.levels.office import MONDAY, NINE_TO_FIVE, Office

WARN: dict[str, Any] = {"id": "warn", "action": "notify", "to": "assignee", "share": 0.75}
LATE: dict[str, Any] = {"id": "late", "action": "notify", "to": "lead"}


async def steps(here: Office) -> list[str]:
    await here.desk.triage.steps()
    return [one.data["step"] for one in await here.events(Kind.SLA_STEP)]


async def test_each_step_comes_in_its_time_and_once(here: Office) -> None:
    await here.policy(first=60, steps=[WARN, LATE])
    ticket = await here.writes()
    assert await steps(here) == []
    here.clock.forward(minutes=44)
    assert await steps(here) == []
    here.clock.forward(minutes=2)
    assert await steps(here) == ["warn"]
    assert await steps(here) == ["warn"]
    here.clock.forward(minutes=20)
    assert await steps(here) == ["warn", "late"]
    here.clock.forward(hours=30)
    assert await steps(here) == ["warn", "late"]
    told = await here.events(Kind.SLA_STEP, ticket)
    assert [one.reason for one in told] == [
        "The first response is due soon.",
        "The first response is overdue.",
    ]
    assert [one.data["breached"] for one in told] == [False, True]


async def test_after_a_night_of_downtime_one_message_to_each_person(here: Office) -> None:
    again = {**LATE, "id": "later", "at": "PT1H"}
    await here.policy(first=60, steps=[WARN, LATE, again])
    ticket = await here.writes()
    here.clock.forward(hours=9)
    assert await steps(here) == ["warn", "later"]
    assert await steps(here) == ["warn", "later"]
    async with here.desk.units.read() as session:
        rows = (await session.scalars(select(SlaFiring).order_by(SlaFiring.key))).all()
    assert {(one.key.rpartition(":")[2], one.covered) for one in rows} == {
        ("warn", False),
        ("late", True),
        ("later", False),
    }
    assert {one.ticket_id for one in rows} == {ticket.id}


async def test_an_answer_in_time_leaves_nothing_to_warn_of(here: Office) -> None:
    agent = await here.person()
    await here.policy(first=60, steps=[WARN, LATE])
    ticket = await here.writes()
    here.clock.forward(minutes=10)
    await here.answers(ticket, agent)
    here.clock.forward(hours=5)
    assert await steps(here) == []


async def test_priority_is_raised_and_the_deadline_follows_in_the_same_commit(
    here: Office,
) -> None:
    targets = {
        "normal": {"resolution": {"duration": "PT10H", "business": False}},
        "urgent": {"resolution": {"duration": "PT6H", "business": False}},
    }
    up = {"id": "up", "action": "raise_priority", "to": "urgent", "share": 0.5}
    await here.policy(targets=targets, steps=[up])
    ticket = await here.writes()
    here.clock.forward(hours=5)
    assert await steps(here) == ["up"]
    now = await here.ticket(ticket)
    assert (now.priority, now.next_due_at) == ("urgent", MONDAY + timedelta(hours=6))
    assert await steps(here) == ["up"]


async def test_a_late_ticket_goes_to_the_other_team_and_back_to_the_queue(here: Office) -> None:
    agent = await here.person()
    team = await here.team("Night")
    over = {"id": "over", "action": "reassign", "to": str(team.id)}
    await here.policy(first=60, steps=[over])
    ticket = await here.writes()
    await here.change(ticket, assignee_id=agent.id)
    here.clock.forward(hours=2)
    assert await steps(here) == ["over"]
    now = await here.ticket(ticket)
    assert (now.team_id, now.assignee_id) == (team.id, None)


async def test_nobody_is_woken_at_midnight(here: Office) -> None:
    agent = await here.person(windows=NINE_TO_FIVE)
    await here.policy(first=60, steps=[WARN])
    here.clock.now = MONDAY.replace(hour=23)
    ticket = await here.writes()
    await here.change(ticket, assignee_id=agent.id)
    here.clock.forward(minutes=50)
    assert await steps(here) == []
    here.clock.now = MONDAY.replace(hour=8, minute=59) + timedelta(days=1)
    assert await steps(here) == []
    here.clock.forward(minutes=2)
    assert await steps(here) == ["warn"]


async def test_the_key_in_the_database_makes_it_once(here: Office) -> None:
    await here.policy(first=60, steps=[LATE])
    ticket = await here.writes()
    here.clock.forward(hours=2)
    assert await steps(here) == ["late"]
    async with here.desk.units.read() as session:
        row = await session.scalar(select(SlaFiring))
    assert row is not None
    with pytest.raises(IntegrityError):
        async with here.desk.units.write() as work:
            work.session.add(
                SlaFiring(
                    ticket_id=ticket.id,
                    key=row.key,
                    action="notify",
                    recipient="lead",
                    covered=False,
                    reached_at=work.now,
                    fired_at=work.now,
                )
            )


async def test_a_crash_between_the_step_and_its_commit_repeats_it_whole(here: Office) -> None:
    await here.policy(first=60, steps=[LATE])
    ticket = await here.writes()
    here.clock.forward(hours=2)

    async def crashes() -> None:
        async with here.desk.units.write() as work:
            await escalation.carry_out(work, here.desk.triage.books, ticket.id)
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        await crashes()
    assert await here.events(Kind.SLA_STEP) == []
    assert await steps(here) == ["late"]
    async with here.desk.units.write() as work:  # nothing else would have told it apart
        await work.session.execute(delete(SlaFiring))
