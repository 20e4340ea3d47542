"""Loads the demo's data: all of it in one transaction, and only into a desk without agents."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from channels.registry import Registry
from desk.agents.models import Agent, Team
from desk.db.log import FEED, CounterRow
from desk.demo import articles, bot, levels, people
from desk.demo.people import Surroundings
from desk.demo.picture import COUNT, png
from desk.demo.plan import DAYS, TICKETS, plan
from desk.demo.play import Player, Stage, seen
from desk.demo.texts import cast
from desk.events import SYSTEM
from desk.files.store import BlobStore
from desk.inboxes.secrets import SecretBox
from desk.knowledge.library import Library
from desk.tickets.models import Message
from desk.unit_of_work import UnitOfWork, Units

Tell = Callable[[str, float], None]  # what was made, in how many seconds
UNSEEN: Final = timedelta(hours=20)  # what came in since is unread


@dataclass(frozen=True, slots=True)
class Tools:
    """What loading needs of the desk. `units` must have no job hooks: history sends nothing."""

    units: Units
    channels: Registry
    blobs: BlobStore
    box: SecretBox
    library: Library


async def load(
    tools: Tools,
    around: Surroundings,
    password_hash: str,
    tell: Tell,
    *,
    tickets: int = TICKETS,
) -> bool:
    """Load; False when somebody works here already."""
    everybody = cast()
    now = tools.units.clock()
    for number in range(COUNT):  # files are written before the transaction, not in it
        tools.blobs.put(png(number))
    async with tools.units.write() as whole:
        session = whole.session
        if not await _alone(session):
            return False
        opened = now - timedelta(days=DAYS + 365)
        timer = _Timer(tell)
        work = UnitOfWork(session, opened, SYSTEM)
        agents = await people.hire(work, everybody, password_hash)
        teams = {team.name: team.id for team in await session.scalars(select(Team))}
        inboxes = await people.open_inboxes(work, tools.box, around, teams)
        await work.flush_events()
        timer.told(f"{len(agents)} agents in {len(teams)} teams, {len(inboxes)} inboxes")
        contacts = []
        for index, person in enumerate(everybody.contacts):
            work = UnitOfWork(session, people.met_at(index, opened), SYSTEM)
            contacts.append(await people.meet(work, person))
            await work.flush_events()
        timer.told(f"{len(contacts)} contacts")
        written = await articles.publish(session, now, agents, inboxes, tools.library)
        timer.told(f"{len(written)} articles in {len(articles.LOCALES)} languages")
        work = UnitOfWork(session, now - timedelta(days=DAYS + 1), SYSTEM)  # articles are there
        taught = await bot.teach(work, written, inboxes["chat"])
        await work.flush_events()
        timer.told(f"{taught} examples for the bot")
        stories, steps = plan(everybody, now, tickets=tickets)
        stage = Stage(
            tools.channels, tools.blobs, tools.box, agents, everybody.contacts, contacts, inboxes
        )
        player = Player(stage, stories, session)
        for step in steps:
            await player.play(step)
        await seen(session, agents, now - UNSEEN)
        count = await session.scalar(select(func.count(Message.id)))
        timer.told(f"{len(stories)} conversations with {count} messages and notes")
        made, clocked = await levels.set_up(whole, everybody, agents, teams)
        timer.told(f"{made} policies, clocks on {clocked} tickets")
    return True


async def _alone(session: AsyncSession) -> bool:
    """Take the feed's lock, so that of two who start at once only one loads; then look."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL lock_timeout = '120s'"))
    await session.execute(select(CounterRow.value).where(CounterRow.name == FEED).with_for_update())
    return not await session.scalar(select(func.count(Agent.id)))


class _Timer:
    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._since = time.perf_counter()

    def told(self, what: str) -> None:
        now = time.perf_counter()
        self._tell(what, now - self._since)
        self._since = now
