"""Deflection that counts only customers who did not come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from desk.contacts import service as contacts
from desk.contacts.models import Contact
from desk.triage.bot_funnel import Talk, count
from tests.desk.triage.conftest import BotDesk

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


def talk(days_ago: float, **fields: bool) -> Talk:
    known = {"answered": True, "helped": False, "escalated": False, **fields}
    return Talk(uuid4(), uuid4(), ended_at=NOW - timedelta(days=days_ago), **known)


def test_only_who_stays_away_was_deflected() -> None:
    back, late, away = talk(10), talk(10), talk(10)
    talks = [back, late, away, talk(1), talk(10, escalated=True), talk(10, answered=False)]
    written = {
        back.contact_id: [NOW - timedelta(days=8)],
        late.contact_id: [NOW - timedelta(days=1)],  # another matter: the three days are over
        away.contact_id: [NOW - timedelta(days=11)],  # the question itself
    }
    found = count(talks, written, NOW)
    assert (found.asked, found.answered, found.escalated) == (6, 5, 1)
    assert (found.deflected, found.came_back, found.undecided) == (2, 1, 1)
    assert found.deflection == pytest.approx(2 / 5)


def test_nothing_decided_is_no_rate() -> None:
    assert count([talk(1)], {}, NOW).deflection is None
    assert count([], {}, NOW).deflection is None


async def test_coming_back_on_another_channel_counts_against_it(bot: BotDesk) -> None:
    before = await bot.get("/bot/funnel", days=366)
    inbox = await bot.chat()
    ticket = await bot.asks(inbox, "Do you sell gift cards?", "zora")
    asked = await bot.get("/bot/funnel", days=366)
    assert asked["asked"] == before["asked"] + 1
    assert asked["undecided"] == before["undecided"] + 1
    mails = await bot.whole.mail_inbox()
    async with bot.whole.desk.units.write() as work:
        contact = await work.session.get_one(Contact, UUID(ticket["contact"]["id"]))
        await contacts.add_identity(
            work, contact, "email", "zora@customer.test", evidence="said so in the chat"
        )
    await bot.whole.wrote(mails, "zora@customer.test", "Still about gift cards")
    after = await bot.get("/bot/funnel", days=366)
    assert after["came_back"] == before["came_back"] + 1
    assert after["undecided"] == before["undecided"]


async def test_who_may_see_and_change_the_bot(bot: BotDesk) -> None:
    inbox = await bot.whole.chat_inbox()
    path = f"/api/v1/bot/inboxes/{inbox.id}"
    _, agent = await bot.whole.agent("agent")
    for answer in (
        await agent.get("/api/v1/bot/funnel"),
        await agent.put(path, json={"enabled": True}),
        await agent.post("/api/v1/bot/trainings", json={}),
    ):
        assert answer.status_code == 403
    bad = await bot.lead.put(path, json={"enabled": True, "engine": "oracle"})
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["field"] == "engine"
    put = await bot.lead.put(path, json={"enabled": True, "name": "Robin"})
    assert put.status_code == 200, put.text
    config = (await bot.whole.client().get(f"/api/widget/v1/config/{inbox.address}")).json()
    assert (config["bot"], config["features"]["bot"]) == ({"name": "Robin"}, True)


async def test_a_former_model_can_be_put_back_in_force(bot: BotDesk) -> None:
    (first, *_) = [one for one in await bot.get("/bot/models") if one["current"]]
    assert first["report"]["overall"]["questions"] > 0
    await bot.post("/bot/trainings", status=202)
    await bot.whole.settled(120)
    (training, *_) = await bot.get("/bot/trainings")
    assert training["state"] in {"done", "kept"}, training
    assert training["verdict"]
    assert training["model_id"] not in {None, first["id"]}
    await bot.post(f"/bot/models/{training['model_id']}/use")
    await bot.post(f"/bot/models/{first['id']}/use")
    current = [one["id"] for one in await bot.get("/bot/models") if one["current"]]
    assert current == [first["id"]]
    inbox = await bot.chat()
    ticket = await bot.asks(inbox, "Do you sell gift cards?")
    assert "two years" in (await bot.said(ticket))[0]
    assert str(bot.whole.desk.bot.brain.model_id) == first["id"]
