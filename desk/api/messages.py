"""`/api/v1/tickets/{id}/messages` and `/api/v1/messages/{id}`: read, answer, note, undo, retry."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.parts import InjectedShelf, Shelf
from desk.contacts.identity import normalise
from desk.delivery import permit
from desk.errors import Invalid, NotFound, StaleReply
from desk.inboxes import templates
from desk.inboxes.models import Inbox
from desk.tickets import drafts, messages, repository, undo
from desk.tickets.lifecycle import Status
from desk.tickets.messages import MAX_TEXT_CHARS, Outbound
from desk.tickets.views import MessageView, message_views
from desk.unit_of_work import UnitOfWork

MAX_UNDO_SECONDS = 30
Seq = Annotated[int | None, QueryParameter(ge=0, le=2**31 - 1)]
MessageLimit = Annotated[int, QueryParameter(ge=1, le=200)]


Short = Annotated[str, Meta(max_length=2000)]
Shorts = Annotated[list[Short], Meta(max_length=50)]


class TemplateIn(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A message that the provider has approved, with what fills its gaps."""

    name: Annotated[str, Meta(min_length=1, max_length=512)]
    language: Annotated[str, Meta(min_length=1, max_length=35)]
    parameters: Shorts = msgspec.field(default_factory=list)
    names: Shorts = msgspec.field(default_factory=list)
    header: Shorts = msgspec.field(default_factory=list)
    header_kind: Annotated[str, Meta(max_length=20)] | None = None
    buttons: Shorts = msgspec.field(default_factory=list)
    button_kinds: Shorts = msgspec.field(default_factory=list)


