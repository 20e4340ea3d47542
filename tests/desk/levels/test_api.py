"""Policies, calendars, routing, schedules and the board, as a lead's script sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from desk.triage import routing
from tests.desk.levels.conftest import client
from tests.desk.levels.office import MONDAY, NINE_TO_FIVE, Office

HOUR = {"first_response": {"duration": "PT1H"}}
STANDARD: dict[str, Any] = {"name": "Standard", "targets": {"normal": HOUR}}
OSLO = {
    "default": "oslo",
    "calendars": {
        "oslo": {
            "name": "Oslo",
            "timezone": "Europe/Oslo",
            "windows": NINE_TO_FIVE,
            "country": "NO",
        }
    },
    "teams": {},
}


async def test_a_policy_counts_from_its_first_version_and_a_ticket_keeps_the_one_it_has(
    here: Office, lead: httpx.AsyncClient
) -> None:
    made = (await lead.post("/sla/policies", json={"data": STANDARD})).json()
    assert (made["version"], made["active"]) == (1, True)
    old = await here.writes()
    quick = {**STANDARD, "targets": {"normal": {"first_response": {"duration": "PT10M"}}}}
    path = f"/sla/policies/{made['id']}"
    answer = await lead.put(path, json={"data": quick, "version": 1})
    assert answer.json()["version"] == 2
    new = await here.writes()
    assert (await here.ticket(old)).next_due_at == MONDAY + timedelta(hours=1)
    assert (await here.ticket(new)).next_due_at == MONDAY + timedelta(minutes=10)
    versions = (await lead.get(f"{path}/versions")).json()["items"]
    assert [one["version"] for one in versions] == [2, 1]
    stale = await lead.put(path, json={"data": quick, "version": 1})
    assert (stale.status_code, stale.json()["current_version"]) == (409, 2)


async def test_applied_to_open_tickets_by_a_job(here: Office, lead: httpx.AsyncClient) -> None:
    made = (await lead.post("/sla/policies", json={"data": STANDARD})).json()
    ticket = await here.writes()
    quick = {**STANDARD, "targets": {"normal": {"first_response": {"duration": "PT10M"}}}}
    await lead.put(f"/sla/policies/{made['id']}", json={"data": quick, "version": 1, "apply": True})

    class Run:
        async def finish(self, work: object) -> None:
            """Nothing to end."""

    await here.desk.triage.apply(Run())  # type: ignore[arg-type]
    assert (await here.ticket(ticket)).next_due_at == MONDAY + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "X", "targets": {"huge": {}}}, "no priority 'huge'"),
        ({"name": "X", "targets": {"normal": {"first_response": {"duration": "soon"}}}}, "target"),
        ({"name": "X", "hours": {"calendar": "mars"}}, "no calendar 'mars'"),
        ({"name": "X", "steps": [{"id": "a", "action": "webhook", "to": "x"}]}, "Webhook"),
        ({"name": "X", "frobnicate": 1}, "frobnicate"),
    ],
)
async def test_a_policy_that_cannot_be_is_refused_in_words(
    lead: httpx.AsyncClient, data: dict[str, Any], words: str
) -> None:
    answer = await lead.post("/sla/policies", json={"data": data})
    assert answer.status_code == 422
    assert words in answer.text


async def test_the_preview_says_when_it_would_be_due_over_a_holiday(
    lead: httpx.AsyncClient,
) -> None:
    saved = await lead.put("/sla/calendars", json={"book": OSLO, "version": 0})
    assert saved.json()["version"] == 1
    tried = {
        "data": {"name": "Tried", "targets": {"normal": {"resolution": {"duration": "PT4H"}}}},
        "at": "2026-04-01T13:00:00Z",  # 15:00 in Oslo, the day before Maundy Thursday
    }
    answer = (await lead.post("/sla/preview", json=tried)).json()
    assert answer["promises"] == [
        {"metric": "resolution", "due_at": "2026-04-07T09:00:00Z"}  # Tuesday, 11:00
    ]
    days = (await lead.get("/sla/holidays?country=NO&year=2026")).json()["items"]
    assert "2026-04-02" in [one["day"] for one in days]


async def test_calendars_that_cannot_be_are_refused(lead: httpx.AsyncClient) -> None:
    book = {**OSLO, "default": "bergen"}
    answer = await lead.put("/sla/calendars", json={"book": book, "version": 0})
    assert answer.status_code == 422
    assert "bergen" in answer.text
    zone = {"calendars": {"oslo": {**OSLO["calendars"]["oslo"], "timezone": "Mars/Base"}}}  # type: ignore[index]
    answer = await lead.put("/sla/calendars", json={"book": {**OSLO, **zone}, "version": 0})
    assert (answer.status_code, "Mars/Base" in answer.text) == (422, True)


async def test_the_try_box_ranks_anew_with_other_weights(
    here: Office, lead: httpx.AsyncClient
) -> None:
    kari = await here.person("Kari", languages={"nb": "native"}, slots=2.0)
    bo = await here.person("Bo", languages={"nb": "B1"})
    await here.routing()
    for _ in range(1):
        ticket = await here.writes()
        await here.change(ticket, assignee_id=kari.id)
    language = {"language": 100, "sticky": 0, "load": 0, "skill": 0, "slack": 0, "hours": 0}
    tried = {"language": "nb", "settings": {"weights": {**language, "turn": 0}}}
    answer = (await lead.post("/routing/try", json=tried)).json()
    assert answer["chosen"] == str(kari.id)
    tried["settings"] = {"weights": {**language, "language": 0, "load": 100, "turn": 0}}
    answer = (await lead.post("/routing/try", json=tried)).json()
    assert answer["chosen"] == str(bo.id)
    assert [one["name"] for one in answer["ranking"]] == ["Bo", "Kari"]
    assert "The lead" in answer["left_out"]["away"]


async def test_a_schedule_is_kept_and_counts(here: Office, lead: httpx.AsyncClient) -> None:
    ada = await here.person("Ada")
    path = f"/routing/schedules/{ada.id}"
    work = {"windows": {"1": [["09:00", "17:00"]]}, "presence": "schedule", "slots": 3}
    assert (await lead.put(path, json=work)).status_code == 200
    rows = (await lead.get("/routing/schedules")).json()["items"]
    mine = next(one for one in rows if one["agent_id"] == str(ada.id))
    assert (mine["on_shift"], mine["work"]["slots"]) == (False, 3)  # it is Monday
    bad = await lead.put(path, json={"windows": {"1": [["09:00", "25:00"]]}})
    assert bad.status_code == 422


async def test_routing_is_undone_over_the_api(here: Office, lead: httpx.AsyncClient) -> None:
    await here.person("Ada")
    await here.routing()
    ticket = await here.writes()
    path = f"/routing/tickets/{ticket.id}/undo"
    assert (await lead.post(path)).status_code == 404
    await routing.drain(here.desk.units)
    assert (await lead.post(path)).status_code == 204
    assert (await here.ticket(ticket)).assignee_id is None


async def test_the_board_counts_what_is_late_and_who_has_room(
    here: Office, lead: httpx.AsyncClient
) -> None:
    ada = await here.person("Ada", languages={"en": "native", "de": "A1"}, slots=4.0)
    await here.policy(first=60)
    late = await here.writes("Late")
    here.clock.forward(minutes=30)
    soon = await here.writes("Soon")
    await here.change(soon, assignee_id=ada.id)
    here.clock.forward(minutes=40)
    answered = await here.writes("Answered")
    await here.answers(answered, ada)
    board = (await lead.get("/board")).json()
    assert board["tiles"] == {
        "open": 3,
        "waiting": 2,
        "unassigned": 1,
        "overdue": 1,
        "soon": 1,
        "oldest_waiting_since": "2026-03-02T09:00:00Z",
        "oldest_number": late.number,
        "met_today": 1,
        "broken_today": 0,
    }
    assert [one["id"] for one in board["late"]] == [str(late.id), str(soon.id)]
    assert board["free_by_language"] == {"en": 3.0}
    assert board["trend"][-1] == {"day": "2026-03-02", "met": 1, "broken": 0}
    ahead = (await lead.get("/board/forecast")).json()
    assert len(ahead["hours"]) == 4
    clocks = (await lead.get(f"/tickets/{late.id}/clocks")).json()
    assert [(one["metric"], one["state"]) for one in clocks["clocks"]] == [
        ("first_response", "breached")
    ]


async def test_agents_read_and_only_leads_change(here: Office) -> None:
    async with client(here, "agent") as agent:
        assert (await agent.get("/sla/policies")).status_code == 200
        assert (await agent.get("/board")).status_code == 200
        assert (await agent.post("/sla/policies", json={"data": STANDARD})).status_code == 403
        assert (await agent.put("/routing", json={"version": 0, "settings": {}})).status_code == 403
    async with client(here, "editor") as editor:
        assert (await editor.get("/board")).status_code == 403
