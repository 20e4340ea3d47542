"""`/api/v1/audit`: everything that anybody changed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import QueryParameter

from desk.api.core import InjectedCore
from desk.api.event_out import EventOut, event_out
from desk.api.guards import requires
from desk.api.pagination import Cursor, Limit, Page, decode_cursor, encode_cursor, page_of
from desk.db import history
from desk.errors import Invalid
from desk.events import Kind

_SORT = "audit"


@get(
    "/audit",
    guards=[requires("audit.read")],
    summary="Read the audit log",
    tags=["Audit"],
    operation_id="ListAudit",
)
async def audit(
    core: InjectedCore,
    kind: Annotated[
        list[str] | None,
        QueryParameter(description="Kinds, repeated or with commas; `session.` for all of them."),
    ] = None,
    actor: Annotated[UUID | None, QueryParameter(description="The agent who did it.")] = None,
    ticket: Annotated[UUID | None, QueryParameter(description="The ticket it was done to.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[EventOut]:
    """Events, newest first."""
    after = decode_cursor(cursor, _SORT, int)
    wanted = history.Filter(kinds=_kinds(kind or []), actor_id=actor, ticket_id=ticket)
    async with core.units.read() as session:
        rows = await history.newest(
            session, wanted, before_seq=after[0] if after else None, limit=limit + 1
        )
    shown, more = page_of(rows, limit)
    return Page(
        items=[event_out(row) for row in shown],
        next_cursor=encode_cursor(_SORT, shown[-1].seq) if more else None,
    )


def _kinds(given: list[str]) -> list[str]:
    kinds = [part.strip() for item in given for part in item.split(",") if part.strip()]
    for kind in kinds:
        if not any(known == kind or (kind[-1] == "." and known.startswith(kind)) for known in Kind):
            raise Invalid(errors=[("kind", f"There is no kind of event called {kind[:60]}.")])
    return kinds
