"""`/api/v1/contacts/{id}/consent`: what a customer granted or withdrew, with its history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.contacts import consent, repository
from desk.contacts.models import Consent
from desk.db import history
from desk.errors import Invalid, NotFound
from desk.events import Kind


class ConsentOut(msgspec.Struct):
    """How it stands for one address, channel and purpose."""

    channel: str
    address: str
    purpose: str
    state: str
    evidence: str
    changed_at: datetime


class ConsentList(msgspec.Struct):
    """How it stands, and every change, newest first."""

    items: list[ConsentOut]
    history: list[ConsentChange]


class ConsentChange(msgspec.Struct):
    """One change: who made it and what for proof."""

    at: datetime
    actor: str
    channel: str
    address: str
    purpose: str
    state: str
    evidence: str


class ConsentIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a customer told an agent, and how: "by telephone, 3 May"."""

    channel: Annotated[str, Meta(min_length=1, max_length=40)]
    address: Annotated[str, Meta(min_length=1, max_length=320)]
    purpose: Literal["support", "marketing"]
    state: Literal["granted", "withdrawn"]
    evidence: Annotated[str, Meta(min_length=1, max_length=300)]


class ConsentController(Controller):
    """Consent."""

    path = "/contacts/{contact_id:uuid}/consent"
    tags = ("Contacts",)

    @get(guards=[requires("contacts.read")], summary="Consent of a contact")
    async def listing(self, contact_id: FromPath[UUID], core: InjectedCore) -> ConsentList:
        """How it stands, and how it came to that."""
        async with core.units.read() as session:
            if await repository.get(session, contact_id) is None:
                raise NotFound("There is no such contact.")
            rows = await consent.of_contact(session, contact_id)
            events = await history.newest(
                session,
                history.Filter((Kind.CONSENT_CHANGED.value,), contact_id=contact_id),
                before_seq=None,
                limit=200,
            )
        return ConsentList(
            [_out(row) for row in rows],
            [
                ConsentChange(
                    at=event.at,
                    actor=event.actor_name,
                    channel=event.data["channel"],
                    address=event.data["address"],
                    purpose=event.data["purpose"],
                    state=event.changes["state"][1],
                    evidence=event.reason,
                )
                for event in events
            ],
        )

    @put(guards=[requires("contacts.write")], summary="Note consent")
    async def note(
        self,
        contact_id: FromPath[UUID],
        data: JSONBody[ConsentIn],
        caller: Caller,
        core: InjectedCore,
    ) -> ConsentOut:
        """Keep what the customer said by other means; the evidence is yours to name."""
        async with core.units.write(caller.actor) as work:
            contact = await repository.get(work.session, contact_id)
            if contact is None:
                raise NotFound("There is no such contact.")
            owned = await repository.identities(work.session, contact_id)
            if data.address not in {identity.value for identity in owned}:
                raise Invalid(errors=[("address", "is none of this contact's addresses")])
            return _out(
                await consent.note(
                    work,
                    contact,
                    channel=data.channel,
                    address=data.address,
                    purpose=data.purpose,
                    state=data.state,
                    evidence=data.evidence,
                )
            )


def _out(row: Consent) -> ConsentOut:
    return ConsentOut(
        row.channel, row.address, row.purpose, row.state, row.evidence, row.changed_at
    )
