"""Webhooks: signed or refused, stored before they are answered, each part once, nothing lost."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from desk.inboxes.models import Inbox
from desk.intake.models import RawInbound
from tests.desk.core.test_intake import raws, tickets
from tests.desk.core.test_messages import thread
from tests.desk.whole import Whole


def letter(sender: str, text: str = "Coo", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "from": sender, "text": text, **more}


async def reread(desk: Whole, inbox: Inbox) -> Inbox:
    async with desk.desk.units.read() as session:
        return await session.get_one(Inbox, inbox.id, populate_existing=True)


async def test_a_batch_is_stored_in_parts_and_answered_as_the_channel_says(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    batch = [letter(f"bird{number % 3}", f"{number}") for number in range(50)]
    answer = await desk.webhook(inbox, *batch)
    assert (answer.status_code, answer.content) == (202, b"coo")
    rows = await raws(desk, inbox)  # answered, whether they are processed yet or not
    assert [row.external_id for row in rows] == [item["id"] for item in batch]
    again = await desk.webhook(inbox, *batch, *batch[:5])
    assert again.status_code == 202
    await desk.settled()
    rows = await raws(desk, inbox)
    assert (len(rows), {row.state for row in rows}) == (50, {"done"})
    found = await tickets(client, inbox)
    threads = [await thread(client, ticket) for ticket in found]
    said = sorted([int(message["text"]) for message in one] for one in threads)
    assert said == [list(range(bird, 50, 3)) for bird in range(3)]
    assert (await reread(desk, inbox)).inbound_at is not None


async def test_another_content_under_a_known_id_is_another_message(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    one = letter("forger", "the first")
    other = {**one, "text": "the second"}
    await desk.flies(inbox, one, other)
    await desk.flies(inbox, other, one)
    assert len(await raws(desk, inbox)) == 2
    _, client = await desk.agent()
    (ticket,) = await tickets(client, inbox)
    assert {m["text"] for m in await thread(client, ticket)} == {"the first", "the second"}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x-ring": "wrong"}, 401, "signature"),
        ({"x-ring": ""}, 401, "signature"),
        ({"x-ring": "explode"}, 400, "unreadable"),
    ],
)
async def test_what_is_not_signed_is_refused_without_a_word_and_not_stored(
    desk: Whole, headers: dict[str, str], status: int, code: str
) -> None:
    inbox = await desk.pigeon_inbox()
    answer = await desk.webhook(inbox, letter("nobody"), body=None, **headers)
    assert answer.status_code == status
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == (code, problem["title"])
    assert await raws(desk, inbox) == []
    noted = await reread(desk, inbox)
    assert noted.inbound_error.startswith("A webhook")
    # Once a minute at most: strangers must not make the desk write.
    first = noted.inbound_error_at
    await desk.webhook(inbox, letter("nobody"), body=None, **headers)
    assert (await reread(desk, inbox)).inbound_error_at == first
    metrics = (await desk.client().get("/metrics")).text
    assert f'desk_webhooks_total{{channel="pigeon",outcome="{code}"}}' in metrics


async def test_who_is_not_there_and_who_is_switched_off(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    chat = await desk.chat_inbox()
    client = desk.client(**{"x-ring": "coo coo"})
    for path in (
        f"/webhooks/pigeon/{uuid4()}",
        f"/webhooks/nothing/{inbox.id}",
        f"/webhooks/whatsapp/{inbox.id}",
        f"/webhooks/webchat/{chat.id}",
        "/webhooks/pigeon/not-an-id",
    ):
        assert (await client.post(path, json=[])).status_code == 404, path
    async with desk.desk.units.write() as work:
        await work.session.execute(update(Inbox).where(Inbox.id == inbox.id).values(active=False))
    assert (await client.post(f"/webhooks/pigeon/{inbox.id}", json=[])).status_code == 410
    assert (await client.put(f"/webhooks/pigeon/{inbox.id}", json=[])).status_code == 405
    assert (await client.head(f"/webhooks/pigeon/{inbox.id}")).status_code == 200
    assert (await client.head(f"/webhooks/webchat/{inbox.id}")).status_code == 404


async def test_a_provider_that_asks_whether_we_are_here_is_answered_under_our_public_name(
    desk: Whole,
) -> None:
    inbox = await desk.pigeon_inbox()
    client = desk.client(host="inside.test")
    path = f"/webhooks/pigeon/{inbox.id}?ring=coo%20coo&x=%C3%A9"
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.text == desk.desk.settings.public_url + path
    assert (await client.get(f"/webhooks/pigeon/{inbox.id}?ring=no")).status_code == 401
    assert await raws(desk, inbox) == []


async def test_what_cannot_be_split_or_named_is_kept_whole(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    for body in (b"unsplittable", b"[{]", b"\xff\x00", b"", b'["no object"]'):
        for _ in range(2):
            assert (await desk.webhook(inbox, body=body)).status_code == 202
    await desk.settled()
    rows = await raws(desk, inbox)
    assert [row.payload for row in rows] == [
        b"unsplittable",
        b"[{]",
        b"\xff\x00",
        b"",
        b'["no object"]',
    ]
    assert {row.state for row in rows} <= {"failed", "done"}
    assert all(row.error for row in rows if row.state == "failed")


async def test_one_bad_part_costs_the_others_nothing(
    desk: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    bad = {"id": str(uuid4()), "from": "flock", "status": "no such state"}
    await desk.flies(inbox, letter("flock", "one"), {"id": "x", "from": "flock", "at": "no"}, bad,
                     letter("flock", "two"))  # fmt: skip
    (ticket,) = await tickets(client, inbox)
    assert [m["text"] for m in await thread(client, ticket)] == ["one", "two"]


async def test_no_password_lies_about_in_the_stored_headers(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    await desk.webhook(
        inbox, letter("spy"), authorization="Bearer abc", x_secret_token="x", x_kept="yes"
    )
    async with desk.desk.units.read() as session:
        headers = await session.scalar(
            select(RawInbound.headers).where(RawInbound.inbox_id == inbox.id)
        )
    assert headers is not None
    assert headers["x_kept"] == "yes"
    assert not {"authorization", "x_secret_token", "x-ring"} & headers.keys()


async def test_a_body_that_is_too_large_is_refused(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    limit = desk.desk.settings.max_message_bytes
    answer = await desk.webhook(inbox, body=b"x" * (limit + 1))
    assert answer.status_code == 413


async def test_eight_at_once_with_duplicates(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    letters = [letter(f"many{n % 7}", str(n), at=1_750_000_000 + n) for n in range(140)]
    batches = [letters[start : start + 20] for start in range(0, 140, 20)]
    answers = await asyncio.gather(
        *(desk.webhook(inbox, *batch) for batch in (*batches, *reversed(batches)))
    )
    assert {answer.status_code for answer in answers} == {202}
    await desk.settled(40)
    found = await tickets(client, inbox)
    assert len(found) == 7
    for ticket in found:
        texts = [int(m["text"]) for m in await thread(client, ticket)]
        assert texts == sorted(texts)
        assert len(texts) == 20
