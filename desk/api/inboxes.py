"""`/api/v1/inboxes`: where messages come in, and whether each one works."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from channels.contract import Capabilities, Check
from channels.registry import Registry, UnknownChannelError
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.parts import InjectedShelf
from desk.errors import Invalid, NotFound
from desk.inboxes import repository, service
from desk.inboxes.models import Inbox
from desk.inboxes.options import COMMON, problems


class CapabilitiesOut(msgspec.Struct):
    """What the composer may offer."""

    subject: bool
    html: bool
    cc: bool
    attachments: bool
    max_attachment_bytes: int
    max_text_chars: int | None
    typing: bool
    read_receipts: bool
    live: bool
    undo_seconds: int
    reply_window_seconds: float | None
    delivery_receipts: bool
    buttons: bool
    max_buttons: int
    templates: bool
    tags: list[str]
    segments: bool
    max_attachments: int | None
    attachment_types: list[str]
    reactions: bool
    consent: bool


class DirectionOut(msgspec.Struct):
    """How one direction works: the newest success and the newest failure."""

    success_at: datetime | None
    error_at: datetime | None
    error: str


class InboxOut(msgspec.Struct):
    """An inbox; its secrets are named in `secrets_set`, never shown."""

    id: UUID
    name: str
    channel: str
    address: str
    active: bool
    locale: str
    team_id: UUID | None
    fallback_inbox_id: UUID | None
    capabilities: CapabilitiesOut
    options: dict[str, Any]
    secrets_set: list[str]
    last_success_at: datetime | None
    last_error_at: datetime | None
    last_error: str
    webhook_url: str | None
    inbound: DirectionOut
    outbound: DirectionOut


class InboxList(msgspec.Struct):
    """All inboxes."""

    items: list[InboxOut]


class NewInbox(msgspec.Struct, forbid_unknown_fields=True):
    """An inbox to add."""

    channel: str
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    address: Annotated[str, Meta(max_length=320)] = ""
    locale: Annotated[str, Meta(max_length=35)] = "en"
    team_id: UUID | None = None
    fallback_inbox_id: UUID | None = None
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    secrets: dict[str, str] = msgspec.field(default_factory=dict)


class InboxChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What to change; what is left out stays."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    address: Annotated[str, Meta(max_length=320)] | UnsetType = UNSET
    locale: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET
    fallback_inbox_id: UUID | UnsetType | None = UNSET
    options: dict[str, Any] | UnsetType = UNSET
    secrets: dict[str, str] | UnsetType = UNSET


class CheckOut(msgspec.Struct):
    """One line of a check-up."""

    name: str
    ok: bool
    detail: str
    remedy: str


class CheckList(msgspec.Struct):
    """A check-up of one inbox."""

    items: list[CheckOut]


class InboxController(Controller):
    """Inboxes."""

    path = "/inboxes"
    tags = ("Inboxes",)

    @get(guards=[requires("agents.read")], summary="List inboxes")
    async def listing(self, caller: Caller, core: InjectedCore, shelf: InjectedShelf) -> InboxList:
        """All inboxes by name; their options are for those who manage them."""
        async with core.units.read() as session:
            rows = await repository.listing(session)
        full = caller.may("inboxes.manage")
        return InboxList(
            [inbox_out(row, shelf.channels, core.settings.public_url, full=full) for row in rows]
        )

    @post(guards=[requires("inboxes.manage")], summary="Add an inbox")
    async def create(
        self, data: JSONBody[NewInbox], caller: Caller, core: InjectedCore, shelf: InjectedShelf
    ) -> InboxOut:
        """Add an inbox of one of the desk's channels."""
        _check(shelf.channels, data.channel, data.options, data.secrets)
        async with core.units.write(caller.actor) as work:
            row = await service.create(
                work,
                shelf.box,
                channel=data.channel,
                name=data.name,
                address=data.address,
                locale=data.locale,
                team_id=data.team_id,
                fallback_inbox_id=data.fallback_inbox_id,
                options=data.options,
                secrets=data.secrets,
            )
        return inbox_out(row, shelf.channels, core.settings.public_url, full=True)

    @patch("/{inbox_id:uuid}", guards=[requires("inboxes.manage")], summary="Change an inbox")
    async def change(
        self,
        inbox_id: FromPath[UUID],
        data: JSONBody[InboxChange],
        caller: Caller,
        core: InjectedCore,
        shelf: InjectedShelf,
    ) -> InboxOut:
        """Change an inbox. A secret that is given replaces the one before."""
        fields = {
            name: value
            for name, value in msgspec.structs.asdict(data).items()
            if value is not UNSET
        }
        secrets = fields.pop("secrets", {})
        async with core.units.write(caller.actor) as work:
            row = await repository.get(work.session, inbox_id)
            if row is None:
                raise NotFound("There is no such inbox.")
            _check(shelf.channels, row.channel, fields.get("options", {}), secrets)
            row = await service.change(work, shelf.box, inbox_id, fields, secrets)
        return inbox_out(row, shelf.channels, core.settings.public_url, full=True)

    @post(
        "/{inbox_id:uuid}/check",
        guards=[requires("inboxes.manage")],
        summary="Check an inbox",
        status_code=200,
    )
    async def check(
        self, inbox_id: FromPath[UUID], core: InjectedCore, shelf: InjectedShelf
    ) -> CheckList:
        """Try the credentials and the connection; each line says how to mend what is wrong."""
        async with core.units.read() as session:
            row = await repository.get(session, inbox_id)
        if row is None:
            raise NotFound("There is no such inbox.")
        config = service.config(row, shelf.box, core.settings.public_url)
        return check_list(await shelf.channels.get(row.channel).check(config))

    @post(
        "/{inbox_id:uuid}/connect",
        guards=[requires("inboxes.manage")],
        summary="Connect an inbox",
        status_code=200,
    )
    async def connect(
        self, inbox_id: FromPath[UUID], core: InjectedCore, shelf: InjectedShelf
    ) -> CheckList:
        """Have the provider call this desk; what has to be done by hand is said step by step."""
        async with core.units.read() as session:
            row = await repository.get(session, inbox_id)
        if row is None:
            raise NotFound("There is no such inbox.")
        if not shelf.channels.manifest(row.channel).webhook:
            raise Invalid("This channel needs no connecting; check the inbox instead.")
        config = service.config(row, shelf.box, core.settings.public_url)
        url = config.webhook_url(row.channel)
        return check_list(await shelf.channels.get(row.channel).connect(config, url))


