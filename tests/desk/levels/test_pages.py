"""What the lead's pages ask for: errors at fields, calendars tried, cover, and the audit of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, func, select

from desk.contacts.models import Contact
from desk.db.log import EventRow
from desk.tickets.models import Ticket
from desk.triage.cover import clock_changes, within, without
from sla.models import SlaEntry, SlaFiring, SlaOutcome, SlaStanding
from tests.desk.levels.conftest import client
from tests.desk.levels.office import MONDAY, NINE_TO_FIVE, Office
from tests.desk.levels.test_api import OSLO, STANDARD

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"targets": {"normal": {"first_response": {"duration": "soon"}}}}, "targets"),
        ({"hours": {"calendar": "mars"}}, "hours"),
        ({"steps": [{"id": "a", "action": "webhook", "to": "x"}]}, "steps"),
        ({"steps": [{"id": "a", "action": "notify", "to": "lead", "share": 7}]}, "steps"),
        ({"condition": {"field": "colour", "op": "is", "value": "red"}}, "condition"),
        ({"responses": ["parrot"]}, "responses"),
    ],
)
async def test_a_refusal_names_the_field_of_the_policy(
    lead: httpx.AsyncClient, part: dict[str, Any], field: str
) -> None:
    answer = await lead.post("/sla/policies", json={"data": {"name": "X", **part}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_calendar_is_tried_before_it_is_kept(lead: httpx.AsyncClient) -> None:
    calendar = {**OSLO["calendars"]["oslo"], "exceptions": {"2026-03-27": [["20:00", "02:00"]]}}  # type: ignore[index]
    tried = {"calendar": calendar, "at": "2026-03-26T12:00:00Z"}
    found = (await lead.post("/sla/calendars/preview", json=tried)).json()
    assert found["open"]
    assert found["spans"][:3] == [
        ["2026-03-26T12:00:00Z", "2026-03-26T16:00:00Z"],
        ["2026-03-27T19:00:00Z", "2026-03-28T01:00:00Z"],  # the exception, overnight
        ["2026-03-30T07:00:00Z", "2026-03-30T15:00:00Z"],  # in summer time
    ]
    assert found["clock_changes"][0] == {"at": "2026-03-29T01:00:00Z", "minutes": 60}
    wrong = await lead.post(
        "/sla/calendars/preview", json={"calendar": {**calendar, "timezone": "Mars/Base"}}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "calendar")


async def test_a_calendar_that_a_policy_counts_by_stays_and_says_who_uses_it(
    lead: httpx.AsyncClient,
) -> None:
    second = {**OSLO["calendars"]["oslo"], "name": "Second"}  # type: ignore[index]
    book = {**OSLO, "calendars": {**OSLO["calendars"], "second": second}}  # type: ignore[dict-item]
    await lead.put("/sla/calendars", json={"book": book, "version": 0})
    await lead.post("/sla/policies", json={"data": {**STANDARD, "hours": {"calendar": "second"}}})
    assert (await lead.get("/sla/calendars")).json()["used_by"] == {
        "oslo": [],
        "second": ["Standard"],
    }
    gone = await lead.put("/sla/calendars", json={"book": OSLO, "version": 1})
    assert (gone.status_code, gone.json()["used_by"]) == (409, ["Standard"])
    assert "Standard" in gone.json()["detail"]


async def test_cover_shows_hours_absences_and_when_nobody_is_there(
    here: Office, lead: httpx.AsyncClient
) -> None:
    kari = await here.person("Kari", windows=NINE_TO_FIVE)
    await lead.post(
        "/routing/absences",
        json={
            "agent_id": str(kari.id),
            "begins": (MONDAY + 2 * HOUR).isoformat(),
            "ends": (MONDAY + 4 * HOUR).isoformat(),
        },
    )
    start = MONDAY.replace(hour=0)
    query: dict[str, str | int] = {"start": start.isoformat(), "hours": 24}
    found = (await lead.get("/routing/cover", params=query)).json()
    hers = next(one for one in found["shifts"] if one["agent_id"] == str(kari.id))
    assert len(hers["spans"]) == 2
    assert hers["away"] == [["2026-03-02T11:00:00Z", "2026-03-02T13:00:00Z"]]
    assert (await lead.get("/routing/cover", params={**query, "hours": 5000})).status_code == 422


def test_spans_are_cut_where_something_takes_them() -> None:
    at = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in range(24)]
    whole = [(at[0], at[10])]
    assert without(whole, [(at[2], at[4]), (at[3], at[5])]) == [(at[0], at[2]), (at[5], at[10])]
    assert without(whole, []) == whole
    assert within(whole, [(at[8], at[12])]) == [(at[8], at[10])]


def test_a_zone_without_summer_time_has_no_change_of_its_clocks() -> None:
    assert clock_changes("Asia/Tokyo", MONDAY) == []
    # Lord Howe moves by half an hour.
    assert {abs(minutes) for _, minutes in clock_changes("Australia/Lord_Howe", MONDAY)} == {30}


async def test_each_change_is_in_the_log_with_who_made_it(
    here: Office, lead: httpx.AsyncClient
) -> None:
    kari = await here.person("Kari")
    made = (await lead.post("/sla/policies", json={"data": STANDARD})).json()
    await lead.patch(f"/sla/policies/{made['id']}", json={"active": False})
    await lead.put("/sla/calendars", json={"book": OSLO, "version": 0})
    settings = (await lead.get("/routing")).json()
    await lead.put("/routing", json={**settings, "settings": {"enabled": True}})
    await lead.put(f"/routing/schedules/{kari.id}", json={"slots": 3})
    async with here.desk.units.read() as session:
        rows = (
            await session.scalars(
                select(EventRow)
                .where(EventRow.kind.in_(("sla.changed", "triage.changed")))
                .order_by(EventRow.seq)
            )
        ).all()
    told = [(row.changes, row.actor_name) for row in rows if row.actor_name == "The lead"]
    keys = [key for changes, _ in told for key in (changes or {})]
    assert keys[:4] == ["policy", "active", "calendars", "routing"]
    assert "slots" in keys


@pytest.mark.parametrize("gone", ["ticket", "contact"])
async def test_what_a_deleted_ticket_promised_goes_with_it(
    here: Office, lead: httpx.AsyncClient, gone: str
) -> None:
    """Whoever deletes it: no engine's table has a foreign key to the desk's."""
    await here.policy(first=60)
    ada = await here.person("Ada")
    tickets = [await here.writes("Gone"), await here.writes("Kept")]
    for one in tickets:
        await here.answers(one, ada)
    ids = [one.id for one in tickets]
    tables = (SlaEntry, SlaStanding, SlaOutcome)

    async def rows(ticket_id: UUID) -> list[int | None]:
        async with here.desk.units.read() as session:
            return [
                await session.scalar(
                    select(func.count()).select_from(one).where(one.ticket_id == ticket_id)
                )
                for one in tables
            ]

    async with here.desk.units.write() as work:
        for ticket_id in ids:
            work.session.add(
                SlaFiring(
                    ticket_id=ticket_id,
                    key="first_response:1:warn",
                    action="notify",
                    recipient="lead",
                    reached_at=work.now,
                    fired_at=work.now,
                )
            )
    assert all(await rows(ids[0]))
    async with here.desk.units.write() as work:
        ticket = await work.session.get_one(Ticket, ids[0])
        contact_id = ticket.contact_id
        await work.session.execute(delete(Ticket).where(Ticket.id == ids[0]))
        if gone == "contact":
            await work.session.execute(delete(Contact).where(Contact.id == contact_id))
    assert await rows(ids[0]) == [0, 0, 0]
    assert all(await rows(ids[1]))
    async with here.desk.units.read() as session:
        left = (await session.scalars(select(SlaFiring.ticket_id))).all()
    assert left == [ids[1]]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/sla/policies", {"data": STANDARD}),
        ("PUT", "/sla/order", {"ids": []}),
        ("PUT", "/sla/calendars", {"book": OSLO, "version": 0}),
        ("PUT", "/routing", {"version": 0, "settings": {}}),
    ],
)
async def test_an_agent_reads_all_of_it_and_changes_nothing(
    here: Office, method: str, path: str, body: dict[str, Any]
) -> None:
    async with client(here, "agent") as agent:
        assert (await agent.request(method, path, json=body)).status_code == 403
        tried = {"calendar": OSLO["calendars"]["oslo"]}  # type: ignore[index]
        assert (await agent.post("/sla/calendars/preview", json=tried)).status_code == 200
        cover = await agent.get("/routing/cover", params={"start": MONDAY.isoformat()})
        assert cover.status_code == 200
    async with client(here, "editor") as editor:
        tried = {"calendar": OSLO["calendars"]["oslo"]}  # type: ignore[index]
        assert (await editor.post("/sla/calendars/preview", json=tried)).status_code == 403
