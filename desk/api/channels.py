"""`/api/v1/channels`: every channel there is, with what setting up an inbox on it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from litestar import get

from desk.api.guards import requires
from desk.api.inboxes import CapabilitiesOut, capabilities_out
from desk.api.parts import InjectedShelf
from desk.inboxes.options import COMMON


class FieldOut(msgspec.Struct):
    """An option or a secret: its name, what it is for, and whether it must be there."""

    name: str
    doc: str
    required: bool


class ChannelOut(msgspec.Struct):
    """A channel. `steps` are to be done at the provider, in order."""

    kind: str
    title: str
    identity_kind: str
    webhook: bool
    capabilities: CapabilitiesOut
    options: list[FieldOut]
    common_options: list[FieldOut]
    secrets: list[FieldOut]
    steps: list[str]


class ChannelList(msgspec.Struct):
    """Every channel."""

    items: list[ChannelOut]


@get("/channels", guards=[requires("agents.read")], summary="List channels", tags=["Inboxes"])
async def channels(shelf: InjectedShelf) -> ChannelList:
    """What the desk speaks, in the order of the registry."""
    return ChannelList(
        [
            ChannelOut(
                kind=manifest.kind,
                title=manifest.title,
                identity_kind=manifest.identity_kind,
                webhook=manifest.webhook,
                capabilities=capabilities_out(manifest.capabilities),
                options=_fields(manifest.options, manifest.required),
                common_options=_fields(COMMON, ()),
                secrets=_fields(manifest.secrets, manifest.required),
                steps=list(manifest.steps),
            )
            for manifest in shelf.channels.manifests.values()
        ]
    )


def _fields(docs: Mapping[str, str], required: Collection[str]) -> list[FieldOut]:
    return [FieldOut(name, doc, name in required) for name, doc in docs.items()]
