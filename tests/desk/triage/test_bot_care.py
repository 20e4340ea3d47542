"""Looking after the bot: the wrong-answer rate, settings of an inbox, forms, the test console."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from desk.bot.models import BotConversation, BotTurn
from desk.tickets.models import Message, Ticket
from tests.desk.core.test_widget_socket import say, visitor
from tests.desk.triage.conftest import BotDesk
from tests.desk.triage.test_bot_lessons import call

ORDER = {
    "intent": "track_order",
    "fields": [
        {
            "name": "order",
            "kind": "order_number",
            "pattern": "FS-#####",
            "example": "FS-10000",
            "labels": {"en": "Order", "zh": "订单号"},
        },
        {
            "name": "place",
            "kind": "choice",
            "labels": {"en": "Where to", "zh": "送到哪里"},
            "options": [
                {"value": "home", "labels": {"en": "My home", "zh": "家里"}},
                {"value": "shop", "labels": {"en": "A shop", "zh": "商店"}},
            ],
        },
    ],
}
BEHAVIOUR: dict[str, Any] = {"enabled": True, "name": "Robin", "engine": "embedded", "forms": []}


async def test_another_wrong_answer_rate_moves_the_thresholds_at_once(bot: BotDesk) -> None:
    before = await call(bot.lead, "GET", "/defaults")
    assert before["wrong_rate"] == 0.02
    rates = [one["rate"] for one in before["outlook"]]
    assert rates == sorted(rates)
    assert {0.005, 0.02, 0.10} <= set(rates)
    everything = [one["languages"][0] for one in before["outlook"]]
    assert everything[0]["answered"] <= everything[-1]["answered"]
    assert everything[0]["threshold"] >= everything[-1]["threshold"]
    inbox = await bot.chat()
    body = {"inbox_id": str(inbox.id), "text": "Where is my parcel?"}
    try:
        chosen = {"wrong_rate": 0.10, "return_days": 7}
        after = await call(bot.lead, "PUT", "/defaults", chosen)
        assert (after["wrong_rate"], after["return_days"]) == (0.10, 7)
        tried = await call(bot.lead, "POST", "/try", body)
        expected = next(one for one in before["outlook"] if one["rate"] == 0.10)
        threshold = expected["languages"][0]["threshold"]
        assert abs(tried["why"]["threshold"] - threshold) < 0.001
        models = await call(bot.lead, "GET", "/models")
        (current,) = [one for one in models if one["current"]]
        assert current["report"]["thresholds"]["wrong_rate"] == 0.10
        assert (await call(bot.lead, "GET", "/funnel"))["within_days"] == 7
    finally:
        await call(bot.lead, "PUT", "/defaults", {"wrong_rate": 0.02, "return_days": 3})
    refused = await call(bot.lead, "PUT", "/defaults", {"wrong_rate": 2, "return_days": 3}, 422)
    assert "wrong_rate" in str(refused)


async def test_the_report_says_what_foreign_questions_and_slow_ones_do(bot: BotDesk) -> None:
    models = await call(bot.lead, "GET", "/models")
    report = next(one for one in models if one["current"])["report"]
    assert report["foreign"]["questions"] == 16
    assert report["foreign"]["answered"] <= 0.125
    assert report["speed"]["questions"] >= 10
    assert 0 < report["speed"]["median"] <= report["speed"]["p95"]
    assert report["speed"]["slowest"][0]["text"]


async def test_the_console_answers_with_its_reasons_and_writes_nothing(bot: BotDesk) -> None:
    inbox = await bot.chat()

    async def rows() -> list[int]:
        async with bot.whole.desk.units.read() as session:
            return [
                await session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Message, Ticket, BotTurn, BotConversation)
            ]

    before = await rows()
    asked = {"inbox_id": str(inbox.id), "text": "איפה החבילה שלי?"}
    found = await call(bot.lead, "POST", "/try", asked)
    why = found["why"]
    assert why["language"][0]["name"] == "he"
    assert why["intents"][0]["name"] == "track_order"
    assert sum(one["chance"] for one in why["intents"]) <= 1.001
    assert why["neighbours"][0] == {
        "text": "איפה החבילה שלי?",
        "intent": "track_order",
        "similarity": 1.0,
    }
    assert why["threshold"] > 0
    assert why["milliseconds"] > 0
    assert why["reason_text"]
    human = {"inbox_id": str(inbox.id), "text": "נציג אנושי בבקשה", "context": found["context"]}
    handed = await call(bot.lead, "POST", "/try", human)
    assert (handed["why"]["rule"], handed["silent"], handed["language"]) == (
        "hand_over:wanted",
        True,
        "he",
    )
    assert await rows() == before
    mail = await call(bot.lead, "POST", "/try", asked | {"channel": "sms"})
    assert all(not one["buttons"] for one in mail["bubbles"])
    await call(bot.lead, "POST", "/try", asked | {"channel": "semaphore"}, 422)
    await call(bot.lead, "POST", "/try", asked | {"context": {"state": "lost"}}, 422)


async def test_an_order_number_in_a_chinese_sentence_fills_the_form(bot: BotDesk) -> None:
    inbox = await bot.chat()
    setting = BEHAVIOUR | {"forms": [ORDER], "languages": ["zh", "en"]}
    saved = await call(bot.lead, "PUT", f"/inboxes/{inbox.id}", setting)
    assert saved["languages"] == ["zh", "en"]
    socket, _ = await visitor(bot.whole, inbox)
    said = await say(socket, "Where is my parcel?")
    ticket = {"id": said["conversation"]["id"]}
    await bot.whole.settled()
    if "order number" not in "\n".join(await bot.said(ticket)):
        # Little was taught: the bot asks which matter is meant.
        await say(socket, "track order", ticket["id"])
        await bot.whole.settled()
    for answer in ("我的订单号是FS-48213还没有收到货", "商店", "是"):
        await say(socket, answer, ticket["id"])
        await bot.whole.settled()
    told = "\n".join(await bot.said(ticket))
    assert "送到哪里" in told
    assert "订单号: FS-48213" in told
    part = await bot.part(ticket)
    assert part["card"]["values"] == {"order": "FS-48213", "place": "shop"}
    assert part["card"]["reason"] == "form"


async def test_a_form_is_previewed_as_customers_would_see_it(bot: BotDesk) -> None:
    body = {
        "form": ORDER | {"account": True},
        "said": ["我的订单FS-48213在哪里？", "1", "是"],
        "language": "zh",
    }
    bubbles = (await call(bot.lead, "POST", "/forms/preview", body))["bubbles"]
    assert [one["author"] for one in bubbles][:2] == ["customer", "bot"]
    assert "送到哪里" in bubbles[1]["text"]
    assert [one["title"] for one in bubbles[1]["buttons"]] == ["家里", "商店"]
    assert "FS-48213" in bubbles[3]["text"]
    assert "家里" in bubbles[3]["text"]


async def test_a_form_that_cannot_work_is_refused_by_field(bot: BotDesk) -> None:
    inbox = await bot.chat()

    async def refused(**changes: Any) -> str:
        form = {"intent": "track_order", "fields": [{"name": "order", "kind": "text"} | changes]}
        body = BEHAVIOUR | {"forms": [form]}
        return str(await call(bot.lead, "PUT", f"/inboxes/{inbox.id}", body, 422))

    assert "such as FS-#####" in await refused(pattern="#" * 99, example="1")
    assert "does not match" in await refused(pattern="FS-##", example="FS-1")
    assert "write one that does" in await refused(pattern="FS-##")
    assert "2 to 9" in await refused(kind="choice", options=[{"value": "one"}])
    assert "no language" in await refused(labels={"xx": "?"})
    assert "small letters" in await refused(name="Order No")
    assert "kind" in await refused(kind="colour")


async def test_own_greeting_and_no_choices_where_an_editor_says_so(bot: BotDesk) -> None:
    setting = BEHAVIOUR | {"greetings": {"he": "ברוכים הבאים לחנות!"}, "offered": 0}
    inbox = await bot.chat()
    await call(bot.lead, "PUT", f"/inboxes/{inbox.id}", setting)
    assert await bot.said(await bot.asks(inbox, "שלום")) == ["ברוכים הבאים לחנות!"]
    tried = await call(
        bot.lead, "POST", "/try", {"inbox_id": str(inbox.id), "text": "my order or gift card"}
    )
    assert tried["why"]["outcome"] != "offered"


async def test_a_bot_for_closed_hours_leaves_the_open_ones_to_people(bot: BotDesk) -> None:
    inbox = await bot.chat()
    await call(bot.lead, "PUT", f"/inboxes/{inbox.id}", BEHAVIOUR | {"hours": "closed"})
    assert await bot.said(await bot.asks(inbox, "Do you sell gift cards?")) == []
    await call(bot.lead, "PUT", f"/inboxes/{inbox.id}", BEHAVIOUR | {"hours": "always"})
    assert await bot.said(await bot.asks(inbox, "Do you sell gift cards?"))
    wrong = BEHAVIOUR | {"hours": "sometimes"}
    assert "always" in str(await call(bot.lead, "PUT", f"/inboxes/{inbox.id}", wrong, 422))


async def test_the_chats_button_for_a_person_keeps_the_language(bot: BotDesk) -> None:
    inbox = await bot.chat()
    ticket = await bot.asks(inbox, "איפה החבילה שלי? אני מחכה כבר שבוע.", "button")
    before = len(await bot.said(ticket))
    await bot.asks(inbox, "I would like to talk to a person.", "button")
    told = (await bot.said(ticket))[before:]
    assert len(told) == 1
    assert any("\u05d0" <= letter <= "\u05ea" for letter in told[0]), told
    card = (await bot.part(ticket))["card"]
    assert (card["language"], card["reason"]) == ("he", "wanted")
