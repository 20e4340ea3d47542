"""`/api/v1/inboxes/{id}/composer`: what can be sent now, so that nobody writes what cannot go."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channels.contract import Capabilities, TemplateOffer
from channels.manifest import Manifest
from desk.api.core import InjectedCore
from desk.api.guards import requires
from desk.api.inboxes import CapabilitiesOut, capabilities_out
from desk.api.parts import InjectedShelf
from desk.contacts import consent
from desk.contacts.models import Identity
from desk.delivery import permit
from desk.delivery.rules import (
    Plan,
    Situation,
    has_window,
    is_window_open,
    refusals,
    window_closes_at,
)
from desk.errors import Invalid, NotFound
from desk.inboxes import repository, service, templates
from desk.inboxes.models import Inbox
from desk.tickets import repository as tickets
from desk.tickets.messages import MAX_TEXT_CHARS

Wanted = Annotated[UUID | None, QueryParameter(name="ticket", description="The ticket to answer.")]
Refresh = Annotated[bool, QueryParameter(description="Ask the provider for its templates anew.")]
_PROBE: Final = Plan(text="")


class WindowOut(msgspec.Struct):
    """The provider's window for free text; None where there is none."""

    open: bool
    closes_at: datetime | None


class ConsentOut(msgspec.Struct):
    """What the customer granted or withdrew on this channel."""

    purpose: str
    state: str
    changed_at: datetime
    evidence: str


class RefusalOut(msgspec.Struct):
    """Why a plain text cannot be sent now."""

    field: str
    code: str
    text: str


class TemplateOut(msgspec.Struct):
    """A template that the provider has approved; `note` says why one is not usable."""

    name: str
    language: str
    body: str
    parameters: int
    names: list[str]
    header: str
    header_kind: str
    footer: str
    buttons: list[str]
    button_kinds: list[str]
    category: str
    usable: bool
    note: str


class ComposerOut(msgspec.Struct):
    """What the composer offers. `refusals` is empty when a plain text may go now."""

    capabilities: CapabilitiesOut
    address: str | None
    undeliverable_at: datetime | None
    window: WindowOut | None
    consent: list[ConsentOut]
    refusals: list[RefusalOut]
    templates: list[TemplateOut]
    templates_error: str


@get(
    "/inboxes/{inbox_id:uuid}/composer",
    guards=[requires("tickets.write")],
    summary="What can be sent now",
    tags=["Inboxes"],
)
async def composer(
    inbox_id: FromPath[UUID],
    core: InjectedCore,
    shelf: InjectedShelf,
    wanted: Wanted = None,
    refresh: FromQuery[Refresh] = False,
) -> ComposerOut:
    """For one ticket of the inbox, or for a first message without `ticket`."""
    async with core.units.read() as session:
        inbox = await repository.get(session, inbox_id)
        if inbox is None:
            raise NotFound("There is no such inbox.")
        manifest = shelf.channels.manifest(inbox.channel)
        identity, known = None, Situation(core.units.clock())
        granted: list[ConsentOut] = []
        if wanted is not None:
            identity, known = await _of_ticket(session, inbox, wanted, manifest, core.units.clock())
        if identity is not None:
            granted = await _granted(session, inbox, identity)
    offers, error = await _templates(core, shelf, inbox, manifest.capabilities, refresh=refresh)
    found = refusals(_PROBE, manifest.capabilities, known) if wanted is not None else []
    return ComposerOut(
        capabilities=capabilities_out(manifest.capabilities),
        address=identity.value if identity is not None else None,
        undeliverable_at=identity.undeliverable_at if identity is not None else None,
        window=_window(manifest.capabilities, known),
        consent=granted,
        refusals=[RefusalOut(item.field, item.code, item.text) for item in found],
        templates=[msgspec.convert(msgspec.to_builtins(offer), TemplateOut) for offer in offers],
        templates_error=error,
    )


class SegmentsIn(msgspec.Struct, forbid_unknown_fields=True):
    """A text to count."""

    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT_CHARS)]


class SegmentsOut(msgspec.Struct):
    """What a text costs. `non_gsm`: the first characters that halve the room of a segment."""

    encoding: str
    segments: int
    units: int
    remaining: int
    non_gsm: list[str]


@post(
    "/inboxes/{inbox_id:uuid}/segments",
    guards=[requires("tickets.write")],
    summary="Count segments",
    tags=["Inboxes"],
    status_code=200,
)
async def segments(
    inbox_id: FromPath[UUID], data: JSONBody[SegmentsIn], core: InjectedCore, shelf: InjectedShelf
) -> SegmentsOut:
    """What a text comes to on a channel that is billed by segment."""
    async with core.units.read() as session:
        inbox = await repository.get(session, inbox_id)
    if inbox is None:
        raise NotFound("There is no such inbox.")
    count = shelf.channels.manifest(inbox.channel).count_segments
    if count is None:
        raise Invalid("This channel is not billed by segment.")
    return msgspec.convert(count(data.text, inbox.options), SegmentsOut)


async def _of_ticket(
    session: Any,  # noqa: ANN401 - an AsyncSession
    inbox: Inbox,
    ticket_id: UUID,
    manifest: Manifest,
    now: datetime,
) -> tuple[Identity | None, Situation]:
    ticket = await tickets.get(session, ticket_id)
    if ticket is None or ticket.inbox_id != inbox.id:
        raise NotFound("There is no such ticket in this inbox.")
    identity = await permit.identity_of(session, ticket.contact_id, manifest.identity_kind)
    address = identity.value if identity is not None else None
    known = await permit.situation(
        session, inbox, ticket.contact_id, address, now, ticket.conversation
    )
    if identity is None:
        kinds = manifest.silent_identity_kinds
        known = await permit.with_silent_sender(session, known, ticket.contact_id, kinds)
    return identity, known


async def _granted(session: Any, inbox: Inbox, identity: Identity) -> list[ConsentOut]:  # noqa: ANN401
    rows = [
        await consent.get(session, inbox.channel, identity.value, purpose)
        for purpose in consent.PURPOSES
    ]
    return [
        ConsentOut(row.purpose, row.state, row.changed_at, row.evidence)
        for row in rows
        if row is not None
    ]


async def _templates(
    core: Any,  # noqa: ANN401 - injected
    shelf: Any,  # noqa: ANN401
    inbox: Inbox,
    capabilities: Capabilities,
    *,
    refresh: bool,
) -> tuple[list[TemplateOffer], str]:
    if not capabilities.templates:
        return [], ""
    config = service.config(inbox, shelf.box, core.settings.public_url)
    channel = shelf.channels.get(inbox.channel)
    return await templates.current(core.units, inbox, channel, config, refresh=refresh)


def _window(capabilities: Capabilities, known: Situation) -> WindowOut | None:
    if not has_window(capabilities, known):
        return None
    return WindowOut(is_window_open(capabilities, known), window_closes_at(capabilities, known))
