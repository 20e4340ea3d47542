"""`/api/v1/start`: the first owner of an empty desk, and how far its first run has come."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, patch, post
from litestar.params import JSONBody
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents.models import Agent
from desk.agents.rules import normalise_email
from desk.api.agents import Email, Name, Password
from desk.api.authentication import PUBLIC
from desk.api.cookies import COOKIE, session_cookie
from desk.api.core import Caller, Core, InjectedCore
from desk.api.guards import requires
from desk.api.headers import cookie, header
from desk.api.people import SessionOut
from desk.api.sessions import session_out
from desk.auth.service import Origin
from desk.errors import CsrfFailed, Forbidden
from desk.firstrun import rules, service
from desk.inboxes import repository as inboxes
from desk.tickets.models import Ticket
from desk.triage import policies
from sla import books
from sla import repository as calendars

CALENDAR = "desk"  # the key of the calendar that the first run makes
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip")
_OWN_PAGES = frozenset({"", "none", "same-origin"})  # Sec-Fetch-Site
Locales = Annotated[list[Annotated[str, Meta(max_length=35)]], Meta(min_length=1, max_length=40)]


class StartOut(msgspec.Struct):
    """What anybody may know: whether the desk waits for its owner, and asks them for the token."""

    empty: bool
    token_needed: bool


class NewOwner(msgspec.Struct, forbid_unknown_fields=True):
    """The first agent. `token` is the one in the desk's console, where it is asked for."""

    email: Email
    name: Name
    password: Password
    locale: str = "en"
    timezone: str = "UTC"
    token: Annotated[str, Meta(max_length=200)] = ""


class StartInbox(msgspec.Struct):
    """An inbox that messages can come in by."""

    id: UUID
    name: str
    channel: str
    address: str
    origins: list[str]


class Sighting(msgspec.Struct):
    """A site that loaded the widget; `allowed` where an inbox names its origin."""

    origin: str
    at: datetime
    allowed: bool


class FirstTicket(msgspec.Struct):
    """The newest ticket, and whether anybody has answered it."""

    id: UUID
    number: int
    inbox_id: UUID
    subject: str
    preview: str
    contact: str
    last_seq: int
    answered: bool


class ProgressOut(msgspec.Struct):
    """How far the first run has come; what can be seen from the desk's data is not stored twice."""

    name: str
    locales: list[str]
    timezone: str
    hours: dict[str, list[list[str]]]
    skipped: list[str]
    finished: bool
    named: bool
    agents: int
    outgoing_mail: bool
    inboxes: list[StartInbox]
    sightings: list[Sighting]
    ticket: FirstTicket | None


class ProgressChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What to change; what is left out stays. `hours` by weekday ("0" is Monday)."""

    name: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    locales: Locales | UnsetType = UNSET
    timezone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    hours: dict[str, books.Windows] | UnsetType = UNSET
    skipped: Annotated[list[str], Meta(max_length=20)] | UnsetType = UNSET
    finished: bool | UnsetType = UNSET


class StartController(Controller):
    """The first run."""

    path = "/start"
    tags = ("First run",)

    @get(opt={PUBLIC: True}, summary="Whether the desk waits for its owner")
    async def state(self, request: Request[Any, Any, Any], core: InjectedCore) -> StartOut:
        """Public: a page asks it before anybody can sign in."""
        async with core.units.read() as session:
            empty = await service.is_empty(session)
        return StartOut(empty=empty, token_needed=empty and _needs_token(core, request))

    @post("/owner", opt={PUBLIC: True}, summary="Become the first owner")
    async def become_owner(
        self, request: Request[Any, Any, Any], data: JSONBody[NewOwner], core: InjectedCore
    ) -> Response[SessionOut]:
        """Add the first agent, an admin, and sign them in. Works once, on an empty desk."""
        if header(request.scope, b"sec-fetch-site") not in _OWN_PAGES:
            raise CsrfFailed  # a page elsewhere, even on this machine
        ip = core.proxies.client_ip(request.scope)
        core.logins.take(ip, "first owner")
        if _needs_token(core, request) and not rules.token_matches(core.secret, data.token):
            raise Forbidden(
                "Give the token that the desk printed when it started; it proves that this desk "
                "is yours.",
                permission="token",
            )
        hashed = await core.passwords.hash(data.password)
        async with core.units.write() as work:
            await service.create_owner(
                work,
                email=data.email,
                person=data.name,
                password_hash=hashed,
                locale=data.locale,
                timezone=data.timezone,
            )
        core.logins.succeeded(ip, "first owner")
        signed_in = await core.sessions.sign_in(
            normalise_email(data.email),
            data.password,
            Origin(ip=ip, user_agent=header(request.scope, b"user-agent")),
            previous=cookie(request.scope, COOKIE),
        )
        return Response(
            await session_out(core, signed_in.agent),
            status_code=201,
            cookies=[session_cookie(core.settings, signed_in.token)],
        )

    @get("/progress", guards=[requires("inboxes.manage")], summary="How far the first run is")
    async def progress(self, core: InjectedCore) -> ProgressOut:
        """Each step's facts, read from the desk itself: the wizard can be left and resumed."""
        async with core.units.read() as session:
            return await _progress(session)

    @patch("/progress", guards=[requires("inboxes.manage")], summary="Change the desk's profile")
    async def change(
        self, data: JSONBody[ProgressChange], caller: Caller, core: InjectedCore
    ) -> ProgressOut:
        """Name, languages, hours, skipped steps. Hours also become the calendar that counts."""
        fields = {
            name: value
            for name, value in msgspec.structs.asdict(data).items()
            if value is not UNSET
        }
        finished = fields.pop("finished", None)
        async with core.units.write(caller.actor) as work:
            await service.change(work, msgspec.to_builtins(fields), finished=finished)
            if {"hours", "timezone"} & set(fields):
                await _save_calendar(work)
        async with core.units.read() as session:
            return await _progress(session)


