"""The visitor's side: one's own conversations and no other's, and answers that find their way."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from socketio.exceptions import ConnectionError as Refused

from desk.api.rate_limit import TokenBuckets
from desk.inboxes.models import Inbox
from tests.desk.core.test_messages import new, post
from tests.desk.core.test_ticket_changes import events
from tests.desk.sink import body_of
from tests.desk.whole import SECRET, Socket, Whole, mail, reply, until


async def visitor(desk: Whole, inbox: Inbox, **auth: Any) -> tuple[Socket, dict[str, Any]]:
    socket = await desk.socket("/widget", {"inbox": inbox.address, **auth})
    hello: dict[str, Any] = await socket.next("hello")
    return socket, hello


async def say(socket: Socket, text: str, conversation: str | None = None, **more: Any) -> Any:
    frame = {
        "client_id": str(uuid4()),
        "conversation_id": conversation,
        "text": text,
        "attachment_ids": [],
        **more,
    }
    return await socket.call("send", frame)


def identity(account: str, secret: str = SECRET, **claims: Any) -> str:
    return jwt.encode({"sub": account, "exp": time.time() + 60, **claims}, secret, "HS256")


async def test_a_chat_goes_both_ways(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    _, client = await desk.agent()
    socket, hello = await visitor(desk, inbox)
    assert hello["conversations"] == []
    said = await say(socket, "Hello?", form={"name": "Vera"})
    assert said["message"]["author"] == {"kind": "visitor", "name": "Vera"}
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    asked = {"conversation_id": said["conversation"]["id"], "limit": 10}
    history = await socket.call("history", asked)
    assert [m["state"] for m in history["messages"]] == ["sent"]  # nobody has looked yet
    await post(client, ticket, new("note", "not for Vera"))
    await reply(client, ticket, "Hi Vera")
    heard = await socket.next("message", lambda one: one["message"]["author"]["kind"] == "agent")
    assert (heard["message"]["text"], heard["conversation"]["unread"]) == ("Hi Vera", 1)
    conversation = heard["conversation"]["id"]
    await socket.call("received", {"conversation_id": conversation, "seq": 3})
    await socket.call("read", {"conversation_id": conversation, "seq": 3})
    thread = (await client.get(f"/api/v1/tickets/{ticket['id']}/messages")).json()["items"]
    assert [m["state"] for m in thread] == ["received", "sent", "read"]
    history = await socket.call("history", asked)
    assert [m["text"] for m in history["messages"]] == ["Hello?", "Hi Vera"]
    await client.put(f"/api/v1/tickets/{ticket['id']}/read", json={"seq": 3})
    history = await socket.call("history", asked)
    assert [m["state"] for m in history["messages"]] == ["read", "read"]
    resumed = await socket.call("resume", {"conversation_id": conversation, "last_seq": 0})
    assert [m["state"] for m in resumed["messages"]] == ["read", "read"]
    assert not [m for m in socket.all("message") if "not for" in m["message"]["text"]]


async def test_what_is_said_first_comes_first_and_once(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    socket, _ = await visitor(desk, inbox)
    first = await say(socket, "start")
    conversation = first["conversation"]["id"]
    frames = [
        {"client_id": str(uuid4()), "conversation_id": conversation, "text": str(number)}
        for number in range(15)
    ]
    answers = await asyncio.gather(
        *(socket.call("send", frame) for frame in (*frames, *frames[:5]))
    )
    assert not [answer for answer in answers if "error" in answer]
    assert [a["message"]["id"] for a in answers[15:]] == [a["message"]["id"] for a in answers[:5]]
    resumed = await socket.call("resume", {"conversation_id": conversation, "last_seq": 1})
    assert [m["text"] for m in resumed["messages"]] == [str(number) for number in range(15)]


async def test_agent_and_visitor_write_at_the_same_time(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    _, client = await desk.agent()
    socket, _ = await visitor(desk, inbox)
    conversation = (await say(socket, "start"))["conversation"]["id"]
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    said = asyncio.gather(*(say(socket, f"v{n}", conversation) for n in range(15)))
    answers = asyncio.gather(*(reply(client, ticket, f"a{n}") for n in range(15)))
    assert not [one for one in await said if "error" in one]
    assert len(await answers) == 15
    thread = (await client.get(f"/api/v1/tickets/{conversation}/messages")).json()["items"]
    assert [message["seq"] for message in thread] == list(range(1, 32))


async def test_an_answer_that_is_held_is_not_shown_before_its_time(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    _, client = await desk.agent()
    socket, _ = await visitor(desk, inbox)
    conversation = (await say(socket, "Hello?"))["conversation"]["id"]
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    held = await reply(client, ticket, "maybe", undo_seconds=20)
    resumed = await socket.call("resume", {"conversation_id": conversation, "last_seq": 0})
    assert [m["text"] for m in resumed["messages"]] == ["Hello?"]
    await client.delete(f"/api/v1/messages/{held['id']}")
    await reply(client, ticket, "surely", undo_seconds=5)
    desk.clock.forward(seconds=25)  # the one taken back kept its place in the queue
    desk.desk.queue.wake()
    await socket.next("message", lambda one: one["message"]["text"] == "surely")
    resumed = await socket.call("resume", {"conversation_id": conversation, "last_seq": 0})
    assert [m["text"] for m in resumed["messages"]] == ["Hello?", "surely"]


async def test_the_token_is_the_visitor(desk: Whole) -> None:
    inbox, other = await desk.chat_inbox(), await desk.chat_inbox()
    socket, hello = await visitor(desk, inbox)
    await say(socket, "mine")
    _, again = await visitor(desk, inbox, token=hello["token"])
    assert [c["last_message"]["text"] for c in again["conversations"]] == ["mine"]
    assert again["token"] != hello["token"]
    for token in ("", "forged", hello["token"][:-4] + "AAAA", 7, "ü" * 50, "x" * 5000):
        _, stranger = await visitor(desk, inbox, token=token)
        assert stranger["conversations"] == [], token
    _, foreign = await visitor(desk, other, token=hello["token"])
    assert foreign["conversations"] == []
    for key in ("", "nokey", None, 5, "\x00", "x" * 1000):
        with pytest.raises(Refused):
            await desk.socket("/widget", {"inbox": key})


async def test_only_a_good_identity_counts(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    socket, hello = await visitor(desk, inbox, identity=identity("u1", email="u1@shop.test"))
    assert hello["visitor"] == {"name": None, "email": "u1@shop.test", "verified": True}
    await say(socket, "as u1")
    _, phone = await visitor(desk, inbox, identity=identity("u1"))
    assert [c["last_message"]["text"] for c in phone["conversations"]] == ["as u1"]
    none = jwt.encode({"sub": "u1", "exp": time.time() + 60}, "", "none")
    bad = [
        none,
        identity("u1", "another secret that is long enough for HS256"),
        identity("u1", exp=time.time() - 120),
        jwt.encode({"sub": "u1"}, SECRET, "HS256"),
        jwt.encode({"exp": time.time() + 60}, SECRET, "HS256"),
        "garbage",
        identity("u1")[:-3],
    ]
    for token in bad:
        with pytest.raises(Refused):
            await visitor(desk, inbox, identity=token)
    # Another account in the same browser is another visitor.
    _, shared = await visitor(desk, inbox, token=hello["token"], identity=identity("u2"))
    assert shared["conversations"] == []


async def test_nobody_reads_or_writes_in_anothers_conversation(desk: Whole) -> None:
    inbox = await desk.chat_inbox(await desk.mail_inbox())
    victim, mine = await visitor(desk, inbox)
    upload = await desk.client().post(
        "/api/widget/v1/files",
        files={"file": ("a.txt", b"private")},
        headers={"Authorization": f"Bearer {mine['token']}"},
    )
    assert upload.status_code == 201, upload.text
    file = upload.json()
    said = await say(victim, "private", attachment_ids=[file["id"]])
    conversation = said["conversation"]["id"]
    spy, theirs = await visitor(desk, inbox)
    proven, _ = await visitor(desk, inbox, identity=identity("spy"))
    frames: list[tuple[str, dict[str, Any]]] = [
        ("resume", {"last_seq": 0}),
        ("history", {"before_seq": 10, "limit": 5}),
        ("typing", {"on": True}),
        ("read", {"seq": 1}),
        ("received", {"seq": 1}),
        ("rate", {"score": 1}),
        ("end", {}),
        ("transcript", {"email": "spy@evil.test"}),
        ("send", {"client_id": str(uuid4()), "text": "let me in", "attachment_ids": []}),
    ]
    for socket in (spy, proven):
        for event, data in frames:
            answer = await socket.call(event, {**data, "conversation_id": conversation})
            assert answer["error"]["code"] == "not-found", event
        assert (await socket.call("conversations", {}))["conversations"] == []
        stolen = await say(socket, "file", attachment_ids=[file["id"]])
        assert stolen["error"]["code"] == "invalid"
    client = desk.client()
    for token, status in ((mine["token"], 200), (theirs["token"], 404), ("", 401), ("x", 401)):
        answer = await client.get(file["url"], params={"token": token})
        assert answer.status_code == status, token
    assert [name for name, _ in spy.heard] == ["hello"]


async def test_files_of_agents_reach_the_visitor_but_not_those_of_notes(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    _, client = await desk.agent()
    socket, hello = await visitor(desk, inbox)
    await say(socket, "Hello?")
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    files = [
        (await client.post("/api/v1/files", files={"file": ("a.txt", b"x")})).json()["id"]
        for _ in range(3)
    ]
    await post(client, ticket, new("note", attachment_ids=[files[0]]))
    await reply(client, ticket, "See", attachment_ids=[files[1]])
    await reply(client, ticket, "Held", attachment_ids=[files[2]], undo_seconds=30)
    got = []
    for one in files:
        path = f"/api/widget/v1/files/{one}"
        got.append((await desk.client().get(path, params={"token": hello["token"]})).status_code)
    assert got == [404, 200, 404]
    heard = await socket.next("message", lambda m: m["message"]["text"] == "See")
    assert heard["message"]["attachments"][0]["url"].startswith("/api/widget/v1/files/")
    closed = await desk.chat_inbox(uploads=False)
    _, other = await visitor(desk, closed)
    for token, status in ((other["token"], 404), ("bad", 401)):
        answer = await desk.client().post(
            "/api/widget/v1/files",
            files={"file": ("a.txt", b"x")},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == status


FRAMES: list[tuple[str, Any]] = [
    ("send", None),
    ("send", []),
    ("send", {}),
    ("send", {"text": "x"}),
    ("send", {"text": "x", "client_id": "1"}),
    ("send", {"text": 5, "client_id": str(uuid4())}),
    ("send", {"text": "   ", "client_id": str(uuid4())}),
    ("send", {"text": "x" * 20_001, "client_id": str(uuid4())}),
    ("send", {"text": "x", "client_id": str(uuid4()), "conversation_id": "x"}),
    ("send", {"text": "x", "client_id": str(uuid4()), "attachment_ids": "x"}),
    ("send", {"text": "x", "client_id": str(uuid4()), "attachment_ids": [str(uuid4())]}),
    ("send", {"text": "x", "client_id": str(uuid4()), "form": "x"}),
    ("send", {"text": "x", "client_id": str(uuid4()), "form": {"email": "nobody"}}),
    ("resume", {"conversation_id": str(uuid4()), "last_seq": "0"}),
    ("resume", {"conversation_id": 5, "last_seq": 0}),
    ("history", {"conversation_id": str(uuid4()), "limit": "x"}),
    ("rate", {"conversation_id": str(uuid4()), "score": 6}),
    ("rate", {"conversation_id": str(uuid4()), "score": True}),
    ("read", {"seq": 1}),
    ("nonsense", {}),
    ("connect", {"inbox": "x"}),
    ("disconnect", {}),
]


async def test_no_frame_breaks_the_chat(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    socket, _ = await visitor(desk, inbox, page="x", locale=5, timezone=["x"])
    for event, data in FRAMES:
        answer = await socket.call(event, data)
        assert answer["error"]["code"] == "invalid", (event, data, answer)
    strange = await say(socket, "a\x00b\u202e", form={"name": "\x00Vera", "email": ""})
    conversation = strange["conversation"]["id"]
    limits = [0, -1, 10**30]
    for limit in limits:
        frame = {"conversation_id": conversation, "limit": limit}
        answer = await socket.call("history", frame)
        assert "messages" in answer or answer["error"]["code"] == "invalid", limit
    named = await socket.call("profile", {"name": "V\x00era", "email": "vera@profile.test"})
    assert named == {"ok": True}
    assert (await say(socket, "still here", conversation))["message"]["seq"] == 2


async def test_who_writes_too_fast_is_told_to_wait_even_after_reconnecting(
    desk: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = await desk.chat_inbox()
    widget = desk.desk.sio.namespace_handlers["/widget"]
    monkeypatch.setattr(widget, "buckets", TokenBuckets(3, 3600.0))
    socket, hello = await visitor(desk, inbox)
    for number in range(3):
        assert "message" in await say(socket, str(number))
    refused = await say(socket, "one too many")
    assert refused["error"]["code"] == "rate-limited"
    assert refused["error"]["retry_after"] > 1000
    again, _ = await visitor(desk, inbox, token=hello["token"])
    assert (await say(again, "another"))["error"]["code"] == "rate-limited"
    other, _ = await visitor(desk, inbox)
    assert "message" in await say(other, "not me")


async def test_ending_rating_and_coming_back(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    _, client = await desk.agent()
    socket, _ = await visitor(desk, inbox)
    conversation = (await say(socket, "Hello?"))["conversation"]["id"]
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    assert await socket.call("end", {"conversation_id": conversation}) == {"ok": True}
    rated = {"conversation_id": conversation, "score": 5, "comment": "good"}
    assert await socket.call("rate", rated) == {"ok": True}
    kinds = {event["kind"]: event for event in await events(client, ticket)}
    assert kinds["ticket.rated"]["changes"] == {"score": [None, 5]}
    assert kinds["ticket.changed"]["reason"] == "the visitor ended the chat"
    back = await say(socket, "One more thing", conversation)
    assert (back["conversation"]["id"], back["conversation"]["status"]) == (conversation, "open")
    await client.patch(f"/api/v1/tickets/{ticket['id']}", json={"status": "closed"})
    new_one = await say(socket, "And another", conversation)
    assert new_one["conversation"]["id"] != conversation


async def test_typing_is_shown_on_both_sides(desk: Whole) -> None:
    inbox = await desk.chat_inbox()
    person = await desk.person()
    agent = await desk.socket("/agent", {"token": await desk.token(person)})
    socket, _ = await visitor(desk, inbox)
    conversation = (await say(socket, "Hello?"))["conversation"]["id"]
    await socket.call("typing", {"conversation_id": conversation, "on": True})
    await agent.next("typing", lambda one: one["ticket_id"] == conversation and one["on"])
    await agent.call("typing", {"ticket_id": conversation, "on": True})
    shown = await socket.next("typing")
    assert shown == {"conversation_id": conversation, "on": True, "name": person.name}


async def test_an_unseen_answer_goes_out_by_mail_and_the_answer_to_it_comes_back(
    desk: Whole,
) -> None:
    fallback = await desk.mail_inbox()
    inbox = await desk.chat_inbox(fallback)
    _, client = await desk.agent()
    socket, hello = await visitor(desk, inbox)
    address = f"vera{fallback.address.partition('@')[0]}@handover.test"
    said = await say(socket, "Hello?", form={"name": "Vera", "email": address})
    conversation = said["conversation"]["id"]
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    await reply(client, ticket, "Seen at once")
    await socket.call("read", {"conversation_id": conversation, "seq": 2})
    await socket.close()
    await reply(client, ticket, "Are you there?")
    await reply(client, ticket, "Held before", undo_seconds=5)
    desk.clock.forward(seconds=6)
    desk.desk.queue.wake()
    await desk.settled()
    assert desk.sink.to(address) == []
    desk.clock.forward(seconds=desk.desk.settings.email_handover_seconds + 1)
    desk.desk.queue.wake()
    await until(lambda: len(desk.sink.to(address)) == 2)
    await desk.settled()
    texts = sorted(body_of(sent).splitlines()[0] for sent in desk.sink.to(address))
    assert texts == ["Are you there?", "Held before"]
    states = (await client.get(f"/api/v1/tickets/{ticket['id']}/messages")).json()["items"]
    assert [m["state"] for m in states] == ["received", "read", "delivered", "delivered"]
    own = desk.sink.to(address)[0]["Message-ID"]
    await desk.deliver(mail(address, fallback.address, text="Yes!", In_Reply_To=own), fallback)
    (row,) = (
        await client.get("/api/v1/tickets", params={"contact": ticket["contact"]["id"]})
    ).json()["items"]
    assert (row["id"], row["last_seq"]) == (ticket["id"], 5)
    back, _ = await visitor(desk, inbox, token=hello["token"])
    resumed = await back.call("resume", {"conversation_id": conversation, "last_seq": 4})
    assert [m["text"].strip() for m in resumed["messages"]] == ["Yes!"]


async def test_a_transcript_holds_what_the_visitor_saw(desk: Whole) -> None:
    inbox = await desk.chat_inbox(await desk.mail_inbox())
    _, client = await desk.agent()
    socket, _ = await visitor(desk, inbox)
    conversation = (await say(socket, "Question"))["conversation"]["id"]
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    await post(client, ticket, new("note", "internal matter"))
    await reply(client, ticket, "Answer")
    await reply(client, ticket, "Held", undo_seconds=30)
    frame = {"conversation_id": conversation, "email": "vera@transcript.test"}
    assert await socket.call("transcript", frame) == {"ok": True}
    await desk.settled()
    text = body_of(desk.sink.to("vera@transcript.test")[-1])
    assert "Question" in text
    assert "Answer" in text
    assert "internal matter" not in text
    assert "Held" not in text
    assert "error" in await socket.call("transcript", {**frame, "email": "nobody"})
