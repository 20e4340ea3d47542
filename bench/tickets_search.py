"""Speed of the agents' search over many messages, on SQLite.

    python -m bench.tickets_search [messages]

By default 200000 messages, five in a ticket, about fifty words each. Prints what indexing costs,
the size of the index, and the times of a page of the best, beside those of the search it
replaces (LIKE over subject, name and the last line) and of reading a page without a query.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import process_time

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.search_corpus import slip
from bench.search_words import stock
from desk.contacts.models import Contact
from desk.db import migrate
from desk.db.engine import create_engine
from desk.db.types import new_id
from desk.inboxes.models import Inbox
from desk.search import finding, keeping
from desk.tickets import lists
from desk.tickets.models import Message, Ticket
from desk.unit_of_work import Units

PER_TICKET, WORDS, AT_ONCE, QUERIES = 5, (15, 85), 2000, 200
FEW = 50  # of so many tickets one is resolved: a filter that lets few through
START = datetime(2026, 1, 1, tzinfo=UTC)


async def fill(units: Units, messages: int, random: Random) -> list[tuple[str, ...]]:
    """Tickets with messages; for some of the messages, a few of their words."""
    words = [word for name in ("en", "de", "nb", "he") for word in stock(name, 1, random).words]
    inbox = new_id()
    async with units.write() as work:
        now = {"created_at": START, "updated_at": START}
        await work.session.execute(
            insert(Inbox),
            [{"id": inbox, "channel": "email", "name": "Bench", "address": "bench", **now}],
        )
    asked: list[tuple[str, ...]] = []
    for first in range(0, messages // PER_TICKET, AT_ONCE):
        people, tickets, rows = [], [], []
        for number in range(first, min(first + AT_ONCE, messages // PER_TICKET)):
            contact, ticket = new_id(), new_id()
            at = START + timedelta(seconds=number * 40)
            times = {"created_at": at, "updated_at": at}
            said = [_sentence(words, random) for _ in range(PER_TICKET)]
            name = " ".join(random.choices(words, k=2))
            people.append({"id": contact, "name": name, **times})
            tickets.append(
                {
                    "id": ticket,
                    "number": 1001 + number,
                    "subject": " ".join(random.choices(words, k=4)),
                    "status": "open" if number % FEW else "resolved",
                    "channel": "email",
                    "inbox_id": inbox,
                    "contact_id": contact,
                    "contact_name": name,
                    "last_message_at": at,
                    "last_message_preview": " ".join(said[-1])[:160],
                    **times,
                }
            )
            rows += [
                {
                    "id": new_id(),
                    "ticket_id": ticket,
                    "seq": seq,
                    "inbox_id": inbox,
                    "kind": "inbound",
                    "direction": "in",
                    "channel": "email",
                    "author_kind": "contact",
                    "state": "received",
                    "fresh": " ".join(one),
                    "created_at": at,
                    "occurred_at": at,
                }
                for seq, one in enumerate(said, 1)
            ]
            if random.random() < QUERIES * PER_TICKET / messages:
                asked.append(tuple(random.sample(random.choice(said), 3)))
        async with units.write() as work:
            for model, values in ((Contact, people), (Ticket, tickets), (Message, rows)):
                await work.session.execute(insert(model), values)
    return asked


def _sentence(words: list[str], random: Random) -> list[str]:
    last = len(words) - 1
    count = random.randint(*WORDS)
    return [words[int(last * random.random() ** 2.5)] for _ in range(count)]


async def timed(session: AsyncSession, query: str, filters: lists.Filters) -> tuple[float, float]:
    """Milliseconds of CPU: by the index, and by LIKE."""
    began = process_time()
    await finding.ranked(session, replace(filters, text=query), 50, 0)
    middle = process_time()
    await page(session, replace(filters, text=query))
    return (middle - began) * 1000, (process_time() - middle) * 1000


async def page(session: AsyncSession, filters: lists.Filters) -> None:
    """Read a page of a list."""
    rows = lists.rows_query(filters, None, "last_message_at", descending=True, after=None, limit=50)
    (await session.execute(rows)).all()


def summary(times: list[float]) -> str:
    return f"p50 {median(times):.1f} ms, p95 {quantiles(times, n=20)[-1]:.1f} ms of CPU"


async def size_of(units: Units) -> int:
    """Bytes of the database."""
    async with units.read() as session:
        pages = await session.scalar(text("SELECT page_count FROM pragma_page_count"))
        return int(pages or 0) * int(await session.scalar(text("PRAGMA page_size")) or 0)


def report(count: int) -> None:
    sys.stderr.write(f"\r{count:,}")


async def measure(path: Path, messages: int) -> None:
    """Fill, index, ask."""
    url = f"sqlite+inline:///{path}"
    migrate.upgrade(url)
    engine, random = create_engine(url), Random(1)
    units = Units(engine)
    asked = await fill(units, messages, random)
    before, began = await size_of(units), process_time()
    done = await keeping.reindex(units, report)
    spent = process_time() - began
    size = await size_of(units) - before
    print(f"\n{messages:,} messages, {done:,} tickets and contacts: {spent:.0f} s of CPU to index")
    print(f"index: {size / 1e6:.0f} MB, {size / messages:.0f} bytes a message")
    kinds = {
        "one word": [words[0] for words in asked],
        "three words": [" ".join(words) for words in asked],
        "a slip and a word": [
            f"{slip(words[0], random) if len(words[0]) > 4 else words[0]} {words[1]}"
            for words in asked
        ],
        "the start of a word": [words[0][:3] for words in asked],
    }
    async with units.read() as session:
        for name, queries in kinds.items():
            times: list[tuple[float, float]] = []
            few = lists.Filters(status=("resolved",))
            for what, filters in (("", lists.Filters()), (f", of one in {FEW}", few)):
                times = [await timed(session, query, filters) for query in queries]
                print(f"{name}{what}: {summary([one for one, _ in times])}")
            print(f"    by LIKE: {summary([other for _, other in times])}")
        plain = []
        for _ in range(QUERIES):
            began = process_time()
            await page(session, lists.Filters())
            plain.append((process_time() - began) * 1000)
        print(f"a page without a query: {summary(plain)}")
    await engine.dispose()


def main(arguments: list[str]) -> None:
    """On a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.sqlite3"
        asyncio.run(measure(path, int(arguments[0]) if arguments else 200_000))


if __name__ == "__main__":
    main(sys.argv[1:])