def _needs_token(core: Core, request: Request[Any, Any, Any]) -> bool:
    client = request.scope.get("client")
    return rules.needs_token(
        bound=core.settings.host,
        public_url=core.settings.public_url,
        peer=client[0] if client else "",
        asked_host=header(request.scope, b"host"),
        forwarded=any(header(request.scope, name) for name in _FORWARDED),
    )


async def _save_calendar(work: Any) -> None:  # noqa: ANN401 - a UnitOfWork
    """The desk's hours as the calendar that deadlines count by."""
    profile = await service.profile(work.session)
    if profile is None or not profile.hours:
        return
    version, book = await calendars.book_data(work.session)
    mine = books.CalendarData(
        name=profile.name,
        timezone=profile.timezone,
        windows=msgspec.convert(profile.hours, dict[str, books.Windows]),
    )
    if book.calendars.get(CALENDAR) == mine and book.default == CALENDAR:
        return
    changed = msgspec.structs.replace(
        book, default=CALENDAR, calendars={**book.calendars, CALENDAR: mine}
    )
    await policies.save_book(work, changed, version)


async def _progress(session: AsyncSession) -> ProgressOut:
    profile = await service.profile(session)
    found = await inboxes.listing(session, active_only=True)
    named = {str(origin) for row in found for origin in row.options.get("origins") or []}
    return ProgressOut(
        name=profile.name if profile else service.NAME,
        locales=profile.locales if profile else ["en"],
        timezone=profile.timezone if profile else "UTC",
        hours=profile.hours if profile else {},
        skipped=profile.skipped if profile else [],
        finished=profile is not None and profile.finished_at is not None,
        named=profile is not None and profile.name != service.NAME,
        agents=await session.scalar(select(func.count()).select_from(Agent)) or 0,
        outgoing_mail=any(row.channel == "email" for row in found),
        inboxes=[
            StartInbox(
                id=row.id,
                name=row.name,
                channel=row.channel,
                address=row.address,
                origins=[str(item) for item in row.options.get("origins") or []],
            )
            for row in found
        ],
        sightings=[
            Sighting(origin=row.origin, at=row.at, allowed=row.origin in named)
            for row in await service.sightings(session)
        ],
        ticket=await _newest(session),
    )


async def _newest(session: AsyncSession) -> FirstTicket | None:
    row = await session.scalar(select(Ticket).order_by(Ticket.id.desc()).limit(1))
    if row is None:
        return None
    return FirstTicket(
        id=row.id,
        number=row.number,
        inbox_id=row.inbox_id,
        subject=row.subject,
        preview=row.last_message_preview,
        contact=row.contact_name,
        last_seq=row.last_seq,
        answered=row.first_replied_at is not None,
    )
