"""Lists of tickets: every filter, every order, pages that neither repeat nor skip, right counts."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import event, update
from structlog.contextvars import get_contextvars

from desk.agents import teams
from desk.agents.models import Agent
from desk.inboxes.models import Inbox
from desk.tickets.models import Ticket
from tests.desk.whole import Whole

SORTS = ("created_at", "updated_at", "last_message_at", "number", "next_due_at", "waiting_since")


async def ids(client: httpx.AsyncClient, **filters: Any) -> set[str]:
    answer = await client.get("/api/v1/tickets", params={"limit": 200, **filters})
    assert answer.status_code == 200, answer.text
    return {item["id"] for item in answer.json()["items"]}


async def patch(client: httpx.AsyncClient, ticket: dict[str, Any], **change: Any) -> dict[str, Any]:
    answer = await client.patch(f"/api/v1/tickets/{ticket['id']}", json=change)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_every_filter_finds_what_it_says(desk: Whole) -> None:
    inbox, other = await desk.mail_inbox(), await desk.mail_inbox()
    me, client = await desk.agent("lead")
    colleague = await desk.person()
    team = (await client.post("/api/v1/teams", json={"name": f"Team {inbox.name}"})).json()
    plain = await desk.wrote(inbox, "zoe@filters.test", "Kettle leaks")
    mine = await desk.wrote(inbox, "yan@filters.test", "Refund", locale="de")
    theirs = await desk.wrote(inbox, "xi@filters.test", "100% broken_kettle")
    elsewhere = await desk.wrote(other, "zoe@filters.test", "Other inbox")
    await patch(client, mine, assignee_id=str(me.id), priority="urgent", tags=["vip", "Paris"])
    await patch(client, theirs, assignee_id=str(colleague.id), status="pending", tags=["vip"])
    await patch(client, theirs, team_id=team["id"])
    p, m, t = plain["id"], mine["id"], theirs["id"]
    here = {"inbox": str(inbox.id)}
    assert await ids(client, **here) == {p, m, t}
    assert await ids(client, **here, status="pending") == {t}
    assert await ids(client, **here, status="new,pending") == {p, m, t}
    assert await ids(client, **here, status=["new", "pending"]) == {p, m, t}
    assert await ids(client, **here, priority="urgent,high") == {m}
    assert await ids(client, **here, assignee="me") == {m}
    assert await ids(client, **here, assignee="none") == {p}
    assert await ids(client, **here, assignee=str(colleague.id)) == {t}
    assert await ids(client, **here, team=team["id"]) == {t}
    assert await ids(client, **here, team="none") == {p, m}
    assert await ids(client, **here, channel="webchat") == set()
    assert await ids(client, **here, channel="email,webchat") == {p, m, t}
    assert await ids(client, **here, locale="de") == {m}
    assert await ids(client, **here, tag="VIP") == {m, t}
    assert await ids(client, **here, tag=["vip", "paris"]) == {m}
    assert await ids(client, **here, tag="vip", not_tag="paris") == {t}
    assert await ids(client, contact=plain["contact"]["id"]) == {p, elsewhere["id"]}
    assert await ids(client, **here, q="kettle") == {p, t}
    assert await ids(client, **here, q="100% broken_k") == {t}
    assert await ids(client, **here, q="yan@filters") == {m}
    assert await ids(client, **here, q=f"#{plain['number']}") == {p}
    assert await ids(client, **here, q="kettle nowhere") == set()


async def test_unread_mentioned_and_snoozed(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    me, client = await desk.agent()
    _, writer = await desk.agent()
    first, second = await desk.wrote(inbox), await desk.wrote(inbox)
    here = {"inbox": str(inbox.id)}
    read = await client.put(f"/api/v1/tickets/{first['id']}/read", json={"seq": 1})
    assert read.status_code == 204
    assert await ids(client, **here, unread=True) == {second["id"]}
    assert await ids(writer, **here, unread=True) == {first["id"], second["id"]}
    note = {"kind": "note", "text": "look", "client_id": str(uuid4()), "last_seen_seq": 1}
    await writer.post(
        f"/api/v1/tickets/{first['id']}/messages", json={**note, "mentions": [str(me.id)]}
    )
    assert await ids(client, **here, mentions=True) == {first["id"]}
    until = (desk.clock() + timedelta(hours=1)).isoformat()
    await patch(client, second, snoozed_until=until)
    assert await ids(client, **here, snoozed=True) == {second["id"]}
    assert await ids(client, **here, snoozed=False) == {first["id"]}


async def test_the_tabs_count_what_the_lists_show(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    me, client = await desk.agent()
    tickets = [await desk.wrote(inbox) for _ in range(6)]
    await patch(client, tickets[0], assignee_id=str(me.id))
    await patch(client, tickets[1], status="resolved")
    await patch(client, tickets[2], status="closed")
    until = (desk.clock() + timedelta(hours=1)).isoformat()
    await patch(client, tickets[3], snoozed_until=until)
    await client.put(f"/api/v1/tickets/{tickets[4]['id']}/read", json={"seq": 1})
    answer = await client.get(
        "/api/v1/tickets/counts",
        params={"inbox": str(inbox.id), "assignee": "me", "status": "closed", "unread": True},
    )
    assert answer.json() == {
        "all_open": 3, "mine": 1, "unassigned": 2, "mentions": 0, "unread": 2,
    }  # fmt: skip


async def _many(desk: Whole, inbox: Inbox, count: int) -> None:
    """Tickets whose sort values have ties and gaps."""
    for _ in range(count):
        await desk.wrote(inbox)
    base = desk.clock().replace(microsecond=123456)
    async with desk.desk.units.write() as work:
        found = (
            await work.session.execute(
                Ticket.__table__.select().where(Ticket.inbox_id == inbox.id).order_by(Ticket.id)
            )
        ).all()
        for number, row in enumerate(found):
            values: dict[str, datetime | None] = {
                name: base + timedelta(seconds=number // 3 if name != "created_at" else number % 4)
                for name in ("created_at", "updated_at", "last_message_at")
            }
            values["next_due_at"] = base if number % 4 == 0 else None
            values["waiting_since"] = base - timedelta(hours=number % 3) if number % 2 else None
            await work.session.execute(update(Ticket).where(Ticket.id == row.id).values(**values))


def _key(item: dict[str, Any], sort: str) -> list[Any]:
    if sort == "next_due_at":
        return [item["next_due_at"], item["waiting_since"]]
    return [item["last_message"]["at"] if sort == "last_message_at" else item[sort]]


def _in_order(before: list[Any], after: list[Any], *, descending: bool) -> bool:
    for a, b in zip(before, after, strict=True):
        if a == b:
            continue
        if a is None or b is None:
            return b is None
        return bool(a > b) if descending else bool(a < b)
    return True


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
async def test_pages_neither_repeat_nor_skip_while_tickets_come_in(desk: Whole, sort: str) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    await _many(desk, inbox, 17)
    before = await ids(client, inbox=str(inbox.id))
    seen: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = await client.get(
            "/api/v1/tickets",
            params={"inbox": str(inbox.id), "sort": sort, "limit": 4, "cursor": cursor},
        )
        assert answer.status_code == 200, answer.text
        seen += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        await desk.wrote(inbox)
        assert len(seen) < 100
    found = [item["id"] for item in seen]
    assert len(found) == len(set(found))
    assert before <= set(found)
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    for a, b in itertools.pairwise(seen):
        assert _in_order(_key(a, name), _key(b, name), descending=descending)


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "subject"},
        {"status": "opened"},
        {"priority": "very"},
        {"assignee": "Bob"},
        {"team": "me"},
        {"inbox": "1"},
        {"limit": "0"},
        {"limit": "201"},
        {"cursor": "nonsense"},
        {"cursor": "WyItY3JlYXRlZF9hdCIsMSwyXQ"},
        # ["-created_at","2026-01-01T00:00:00","01a201b6-42e7-7061-84fe-dfaa3c4be99d"]: no offset
        {
            "cursor": "WyItY3JlYXRlZF9hdCIsIjIwMjYtMDEtMDFUMDA6MDA6MDAiLCIwMWEyMDFiNi00MmU3LTcwNjEt"
            "ODRmZS1kZmFhM2M0YmU5OWQiXQ"
        },
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(desk: Whole, query: dict[str, str]) -> None:
    _, client = await desk.agent()
    answer = await client.get("/api/v1/tickets", params=query)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid"


async def test_a_cursor_fits_its_own_order_only(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    for _ in range(3):
        await desk.wrote(inbox)
    page = await client.get("/api/v1/tickets", params={"inbox": str(inbox.id), "limit": 1})
    cursor = page.json()["next_cursor"]
    other = await client.get("/api/v1/tickets", params={"sort": "number", "cursor": cursor})
    assert other.status_code == 422


@asynccontextmanager
async def statements(desk: Whole) -> AsyncIterator[list[str]]:
    """What requests ask the database meanwhile, but for transactions and the caller's token."""
    asked: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        if "request_id" not in get_contextvars():
            return  # a job's, which runs beside the requests
        if statement.split(maxsplit=1)[0] in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"} and (
            "api_token" not in statement and " job" not in statement and "counter" not in statement
        ):
            asked.append(statement)

    engine = desk.desk.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_long_list_costs_as_many_statements_as_a_short_one(desk: Whole) -> None:
    one, many = await desk.mail_inbox(), await desk.mail_inbox()
    me, client = await desk.agent("lead")
    single = await desk.wrote(one)
    rows = [await desk.wrote(many) for _ in range(50)]
    async with desk.desk.units.write() as work:
        team = await teams.create(work, f"Team {one.name}", [me.id])
    for row in rows[:10]:
        await patch(client, row, assignee_id=str(me.id), team_id=str(team.id), tags=["a", "b"])
    await client.get("/api/v1/tickets")  # the token's own sign of life
    async with statements(desk) as short:
        await ids(client, inbox=str(one.id))
    async with statements(desk) as long:
        assert len(await ids(client, inbox=str(many.id))) == 50
    assert len(short) == len(long) == 1, long

    await desk.settled()
    crowded = rows[0]
    for number in range(50):
        await _note(client, crowded, number, [])
    await _note(client, single, 1, [])
    await desk.settled()
    paths = [f"/api/v1/tickets/{row['id']}" for row in (single, crowded)]
    for suffix in ("", "/messages", "/events?limit=200"):
        async with statements(desk) as little:
            await client.get(paths[0] + suffix)
        async with statements(desk) as much:
            await client.get(paths[1] + suffix)
        assert len(little) == len(much) <= 8, (suffix, much)


