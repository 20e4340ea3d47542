"""The agents' socket: a feed without gaps, who is there, and no frame that breaks it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from socketio.exceptions import ConnectionError as Refused
from sqlalchemy import update

from desk.agents.models import Agent
from desk.auth import api_tokens
from desk.events import Kind
from tests.desk.core.test_messages import new, post
from tests.desk.whole import Socket, Whole, until


async def connected(desk: Whole, **auth: Any) -> tuple[Agent, Socket]:
    person = await desk.person()
    socket = await desk.socket("/agent", {"token": await desk.token(person), **auth})
    await socket.next("hello")
    return person, socket


def seqs(items: list[dict[str, Any]]) -> list[int]:
    return [item["seq"] for item in items]


async def test_the_feed_is_gapless_over_a_cut_line(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox)
    person, socket = await connected(desk)
    start = (await socket.next("hello"))["head_seq"]

    async def write(count: int) -> None:
        for number in range(count):
            answer = await post(client, ticket, new("note", f"note {number}"))
            assert answer.status_code == 201

    writing = asyncio.create_task(write(200))
    await until(lambda: len(socket.feed()) > 40)
    await socket.close()  # in the middle of it
    heard = socket.feed()
    last = heard[-1]["seq"]
    await asyncio.sleep(0.2)
    again = await desk.socket("/agent", {"token": await desk.token(person), "last_seq": last})
    await writing
    await desk.settled()
    head = (await again.call("resume", {"last_seq": last}))["head_seq"]
    await until(lambda: again.feed() and max(seqs(again.feed())) >= head)
    found = {item["seq"]: item for item in again.feed()}
    assert seqs(heard) == list(range(start + 1, last + 1))
    assert set(range(last + 1, head + 1)) <= set(found)
    notes = [item for item in (*heard, *found.values()) if item["kind"] == "note.added"]
    assert sorted(item["message"]["text"] for item in notes) == sorted(
        f"note {number}" for number in range(200)
    )
    assert {item["row"]["id"] for item in notes} == {ticket["id"]}
    # What a resume hands over is what was heard live.
    resumed = (await again.call("resume", {"last_seq": head - 20}))["items"]
    assert seqs(resumed) == list(range(head - 19, head + 1))
    for item in resumed:
        live = found[item["seq"]]
        assert (item["kind"], item["actor"], item["data"]) == (
            live["kind"], live["actor"], live["data"],
        )  # fmt: skip
        assert (item["message"] or {}).get("id") == (live["message"] or {}).get("id")
    late = await again.call("resume", {"last_seq": 0}) if head > 500 else {"reset": True}
    assert late["reset"]
    assert (await again.call("resume", {"last_seq": head + 5}))["reset"]


async def test_five_hundred_behind_is_too_far(desk: Whole) -> None:
    async with desk.desk.units.write() as work:
        for _ in range(501):
            work.record(Kind.RAW_FAILED)
    _, socket = await connected(desk)
    head = (await socket.next("hello"))["head_seq"]
    _, behind = await connected(desk, last_seq=head - 501)
    assert (await behind.next("reset"))["head_seq"] >= head
    assert (await socket.call("resume", {"last_seq": head - 501}))["reset"]
    near = await socket.call("resume", {"last_seq": head - 400})
    assert seqs(near["items"])[:400] == list(range(head - 399, head + 1))
    _, caught_up = await connected(desk, last_seq=head - 10)
    await caught_up.next("feed")


async def test_what_is_private_keeps_only_its_place(desk: Whole) -> None:
    _, socket = await connected(desk)
    last = (await socket.next("hello"))["head_seq"]
    async with desk.desk.units.write() as work:
        secret = {"email": "who@private.test"}
        work.record(Kind.SESSION_FAILED, reason="bad credentials", data=secret, contact_id=uuid4())
    await until(lambda: any(item["seq"] > last for item in socket.feed()))
    resumed = await socket.call("resume", {"last_seq": last})
    for item in (
        next(i for i in socket.feed() if i["seq"] == last + 1),
        next(i for i in resumed["items"] if i["seq"] == last + 1),
    ):
        assert item["kind"] == "other"
        assert (item["reason"], item["data"], item["changes"]) == ("", {}, {})
        assert item["actor"] == {"kind": "system", "id": None, "name": ""}
        assert (item["ticket_id"], item["contact_id"], item["message_id"]) == (None, None, None)


async def test_who_may_not_see_tickets_gets_no_socket(desk: Whole) -> None:
    editor = await desk.person("editor")
    agent = await desk.person()
    narrow = await desk.token(agent, ["contacts.read"])
    attempts: list[dict[str, Any]] = [
        {},
        {"token": "wrong"},
        {"token": 5},
        {"token": await desk.token(editor)},
        {"token": narrow},
    ]
    for auth in attempts:
        with pytest.raises(Refused):
            await desk.socket("/agent", auth)
    with pytest.raises(Refused):
        await desk.socket("/agent", {}, cookie="parley_session=" + "x" * 43)


async def test_an_ended_session_loses_its_socket(desk: Whole) -> None:
    person = await desk.person()
    async with desk.desk.units.write() as work:
        made = await api_tokens.create(work, person.id, person.role, "soon revoked")
    socket = await desk.socket("/agent", {"token": made.secret})
    await socket.next("hello")
    client = desk.client(made.secret)
    tokens = (await client.get("/api/v1/tokens")).json()["items"]
    (mine,) = [token for token in tokens if token["name"] == "soon revoked"]
    assert (await client.delete(f"/api/v1/tokens/{mine['id']}")).status_code == 204
    await until(lambda: not socket.client.connected)
    with pytest.raises(Refused):
        await desk.socket("/agent", {"token": made.secret})
    # An agent who may do less from now on loses it, too.
    other, theirs = await connected(desk)
    async with desk.desk.units.write() as work:
        await work.session.execute(update(Agent).where(Agent.id == other.id).values(active=False))
        work.record(Kind.AGENT_CHANGED, data={"agent_id": str(other.id)})
    await until(lambda: not theirs.client.connected)


async def test_online_until_the_last_tab_is_closed(desk: Whole) -> None:
    _, client = await desk.agent()
    _, watcher = await connected(desk)
    person, first = await connected(desk)
    second = await desk.socket("/agent", {"token": await desk.token(person)})
    await second.next("hello")

    async def online() -> bool:
        items = (await client.get("/api/v1/agents")).json()["items"]
        return next(bool(item["online"]) for item in items if item["id"] == str(person.id))

    def told() -> list[bool]:
        news = watcher.all("presence")
        return [one["online"] for one in news if one["agent_id"] == str(person.id)]

    assert await online()
    await first.close()
    await asyncio.sleep(0.2)
    assert await online()
    assert False not in told()
    desk.clock.forward(seconds=80)
    await desk.desk.vigil.look()
    desk.clock.forward(seconds=80)
    assert await online()  # without a word from the client
    await second.close()
    await until(lambda: told()[-1] is False)
    assert not await online()


async def test_viewers_hear_of_each_other(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    ticket = (await desk.wrote(inbox))["id"]
    ann, first = await connected(desk)
    ben, second = await connected(desk)
    _, elsewhere = await connected(desk)
    assert await first.call("view", {"ticket_id": ticket, "mode": "viewing"}) == {"ok": True}
    await second.call("view", {"ticket_id": ticket, "mode": "replying"})
    assert (await first.next("who"))["ticket_id"] == ticket
    seen = await first.next("view")
    assert (seen["agent_id"], seen["mode"]) == (str(ben.id), "replying")
    await first.call("view", {"ticket_id": ticket, "mode": "noting"})  # the answer to `who`
    assert (await second.next("view"))["agent_id"] == str(ann.id)
    await second.call("unview", {"ticket_id": ticket})
    await first.next("unview", lambda gone: gone["agent_id"] == str(ben.id))
    await second.call("view", {"ticket_id": ticket, "mode": "viewing"})
    await second.close()
    await until(lambda: len(first.all("unview")) == 2)
    assert not {"view", "unview", "who"} & {name for name, _ in elsewhere.heard}


FRAMES: list[tuple[str, Any]] = [
    ("resume", None),
    ("resume", {}),
    ("resume", {"last_seq": "1"}),
    ("resume", {"last_seq": True}),
    ("resume", [1]),
    ("view", {"ticket_id": "x", "mode": "viewing"}),
    ("view", {"ticket_id": str(uuid4()), "mode": []}),
    ("view", {"ticket_id": str(uuid4()), "mode": {}}),
    ("view", "x" * 10_000),
    ("unview", 5),
    ("typing", {"ticket_id": str(uuid4()), "on": "yes"}),
    ("nonsense", {}),
    ("connect", {}),
    ("disconnect", "bye"),
    ("resume", (1, 2, 3)),
]


async def test_no_frame_breaks_the_socket(desk: Whole) -> None:
    _, socket = await connected(desk)
    for event, data in FRAMES:
        answer = await socket.call(event, data)
        assert answer["error"]["code"] == "invalid", (event, data)
    transport = socket.client.eio
    for packet in ("2/agent,[", "2/agent,{}", '2/agent,["resume"]', "9", "2/agent,7[]", "garbage"):
        await transport.send(packet)
    head = await socket.call("resume", {"last_seq": (await socket.next("hello"))["head_seq"]})
    assert head["reset"] is False


async def test_a_huge_frame_costs_its_sender_alone(desk: Whole) -> None:
    _, fine = await connected(desk)
    _, socket = await connected(desk)
    await socket.client.emit("view", {"ticket_id": "x" * 400_000}, namespace="/agent")
    assert (await fine.call("alive"))["ok"]
