"""A Norwegian mail at three at night in Oslo, from its arrival to the lead's board."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from desk.events import Kind
from desk.inboxes import service as inboxes
from tests.desk.levels.office import NINE_TO_FIVE, Office

NIGHT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)  # Wednesday; 03:00 in Oslo, 11:00 in Tokyo


class Run:
    """A job's run that nobody fences off."""

    args: dict[str, Any] = {}  # noqa: RUF012 - a test's
    attempt = 1

    async def finish(self, work: object) -> None:
        """Nothing to end."""


async def test_from_the_mail_at_night_to_the_board(here: Office, lead: httpx.AsyncClient) -> None:
    hours: dict[str, Any] = {"windows": NINE_TO_FIVE}
    kari = await here.person("Kari", timezone="Europe/Oslo", languages={"nb": "native"}, **hours)
    yuki = await here.person("Yuki", timezone="Asia/Tokyo", languages={"nb": "C1"}, **hours)
    ken = await here.person("Ken", timezone="Asia/Tokyo", languages={"ja": "native"}, **hours)
    oslo, tokyo = await here.team("Oslo", kari), await here.team("Tokyo", yuki, ken)
    async with here.desk.units.write() as work:
        await inboxes.change(work, here.desk.shelf.box, here.inbox.id, {"team_id": oslo.id})
    await here.calendars(
        {str(oslo.id): "oslo", str(tokyo.id): "tokyo"}, oslo="Europe/Oslo", tokyo="Asia/Tokyo"
    )
    await here.policy(
        targets={"normal": {"first_response": {"duration": "PT1H"}}},
        steps=[{"id": "late", "action": "notify", "to": "team"}],
    )
    await here.routing()
    here.clock.now = NIGHT
    jobs = here.desk.triage
    ticket = await here.writes("Hei, hvor er pakken min?", locale="nb")
    assert (await here.ticket(ticket)).locale == "nb"
    assert (await here.ticket(ticket)).next_due_at == NIGHT + timedelta(hours=7)  # 10:00 in Oslo

    await jobs.route(Run())  # type: ignore[arg-type]
    now = await here.ticket(ticket)
    assert (now.assignee_id, now.team_id) == (yuki.id, tokyo.id)
    assert now.next_due_at == NIGHT + timedelta(hours=1)  # Tokyo works, so its hour runs
    told = (await here.events(Kind.DECISION_ROUTING, ticket))[0].data
    assert {"routing.overflow", "routing.language"} <= {one["key"] for one in told["reasons"]}
    assert told["left_out"]["off_shift"] == ["Kari"]
    assert "Ken" in told["left_out"]["language"]

    shares = []
    for minutes in (30, 50, 57, 61):
        here.clock.now = NIGHT + timedelta(minutes=minutes)
        answer = (await lead.get(f"/tickets/{ticket.id}/clocks")).json()["clocks"][0]
        shares.append((round(answer["share_left"], 2), answer["state"]))
    assert shares == [(0.5, "running"), (0.17, "running"), (0.05, "running"), (-0.02, "breached")]

    for _ in range(3):
        await jobs.watch(Run())  # type: ignore[arg-type]
        here.clock.forward(seconds=10)
    steps = await here.events(Kind.SLA_STEP, ticket)
    assert [(one.data["step"], one.data["breached"]) for one in steps] == [("late", True)]
    board = (await lead.get("/board")).json()
    assert board["tiles"]["overdue"] == 1
    assert [one["id"] for one in board["late"]] == [str(ticket.id)]