class ButtonIn(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A choice under a message; `payload` comes back when it is pressed, `url` opens a page."""

    title: Annotated[str, Meta(min_length=1, max_length=80)]
    payload: Annotated[str, Meta(max_length=1000)] | None = None
    url: Annotated[str, Meta(max_length=2000)] | None = None
    description: Annotated[str, Meta(max_length=200)] | None = None


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A reply to the customer, or a note that only agents see.

    `last_seen_seq` is the newest message the writer has seen; a reply is refused when a newer one
    came. `client_id` makes sending again harmless. `undo_seconds` holds a reply back that long.
    What a channel cannot send now is refused with `refusals`, each saying what to do; ask
    `GET /inboxes/{id}/composer` before.
    """

    kind: Literal["reply", "note"]
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
    client_id: UUID
    last_seen_seq: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    attachment_ids: Annotated[list[UUID], Meta(max_length=50)] = msgspec.field(default_factory=list)
    mentions: Annotated[list[UUID], Meta(max_length=50)] = msgspec.field(default_factory=list)
    cc: Annotated[list[str], Meta(max_length=50)] = msgspec.field(default_factory=list)
    undo_seconds: Annotated[int, Meta(ge=0, le=MAX_UNDO_SECONDS)] = 0
    status: Status | None = None
    template: TemplateIn | None = None
    buttons: Annotated[list[ButtonIn], Meta(max_length=20)] = msgspec.field(default_factory=list)
    reply_to_seq: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    tag: Annotated[str, Meta(max_length=80)] | None = None


class MessageList(msgspec.Struct):
    """Messages in the order of their seq; `has_more`: there are earlier (or later) ones."""

    items: list[MessageView]
    has_more: bool


class MessageController(Controller):
    """Messages of a ticket."""

    path = "/tickets/{ticket_id:uuid}/messages"
    tags = ("Messages",)

    @get(guards=[requires("tickets.read")], summary="List messages")
    async def listing(
        self,
        ticket_id: FromPath[UUID],
        core: InjectedCore,
        limit: FromQuery[MessageLimit] = 50,
        before_seq: FromQuery[Seq] = None,
        after_seq: FromQuery[Seq] = None,
    ) -> MessageList:
        """The newest messages, those before a seq, or those after one."""
        async with core.units.read() as session:
            rows = await repository.messages(
                session, ticket_id, before=before_seq, after=after_seq, limit=limit + 1
            )
            if not rows and not await repository.exists_ticket(session, ticket_id):
                raise NotFound("There is no such ticket.")
            has_more = len(rows) > limit
            if has_more:
                rows = rows[:limit] if after_seq is not None else rows[1:]
            views = await message_views(session, rows)
        return MessageList(views, has_more)

    @post(guards=[requires("tickets.write")], summary="Reply or add a note")
    async def write(
        self,
        ticket_id: FromPath[UUID],
        data: JSONBody[NewMessage],
        caller: Caller,
        core: InjectedCore,
        shelf: InjectedShelf,
    ) -> Response[MessageView]:
        """Write to the customer or to colleagues. The same `client_id` again: 200, same message."""
        extra = special(data.template, data.buttons, data.reply_to_seq, data.tag)
        outbound = Outbound(
            kind=data.kind,
            text=data.text,
            extra=extra,
            client_id=data.client_id,
            last_seen_seq=data.last_seen_seq,
            cc=clean_addresses(data.cc),
            attachment_ids=data.attachment_ids,
            mentions=data.mentions,
            undo_seconds=data.undo_seconds,
            status=data.status,
        )
        try:
            async with core.units.write(caller.actor) as work:
                if data.kind == "reply":
                    outbound = await permitted(work, shelf, ticket_id, outbound)
                row, is_new = await messages.write(work, ticket_id, outbound)
                await drafts.drop(work, ticket_id, caller.id)
                view = (await message_views(work.session, [row]))[0]
        except StaleReply as stale:
            raise await _with_newer(core, stale) from stale
        return Response(view, status_code=201 if is_new else 200)


class MessageStateController(Controller):
    """What can be done with one message."""

    path = "/messages/{message_id:uuid}"
    tags = ("Messages",)

    @delete(guards=[requires("tickets.write")], summary="Take a held reply back", status_code=200)
    async def take_back(
        self, message_id: FromPath[UUID], caller: Caller, core: InjectedCore
    ) -> MessageView:
        """Take back a reply during its hold; afterwards 409 `too-late`."""
        async with core.units.write(caller.actor) as work:
            row = await undo.undo(work, message_id)
            return (await message_views(work.session, [row]))[0]

    @post("/retry", guards=[requires("tickets.write")], summary="Send again", status_code=202)
    async def send_again(
        self, message_id: FromPath[UUID], caller: Caller, core: InjectedCore
    ) -> MessageView:
        """Queue a message that failed once more."""
        async with core.units.write(caller.actor) as work:
            row = await undo.retry(work, message_id)
            return (await message_views(work.session, [row]))[0]


async def _with_newer(core: InjectedCore, stale: StaleReply) -> StaleReply:
    """The refusal with the newer messages as views."""
    rows = stale.extra.get("newer")
    async with core.units.read() as session:
        views = await message_views(session, rows if isinstance(rows, list) else [])
    return StaleReply(stale.detail, newer=views)


def special(
    template: TemplateIn | None,
    buttons: list[ButtonIn],
    reply_to_seq: int | None,
    tag: str | None,
) -> dict[str, Any] | None:
    """What only some channels can send, as it is stored with the message."""
    extra: dict[str, Any] = {}
    if template is not None:
        extra["template"] = msgspec.to_builtins(template)
    if buttons:
        extra["buttons"] = msgspec.to_builtins(buttons)
    if reply_to_seq is not None:
        extra["reply_to_seq"] = reply_to_seq
    if tag:
        extra["tag"] = tag
    return extra or None


async def permitted(
    work: UnitOfWork, shelf: Shelf, ticket_id: UUID, outbound: Outbound
) -> Outbound:
    """The reply, if its channel can send it now; a template's text is filled in. Raises Invalid."""
    ticket = await repository.get(work.session, ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    if await repository.by_client_id(work.session, ticket_id, outbound.client_id) is not None:
        return outbound
    inbox = await work.session.get_one(Inbox, ticket.inbox_id)
    manifest = shelf.channels.manifest(inbox.channel)
    template = (outbound.extra or {}).get("template")
    if template and not outbound.text:
        outbound = replace(outbound, text=templates.rendered(inbox.templates, template))
    files = await permit.files_of(work.session, outbound.attachment_ids)
    await permit.at_composing(
        work.session,
        ticket,
        inbox,
        manifest.capabilities,
        permit.plan_of(outbound.text, outbound.extra, files),
        work.now,
        manifest.identity_kind,
        manifest.silent_identity_kinds,
    )
    return outbound


def clean_addresses(values: list[str]) -> list[str]:
    """Mail addresses in their normal form, each once. Raises Invalid."""
    try:
        return list(dict.fromkeys(normalise("email", value) for value in values))
    except ValueError as error:
        raise Invalid(errors=[("cc", str(error))]) from error
