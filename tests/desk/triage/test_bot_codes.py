"""A one-time code comes before what is about an account; forms are filled and handed over."""

from __future__ import annotations

import re
from uuid import uuid4

from tests.desk.core.test_widget_socket import identity, say, visitor
from tests.desk.sink import body_of
from tests.desk.triage.conftest import BotDesk
from tests.desk.whole import Socket, until

FORM = {
    "intent": "track_order",
    "fields": [{"name": "order", "kind": "order_number"}],
    "account": True,
}


async def started(bot: BotDesk) -> tuple[Socket, str, str]:
    """A customer whose site vouches for the address asks about an order: (socket, ticket, mail)."""
    fallback = await bot.whole.mail_inbox()
    inbox = await bot.on(await bot.whole.chat_inbox(fallback), forms=[FORM])
    address = f"owner{uuid4().hex[:8]}@customer.test"
    token = identity(uuid4().hex, email=address, name="Olga")
    socket, _ = await visitor(bot.whole, inbox, identity=token)
    answer = await say(socket, "Where is my parcel?")
    await bot.whole.settled()
    conversation = answer["conversation"]["id"]
    if not bot.whole.sink.to(address):  # little was taught: the bot asks which matter is meant
        await say(socket, "track order", conversation)
        await bot.whole.settled()
    return socket, conversation, address


async def code_for(bot: BotDesk, address: str) -> str:
    await until(lambda: bool(bot.whole.sink.to(address)))
    found = re.search(r"\d{6}", body_of(bot.whole.sink.to(address)[-1]))
    assert found
    return found[0]


async def test_the_right_code_opens_the_form_which_ends_with_a_person(bot: BotDesk) -> None:
    socket, ticket_id, address = await started(bot)
    ticket = {"id": ticket_id}
    asked = (await bot.said(ticket))[-1]
    assert f"{address[0]}***@customer.test" in asked
    assert address not in asked
    code = await code_for(bot, address)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for text in (wrong, code, "FS-48213", "yes"):
        await say(socket, text, ticket_id)
        await bot.whole.settled()
    part = await bot.part(ticket)
    assert (part["holds"], part["card"]["reason"]) == (False, "form")
    assert part["card"]["values"] == {"order": "FS-48213"}


async def test_a_code_is_no_good_ten_minutes_later(bot: BotDesk) -> None:
    socket, ticket_id, address = await started(bot)
    code = await code_for(bot, address)
    bot.whole.clock.forward(minutes=11)
    before = await bot.said({"id": ticket_id})
    await say(socket, code, ticket_id)
    await bot.whole.settled()
    after = await bot.said({"id": ticket_id})
    assert len(after) == len(before) + 1
    assert "isn't right" in after[-1]
    assert (await bot.part({"id": ticket_id}))["holds"] is True
