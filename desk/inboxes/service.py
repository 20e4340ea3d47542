"""What can be done with inboxes."""

from __future__ import annotations

import re
import secrets as random
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from channels.contract import ChannelConfig
from desk.contacts.identity import normalise
from desk.db.types import new_id
from desk.errors import Duplicate, Invalid, NotFound
from desk.events import Kind
from desk.inboxes import repository
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.unit_of_work import UnitOfWork

_SHORT_CODE = re.compile(r"[0-9]{3,8}")
CHANGEABLE = frozenset(
    {"name", "locale", "active", "team_id", "fallback_inbox_id", "options", "address"}
)


def config(inbox: Inbox, box: SecretBox, public_url: str) -> ChannelConfig:
    """The inbox as its channel adapter sees it."""
    return ChannelConfig(
        inbox_id=str(inbox.id),
        address=inbox.address,
        name=inbox.name,
        options=inbox.options,
        secrets=box.open(inbox.secrets),
        public_url=public_url,
    )


def clean_address(channel: str, address: str) -> str:
    """The normal form of our own address; a widget gets a random public key."""
    if channel == "webchat":
        return address.strip() or random.token_hex(8)
    if channel == "sms" and _SHORT_CODE.fullmatch(address.strip()):
        return address.strip()  # no phone number, and no country
    kind = {"email": "email", "sms": "phone", "whatsapp": "phone"}.get(channel, channel)
    try:
        return normalise(kind, address)
    except ValueError as error:
        raise Invalid(errors=[("address", str(error))]) from error


async def create(  # noqa: PLR0913 - all by name
    work: UnitOfWork,
    box: SecretBox,
    *,
    channel: str,
    name: str,
    address: str = "",
    locale: str = "en",
    team_id: UUID | None = None,
    fallback_inbox_id: UUID | None = None,
    options: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Inbox:
    """A new inbox. Raises Duplicate when the address is taken."""
    if not name.strip():
        raise Invalid(errors=[("name", "give the inbox a name")])
    inbox = Inbox(
        id=new_id(),
        channel=channel,
        name=name.strip()[:200],
        address=clean_address(channel, address),
        locale=locale,
        active=True,
        team_id=team_id,
        fallback_inbox_id=fallback_inbox_id,
        options=dict(options or {}),
        secrets=box.seal({"hash_secret": random.token_urlsafe(24), **(secrets or {})}),
        cursor={},
        last_success_at=None,
        last_error_at=None,
        last_error="",
        templates=None,
        inbound_at=None,
        inbound_error_at=None,
        inbound_error="",
        outbound_at=None,
        outbound_error_at=None,
        outbound_error="",
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(inbox)
    await _flush(work, inbox)
    work.record(
        Kind.INBOX_CREATED, data={"inbox_id": str(inbox.id), "name": inbox.name, "channel": channel}
    )
    return inbox


async def change(
    work: UnitOfWork,
    box: SecretBox,
    inbox_id: UUID,
    patch: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
) -> Inbox:
    """Change an inbox; secrets are only ever written, never shown."""
    inbox = await repository.get(work.session, inbox_id)
    if inbox is None:
        raise NotFound("There is no such inbox.")
    changes: dict[str, tuple[Any, Any]] = {}
    for field, value in patch.items():
        if field not in CHANGEABLE:
            raise Invalid(errors=[(field, "cannot be changed")])
        after = clean_address(inbox.channel, value) if field == "address" else value
        if getattr(inbox, field) != after:
            changes[field] = (getattr(inbox, field), after)
            setattr(inbox, field, after)
    if secrets:
        inbox.secrets = {**inbox.secrets, **box.seal(secrets)}
        changes["secrets"] = ("", ", ".join(sorted(secrets)))
    if changes:
        inbox.updated_at = work.now
        await _flush(work, inbox)
        serialisable = {
            k: (_plain(before), _plain(after)) for k, (before, after) in changes.items()
        }
        work.record(Kind.INBOX_CHANGED, changes=serialisable, data={"inbox_id": str(inbox.id)})
    return inbox


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


async def _flush(work: UnitOfWork, inbox: Inbox) -> None:
    address = inbox.address
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Duplicate(f"There is already an inbox for {address}.") from error


async def note_sent(work: UnitOfWork, inbox_id: UUID, error: str | None) -> None:
    """Keep when sending last worked (error None), or what the provider said when it did not."""
    values = (
        {"outbound_at": work.now}
        if error is None
        else {"outbound_error_at": work.now, "outbound_error": error[:1000]}
    )
    await work.session.execute(
        update(Inbox)
        .where(Inbox.id == inbox_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
