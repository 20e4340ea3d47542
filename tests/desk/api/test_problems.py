"""Every error is a problem document that says what to do and gives nothing away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from litestar import get, post
from sqlalchemy import insert
from structlog.testing import capture_logs

from desk.agents.models import Agent
from desk.api.core import InjectedCore
from desk.api.wording import reword
from desk.db.types import new_id
from desk.errors import ConfigurationError, DeskError, Duplicate, RateLimited, StaleReply
from tests.desk.house import House, build, running


@get("/api/v1/bug")
async def bug() -> None:
    message = "the database password is hunter2"
    raise RuntimeError(message)


@get("/api/v1/setting")
async def setting() -> None:
    raise ConfigurationError("DESK_SECRET_KEY is wrong")


@get("/api/v1/stale")
async def stale() -> None:
    raise StaleReply(newer=[{"id": 1}])


@get("/api/v1/slow")
async def slow() -> None:
    raise RateLimited(retry_after=7)


@post("/api/v1/twice")
async def twice(core: InjectedCore) -> None:
    async with core.units.write() as work:
        values = {
            "email": "same@desk.test",
            "name": "x",
            "role": "agent",
            "locale": "en",
            "timezone": "UTC",
            "active": True,
            "preferences": {},
            "created_at": work.now,
            "updated_at": work.now,
        }
        await work.session.execute(
            insert(Agent), [{"id": new_id(), **values}, {"id": new_id(), **values}]
        )


@pytest.fixture
async def house(desk_database_url: str) -> AsyncIterator[House]:
    async with running(build(desk_database_url, bug, setting, stale, slow, twice)) as house:
        yield house


async def test_a_bug_is_logged_and_not_shown(house: House) -> None:
    client = await house.signed_in()
    with capture_logs() as lines:
        answer = await client.get("/api/v1/bug", headers={"X-Request-ID": "request-0001"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal"
    assert answer.json()["request_id"] == "request-0001"
    assert "hunter2" not in answer.text
    failed = next(line for line in lines if line["event"] == "request_failed")
    assert "hunter2" in str(failed["exc_info"])


async def test_a_wrong_setting_is_not_shown(house: House) -> None:
    client = await house.signed_in()
    answer = await client.get("/api/v1/setting")
    assert answer.json()["code"] == "internal"
    assert "DESK_" not in answer.text


async def test_what_a_desk_error_carries_is_in_the_document(house: House) -> None:
    client = await house.signed_in()
    answer = await client.get("/api/v1/stale")
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "urn:parley:problem:stale-reply",
        "title": "There is a newer message that you have not seen",
        "status": 409,
        "detail": "There is a newer message that you have not seen",
        "code": "stale-reply",
        "newer": [{"id": 1}],
    }


async def test_waiting_time_is_in_the_header_too(house: House) -> None:
    answer = await (await house.signed_in()).get("/api/v1/slow")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["retry_after"] == 7


async def test_a_conflict_in_the_database_is_a_409(house: House) -> None:
    answer = await (await house.signed_in()).post("/api/v1/twice")
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    assert "UNIQUE" not in answer.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"name": ', "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"", "A body is required"),
        (b"[]", "Expected an object, not a list"),
        (b'{"name": 5, "email": "a@b.de"}', "name: Expected a text, not a whole number."),
        (b'{"name": "x"}', "email: This is required."),
        (b'{"name": "x", "email": "a@b.de", "rank": 1}', "rank: There is no such field."),
    ],
)
async def test_what_is_wrong_with_a_body_is_said_in_words(
    house: House, content: bytes, said: str
) -> None:
    client = await house.signed_in("admin")
    answer = await client.post(
        "/api/v1/agents", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert said in answer.json()["detail"]


async def test_bodies_have_a_limit_announced_or_not(house: House) -> None:
    client = await house.signed_in("admin")
    big = b'{"name": "' + b"x" * 2_200_000 + b'"}'

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    for content in (big, chunks()):
        answer = await client.post("/api/v1/agents", content=content)
        assert answer.status_code == 413
        assert answer.json()["code"] == "too-large"


async def test_what_a_database_cannot_hold_is_no_failure_of_the_desk(house: House) -> None:
    client = await house.signed_in("admin")
    assert (await client.put("/api/v1/me/preferences", json={"a": "\u0000"})).status_code in {
        200,
        422,
    }
    nul = {"email": "a\u0000@b.de", "password": "x"}
    assert (await client.post("/api/v1/session", json=nul)).status_code in {401, 422}
    answer = await client.get("/api/v1/audit", params={"kind": "team.\u0000"})
    assert answer.status_code == 422


async def test_unknown_addresses_ids_and_methods(house: House) -> None:
    client = await house.signed_in("admin")
    for path in ("/nowhere", "/api/v1/nowhere", "/api/v1/agents/not-an-id"):
        answer = await client.patch(path, json={})
        assert answer.status_code == 404
        assert answer.json()["code"] == "not-found"
    unknown = await client.patch(f"/api/v1/agents/{new_id()}", json={"name": "x"})
    assert unknown.json()["detail"] == "There is no such agent."
    method = await client.put("/api/v1/agents", json={})
    assert method.status_code == 405
    assert "POST" in method.headers["allow"]
    assert method.headers["content-type"] == "application/problem+json"


def test_every_error_has_a_code_of_its_own() -> None:
    found: list[type[DeskError]] = [DeskError]
    for kind in found:
        found.extend(kind.__subclasses__())
    assert len({kind.code for kind in found}) == len(found)
    assert Duplicate in found


@pytest.mark.parametrize(
    ("message", "key", "field", "sentence"),
    [
        ("Expected `str | null`, got `int`", "name", "name", "a text or nothing"),
        ("Expected `str` of length <= 200", "name", "name", "at most 200"),
        ("Expected `array` of length >= 1", "ids", "ids", "at least 1"),
        ("Expected `int` <= 30 - at `$.undo`", "", "undo", "30 or less"),
        ("Object missing required field `email` - at `$.contact`", "", "contact.email", "required"),
        ("Invalid UUID - at `$.ids[3]`", "", "ids[3]", "not an id"),
        ("Something msgspec learned later", "x", "x", "Something msgspec learned later."),
    ],
)
def test_validation_messages_in_words(message: str, key: str, field: str, sentence: str) -> None:
    found = reword(message, key)
    assert found[0] == field
    assert sentence in found[1]
