"""A mail comes in, an agent answers, the customer answers back: one ticket."""

from __future__ import annotations

from tests.desk.sink import body_of
from tests.desk.whole import Whole, mail, reply


async def test_a_mail_becomes_a_ticket_and_its_answer_a_mail(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    await desk.deliver(mail("Ann <ann@walk.test>", inbox.address, "Parcel"), inbox)
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    assert (ticket["subject"], ticket["status"], ticket["unread"]) == ("Parcel", "new", True)
    await reply(client, ticket, "It is on its way.")
    await desk.settled()
    (answer,) = desk.sink.to("ann@walk.test")
    assert "It is on its way." in body_of(answer)
    back = mail("ann@walk.test", str(answer["Reply-To"] or inbox.address), "Re: Parcel", "Thanks!")
    back["In-Reply-To"] = answer["Message-ID"]
    await desk.deliver(back, inbox)
    ticket = await desk.ticket_of(client, inbox=str(inbox.id))
    assert ticket["last_seq"] == 3
    assert ticket["status"] == "open"
