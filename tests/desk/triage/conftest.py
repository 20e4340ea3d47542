"""A desk whose bot has learnt a little of a shop, for real."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest

from channels.contract import Address, InboundMessage
from desk.bot import service as bots
from desk.inboxes.models import Inbox
from desk.intake import service as intake
from desk.triage import bot_train
from tests.desk.core.conftest import desk
from tests.desk.whole import Whole

__all__ = ["desk"]

API = "/api/v1"
COUNT = itertools.count(1)
INTENTS = {
    "track_order": [
        "Where is my parcel?",
        "When will my order arrive?",
        "Track my delivery",
        "My package has not come yet",
        "איפה החבילה שלי?",
        "מתי ההזמנה שלי תגיע?",
    ],
    "cancel_order": [
        "Cancel my order",
        "I want to cancel what I bought",
        "Please stop my order, I changed my mind",
        "Can I still cancel the purchase?",
        "אני רוצה לבטל את ההזמנה",
        "תבטלו לי את הקנייה",
    ],
    "gift_card": [
        "Do you sell gift cards?",
        "How do I use a gift card?",
        "Can I buy a voucher for a friend?",
        "My gift card does not work",
        "יש לכם כרטיסי מתנה?",
        "איך משתמשים בשובר מתנה?",
    ],
}
ANSWERS = {
    "gift_card": {"en": "Gift cards are good for two years.", "he": "כרטיס מתנה תקף לשנתיים."}
}


@dataclass
class BotDesk:
    """The desk, a lead, and ways to talk to its bot."""

    whole: Whole
    lead: httpx.AsyncClient
    inboxes: list[Inbox] = field(default_factory=list)

    async def chat(self, **setting: Any) -> Inbox:
        """A chat with the bot switched on."""
        return await self.on(await self.whole.chat_inbox(), **setting)

    async def on(self, inbox: Inbox, **setting: Any) -> Inbox:
        async with self.whole.desk.units.write() as work:
            await bots.configure(work, inbox.id, **{"enabled": True, "name": "Robin", **setting})
        self.inboxes.append(inbox)
        return inbox

    async def asks(self, inbox: Inbox, text: str, sender: str = "", **more: Any) -> dict[str, Any]:
        """A customer writes; the ticket once the bot has had its turn."""
        number = next(COUNT)
        visitor = sender or f"visitor{number}"
        kind = {"webchat": "webchat", "email": "email"}.get(inbox.channel, inbox.channel)
        from sqlalchemy import select

        from desk.tickets.models import Ticket

        async with self.whole.desk.units.write() as work:
            ticket = await work.session.scalar(
                select(Ticket).where(Ticket.inbox_id == inbox.id, Ticket.visitor == visitor)
            )
            if ticket is not None:
                await work.session.refresh(ticket, with_for_update=True)
            accepted = await intake.accept(
                work,
                inbox,
                InboundMessage(
                    channel=inbox.channel,
                    sender=Address(kind, visitor),
                    external_id=f"bot-{number}",
                    text=text,
                    **more,
                ),
                conversation=ticket,
            )
        await self.whole.settled()
        return await self.ticket(str(accepted.ticket.id))

    async def ticket(self, ticket_id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.get(f"/tickets/{ticket_id}")
        return found

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.lead.get(f"{API}{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.lead.post(f"{API}{path}", json=body if body is not None else {})
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def thread(self, ticket: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.get(f"/tickets/{ticket['id']}/messages"))["items"]
        return found

    async def said(self, ticket: dict[str, Any]) -> list[str]:
        """What the bot said, in order."""
        return [one["text"] for one in await self.thread(ticket) if one["author"]["kind"] == "bot"]

    async def part(self, ticket: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await self.get(f"/tickets/{ticket['id']}/bot")
        return found


async def teach(whole: Whole) -> None:
    """Store the intents and train on them, by the job."""
    async with whole.desk.units.write() as work:
        for name, texts in INTENTS.items():
            intent = await bots.create_intent(
                work, name, titles={"en": name.replace("_", " ")}, answers=ANSWERS.get(name)
            )
            await bots.add_examples(
                work, intent.id, [("he" if text > "\u0590" else "en", text) for text in texts]
            )
        training = await bot_train.ask(work, "the tests")
    await whole.settled(120)
    async with whole.desk.units.read() as session:
        from desk.bot.models import BotTraining

        row = await session.get_one(BotTraining, training.id)
        assert row.state == "done", row.verdict


@pytest.fixture
async def bot(desk: Whole) -> BotDesk:
    from sqlalchemy import func, select

    from desk.bot.models import BotModel

    async with desk.desk.units.read() as session:
        known = await session.scalar(select(func.count(BotModel.id)))
    if not known:
        await teach(desk)
    _, lead = await desk.agent("lead")
    return BotDesk(desk, lead)


def uuid(row: dict[str, Any]) -> UUID:
    return UUID(row["id"])
