"""The first owner, the desk's profile, and where the widget was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents import service as people
from desk.agents.models import Agent
from desk.errors import Conflict
from desk.events import Kind
from desk.firstrun import rules
from desk.firstrun.models import ONLY, DeskProfile, WidgetSighting
from desk.unit_of_work import UnitOfWork

NAME: Final = "Parley"
KEPT_SIGHTINGS: Final = 20


async def is_empty(session: AsyncSession) -> bool:
    """Whether nobody works here yet."""
    return not await session.scalar(select(exists(select(Agent.id))))


async def profile(session: AsyncSession) -> DeskProfile | None:
    """The desk's profile; None on a desk that was never set up in the browser."""
    return await session.get(DeskProfile, ONLY)


async def name(session: AsyncSession) -> str:
    """What the desk is called."""
    given = await session.scalar(select(DeskProfile.name).where(DeskProfile.id == ONLY))
    return given or NAME


async def create_owner(
    work: UnitOfWork, *, email: str, person: str, password_hash: str, locale: str, timezone: str
) -> Agent:
    """The first agent, an admin. Raises Conflict unless the desk is empty, whoever else tries."""
    taken = Conflict("This desk has an owner already; sign in, or ask them for an invitation.")
    if not await is_empty(work.session):
        raise taken
    try:
        await _new_profile(work, timezone)
    except IntegrityError as error:  # somebody else committed the row meanwhile
        raise taken from error
    agent = await people.create(
        work,
        email=email,
        name=person,
        role="admin",
        password_hash=password_hash,
        locale=locale,
        timezone=timezone,
    )
    work.record(Kind.DESK_CHANGED, changes={"owner": (None, agent.email)})
    return agent


async def change(work: UnitOfWork, fields: Mapping[str, Any], *, finished: bool | None) -> None:
    """Set name, locales, timezone, hours or skipped steps; `finished` ends the wizard."""
    row = await profile(work.session) or await _new_profile(work, "UTC")
    wanted = dict(fields)
    if "skipped" in wanted:
        wanted["skipped"] = rules.check_steps(wanted["skipped"])
    if "name" in wanted:
        wanted["name"] = wanted["name"].strip() or NAME
    changes = {
        field: (getattr(row, field), value)
        for field, value in wanted.items()
        if getattr(row, field) != value
    }
    for field, (_, value) in changes.items():
        setattr(row, field, value)
    if finished is not None and finished != (row.finished_at is not None):
        row.finished_at = work.now if finished else None
        changes["finished"] = (not finished, finished)
    changes.pop("skipped", None)  # a note to oneself, not history
    if changes:
        work.record(Kind.DESK_CHANGED, changes=changes)


async def note_sighting(work: UnitOfWork, origin: str) -> None:
    """The widget's loader was fetched by a page of this origin; the newest few are kept."""
    row = await work.session.get(WidgetSighting, origin)
    if row is None:
        work.session.add(WidgetSighting(origin=origin[:300], at=work.now))
    else:
        row.at = work.now
    await work.session.flush()
    newest = select(WidgetSighting.origin).order_by(WidgetSighting.at.desc()).limit(KEPT_SIGHTINGS)
    kept = (await work.session.scalars(newest)).all()
    await work.session.execute(
        delete(WidgetSighting)
        .where(WidgetSighting.origin.not_in(kept))
        .execution_options(synchronize_session=False)
    )


async def sightings(session: AsyncSession) -> Sequence[WidgetSighting]:
    """Where the widget was seen, the newest first."""
    found = await session.scalars(select(WidgetSighting).order_by(WidgetSighting.at.desc()))
    return found.all()


async def _new_profile(work: UnitOfWork, timezone: str) -> DeskProfile:
    row = DeskProfile(
        id=ONLY,
        name=NAME,
        locales=["en"],
        timezone=timezone,
        hours={},
        skipped=[],
        created_at=work.now,
        finished_at=None,
    )
    work.session.add(row)
    await work.session.flush()
    return row
