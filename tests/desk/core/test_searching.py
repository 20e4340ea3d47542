"""The agents' search: words of any message find their ticket, ranked, at once, with slips."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import delete, event, insert, update

from desk.contacts import service
from desk.contacts.models import Contact, Identity
from desk.db.types import new_id
from desk.inboxes.models import Inbox
from desk.search import finding, keeping
from desk.tickets import lists
from desk.tickets.models import Message, Ticket
from tests.desk.whole import COUNT, Whole


async def found(client: httpx.AsyncClient, q: str, **filters: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/tickets", params={"q": q, **filters})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def shown(mark: dict[str, Any]) -> list[str]:
    return [mark["text"][start:end] for start, end in mark["ranges"]]


async def say(
    client: httpx.AsyncClient, ticket: dict[str, Any], text: str, kind: str = "note"
) -> dict[str, Any]:
    body = {"kind": kind, "text": text, "client_id": str(uuid4()), "last_seen_seq": 10_000}
    answer = await client.post(f"/api/v1/tickets/{ticket['id']}/messages", json=body)
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_word_of_any_message_finds_the_ticket_and_the_message(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, subject="Order", text="The samovar arrived in pieces.")
    await say(client, ticket, "Asked the courier about the quagmire")
    [hit] = await found(client, "samovar")
    assert hit["id"] == ticket["id"]
    assert (hit["match"]["seq"], shown(hit["match"]["snippet"])) == (1, ["samovar"])
    [hit] = await found(client, "quagmire courier")
    assert hit["match"]["seq"] == 2
    assert set(shown(hit["match"]["snippet"])) == {"courier", "quagmire"}
    thread = (await client.get(f"/api/v1/tickets/{ticket['id']}/messages")).json()["items"]
    assert hit["match"]["message_id"] == thread[1]["id"]


async def test_slips_marks_and_languages(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    texts = {
        "kjøkkenmaskin": "Kjøkkenmaskinen bråker",
        "החשבונית": "לא קיבלתי את החשבונית שלי",
        "الفاتورة": "لم أستلم الفاتورة بعد",
        "返金": "返金はいつですか",
        "Rückerstattung": "Wo bleibt meine Rückerstattung",
    }
    made = {
        word: (await desk.wrote(inbox, subject="?", text=text))["id"]
        for word, text in texts.items()
    }
    for query, word in (
        ("kjokkenmaskinen", "kjøkkenmaskin"),
        ("kjøkkenmakinen", "kjøkkenmaskin"),
        ("חשבונית", "החשבונית"),
        ("فاتورة", "الفاتورة"),
        ("返金", "返金"),
        ("ruckerstatung", "Rückerstattung"),
        ("erstattung", "Rückerstattung"),
    ):
        items = await found(client, query, inbox=str(inbox.id))
        assert [item["id"] for item in items] == [made[word]], query


async def test_customer_subject_and_message_may_share_the_words(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(
        inbox, "petronella@orchard.test", "Teapot", text="The spout is chipped."
    )
    await desk.wrote(inbox, "other@orchard.test", "Teapot", text="All is well.")
    assert [one["id"] for one in await found(client, "petronella teapot spout")] == [ticket["id"]]
    assert [one["id"] for one in await found(client, "petronella@orchard.test")] == [ticket["id"]]
    assert await found(client, "petronella teapot zeppelin") == []
    [hit] = await found(client, f"#{ticket['number']}")
    assert hit["id"] == ticket["id"]


async def test_the_subject_ranks_above_a_passing_word(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    about = await desk.wrote(inbox, subject="Marzipan", text="Where is it?")
    passing = await desk.wrote(
        inbox, subject="Delivery", text="Much else and, at the end, the marzipan."
    )
    assert [one["id"] for one in await found(client, "marzipan")] == [about["id"], passing["id"]]
    newest = await found(client, "marzipan", sort="-created_at")
    assert [one["id"] for one in newest] == [passing["id"], about["id"]]
    assert shown(newest[0]["match"]["snippet"]) == ["marzipan"]


async def test_filters_pages_and_counts_hold_with_words(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    me, client = await desk.agent("lead")
    made = [await desk.wrote(inbox, subject=f"Gramophone {n}") for n in range(7)]
    change = {"assignee_id": str(me.id), "tags": ["vip"]}
    for ticket in made[:3]:
        await client.patch(f"/api/v1/tickets/{ticket['id']}", json=change)
    assert {one["id"] for one in await found(client, "gramophone", assignee="me", tag="vip")} == {
        one["id"] for one in made[:3]
    }
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(
            "/api/v1/tickets", params={"q": "gramophone", "limit": 3, **cursor}
        )
        page = answer.json()
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(one["id"] for one in made)
    counts = (await client.get("/api/v1/tickets/counts", params={"q": "gramofone"})).json()
    assert (counts["all_open"], counts["mine"]) == (7, 3)
    wrong = await client.get("/api/v1/tickets", params={"sort": "relevance"})
    assert wrong.status_code == 422
    _, stranger = await desk.agent(scopes=["contacts.read"])
    assert (await stranger.get("/api/v1/tickets", params={"q": "x"})).status_code == 403


async def test_a_long_thread_is_searched_to_its_end(desk: Whole) -> None:
    """chatwoot 5161, libredesk: not only in the first messages of each ticket."""
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    ticket = await desk.wrote(inbox, "long@thread.test", "Saga")
    for number in range(2, 40):
        await say(client, ticket, f"Chapter {number}" + (" obelisk" if number == 39 else ""))
    [hit] = await found(client, "obelisk")
    assert (hit["id"], hit["match"]["seq"]) == (ticket["id"], 39)
    assert len(await found(client, "long@thread.test")) == 1


async def test_changes_are_found_at_once_and_what_is_gone_is_not(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent("lead")
    ticket = await desk.wrote(inbox, "anna@changes.test", "Ottoman")
    path = f"/api/v1/tickets/{ticket['id']}"
    await client.patch(path, json={"subject": "Hassock", "tags": ["velvet"]})
    assert await found(client, "ottoman") == []
    assert len(await found(client, "hassock velvet")) == 1
    contact = f"/api/v1/contacts/{ticket['contact']['id']}"
    await client.patch(contact, json={"name": "Clementine Ashgrove", "company": "Tamarind"})
    assert len(await found(client, "clementine hassock")) == 1
    people = (await client.get("/api/v1/contacts", params={"q": "clementin ashgrove"})).json()
    assert [one["id"] for one in people["items"]] == [ticket["contact"]["id"]]
    ticket_id, contact_id = UUID(ticket["id"]), UUID(ticket["contact"]["id"])
    async with desk.desk.units.write() as work:
        await keeping.forget(work.session, [ticket_id], [contact_id])
        for erase in (
            delete(Message).where(Message.ticket_id == ticket_id),
            delete(Ticket).where(Ticket.id == ticket_id),
            delete(Identity).where(Identity.contact_id == contact_id),
            delete(Contact).where(Contact.id == contact_id),
        ):
            await work.session.execute(erase.execution_options(synchronize_session=False))
    assert await found(client, "hassock") == []
    people = (await client.get("/api/v1/contacts", params={"q": "clementine"})).json()
    assert people["items"] == []
    async with desk.desk.units.read() as session:
        assert not [one for one in await keeping.differences(session) if ticket_id.hex in one]


async def test_contacts_by_name_address_company_and_number(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    one = await desk.wrote(inbox, "ingeborg.fjeld@nordlys.test")
    two = await desk.wrote(inbox, "bolette@nordlys.test")
    ids = {one["contact"]["id"], two["contact"]["id"]}
    async with desk.desk.units.write() as work:
        contact = await work.session.get(Contact, UUID(two["contact"]["id"]))
        assert contact is not None
        await service.add_identity(work, contact, "phone", "+4798765432")

    async def people(q: str) -> set[str]:
        answer = await client.get("/api/v1/contacts", params={"q": q})
        assert answer.status_code == 200, answer.text
        return {item["id"] for item in answer.json()["items"]}

    assert await people("ingeborg") == {one["contact"]["id"]}
    assert await people("ingebrog fjeld") == {one["contact"]["id"]}
    assert await people("nordlys.test") == ids
    for number in ("+47 98 76 54 32", "98765432", "987 65 432", "4798765432"):
        assert await people(number) == {two["contact"]["id"]}, number


async def test_the_index_is_made_again_and_compared(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    ticket = await desk.wrote(inbox, subject="Palimpsest")
    units = desk.desk.units
    while await keeping.follow(units):
        pass
    async with units.write() as work:
        await work.session.execute(
            update(Ticket).where(Ticket.id == UUID(ticket["id"])).values(subject="Vellum")
        )
    async with units.read() as session:
        assert await keeping.differences(session) == [f"ticket {UUID(ticket['id']).hex}:0"]
    seen: list[int] = []
    assert await keeping.reindex(units, seen.append) == seen[-1]
    async with units.read() as session:
        assert await keeping.differences(session) == []
        assert await keeping.behind(session) == 0


async def test_several_searches_take_the_news_in_once(desk: Whole) -> None:
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    for number in range(30):
        await desk.wrote(inbox, subject=f"Astrolabe {number}")
    answers = await asyncio.gather(*(found(client, "astrolabe", limit=50) for _ in range(4)))
    assert [len(items) for items in answers] == [30] * 4


async def many(desk: Whole, inbox: Inbox, count: int, word: str) -> list[UUID]:
    """Tickets written straight into the database, all with one word, the oldest ones resolved."""
    first = 500_000 + 1000 * next(COUNT)
    contact, made = new_id(), [new_id() for _ in range(count)]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    async with desk.desk.units.write() as work:
        now = {"created_at": start, "updated_at": start}
        await work.session.execute(
            insert(Contact), [{"id": contact, "name": "Ottoline Crane", **now}]
        )
        rows = [
            {
                "id": ticket,
                "number": first + number,
                "subject": f"{word} {number}",
                "status": "open" if number >= 3 else "resolved",
                "channel": inbox.channel,
                "inbox_id": inbox.id,
                "contact_id": contact,
                "contact_name": "Ottoline Crane",
                "last_message_at": start + timedelta(minutes=number),
                "created_at": start + timedelta(minutes=number),
                "updated_at": start + timedelta(minutes=number),
            }
            for number, ticket in enumerate(made)
        ]
        await work.session.execute(insert(Ticket), rows)
        await keeping.index_tickets(work.session, dict.fromkeys(made))
    return made


async def test_old_tickets_within_a_filter_are_found_among_many_newer_ones(
    desk: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is ranked are the newest matches; a filter that none of them fits asks for more."""
    monkeypatch.setattr(finding, "REACH", 60)
    inbox = await desk.mail_inbox()
    _, client = await desk.agent()
    made = await many(desk, inbox, 140, "Barometer")
    old = await found(client, "barometer", status="resolved")
    assert {UUID(one["id"]) for one in old} == set(made[:3])
    assert all(shown(one["match"]["subject"]) == ["Barometer"] for one in old)
    answer = await client.get("/api/v1/tickets", params={"q": "barometr", "limit": 50})
    assert len(answer.json()["items"]) == 50
    rest = {"q": "barometr", "limit": 50, "cursor": answer.json()["next_cursor"]}
    page = (await client.get("/api/v1/tickets", params=rest)).json()
    assert (len(page["items"]), page["next_cursor"]) == (10, None)


async def test_a_search_costs_the_same_number_of_statements_for_any_page(desk: Whole) -> None:
    """It reads what it shows, and no hit one by one."""
    inbox = await desk.mail_inbox()
    await many(desk, inbox, 60, "Hygrometer")
    for number in range(4):
        await desk.wrote(inbox, subject=f"Aneroid {number}", text="The hygrometer rose.")
    while await keeping.follow(desk.desk.units):
        pass
    counts: list[int] = []
    async with desk.desk.units.read() as session:
        connection = (await session.connection()).sync_connection
        assert connection is not None

        def executed(*_: object) -> None:
            counts[-1] += 1

        event.listen(connection, "before_cursor_execute", executed)
        for limit in (2, 50):
            counts.append(0)
            wanted = lists.Filters(text="hygrometer")
            matches, more = await finding.ranked(session, wanted, limit, 0)
            assert (len(matches), more) == (limit, True)
    assert counts[0] == counts[1] <= 16
