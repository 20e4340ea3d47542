"""Routing's settings as a lead reads and changes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Conflict, Invalid
from desk.events import Kind
from desk.triage.models import TriageSetting
from desk.unit_of_work import UnitOfWork
from sla import conditions
from sla.requirements import DEFAULT_OVERFLOW, Overflow, Relaxable, Rule
from sla.routing import Routing
from sla.scoring import Weights

NAME: Final = "routing"

Points = Annotated[float, Meta(ge=0, le=100)]


class WeightsData(msgspec.Struct, forbid_unknown_fields=True):
    """The points that each part can earn."""

    language: Points = 30
    sticky: Points = 25
    load: Points = 20
    skill: Points = 15
    slack: Points = 20
    hours: Points = 10
    turn: Points = 5


class RuleData(msgspec.Struct, forbid_unknown_fields=True):
    """A hard rule: where the condition holds, what whoever gets the ticket must be or have."""

    id: Annotated[str, Meta(min_length=1, max_length=60)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    condition: dict[str, Any] = {}
    team: str = ""
    level: str = ""
    skill: str = ""
    not_after_bad_rating: bool = False
    enabled: bool = True


class OverflowData(msgspec.Struct, forbid_unknown_fields=True):
    """What may be let go when nobody fits, and after how many minutes."""

    relax: list[Relaxable]
    after_minutes: Annotated[int, Meta(ge=0, le=7 * 24 * 60)] = 0
    at_once_when_asleep: bool = False


def _overflow() -> list[OverflowData]:
    return [
        OverflowData(
            sorted(step.relax), step.after // timedelta(minutes=1), step.at_once_when_asleep
        )
        for step in DEFAULT_OVERFLOW
    ]


class RoutingData(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All of it. `enabled` false: nobody is given anything; people take what they want."""

    enabled: bool = False
    weights: WeightsData = msgspec.field(default_factory=WeightsData)
    rules: Annotated[list[RuleData], Meta(max_length=100)] = []
    overflow: Annotated[list[OverflowData], Meta(max_length=10)] = msgspec.field(
        default_factory=_overflow
    )
    level: str = "B1"
    sure: Annotated[float, Meta(ge=0, le=1)] = 0.6
    vip_segment: str = "vip"
    vip_reserve: Annotated[float, Meta(ge=0, le=100)] = 0
    away_after_minutes: Annotated[int, Meta(ge=1, le=24 * 60)] = 10
    on_shift: bool = True


def routing_of(data: RoutingData) -> Routing:
    """The engine's form. Raises Invalid in words."""
    try:
        return Routing(
            weights=Weights(**msgspec.structs.asdict(data.weights)),
            rules=tuple(_rule(rule) for rule in data.rules),
            overflow=tuple(
                Overflow(
                    frozenset(step.relax),
                    timedelta(minutes=step.after_minutes),
                    step.at_once_when_asleep,
                )
                for step in data.overflow
            ),
            level=data.level,
            sure=data.sure,
            vip_segment=data.vip_segment,
            vip_reserve=data.vip_reserve,
            away_after=timedelta(minutes=data.away_after_minutes),
            on_shift=data.on_shift,
        )
    except ValueError as error:
        raise Invalid(f"These routing settings cannot be: {error}.") from error


def _rule(data: RuleData) -> Rule:
    fields = msgspec.structs.asdict(data)
    condition = fields.pop("condition")
    return Rule(**fields, condition=conditions.parse(condition) if condition else conditions.ALWAYS)


async def load(session: AsyncSession) -> tuple[RoutingData, int]:
    """The settings and their version; 0 for those that nobody changed yet."""
    row = await session.get(TriageSetting, NAME)
    if row is None:
        return RoutingData(), 0
    return msgspec.convert(row.data, RoutingData), row.version


async def save(work: UnitOfWork, data: RoutingData, version: int | None = None) -> int:
    """Keep settings; the new version. Raises Invalid, Conflict for a version that is older."""
    routing_of(data)
    row = await work.session.get(TriageSetting, NAME, with_for_update=True)
    present = row.version if row is not None else 0
    if version is not None and version != present:
        raise Conflict(
            "Somebody else changed the routing; look at it again before you change it.",
            current_version=present,
        )
    before = row.data if row is not None else None
    plain: dict[str, Any] = msgspec.to_builtins(data)
    if row is None:
        work.session.add(TriageSetting(name=NAME, data=plain, version=1, updated_at=work.now))
    else:
        row.data, row.version, row.updated_at = plain, present + 1, work.now
    work.record(Kind.TRIAGE_CHANGED, changes={"routing": (before, plain)}, data={"what": "routing"})
    return present + 1
