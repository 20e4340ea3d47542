"""A POST that is sent again: the first answer, and no second effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import func, select

from desk.auth import idempotency
from desk.auth.models import IdempotencyKey
from desk.errors import DeskError, TooLate
from tests.desk.house import House, build, running

KEY = {"Idempotency-Key": "0b8f3c1e"}


@dataclass
class Work:
    """Counts how often a handler ran, and decides how it ends."""

    runs: int = 0
    hold: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    fail: Exception | None = None


def routes(work: Work) -> list[HTTPRouteHandler]:
    @post("/api/v1/work")
    async def do(request: Request[Any, Any, Any]) -> dict[str, Any]:
        work.runs += 1
        run = work.runs
        work.entered.set()
        if work.hold:
            await work.hold.wait()
        if work.fail:
            raise work.fail
        return {"run": run, "sent": (await request.body()).decode()}

    @post("/api/v1/stream")
    async def binary() -> Response[bytes]:
        work.runs += 1
        return Response(b"\x00\x01", media_type="application/octet-stream")

    @post("/api/v1/silent", status_code=204)
    async def silent() -> None:
        work.runs += 1

    return [do, binary, silent]


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
async def house(desk_database_url: str, work: Work) -> AsyncIterator[House]:
    async with running(build(desk_database_url, *routes(work))) as house:
        yield house


async def again(client: httpx.AsyncClient, body: Any = None, path: str = "/api/v1/work") -> Any:
    return await client.post(path, json=body or {"a": 1}, headers=KEY)


async def test_the_same_request_gets_the_same_answer_once(house: House, work: Work) -> None:
    client = await house.signed_in()
    first, second = await again(client), await again(client)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-type"] == "application/json"
    assert work.runs == 1


async def test_another_body_under_the_same_key_is_refused(house: House, work: Work) -> None:
    client = await house.signed_in()
    await again(client)
    other = await again(client, {"a": 2})
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    elsewhere = await again(client, path="/api/v1/stream")
    assert elsewhere.status_code == 422
    assert work.runs == 1


async def test_two_at_once_never_both_run(house: House, work: Work) -> None:
    client = await house.signed_in()
    work.hold = asyncio.Event()
    first = asyncio.create_task(again(client))
    await asyncio.wait_for(work.entered.wait(), 5)
    second = await again(client)
    assert second.status_code == 409
    assert second.headers["retry-after"] == "1"
    work.hold.set()
    assert (await first).status_code == 201
    assert (await again(client)).headers["idempotency-replayed"] == "true"
    assert work.runs == 1


async def test_a_crowd_with_one_key_runs_once(house: House, work: Work) -> None:
    client = await house.signed_in()
    answers = await asyncio.gather(*(again(client) for _ in range(20)))
    assert work.runs == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert (await again(client)).json()["run"] == 1


async def test_keys_belong_to_their_caller(house: House, work: Work) -> None:
    one, two = await house.signed_in("agent"), await house.signed_in("lead")
    await again(one)
    assert (await again(two)).json()["run"] == 2
    assert work.runs == 2


@pytest.mark.parametrize("error", [DeskError("broken"), RuntimeError("bug"), TooLate()])
async def test_a_request_that_failed_may_be_tried_again(
    house: House, work: Work, error: Exception
) -> None:
    client = await house.signed_in()
    work.fail = error
    assert (await again(client)).status_code in {409, 500}
    work.fail = None
    assert (await again(client)).json()["run"] == 2


async def test_a_refused_request_leaves_the_key_free(house: House) -> None:
    client = await house.signed_in("admin")
    bad = await client.post("/api/v1/teams", json={"name": ""}, headers=KEY)
    assert bad.status_code == 422
    good = await client.post("/api/v1/teams", json={"name": "Team"}, headers=KEY)
    assert good.status_code == 201


async def test_an_answer_without_content_is_replayed(house: House, work: Work) -> None:
    client = await house.signed_in()
    first, second = [await again(client, path="/api/v1/silent") for _ in range(2)]
    assert first.status_code == second.status_code == 204
    assert second.headers["idempotency-replayed"] == "true"
    assert work.runs == 1


async def test_answers_that_are_not_json_pass_and_are_not_kept(house: House, work: Work) -> None:
    client = await house.signed_in()
    assert (await again(client, path="/api/v1/stream")).content == b"\x00\x01"
    assert (await again(client, path="/api/v1/stream")).content == b"\x00\x01"
    assert work.runs == 2


async def test_answers_are_kept_for_a_day(house: House, work: Work) -> None:
    script = await house.script(await house.agent())
    await again(script)
    house.clock.forward(hours=23)
    assert (await again(script)).json()["run"] == 1
    house.clock.forward(hours=2)
    assert (await again(script)).json()["run"] == 2
    house.clock.forward(hours=25)
    async with house.core.units.write() as unit:
        assert await idempotency.prune(unit) == 1
        left = await unit.session.execute(select(func.count()).select_from(IdempotencyKey))
    assert left.scalar_one() == 0
    assert work.runs == 2


async def test_a_request_lost_in_a_crash_blocks_its_key_for_minutes_only(
    house: House, work: Work
) -> None:
    agent = await house.agent()
    script = await house.script(agent)
    await again(script)
    async with house.core.units.write() as unit:
        row = (await unit.session.execute(select(IdempotencyKey))).scalar_one()
        row.status = None
    assert (await again(script)).status_code == 409
    house.clock.forward(minutes=6)
    assert (await again(script)).json()["run"] == 2
    assert work.runs == 2


async def test_a_key_of_any_length_is_not_taken(house: House) -> None:
    client = await house.signed_in()
    answer = await client.post("/api/v1/work", json={}, headers={"Idempotency-Key": "k" * 201})
    assert answer.status_code == 422
