"""The bot's turns: once each, in order, never to machines, never after people took over."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from bot.nlu.embedded import EmbeddedNlu
from desk.tickets.models import Message
from desk.unit_of_work import UnitOfWork
from knowledge_base.models import Citation
from tests.desk.core.test_ticket_lists import patch
from tests.desk.core.test_widget_socket import say, visitor
from tests.desk.triage.conftest import BotDesk
from tests.desk.whole import mail, reply

BODY = """Parcels are on their way quickly.

## With the courier

Deliveries within Norway take **three** working days; abroad it is a week.

## Late parcels

Write to us when a parcel is more than ten days late, and we look for it.
"""


async def article(bot: BotDesk, title: str, body: str, locale: str = "en") -> dict[str, Any]:
    _, editor = await bot.whole.agent("editor")
    made = await editor.post(
        "/api/v1/articles",
        json={"locale": locale, "title": title, "summary": "", "body": body},
    )
    assert made.status_code == 201, made.text
    done = await editor.post(
        f"/api/v1/articles/{made.json()['id']}/locales/{locale}/publish", json={}
    )
    assert done.status_code == 200, done.text
    found: dict[str, Any] = made.json()
    return found


async def test_an_article_answers_with_its_source_and_yes_solves_it(bot: BotDesk) -> None:
    word = f"Zeppelin{uuid4().hex[:6]}"
    made = await article(bot, f"How long a {word} delivery takes", BODY)
    inbox = await bot.chat()
    socket, _ = await visitor(bot.whole, inbox)
    await say(socket, f"How many days does a {word} delivery take?")
    heard = await socket.next("message", lambda one: one["message"]["sources"])
    shown = heard["message"]
    assert "three working days" in shown["text"]
    assert shown["author"] == {"kind": "bot", "name": "Robin"}
    assert shown["sources"][0]["title"] == f"How long a {word} delivery takes"
    assert f"/help/en/articles/how-long-a-{word.lower()}" in shown["sources"][0]["url"]
    asked = await socket.next("message", lambda one: one["message"]["quick_replies"])
    conversation = asked["conversation"]["id"]
    assert asked["conversation"]["unread"] == 2
    ticket = await bot.ticket(conversation)
    assert (ticket["status"], ticket["waiting_since"]) == ("pending", None)
    await say(socket, asked["message"]["quick_replies"][0], conversation)
    await bot.whole.settled()
    assert (await bot.ticket(conversation))["status"] == "resolved"
    async with bot.whole.desk.units.read() as session:
        (cited,) = await session.scalars(
            select(Citation).where(Citation.article_id == UUID(made["id"]))
        )
    assert (cited.source, cited.helped, cited.ticket_id) == ("bot", True, UUID(conversation))
    turns = (await bot.part(ticket))["turns"]
    assert [turn["outcome"] for turn in turns] == ["answered", "helped"]


async def test_an_edit_is_in_the_answer_at_once(bot: BotDesk) -> None:
    word = f"Gondola{uuid4().hex[:6]}"
    made = await article(bot, f"The price of a {word}", f"A {word} costs 100 crowns.")
    inbox = await bot.chat()
    first = await bot.asks(inbox, f"What is the price of a {word}?")
    assert "100 crowns" in (await bot.said(first))[0]
    _, editor = await bot.whole.agent("editor")
    path = f"/api/v1/articles/{made['id']}/locales/en"
    now = (await editor.get(path)).json()
    saved = await editor.put(
        path,
        json={
            "title": now["title"],
            "summary": "",
            "body": f"A {word} costs 250 crowns.",
            "version": now["version"],
        },
    )
    assert saved.status_code == 200, saved.text
    assert (await editor.post(f"{path}/publish", json={})).status_code == 200
    second = await bot.asks(inbox, f"What is the price of a {word}?")
    assert "250 crowns" in (await bot.said(second))[0]


async def test_a_person_at_once_then_silence_until_given_back(bot: BotDesk) -> None:
    inbox = await bot.chat()
    ticket = await bot.asks(inbox, "Where is my parcel?", "vera")
    before = await bot.said(ticket)
    assert before
    ticket = await bot.asks(inbox, "I would like to talk to a person.", "vera")
    told = await bot.said(ticket)
    assert len(told) == len(before) + 1
    assert (ticket["status"], bool(ticket["waiting_since"])) == ("open", True)
    part = await bot.part(ticket)
    assert (part["holds"], part["card"]["reason"], part["card"]["language"]) == (
        False,
        "wanted",
        "en",
    )
    assert "parcel" in part["card"]["summary"]
    await bot.asks(inbox, "Hello? Do you sell gift cards?", "vera")
    assert await bot.said(ticket) == told
    back = await bot.post(f"/tickets/{ticket['id']}/bot/give-back")
    assert (back["holds"], back["card"]) == (True, None)
    assert (await bot.ticket(ticket["id"]))["status"] == "pending"
    await bot.asks(inbox, "Do you sell gift cards?", "vera")
    assert "two years" in " ".join((await bot.said(ticket))[len(told) :])


async def test_answers_in_the_customers_language(bot: BotDesk) -> None:
    inbox = await bot.chat()
    ticket = await bot.asks(inbox, "יש לכם כרטיסי מתנה?")
    assert "תקף לשנתיים" in (await bot.said(ticket))[0]


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}])
async def test_automated_mail_is_never_answered(bot: BotDesk, headers: dict[str, str]) -> None:
    inbox = await bot.on(await bot.whole.mail_inbox())
    letter = mail("robot@machine.test", inbox.address, "Away", "Where is my parcel?", **headers)
    await bot.whole.deliver(letter, inbox)
    ticket = await bot.whole.ticket_of(bot.lead, inbox=str(inbox.id))
    assert await bot.said(ticket) == []
    assert (await bot.part(ticket))["involved"] is False


async def test_a_mail_gets_one_answer_with_the_link_in_it(bot: BotDesk) -> None:
    word = f"Sledge{uuid4().hex[:6]}"
    await article(bot, f"Returning a {word}", f"A {word} goes back within thirty days.")
    inbox = await bot.on(await bot.whole.mail_inbox())
    letter = mail("nina@customer.test", inbox.address, "Question", f"How do I return a {word}?")
    await bot.whole.deliver(letter, inbox)
    ticket = await bot.whole.ticket_of(bot.lead, inbox=str(inbox.id))
    (said,) = await bot.said(ticket)
    assert "thirty days" in said
    assert "/help/en/articles/returning-a-" in said


async def test_no_word_once_an_agent_has_it(bot: BotDesk) -> None:
    inbox = await bot.chat()
    agent, client = await bot.whole.agent()
    taken = await bot.asks(inbox, "Where is my parcel?", "one")
    said = await bot.said(taken)
    await patch(client, taken, assignee_id=str(agent.id))
    await bot.asks(inbox, "Do you sell gift cards?", "one")
    assert await bot.said(taken) == said
    answered = await bot.asks(inbox, "Where is my parcel?", "two")
    said = await bot.said(answered)
    await reply(client, answered, "I am looking into it.")
    await bot.asks(inbox, "Do you sell gift cards?", "two")
    assert await bot.said(answered) == said


async def test_a_turn_taken_again_says_nothing_twice(bot: BotDesk) -> None:
    inbox = await bot.chat()
    ticket = await bot.asks(inbox, "Do you sell gift cards?")
    (inbound, *_) = await bot.thread(ticket)
    before = await bot.said(ticket)

    async def done(_: UnitOfWork) -> None:
        return

    walk = bot.whole.desk.bot
    await asyncio.gather(*(walk.take(UUID(inbound["id"]), done) for _ in range(4)))
    assert await bot.said(ticket) == before


async def test_killed_before_the_commit_the_turn_is_taken_once(
    bot: BotDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = await bot.chat()
    walk = bot.whole.desk.bot
    killed: list[Any] = []
    write = type(walk)._write

    async def dies(self: Any, work: UnitOfWork, *rest: Any) -> bool:
        said = await write(self, work, *rest)
        if not killed:
            killed.append(await work.session.scalar(select(func.count(Message.id))))
            raise ConnectionError("killed")
        return said

    monkeypatch.setattr(type(walk), "_write", dies)
    ticket = await bot.asks(inbox, "Do you sell gift cards?")
    bot.whole.clock.forward(seconds=5)
    bot.whole.desk.queue.wake()
    await bot.whole.settled()
    assert killed
    said = await bot.said(ticket)
    assert len([text for text in said if "two years" in text]) == 1
    assert len((await bot.part(ticket))["turns"]) == 1


async def test_an_engine_that_fails_hands_over(
    bot: BotDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = await bot.chat()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the model is broken")

    monkeypatch.setattr(EmbeddedNlu, "parse", broken)
    ticket = await bot.asks(inbox, "איפה החבילה שלי בבקשה?")
    (said,) = await bot.said(ticket)
    assert any("\u0590" < letter < "\u05ff" for letter in said)  # told in Hebrew
    part = await bot.part(ticket)
    assert (part["holds"], part["turns"][0]["reason"]) == (False, "failed")
    assert ticket["status"] == "open"


async def test_when_every_attempt_fails_people_take_over(
    bot: BotDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = await bot.chat()

    async def broken(*_: object) -> None:
        raise ConnectionError("the database hiccups")

    with monkeypatch.context() as patched:
        patched.setattr(type(bot.whole.desk.bot), "_think", broken)
        ticket = await bot.asks(inbox, "Where is my parcel?")
        for _ in range(3):
            bot.whole.clock.forward(seconds=10)
            bot.whole.desk.queue.wake()
            await bot.whole.settled()
    assert len(await bot.said(ticket)) == 1
    assert (await bot.part(ticket))["card"]["reason"] == "unsure"


async def test_quick_messages_are_answered_in_their_order(bot: BotDesk) -> None:
    inbox = await bot.chat()
    socket, _ = await visitor(bot.whole, inbox)
    first = await say(socket, "Hello!")
    conversation = first["conversation"]["id"]
    await asyncio.gather(
        *(say(socket, text, conversation) for text in ("Do you sell gift cards?", "thank you!"))
    )
    await bot.whole.settled()
    turns = (await bot.part({"id": conversation}))["turns"]
    inbound = [
        one["id"] for one in await bot.thread({"id": conversation}) if one["kind"] == "inbound"
    ]
    assert [turn["message_id"] for turn in turns] == inbound


async def test_without_the_switch_nobody_answers(bot: BotDesk) -> None:
    inbox = await bot.on(await bot.whole.chat_inbox(), enabled=False)
    ticket = await bot.asks(inbox, "Do you sell gift cards?")
    assert await bot.said(ticket) == []


async def test_a_wrong_source_is_marked_once_and_by_agents_only(bot: BotDesk) -> None:
    word = f"Kayak{uuid4().hex[:6]}"
    await article(bot, f"Where a {word} floats", f"A {word} floats on lakes.")
    inbox = await bot.chat()
    ticket = await bot.asks(inbox, f"Where does a {word} float?")
    (turn,) = (await bot.part(ticket))["turns"]
    body = {"turn_id": turn["id"], "source_id": turn["sources"][0]["id"]}
    path = f"/tickets/{ticket['id']}/bot/wrong-source"
    marked = await bot.post(path, body)
    assert marked["turns"][0]["sources"][0]["wrong"] is True
    assert (await bot.post(path, body))["turns"][0]["sources"][0]["wrong"] is True
    _, editor = await bot.whole.agent("editor")
    assert (await editor.post(f"/api/v1{path}", json=body)).status_code == 403
    assert (await bot.whole.client().get(f"/api/v1/tickets/{ticket['id']}/bot")).status_code == 401
