"""`/api/v1/intake`: stored payloads; what could not be read can be looked at and replayed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.pagination import Cursor, Limit, Page, decode_cursor, encode_cursor, page_of
from desk.api.parts import InjectedShelf
from desk.api.security_headers import UNTRUSTED_CONTENT
from desk.errors import NotFound
from desk.intake import raw
from desk.intake.models import RawInbound

State = Annotated[
    Literal["received", "done", "failed"],
    QueryParameter(name="state", description="Which payloads."),
]


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


class IntakeController(Controller):
    """Stored payloads."""

    path = "/intake"
    tags = ("Intake",)

    @get(guards=[requires("intake.read")], summary="List payloads")
    async def listing(
        self,
        core: InjectedCore,
        wanted: State = "failed",  # `state` is a name of the framework's own
        limit: FromQuery[Limit] = 50,
        cursor: FromQuery[Cursor] = None,
    ) -> Page[RawOut]:
        """Payloads in a state, newest first."""
        after = decode_cursor(cursor, wanted, UUID)
        async with core.units.read() as session:
            found = await raw.listing(session, wanted, after[0] if after else None, limit + 1)
        rows, more = page_of(found, limit)
        return Page(
            items=[_out(row) for row in rows],
            next_cursor=encode_cursor(wanted, rows[-1].id) if more else None,
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
            return _out(await raw.replay(work, raw_id))


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
