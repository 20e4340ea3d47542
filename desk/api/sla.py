"""`/api/v1/sla`: policies with their versions and a preview, calendars with holidays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Controller, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.errors import Invalid
from desk.triage import policies
from desk.triage.cover import clock_changes
from sla import books, repository
from sla.holidays_by_country import named_holidays, subdivisions_by_country
from sla.ledger import Start
from sla.models import SlaPolicy
from sla.offsets import from_micros, to_micros
from sla.policy import PolicyVersion
from sla.repository import Rulebooks

_PREVIEWED = UUID(int=0)
_AHEAD: Final = timedelta(days=14)
_SPANS: Final = 60


class PolicyIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a policy promises; `data` as docs/sla.md describes it. `version` is the present one.

    `apply` brings open tickets under it, by a job.
    """

    data: dict[str, Any]
    version: int = 0
    apply: bool = False


class PolicyOut(msgspec.Struct, kw_only=True):
    """A policy with its present version."""

    id: UUID
    name: str
    active: bool
    version: int
    data: dict[str, Any]
    updated_at: datetime


class PolicyList(msgspec.Struct):
    """Policies in the order in which they are looked at."""

    items: list[PolicyOut]


class PolicyVersionOut(msgspec.Struct):
    """One version of a policy."""

    version: int
    data: dict[str, Any]
    created_at: datetime
    created_by: UUID | None


class PolicyVersionList(msgspec.Struct):
    """A policy's versions, newest first."""

    items: list[PolicyVersionOut]


class PolicySwitch(msgspec.Struct, forbid_unknown_fields=True):
    """Whether new tickets are tried on it."""

    active: bool


class PolicyOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Every policy, first to last."""

    ids: Annotated[list[UUID], Meta(max_length=500)]


class PromisesIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A ticket that might be: opened at `at` (now, if not given) under the policy `data`."""

    data: dict[str, Any]
    priority: str = "normal"
    team_id: UUID | None = None
    zone: str = ""
    at: datetime | None = None


class Promise(msgspec.Struct):
    """One deadline; None while its clock would stand still."""

    metric: str
    due_at: datetime | None


class PromisesOut(msgspec.Struct):
    """What would be promised, and when that ticket would have been opened."""

    at: datetime
    promises: list[Promise]


class CalendarsIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All calendars; `version` is the one that was changed."""

    book: books.BookData
    version: int
    apply: bool = True


class CalendarsOut(msgspec.Struct):
    """All calendars as they stand; `used_by` names the policies that count by each, by its key."""

    version: int
    book: books.BookData
    used_by: dict[str, list[str]]


class CalendarTried(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A calendar that might be, looked at from `at` (now, if not given)."""

    calendar: books.CalendarData
    at: datetime | None = None


class ClockChange(msgspec.Struct):
    """At `at` the clocks of the zone go forward (or back, below 0) by so many minutes."""

    at: datetime
    minutes: int


class CalendarAhead(msgspec.Struct, kw_only=True):
    """What a calendar does next: open spans, days off, and when its clocks are set."""

    at: datetime
    open: bool
    spans: list[tuple[datetime, datetime]]
    clock_changes: list[ClockChange]


class Holiday(msgspec.Struct):
    """A day off."""

    day: date
    name: str


class HolidayList(msgspec.Struct):
    """A country's holidays."""

    items: list[Holiday]


class Countries(msgspec.Struct):
    """Countries whose holidays are known, each with its subdivisions."""

    items: dict[str, list[str]]