def check_list(lines: Iterable[Check]) -> CheckList:
    """Lines of a check-up as they cross the edge."""
    return CheckList([CheckOut(c.name, c.ok, c.detail, c.remedy) for c in lines])


def _check(
    channels: Registry, channel: str, options: dict[str, Any], secrets: dict[str, str]
) -> None:
    try:
        manifest = channels.manifest(channel)
    except UnknownChannelError as error:
        raise Invalid(errors=[("channel", str(error))]) from error
    errors = [
        (f"options.{name}", f"is none of {', '.join(sorted(manifest.options))}")
        for name in options
        if name not in manifest.options and name not in COMMON
    ]
    errors += problems(options)
    errors += [
        (f"secrets.{name}", f"is none of {', '.join(sorted(manifest.secrets))}")
        for name in secrets
        if name not in manifest.secrets
    ]
    if errors:
        raise Invalid(errors=errors)


def inbox_out(row: Inbox, channels: Registry, public_url: str, *, full: bool) -> InboxOut:
    """From the model; `full` shows the options too."""
    return InboxOut(
        id=row.id,
        name=row.name,
        channel=row.channel,
        address=row.address,
        active=row.active,
        locale=row.locale,
        team_id=row.team_id,
        fallback_inbox_id=row.fallback_inbox_id,
        capabilities=capabilities_out(channels.get(row.channel).capabilities),
        options=row.options if full else {},
        secrets_set=sorted(row.secrets) if full else [],
        last_success_at=row.last_success_at,
        last_error_at=row.last_error_at,
        last_error=row.last_error if full else "",
        webhook_url=f"{public_url}/webhooks/{row.channel}/{row.id}"
        if full and channels.manifest(row.channel).webhook
        else None,
        inbound=DirectionOut(
            row.inbound_at, row.inbound_error_at, row.inbound_error if full else ""
        ),
        outbound=DirectionOut(
            row.outbound_at, row.outbound_error_at, row.outbound_error if full else ""
        ),
    )


def capabilities_out(c: Capabilities) -> CapabilitiesOut:
    """What the composer may offer, as it crosses the edge."""
    return CapabilitiesOut(
        subject=c.subject,
        html=c.html,
        cc=c.cc,
        attachments=c.attachments,
        max_attachment_bytes=c.max_attachment_bytes,
        max_text_chars=c.max_text_chars,
        typing=c.typing,
        read_receipts=c.read_receipts,
        live=c.live,
        undo_seconds=c.undo_seconds,
        reply_window_seconds=c.reply_window.total_seconds() if c.reply_window else None,
        delivery_receipts=c.delivery_receipts,
        buttons=c.buttons,
        max_buttons=c.max_buttons,
        templates=c.templates,
        tags=list(c.tags),
        segments=c.segments,
        max_attachments=c.max_attachments,
        attachment_types=list(c.attachment_types),
        reactions=c.reactions,
        consent=c.consent,
    )