async def test_attachments_of_many_messages_are_one_statement(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    tickets = [await desk.wrote(inbox) for _ in range(2)]
    for ticket, count in zip(tickets, (1, 12), strict=True):
        for number in range(count):
            upload = await client.post("/api/v1/files", files={"file": ("a.txt", b"text")})
            await _note(client, ticket, number, [upload.json()["id"]])
    asked = []
    for ticket in tickets:
        async with statements(desk) as found:
            await client.get(f"/api/v1/tickets/{ticket['id']}/messages")
        asked.append(len(found))
    assert asked[0] == asked[1]


async def _note(
    client: httpx.AsyncClient, ticket: dict[str, Any], number: int, files: list[str]
) -> None:
    answer = await client.post(
        f"/api/v1/tickets/{ticket['id']}/messages",
        json={
            "kind": "note",
            "text": f"note {number}",
            "client_id": str(uuid4()),
            "last_seen_seq": 0,
            "attachment_ids": files,
        },
    )
    assert answer.status_code == 201, answer.text


async def test_only_active_people_who_work_on_tickets_can_be_given_one(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    editor, gone = await desk.person("editor"), await desk.person()
    async with desk.desk.units.write() as work:
        await work.session.execute(update(Agent).where(Agent.id == gone.id).values(active=False))
    for nobody in (editor.id, gone.id, uuid4()):
        answer = await client.patch(
            f"/api/v1/tickets/{ticket['id']}", json={"assignee_id": str(nobody)}
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "assignee_id"
