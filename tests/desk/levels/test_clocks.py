"""A ticket's clocks follow what happens to it, in the same commit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from desk.events import Actor, Kind
from desk.tickets import automatic, messages, service, undo
from desk.tickets.models import Ticket
from desk.triage import clocks
from sla import repository
from sla.models import SlaEntry, SlaOutcome, SlaStanding
from tests.desk.levels.office import MONDAY, Office

HOUR = timedelta(hours=1)


async def kinds(here: Office, ticket: Ticket) -> list[str]:
    async with here.desk.units.read() as session:
        return [entry.kind for entry in await repository.entries(session, ticket.id)]


async def test_a_mail_has_its_deadline_in_the_commit_it_came_with(here: Office) -> None:
    await here.policy(first=60)
    ticket = await here.writes()
    now = await here.ticket(ticket)
    assert (now.next_due_at, now.next_due_kind) == (MONDAY + HOUR, "first_response")
    told = await here.events(Kind.DECISION_SLA, ticket)
    assert [one.reason for one in told] == ["Standard applies: there is no condition."]


async def test_without_a_policy_nothing_is_promised_and_nothing_kept(here: Office) -> None:
    ticket = await here.writes()
    assert (await here.ticket(ticket)).next_due_at is None
    assert await kinds(here, ticket) == []


async def test_an_answer_ends_it_and_the_next_question_begins_another(here: Office) -> None:
    agent = await here.person()
    targets = {
        "normal": {
            "first_response": {"duration": "PT1H", "business": False},
            "next_response": {"duration": "PT30M", "business": False},
        }
    }
    await here.policy(targets=targets)
    ticket = await here.writes(sender="a@b.test")
    here.clock.forward(minutes=20)
    await here.answers(ticket, agent)
    assert (await here.ticket(ticket)).next_due_at is None
    here.clock.forward(minutes=5)
    async with here.desk.units.write() as work:
        locked = await service.locked(work, ticket.id)
        await messages.receive(
            work,
            locked,
            messages.Inbound(
                channel_message_id="second",
                author=Actor("contact", ticket.contact_id, "A"),
                text="And?",
                fresh="And?",
                inbox_id=here.inbox.id,
                channel="email",
            ),
        )
    now = await here.ticket(ticket)
    assert (now.next_due_kind, now.next_due_at) == (
        "next_response",
        MONDAY + timedelta(minutes=55),
    )
    async with here.desk.units.read() as session:
        kept = (await session.scalars(select(SlaOutcome))).all()
    assert [(one.metric, one.breached_at) for one in kept] == [("first_response", None)]
    assert kept[0].used == timedelta(minutes=20) // timedelta(microseconds=1)


async def test_an_automatic_answer_does_not_count(here: Office) -> None:
    await here.policy(first=60)
    ticket = await here.writes()
    async with here.desk.units.write() as work:
        locked = await service.locked(work, ticket.id)
        await automatic.write(work, locked, here.inbox.id, "We have your mail", "stop", "Parley")
    assert (await here.ticket(ticket)).next_due_kind == "first_response"


async def test_a_reply_that_is_taken_back_never_was(here: Office) -> None:
    agent = await here.person()
    await here.policy(first=60)
    ticket = await here.writes()
    here.clock.forward(minutes=10)
    row = await here.answers(ticket, agent, undo_seconds=10)
    assert (await here.ticket(ticket)).next_due_at is None
    here.clock.forward(seconds=5)
    async with here.desk.units.write(Actor("agent", agent.id, agent.name)) as work:
        await undo.undo(work, row.id)
    now = await here.ticket(ticket)
    assert (now.next_due_at, now.next_due_kind) == (MONDAY + HOUR, "first_response")
    async with here.desk.units.read() as session:
        assert (await session.scalars(select(SlaOutcome))).all() == []


async def test_pending_pauses_the_resolution_and_not_the_answer(here: Office) -> None:
    targets = {"normal": {"resolution": {"duration": "PT8H", "business": False}}}
    await here.policy(targets=targets)
    ticket = await here.writes()
    here.clock.forward(hours=1)
    await here.change(ticket, status="pending")
    assert (await here.ticket(ticket)).next_due_at is None
    here.clock.forward(hours=50)
    await here.change(ticket, status="open")
    assert (await here.ticket(ticket)).next_due_at == here.clock.now + timedelta(hours=7)


async def test_priority_raised_after_three_hours_leaves_one_of_four(here: Office) -> None:
    targets = {
        "normal": {"resolution": {"duration": "PT8H", "business": False}},
        "urgent": {"resolution": {"duration": "PT4H", "business": False}},
    }
    await here.policy(targets=targets)
    ticket = await here.writes()
    here.clock.forward(hours=3)
    await here.change(ticket, priority="urgent")
    assert (await here.ticket(ticket)).next_due_at == MONDAY + timedelta(hours=4)


async def test_a_tag_puts_it_under_another_policy(here: Office) -> None:
    condition = {"field": "tags", "op": "has", "value": "outage"}
    await here.policy("Outages", first=15, condition=condition)
    await here.policy("Standard", first=240)
    ticket = await here.writes()
    assert (await here.ticket(ticket)).next_due_at == MONDAY + timedelta(hours=4)
    here.clock.forward(minutes=5)
    await here.change(ticket, add_tags=["outage"])
    assert (await here.ticket(ticket)).next_due_at == MONDAY + timedelta(minutes=15)
    told = await here.events(Kind.DECISION_SLA, ticket)
    assert [one.data["name"] for one in told] == ["Standard", "Outages"]


async def test_business_hours_of_the_team_that_has_it(here: Office) -> None:
    oslo, austin = await here.team("Oslo"), await here.team("Austin")
    await here.calendars(
        {str(oslo.id): "oslo", str(austin.id): "austin"},
        oslo="Europe/Oslo",
        austin="America/Chicago",
    )
    targets = {"normal": {"resolution": {"duration": "PT4H"}}}
    await here.policy(targets=targets)
    here.clock.now = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # 15:00 in Oslo, two hours to go
    ticket = await here.writes()
    await here.change(ticket, team_id=oslo.id)
    due = (await here.ticket(ticket)).next_due_at
    assert due == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)  # 11:00 the day after
    here.clock.forward(hours=1)
    await here.change(ticket, team_id=austin.id)  # one hour used; Austin works from 15:00 UTC
    due = (await here.ticket(ticket)).next_due_at
    assert due == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


async def test_resolved_and_reopened_goes_on_where_it_stopped(here: Office) -> None:
    targets = {"normal": {"resolution": {"duration": "PT8H", "business": False}}}
    await here.policy(targets=targets)
    ticket = await here.writes()
    here.clock.forward(hours=2)
    await here.change(ticket, status="resolved")
    assert (await here.ticket(ticket)).next_due_at is None
    here.clock.forward(hours=24)
    await here.change(ticket, status="open")
    assert (await here.ticket(ticket)).next_due_at == here.clock.now + timedelta(hours=6)


async def test_tickets_older_than_the_first_policy_get_their_ledger_from_the_log(
    here: Office,
) -> None:
    agent = await here.person()
    waiting = await here.writes("Waits")
    answered = await here.writes("Answered")
    await here.answers(answered, agent)
    await here.change(waiting, priority="urgent")
    here.clock.forward(minutes=30)
    await here.policy(first=60)
    async with here.desk.units.write() as work:
        assert await clocks.backfill(work, here.desk.triage.books) == 2
    assert (await here.ticket(waiting)).next_due_at == MONDAY + HOUR
    assert (await here.ticket(answered)).next_due_at is None
    assert await kinds(here, waiting) == ["started", "customer", "priority"]
    async with here.desk.units.write() as work:
        assert await clocks.backfill(work, here.desk.triage.books) == 0


async def test_rebuilding_finds_a_broken_copy_and_says_which(here: Office) -> None:
    await here.policy(first=60)
    ticket = await here.writes()
    async with here.desk.units.write() as work:
        await work.session.execute(
            update(Ticket).where(Ticket.id == ticket.id).values(next_due_at=None)
        )
        row = await work.session.get(SlaStanding, ticket.id)
        assert row is not None
        row.data = {**row.data, "clocks": []}
    async with here.desk.units.write() as work:
        wrong = await clocks.rebuild(work, here.desk.triage.books, ticket.id)
    assert wrong == ["next_due_at", "standing"]
    assert (await here.ticket(ticket)).next_due_at == MONDAY + HOUR
    async with here.desk.units.write() as work:
        assert await clocks.rebuild(work, here.desk.triage.books, ticket.id) == []


async def test_what_rolls_back_leaves_no_line_in_the_ledger(here: Office) -> None:
    await here.policy(first=60)
    ticket = await here.writes()

    async def fails() -> None:
        async with here.desk.units.write() as work:
            await service.change(work, ticket.id, {"priority": "urgent"})
            raise RuntimeError("the power went")

    before = await kinds(here, ticket)
    with pytest.raises(RuntimeError):
        await fails()
    assert await kinds(here, ticket) == before
    async with here.desk.units.read() as session:
        entries = (await session.scalars(select(SlaEntry.seq).order_by(SlaEntry.seq))).all()
    assert entries == list(range(1, len(before) + 1))
