"""What the demo loads, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from channels.registry import Registry
from desk.db.engine import create_engine
from desk.db.log import EventRow
from desk.demo.load import Tools, load
from desk.demo.people import Surroundings
from desk.demo.plan import plan
from desk.demo.texts import LOCALES, cast, language
from desk.files.models import Attachment
from desk.files.store import LocalBlobs
from desk.inboxes.secrets import SecretBox
from desk.knowledge.library import Library
from desk.tickets.models import Draft, Message, Ticket, TicketLink, TicketMention
from desk.tickets.reconcile import differences, rebuild
from desk.unit_of_work import Units
from knowledge_base.search.sql import SqlSearch

NOW = datetime(2026, 11, 18, 13, 0, tzinfo=UTC)
AROUND = Surroundings(sink_port=8026, shop_port=8081)


@dataclass
class House:
    tools: Tools
    told: list[str]

    async def load(self) -> bool:
        return await load(self.tools, AROUND, "hash", lambda what, _: self.told.append(what))


@pytest.fixture
async def empty(desk_database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    engine = create_engine(desk_database_url)
    units = Units(engine, clock=lambda: NOW)
    tools = Tools(
        units, Registry(), LocalBlobs(tmp_path / "files"), SecretBox("s" * 40), Library(SqlSearch)
    )
    yield House(tools, [])
    await engine.dispose()


async def test_the_data_is_right_whole_and_loaded_once(empty: House) -> None:
    assert await empty.load()
    units = empty.tools.units
    async with units.read() as session:
        assert await differences(session) == []
        tickets = (await session.scalars(select(Ticket))).all()
        messages = (await session.scalars(select(Message))).all()
        kinds = {message.kind for message in messages}
        events = (await session.execute(select(EventRow.seq, EventRow.at))).all()
        jobs = "job" if session.get_bind().dialect.name == "sqlite" else "procrastinate_jobs"
        assert await session.scalar(text(f"SELECT count(*) FROM {jobs}")) == 0
        for table in (TicketMention, TicketLink, Draft, Attachment):
            assert await session.scalar(select(func.count()).select_from(table)), table
    assert len(tickets) >= 300
    assert {ticket.locale for ticket in tickets} == set(LOCALES)
    assert {t.status for t in tickets} == {
        "new", "open", "pending", "on_hold", "resolved", "closed",
    }  # fmt: skip
    assert {ticket.priority for ticket in tickets} == {"low", "normal", "high", "urgent"}
    assert {ticket.channel for ticket in tickets} == {"email", "webchat"}
    assert any(ticket.snoozed_until and ticket.snoozed_until > NOW for ticket in tickets)
    assert max(ticket.last_seq for ticket in tickets) > 50
    assert kinds == {"inbound", "reply", "note"}
    assert {"received", "sent", "read", "failed"} == {message.state for message in messages}
    assert any(message.automated == "bounce" for message in messages)
    assert any(message.html and message.quoted for message in messages)
    assert all(message.created_at <= NOW for message in messages)
    assert not any(message.state in {"queued", "sending"} for message in messages)
    numbers = [t.number for t in sorted(tickets, key=lambda t: (t.created_at, t.number))]
    assert numbers == sorted(numbers), "numbers follow the tickets' age"
    ordered = [at for _, at in sorted(events)]
    assert ordered == sorted(ordered), "the log is in the order of time"

    assert not await empty.load()
    async with units.read() as session:
        assert await session.scalar(select(func.count(Ticket.id))) == len(tickets)
        assert await session.scalar(select(func.count(Message.id))) == len(messages)


async def test_a_broken_copy_is_found_and_rebuilt(empty: House) -> None:
    await load(empty.tools, AROUND, "hash", lambda *_: None, tickets=12)
    units = empty.tools.units
    async with units.write() as work:
        ticket = (await work.session.scalars(select(Ticket).limit(1))).one()
        ticket.last_seq += 1
        ticket.tags = ["invented"]
        ticket.last_message_preview = "something else"
        ticket.contact_name = "Nobody"
    async with units.read() as session:
        found = {(item.number, item.column) for item in await differences(session)}
    columns = ("last_seq", "tags", "last_message_preview", "contact_name")
    assert found == {(ticket.number, column) for column in columns}
    async with units.write() as work:
        await rebuild(work)
    async with units.read() as session:
        assert await differences(session) == []


def test_the_same_moment_gives_the_same_demo() -> None:
    assert plan(cast(), NOW) == plan(cast(), NOW)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_can_hold_a_whole_conversation(locale: str) -> None:
    texts = language(locale)
    facts = dict.fromkeys(("product", "order", "size", "day", "first", "agent", "mention"), "x")
    for scenario in (*texts.mail, *texts.chat):
        assert len(scenario.turns) >= 2
        assert all(turn.format(**facts) for turn in (*scenario.turns, scenario.subject or "-"))
    assert all(scenario.subject for scenario in texts.mail)
    assert texts.follow
    assert all(note.format(**facts) for note in texts.notes)


def test_all_addresses_are_made_up() -> None:
    everybody = cast()
    assert len(everybody.contacts) == 60
    emails = [agent.email for agent in everybody.agents]
    emails += [person.email for person in everybody.contacts]
    assert all(email.endswith(".example") for email in emails)
    # Ranges that the regulators keep free for fiction.
    free = ("+493023125", "+447700900", "+3363998", "+6149157", "+46701740")
    for person in everybody.contacts:
        number = person.phone or person.whatsapp
        assert not number or number.startswith(free) or number[5:].startswith("55501"), number