class SlaController(Controller):
    """What is promised, and whose hours count."""

    path = "/sla"
    tags = ("Service levels",)

    @get("/policies", guards=[requires("tickets.read")], summary="List policies")
    async def every(self, core: InjectedCore) -> PolicyList:
        """In the order in which they are looked at."""
        async with core.units.read() as session:
            rows = await repository.policies(session)
            return PolicyList([await _out(session, row) for row in rows])

    @post("/policies", guards=[requires("sla.manage")], summary="Add a policy")
    async def create(
        self, data: JSONBody[PolicyIn], caller: Caller, core: InjectedCore
    ) -> PolicyOut:
        """It is looked at last; put it in its place with the order."""
        async with core.units.write(caller.actor) as work:
            row = await policies.create(work, data.data, apply=data.apply)
            await work.session.flush()
            return await _out(work.session, row)

    @put("/policies/{policy_id:uuid}", guards=[requires("sla.manage")], summary="Revise a policy")
    async def revise(
        self,
        policy_id: FromPath[UUID],
        data: JSONBody[PolicyIn],
        caller: Caller,
        core: InjectedCore,
    ) -> PolicyOut:
        """A new version; tickets keep the one they began under unless it is applied to them."""
        async with core.units.write(caller.actor) as work:
            row = await policies.revise(work, policy_id, data.data, data.version, apply=data.apply)
            await work.session.flush()
            return await _out(work.session, row)

    @patch("/policies/{policy_id:uuid}", guards=[requires("sla.manage")], summary="Switch a policy")
    async def switch(
        self,
        policy_id: FromPath[UUID],
        data: JSONBody[PolicySwitch],
        caller: Caller,
        core: InjectedCore,
    ) -> PolicyOut:
        """Look at it for new tickets, or no longer."""
        async with core.units.write(caller.actor) as work:
            row = await policies.set_active(work, policy_id, active=data.active)
            await work.session.flush()
            return await _out(work.session, row)

    @get(
        "/policies/{policy_id:uuid}/versions",
        guards=[requires("tickets.read")],
        summary="A policy's versions",
    )
    async def versions(self, policy_id: FromPath[UUID], core: InjectedCore) -> PolicyVersionList:
        """Newest first."""
        async with core.units.read() as session:
            rows = await repository.versions(session, policy_id)
        return PolicyVersionList(
            [
                PolicyVersionOut(row.version, row.data, row.created_at, row.created_by)
                for row in rows
            ]
        )

    @put("/order", guards=[requires("sla.manage")], summary="Order policies", status_code=204)
    async def arrange(
        self, data: JSONBody[PolicyOrder], caller: Caller, core: InjectedCore
    ) -> None:
        """The first whose condition holds applies."""
        async with core.units.write(caller.actor) as work:
            await policies.arrange(work, data.ids)

    @post("/preview", guards=[requires("tickets.read")], summary="Try a policy", status_code=200)
    async def preview(self, data: JSONBody[PromisesIn], core: InjectedCore) -> PromisesOut:
        """By when a ticket opened now would have to be answered."""
        version = policies.read(data.data, _PREVIEWED, 1)
        at = data.at or core.units.clock()
        async with core.units.read() as session:
            rules = await Rulebooks().at(session)
        return PromisesOut(at, _promises(rules, version, data, at))

    @get("/calendars", guards=[requires("tickets.read")], summary="Calendars")
    async def calendars(self, core: InjectedCore) -> CalendarsOut:
        """All of them, the default's key, and which team has which."""
        async with core.units.read() as session:
            version, book = await repository.book_data(session)
            return await _calendars(session, version, book)

    @post(
        "/calendars/preview",
        guards=[requires("tickets.read")],
        summary="Try a calendar",
        status_code=200,
    )
    async def look_ahead(self, data: JSONBody[CalendarTried], core: InjectedCore) -> CalendarAhead:
        """When it is open next, over two weeks, and the next changes of its clocks."""
        at = data.at or core.units.clock()
        try:
            made = books.calendar(data.calendar, at.year)
        except ValueError as error:
            raise Invalid(errors=[("calendar", str(error))]) from error
        stretches = made.stretches(to_micros(at), to_micros(at + _AHEAD))
        return CalendarAhead(
            at=at,
            open=made.is_open(at),
            spans=[(from_micros(a), from_micros(b)) for a, b in stretches[:_SPANS]],
            clock_changes=[
                ClockChange(when, minutes)
                for when, minutes in clock_changes(data.calendar.timezone, at)
            ],
        )

    @put("/calendars", guards=[requires("sla.manage")], summary="Change calendars")
    async def save_calendars(
        self, data: JSONBody[CalendarsIn], caller: Caller, core: InjectedCore
    ) -> CalendarsOut:
        """What was counted by the former ones stays counted."""
        async with core.units.write(caller.actor) as work:
            version = await policies.save_book(work, data.book, data.version, apply=data.apply)
            return await _calendars(work.session, version, data.book)

    @get("/holidays", guards=[requires("tickets.read")], summary="A country's holidays")
    async def holidays(
        self,
        core: InjectedCore,
        country: FromQuery[str],
        subdivision: FromQuery[str] = "",
        year: FromQuery[int | None] = None,
    ) -> HolidayList:
        """Of one year, in order."""
        try:
            found = named_holidays(
                country, [year or core.units.clock().year], subdivision=subdivision or None
            )
        except ValueError as error:
            raise Invalid(str(error)) from error
        return HolidayList([Holiday(day, name) for day, name in found.items()])

    @get("/countries", guards=[requires("tickets.read")], summary="Countries with holidays")
    async def countries(self) -> Countries:
        """ISO 3166-1 codes, each with its subdivisions."""
        return Countries(
            {code: sorted(parts) for code, parts in sorted(subdivisions_by_country().items())}
        )


async def _calendars(session: AsyncSession, version: int, book: books.BookData) -> CalendarsOut:
    rules = await Rulebooks().at(session)
    return CalendarsOut(
        version, book, {key: policies.policies_by(rules, key) for key in book.calendars}
    )


def _promises(
    rules: repository.Rulebook, version: PolicyVersion, data: PromisesIn, at: datetime
) -> list[Promise]:
    start = Start(
        priority=data.priority,
        policy=version.key,
        calendars=rules.book,
        team=str(data.team_id) if data.team_id else "",
        zone=data.zone,
    )
    try:
        found = policies.preview(rules, version, start, at)
    except ValueError as error:
        raise Invalid(str(error)) from error
    return [Promise(one["metric"], one["due_at"]) for one in found]


async def _out(session: AsyncSession, row: SlaPolicy) -> PolicyOut:
    present = (await repository.versions(session, row.id))[0]
    data = {k: v for k, v in present.data.items() if k not in {"policy", "version"}}
    return PolicyOut(
        id=row.id,
        name=row.name,
        active=row.active,
        version=row.version,
        data=data,
        updated_at=row.updated_at,
    )
