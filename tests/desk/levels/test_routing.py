"""Waiting tickets go to whoever fits, with reasons that can be read and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.bot.models import BotConversation
from desk.bot.service import unset
from desk.db.types import new_id
from desk.errors import Conflict
from desk.events import Actor, Kind
from desk.jobs import triage as jobs
from desk.tickets.models import Ticket
from desk.triage import routing
from desk.triage.models import AgentAbsence
from tests.desk.levels.office import NINE_TO_FIVE, Office


async def assigned(here: Office, ticket: Ticket) -> str | None:
    found = await here.ticket(ticket)
    return str(found.assignee_id) if found.assignee_id else None


async def test_the_one_who_writes_the_language_gets_it_and_the_reasons_say_so(
    here: Office,
) -> None:
    await here.person("Ada", languages={"en": "native"})
    kari = await here.person("Kari", languages={"nb": "native", "en": "C1"})
    await here.routing()
    ticket = await here.writes("Hei, hvor er pakken min? Jeg har ventet i to uker nå.")
    async with here.desk.units.write() as work:
        row = await work.session.get(Ticket, ticket.id)
        assert row is not None
        row.locale = "nb"
    assert (await routing.drain(here.desk.units)).given == 1
    assert await assigned(here, ticket) == str(kari.id)
    told = (await here.events(Kind.DECISION_ROUTING, ticket))[0]
    assert told.reason.startswith("Kari gets it.")
    assert "routing.language" in [one["key"] for one in told.data["reasons"]]
    assert [one["name"] for one in told.data["ranking"]] == ["Kari"]
    assert told.data["left_out"] == {"language": ["Ada"]}


async def test_a_new_mail_asks_for_one_round(here: Office) -> None:
    await here.person("Ada")
    await here.routing()
    await here.writes()
    await here.writes()
    depth = await here.desk.queue.depth()
    assert depth["ready"] == 1


async def test_off_nothing_is_given_to_anybody(here: Office) -> None:
    await here.person("Ada")
    ticket = await here.writes()
    assert await routing.drain(here.desk.units) == routing.Round()
    assert await assigned(here, ticket) is None


async def test_nobody_is_given_more_than_fits_and_the_rest_waits_for_room(here: Office) -> None:
    ada = await here.person("Ada", slots=2.0)
    await here.routing()
    await here.policy(first=60)
    tickets = [await here.writes(f"Number {number}") for number in range(4)]
    assert (await routing.drain(here.desk.units)).given == 2
    holders = [await assigned(here, ticket) for ticket in tickets]
    assert holders == [str(ada.id), str(ada.id), None, None]
    alarms = await here.events(Kind.ALARM_RAISED)
    assert [one.data["code"] for one in alarms] == ["routing.nobody"] * 2
    await routing.drain(here.desk.units)
    assert len(await here.events(Kind.ALARM_RAISED)) == 2  # said once
    await here.change(tickets[0], status="resolved")
    assert (await routing.drain(here.desk.units)).given == 1
    assert await assigned(here, tickets[2]) == str(ada.id)


async def test_the_one_due_first_is_given_first(here: Office) -> None:
    await here.policy("Urgent", first=10, condition={"field": "tags", "op": "has", "value": "vip"})
    await here.policy("Standard", first=600)
    ada = await here.person("Ada", slots=1.0)
    await here.routing()
    early = await here.writes("Early")
    late = await here.writes("Late, and in a hurry")
    await here.change(late, add_tags=["vip"])
    await routing.drain(here.desk.units)
    assert await assigned(here, late) == str(ada.id)
    assert await assigned(here, early) is None


async def test_at_three_in_oslo_it_goes_to_the_team_that_is_awake(here: Office) -> None:
    hours: dict[str, Any] = {"windows": NINE_TO_FIVE, "languages": {"nb": "C1", "en": "native"}}
    kari = await here.person("Kari", timezone="Europe/Oslo", **hours)
    yuki = await here.person("Yuki", timezone="Asia/Tokyo", **hours)
    oslo = await here.team("Oslo", kari)
    tokyo = await here.team("Tokyo", yuki)
    await here.routing()
    here.clock.now = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # 03:00 in Oslo, 11:00 in Tokyo
    ticket = await here.writes("Hei")
    await here.change(ticket, team_id=oslo.id)
    await routing.drain(here.desk.units)
    now = await here.ticket(ticket)
    assert (now.assignee_id, now.team_id) == (yuki.id, tokyo.id)
    told = (await here.events(Kind.DECISION_ROUTING, ticket))[0]
    assert "routing.overflow" in [one["key"] for one in told.data["reasons"]]


async def test_undone_it_goes_back_and_not_to_the_same_one_again(here: Office) -> None:
    ada, bo = await here.person("Ada"), await here.person("Bo")
    await here.routing()
    ticket = await here.writes()
    await routing.drain(here.desk.units)
    first = await assigned(here, ticket)
    async with here.desk.units.write(Actor("agent", ada.id, "Ada")) as work:
        await routing.undo(work, ticket.id)
    assert await assigned(here, ticket) is None
    await routing.drain(here.desk.units)
    assert {first, await assigned(here, ticket)} == {str(ada.id), str(bo.id)}


async def test_what_somebody_else_took_since_is_not_undone(here: Office) -> None:
    ada, bo = await here.person("Ada"), await here.person("Bo", presence="away")
    await here.routing()
    ticket = await here.writes()
    await routing.drain(here.desk.units)
    assert await assigned(here, ticket) == str(ada.id)
    await here.change(ticket, assignee_id=bo.id)
    with pytest.raises(Conflict):
        async with here.desk.units.write() as work:
            await routing.undo(work, ticket.id)


async def test_what_waits_for_somebody_absent_goes_to_others(here: Office) -> None:
    ada = await here.person("Ada", languages={"en": "native"})
    await here.routing()
    ticket = await here.writes()
    await routing.drain(here.desk.units)
    bo = await here.person("Bo")
    async with here.desk.units.write() as work:
        work.session.add(
            AgentAbsence(
                id=new_id(),
                agent_id=ada.id,
                begins=work.now,
                ends=work.now + timedelta(days=2),
                note="",
                created_at=work.now,
            )
        )
    assert await routing.move_from_absent(here.desk.units) == 1
    assert await assigned(here, ticket) == str(bo.id)
    told = (await here.events(Kind.DECISION_ROUTING, ticket))[-1]
    assert told.reason.startswith("Ada is absent.")
    assert told.data["sentence_key"] == "routing.moved"


async def test_somebody_whose_page_is_closed_is_given_nothing(here: Office) -> None:
    await here.person("Ada", presence="auto")
    await here.routing()
    ticket = await here.writes()
    await routing.drain(here.desk.units)
    assert await assigned(here, ticket) is None


async def test_a_ticket_given_by_hand_is_left_alone(here: Office) -> None:
    ada, bo = await here.person("Ada", slots=0.0), await here.person("Bo")
    await here.routing()
    ticket = await here.writes()
    await here.change(ticket, assignee_id=ada.id)
    await routing.drain(here.desk.units)
    assert await assigned(here, ticket) == str(ada.id)
    assert bo.id != ada.id


async def test_the_rounds_own_changes_ask_for_no_other_round(here: Office) -> None:
    await here.person("Ada")
    await here.routing()
    ticket = await here.writes()
    await routing.drain(here.desk.units)
    assert await assigned(here, ticket)
    depth = await here.desk.queue.depth()
    assert depth["ready"] == 1  # the mail's
    assert jobs.ROUTE == "triage.route"


async def test_what_the_bot_has_is_given_to_nobody_until_it_hands_over(here: Office) -> None:
    ada = await here.person("Ada")
    await here.routing()
    async with here.desk.units.write() as work:
        setting = unset(here.inbox.id)
        setting.enabled, setting.updated_at = True, work.now
        work.session.add(setting)
    ticket = await here.writes()
    assert (await routing.drain(here.desk.units)).given == 0
    async with here.desk.units.write() as work:
        conversation = BotConversation(
            ticket_id=ticket.id, inbox_id=here.inbox.id, started_at=work.now
        )
        work.session.add(conversation)
    assert (await routing.drain(here.desk.units)).given == 0
    async with here.desk.units.write() as work:
        (await work.session.get_one(BotConversation, ticket.id)).silent = True
    assert (await routing.drain(here.desk.units)).given == 1
    assert await assigned(here, ticket) == str(ada.id)
