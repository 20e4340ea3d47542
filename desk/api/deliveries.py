"""`/api/v1/deliveries`: messages that did not go out, and each attempt to send one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from sqlalchemy import select

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.pagination import Cursor, Limit, Page, decode_cursor, encode_cursor, page_of
from desk.delivery import failures
from desk.errors import DeskError
from desk.tickets import undo
from desk.tickets.models import Delivery
from desk.tickets.storing import preview
from desk.tickets.views import MessageView, message_views

State = Annotated[
    Literal["failed", "dead"] | None,
    QueryParameter(name="state", description="failed: refused for good; dead: tried often enough."),
]
ChannelKind = Annotated[str | None, QueryParameter(name="channel", max_length=40)]
InboxId = Annotated[UUID | None, QueryParameter(name="inbox")]
MAX_BULK = 200


class FailedOut(msgspec.Struct):
    """A message that did not go out."""

    id: UUID
    ticket_id: UUID
    ticket_number: int
    subject: str
    contact_name: str
    inbox_id: UUID
    channel: str
    author_name: str
    preview: str
    state: str
    reason: str
    created_at: datetime


class AttemptOut(msgspec.Struct):
    """One attempt, with the provider's words."""

    attempt: int
    recipient: str
    state: str
    code: str
    detail: str
    external_id: str | None
    started_at: datetime
    finished_at: datetime | None


class AttemptList(msgspec.Struct):
    """Every attempt, the first one first."""

    items: list[AttemptOut]


class RetryIn(msgspec.Struct, forbid_unknown_fields=True):
    """Messages to send again."""

    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MAX_BULK)]


class RetryResult(msgspec.Struct):
    """What became of one."""

    id: UUID
    ok: bool
    error: str | None = None


class RetryResults(msgspec.Struct):
    """What became of each."""

    items: list[RetryResult]


class DeliveryController(Controller):
    """Deliveries."""

    path = "/deliveries"
    tags = ("Messages",)

    @get(guards=[requires("tickets.read")], summary="List messages that did not go out")
    async def listing(
        self,
        core: InjectedCore,
        wanted: State = None,
        channel: ChannelKind = None,
        inbox_id: InboxId = None,
        limit: FromQuery[Limit] = 50,
        cursor: FromQuery[Cursor] = None,
    ) -> Page[FailedOut]:
        """Newest first."""
        after = decode_cursor(cursor, "deliveries", UUID)
        filters = failures.Filter(
            (wanted,) if wanted else failures.FAILED, channel=channel, inbox_id=inbox_id
        )
        async with core.units.read() as session:
            found = await failures.listing(session, filters, after[0] if after else None, limit + 1)
        rows, more = page_of(found, limit)
        return Page(
            items=[
                FailedOut(
                    id=row.id,
                    ticket_id=row.ticket_id,
                    ticket_number=number,
                    subject=subject,
                    contact_name=name,
                    inbox_id=row.inbox_id,
                    channel=row.channel,
                    author_name=row.author_name,
                    preview=preview(row.fresh),
                    state=row.state,
                    reason=row.state_reason,
                    created_at=row.created_at,
                )
                for row, number, subject, name in rows
            ],
            next_cursor=encode_cursor("deliveries", rows[-1][0].id) if more else None,
        )

    @post("/retry", guards=[requires("tickets.write")], summary="Send many again", status_code=200)
    async def retry(
        self, data: JSONBody[RetryIn], caller: Caller, core: InjectedCore
    ) -> RetryResults:
        """Queue up to 200 messages once more; each succeeds or fails on its own."""
        results: list[RetryResult] = []
        for message_id in dict.fromkeys(data.ids):
            try:
                async with core.units.write(caller.actor) as work:
                    await undo.retry(work, message_id)
            except DeskError as error:
                results.append(RetryResult(message_id, ok=False, error=error.detail))
            else:
                results.append(RetryResult(message_id, ok=True))
        return RetryResults(results)

    @get(
        "/{message_id:uuid}",
        guards=[requires("tickets.read")],
        summary="Attempts to send a message",
    )
    async def attempts(self, message_id: FromPath[UUID], core: InjectedCore) -> AttemptList:
        """What was tried and what the provider said."""
        async with core.units.read() as session:
            rows = await session.scalars(
                select(Delivery).where(Delivery.message_id == message_id).order_by(Delivery.attempt)
            )
            return AttemptList(
                [
                    AttemptOut(
                        row.attempt,
                        row.recipient,
                        row.state,
                        row.code,
                        row.detail,
                        row.external_id,
                        row.started_at,
                        row.finished_at,
                    )
                    for row in rows
                ]
            )

    @post(
        "/{message_id:uuid}/give-up",
        guards=[requires("tickets.write")],
        summary="Give a failed message up",
        status_code=200,
    )
    async def give_up(
        self, message_id: FromPath[UUID], caller: Caller, core: InjectedCore
    ) -> MessageView:
        """It leaves the list; the thread still shows it, and why."""
        async with core.units.write(caller.actor) as work:
            row = await failures.give_up(work, message_id)
            return (await message_views(work.session, [row]))[0]
