"""The first owner: once, by whoever can read the console or sits at the machine itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from desk.agents.models import Agent
from desk.firstrun.rules import needs_token, owner_token
from sla import repository as calendars
from tests.desk.house import House, sign_in

OWNER = {"email": "Ada@Byron.example", "name": "Ada Byron", "password": "analytical engine"}


def owner(**more: Any) -> dict[str, Any]:
    return {**OWNER, **more}


def proven(house: House, **more: Any) -> dict[str, Any]:
    return owner(token=owner_token(house.core.secret), **more)


async def agents(house: House) -> int:
    async with house.core.units.read() as session:
        return await session.scalar(select(func.count()).select_from(Agent)) or 0


async def test_the_first_owner_is_an_admin_and_signed_in(house: House) -> None:
    client = house.client()
    assert (await client.get("/api/v1/start")).json() == {"empty": True, "token_needed": True}
    answer = await client.post("/api/v1/start/owner", json=proven(house, timezone="Asia/Jerusalem"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["agent"]["role"] == "admin"
    assert answer.json()["agent"]["timezone"] == "Asia/Jerusalem"
    assert (await client.get("/api/v1/session")).json()["agent"]["email"] == "ada@byron.example"
    assert (await client.get("/api/v1/start")).json() == {"empty": False, "token_needed": False}
    again = await sign_in(house.client(), OWNER["email"], OWNER["password"])
    assert again.status_code == 201


async def test_there_is_only_one_first_owner(house: House) -> None:
    """Also when many ask at once."""
    answers = await asyncio.gather(
        *(
            house.client().post(
                "/api/v1/start/owner", json=proven(house, email=f"one{number}@desk.test")
            )
            for number in range(6)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert await agents(house) == 1


async def test_a_desk_with_an_agent_takes_no_owner(house: House) -> None:
    await house.agent("agent")
    answer = await house.client().post("/api/v1/start/owner", json=proven(house))
    assert answer.status_code == 409
    assert "sign in" in answer.json()["detail"]
    assert await agents(house) == 1


@pytest.mark.parametrize("token", ["", "GUESSED", "\u05d0" * 24, "x" * 200])
async def test_from_outside_the_console_s_token_is_asked_for(house: House, token: str) -> None:
    client = house.client(ip="203.0.113.7")
    answer = await client.post("/api/v1/start/owner", json=owner(token=token))
    assert answer.status_code == 403
    assert "printed when it started" in answer.json()["detail"]
    assert await agents(house) == 0


async def test_tokens_cannot_be_guessed_at_length(house: House) -> None:
    client = house.client(ip="203.0.113.8")
    seen = {
        (await client.post("/api/v1/start/owner", json=owner(token=str(n)))).status_code
        for n in range(12)
    }
    assert seen == {403, 429}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_no_other_page_makes_its_visitor_the_owner(house: House, site: str) -> None:
    answer = await house.client(headers={"Sec-Fetch-Site": site}).post(
        "/api/v1/start/owner", json=proven(house)
    )
    assert answer.status_code == 403
    assert await agents(house) == 0


HERE: dict[str, Any] = {
    "bound": "127.0.0.1",
    "public_url": "http://127.0.0.1:8080",
    "peer": "127.0.0.1",
    "asked_host": "localhost:8080",
    "forwarded": False,
}


def test_at_the_machine_itself_no_token_is_needed() -> None:
    assert not needs_token(**HERE)
    assert not needs_token(**{**HERE, "peer": "::1", "asked_host": "[::1]:8080"})


@pytest.mark.parametrize(
    "outside",
    [
        {"bound": "0.0.0.0"},
        {"public_url": "https://desk.example"},
        {"peer": "192.168.1.7"},
        {"peer": ""},
        {"asked_host": "evil.example:8080"},  # a name that was made to resolve to this machine
        {"asked_host": ""},
        {"forwarded": True},
    ],
)
def test_whatever_comes_from_outside_needs_the_token(outside: dict[str, Any]) -> None:
    assert needs_token(**{**HERE, **outside})


async def test_no_token_at_the_machine_itself_but_through_a_proxy(house: House) -> None:
    local = {"Host": "127.0.0.1:8080"}
    assert not (await house.client(headers=local).get("/api/v1/start")).json()["token_needed"]
    proxied = house.client(headers={**local, "X-Forwarded-For": "203.0.113.7"})
    assert (await proxied.get("/api/v1/start")).json()["token_needed"]
    assert (await proxied.post("/api/v1/start/owner", json=owner())).status_code == 403
    answer = await house.client(headers=local).post("/api/v1/start/owner", json=owner())
    assert answer.status_code == 201


async def test_the_first_run_can_be_left_and_resumed(house: House) -> None:
    client = await house.signed_in("admin")
    week = {str(day): [["09:00", "17:30"]] for day in range(5)}
    answer = await client.patch(
        "/api/v1/start/progress",
        json={
            "name": "Fell & Stone",
            "locales": ["en", "he"],
            "timezone": "Europe/Oslo",
            "hours": week,
            "skipped": ["team"],
        },
    )
    assert answer.status_code == 200, answer.text
    resumed = (await client.get("/api/v1/start/progress")).json()
    assert resumed["name"] == "Fell & Stone"
    assert resumed["locales"] == ["en", "he"]
    assert resumed["hours"] == week
    assert resumed["skipped"] == ["team"]
    assert not resumed["finished"]
    assert (await client.get("/api/v1/session")).json()["desk"]["name"] == "Fell & Stone"
    await client.patch("/api/v1/start/progress", json={"finished": True})
    assert (await client.get("/api/v1/start/progress")).json()["finished"]


async def test_the_hours_are_those_that_deadlines_count_by(house: House) -> None:
    client = await house.signed_in("admin")
    body = {"timezone": "Europe/Oslo", "hours": {"0": [["08:00", "16:00"]]}}
    for _ in range(2):  # saying it again changes nothing
        await client.patch("/api/v1/start/progress", json=body)
    async with house.core.units.read() as session:
        version, book = await calendars.book_data(session)
    mine = book.calendars[book.default]
    assert (mine.timezone, mine.windows) == ("Europe/Oslo", {"0": [("08:00", "16:00")]})
    assert version == 1
    assert "always" in book.calendars  # what others use stays


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"timezone": "Mars/Olympus", "hours": {"0": [["09:00", "17:00"]]}}, "Mars/Olympus"),
        ({"hours": {"0": [["9", "17:00"]]}}, "hours"),
        ({"hours": {"8": [["09:00", "17:00"]]}}, "0 (Monday) to 6"),
        ({"skipped": ["owner"]}, "steps are"),
        ({"locales": []}, "locales"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    house: House, body: dict[str, Any], says: str
) -> None:
    client = await house.signed_in("admin")
    answer = await client.patch("/api/v1/start/progress", json=body)
    assert answer.status_code in {400, 422}, answer.text
    assert says in answer.text


@pytest.mark.parametrize("role", ["agent", "lead", "editor"])
async def test_only_those_who_set_up_inboxes_run_the_wizard(house: House, role: str) -> None:
    client = await house.signed_in(role)
    assert (await client.get("/api/v1/start/progress")).status_code == 403
    assert (await client.patch("/api/v1/start/progress", json={"name": "x"})).status_code == 403
    assert (
        await client.post("/api/v1/invitations", json={"email": "a@b.example"})
    ).status_code == 403
