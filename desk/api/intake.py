"""`/api/v1/intake`: stored payloads; what could not be read can be seen, mended and replayed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta
from sqlalchemy import select

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.pagination import Cursor, Limit, Page, decode_cursor, encode_cursor, page_of
from desk.api.parts import InjectedShelf
from desk.api.security_headers import UNTRUSTED_CONTENT
from desk.delivery import failures
from desk.errors import NotFound
from desk.inboxes.models import Inbox
from desk.intake import mending, raw
from desk.intake.models import RawInbound
from desk.tickets.models import Message

State = Annotated[
    Literal["received", "done", "failed", "discarded"],
    QueryParameter(name="state", description="Which payloads."),
]
InboxId = Annotated[UUID | None, QueryParameter(name="inbox", description="Of one inbox only.")]
MAX_SHOWN = 1024 * 1024  # characters of a payload that are shown


class RawOut(msgspec.Struct):
    """A stored payload."""

    id: UUID
    inbox_id: UUID
    external_id: str
    state: str
    error: str
    attempts: int
    size: int
    received_at: datetime


class FixOut(msgspec.Struct):
    """How somebody mended a payload."""

    author_id: UUID | None
    author_name: str
    reason: str
    created_at: datetime
    text: str


class RawDetail(RawOut):
    """A payload to look at. `text` is the original, indented when it is JSON; cut when long."""

    channel: str
    content_type: str
    headers: dict[str, str]
    url: str
    text: str
    is_text: bool
    truncated: bool
    fixes: list[FixOut]
    messages: list[UUID]


class FixIn(msgspec.Struct, forbid_unknown_fields=True):
    """A mended payload."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_SHOWN)]
    reason: Annotated[str, Meta(max_length=1000)] = ""


class DiscardIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why nobody needs a payload."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


class IntakeCounts(msgspec.Struct):
    """What waits for a person: payloads that failed, messages that did not go out."""

    failed: int
    received: int
    undelivered: int


class IntakeController(Controller):
    """Stored payloads."""

    path = "/intake"
    tags = ("Intake",)

    @get(guards=[requires("intake.read")], summary="List payloads")
    async def listing(
        self,
        core: InjectedCore,
        wanted: State = "failed",  # `state` is a name of the framework's own
        inbox_id: InboxId = None,
        limit: FromQuery[Limit] = 50,
        cursor: FromQuery[Cursor] = None,
    ) -> Page[RawOut]:
        """Payloads in a state, newest first."""
        after = decode_cursor(cursor, wanted, UUID)
        async with core.units.read() as session:
            found = await mending.listing(
                session, wanted, after[0] if after else None, limit + 1, inbox_id
            )
        rows, more = page_of(found, limit)
        return Page(
            items=[_out(row) for row in rows],
            next_cursor=encode_cursor(wanted, rows[-1].id) if more else None,
        )

    @get("/counts", guards=[requires("intake.read")], summary="Count what waits for a person")
    async def counts(self, core: InjectedCore) -> IntakeCounts:
        """For the badge on the page."""
        async with core.units.read() as session:
            found = await mending.counts(session)
            undelivered = await failures.count(session)
        return IntakeCounts(found["failed"], found["received"], undelivered)

    @get("/{raw_id:uuid}", guards=[requires("intake.read")], summary="A payload to look at")
    async def one(
        self, raw_id: FromPath[UUID], core: InjectedCore, shelf: InjectedShelf
    ) -> RawDetail:
        """The payload as text, its headers, how it was mended, and the messages it made."""
        async with core.units.read() as session:
            row = await session.get(RawInbound, raw_id)
            if row is None:
                raise NotFound("There is no such payload.")
            inbox = await session.get_one(Inbox, row.inbox_id)
            fixes = await mending.fixes(session, raw_id)
            made = await session.scalars(select(Message.id).where(Message.raw_inbound_id == raw_id))
            messages = list(made)
        text, is_text = readable(raw.body(row, shelf.blobs))
        plain = _out(row)
        return RawDetail(
            **{name: getattr(plain, name) for name in plain.__struct_fields__},
            channel=inbox.channel,
            content_type=row.content_type,
            headers=dict(raw.payload(row, shelf.blobs).headers),
            url=row.url,
            text=text[:MAX_SHOWN],
            is_text=is_text,
            truncated=len(text) > MAX_SHOWN,
            fixes=[
                FixOut(
                    fix.author_id,
                    fix.author_name,
                    fix.reason,
                    fix.created_at,
                    fix.payload.decode("utf-8", "replace"),
                )
                for fix in fixes
            ],
            messages=messages,
        )

    @get("/{raw_id:uuid}/raw", guards=[requires("intake.read")], summary="A payload")
    async def payload(
        self, raw_id: FromPath[UUID], core: InjectedCore, shelf: InjectedShelf
    ) -> Response[bytes]:
        """The payload byte for byte, as plain text that does nothing."""
        async with core.units.read() as session:
            row = await session.get(RawInbound, raw_id)
        if row is None:
            raise NotFound("There is no such payload.")
        return Response(
            raw.body(row, shelf.blobs),
            media_type="text/plain; charset=utf-8",
            headers={
                "content-security-policy": UNTRUSTED_CONTENT,
                "content-disposition": f'attachment; filename="{raw_id}.txt"',
            },
        )

    @post(
        "/{raw_id:uuid}/replay",
        guards=[requires("intake.replay")],
        summary="Process again",
        status_code=202,
    )
    async def replay(self, raw_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> RawOut:
        """Process a payload again; what it made before is recognised and not made twice."""
        async with core.units.write(caller.actor) as work:
            return _out(await mending.replay(work, raw_id))

    @post(
        "/{raw_id:uuid}/fix",
        guards=[requires("intake.replay")],
        summary="Mend and process",
        status_code=202,
    )
    async def fix(
        self, raw_id: FromPath[UUID], data: JSONBody[FixIn], caller: Caller, core: InjectedCore
    ) -> RawOut:
        """Process a mended text in place of what failed; the original stays beside it."""
        async with core.units.write(caller.actor) as work:
            return _out(await mending.fix(work, raw_id, data.text.encode(), data.reason))

    @post(
        "/{raw_id:uuid}/discard",
        guards=[requires("intake.replay")],
        summary="Put a payload away",
        status_code=200,
    )
    async def discard(
        self, raw_id: FromPath[UUID], data: JSONBody[DiscardIn], caller: Caller, core: InjectedCore
    ) -> RawOut:
        """Nobody needs it, and why; it stays stored and can be replayed."""
        async with core.units.write(caller.actor) as work:
            return _out(await mending.discard(work, raw_id, data.reason))


def readable(body: bytes) -> tuple[str, bool]:
    """The payload as text, JSON indented; whether that is all of it, byte for byte."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace"), False
    try:
        return msgspec.json.format(text), True
    except msgspec.DecodeError:
        return text, True


def _out(row: RawInbound) -> RawOut:
    return RawOut(
        id=row.id,
        inbox_id=row.inbox_id,
        external_id=row.external_id,
        state=row.state,
        error=row.error,
        attempts=row.attempts,
        size=row.size,
        received_at=row.received_at,
    )
