"""A provider's webhook on its way in: known, verified, split, stored, and only then answered.

No provider's word is believed before its signature is checked, and nothing is answered with 2xx
before all of it is committed. An adapter's mistake costs no message: what it cannot split is kept
whole, what it cannot name is named by its hash.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import update

from channels.contract import (
    BadSignature,
    Channel,
    ChannelConfig,
    ChannelError,
    RawKey,
    RawPayload,
    WebhookAnswer,
)
from channels.registry import Registry
from desk.errors import Gone, NotFound, SignatureRefused, Unreadable
from desk.files.store import BlobStore
from desk.inboxes import repository as inboxes
from desk.inboxes import service as inbox_service
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.intake import raw
from desk.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

NOTE_ERROR_SECONDS: Final = 60.0  # how often a refusal is written to the inbox
NOTE_SEEN_SECONDS: Final = 30.0  # how often the time of the newest webhook is
_MAX_NOTED: Final = 10_000
# Words in the names of headers that are passes themselves; a signature is none.
_PASSES: Final = ("authorization", "cookie", "secret", "token", "password", "api-key")


@dataclass(frozen=True, slots=True)
class Received:
    """What to answer, and what became of it: handshake, accepted, duplicate."""

    answer: WebhookAnswer
    outcome: str
    parts: int = 0


class Ingress:
    """Takes webhooks in for every channel."""

    def __init__(
        self,
        units: Units,
        channels: Registry,
        blobs: BlobStore,
        box: SecretBox,
        public_url: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.units = units
        self.channels = channels
        self.blobs = blobs
        self.box = box
        self.public_url = public_url
        self._monotonic = monotonic
        self._noted: dict[tuple[UUID, str], float] = {}

    async def receive(self, kind: str, inbox_id: UUID, payload: RawPayload) -> Received:
        """Store what a provider sends. Raises NotFound, Gone, SignatureRefused, Unreadable."""
        inbox = await self._inbox(kind, inbox_id)
        channel = self.channels.get(kind)
        config = inbox_service.config(inbox, self.box, self.public_url)
        try:
            await channel.prepare(payload, config)
            answer = channel.handshake(payload, config)
            if answer is not None:
                return Received(answer, "handshake")
            channel.verify(payload, config)
        except BadSignature as error:
            await self._note_error(inbox_id, f"A webhook was refused: {error.reason}.")
            raise SignatureRefused from error
        except ChannelError as error:
            await self._note_error(inbox_id, f"A webhook could not be read: {error.reason}.")
            raise Unreadable from error
        except Exception as error:
            log.warning("webhook_unreadable", channel=kind, inbox=str(inbox_id), exc_info=True)
            await self._note_error(inbox_id, f"A webhook could not be read: {type(error).__name__}")
            raise Unreadable from error
        return await self._store(channel, inbox, config, payload)

    async def _inbox(self, kind: str, inbox_id: UUID) -> Inbox:
        manifest = self.channels.manifests.get(kind)
        if manifest is None or not manifest.webhook:
            raise NotFound("No channel of this name takes webhooks.")
        async with self.units.read() as session:
            inbox = await inboxes.get(session, inbox_id)
        if inbox is None or inbox.channel != kind:
            raise NotFound("There is no such inbox.")
        if not inbox.active:
            raise Gone("This inbox is switched off.")
        return inbox

    async def _store(
        self, channel: Channel, inbox: Inbox, config: ChannelConfig, payload: RawPayload
    ) -> Received:
        kept = replace(payload, headers=_without_secrets(payload, config))
        prepared = [
            raw.prepare(part, _key(channel, part, config), self.blobs)
            for part in _split(channel, kept, config)
        ]
        seen = self._due(inbox.id, "seen", NOTE_SEEN_SECONDS)
        async with self.units.write() as work:
            stored = await raw.store_all(work, inbox.id, prepared)
            if seen:
                await _note_seen(work, inbox.id)
        if seen:
            self._done(inbox.id, "seen")
        return Received(
            _accepted(channel, payload, config), "accepted" if stored else "duplicate", len(stored)
        )

    async def _note_error(self, inbox_id: UUID, reason: str) -> None:
        """Strangers can cause this: at most one write a minute."""
        if not self._due(inbox_id, "error", NOTE_ERROR_SECONDS):
            return
        self._done(inbox_id, "error")
        async with self.units.write() as work:
            await work.session.execute(
                update(Inbox)
                .where(Inbox.id == inbox_id)
                .values(inbound_error_at=work.now, inbound_error=reason[:1000])
            )

    def _due(self, inbox_id: UUID, what: str, every: float) -> bool:
        last = self._noted.get((inbox_id, what))
        return last is None or self._monotonic() - last >= every

    def _done(self, inbox_id: UUID, what: str) -> None:
        if len(self._noted) >= _MAX_NOTED:
            self._noted.clear()
        self._noted[inbox_id, what] = self._monotonic()


async def _note_seen(work: UnitOfWork, inbox_id: UUID) -> None:
    await work.session.execute(
        update(Inbox).where(Inbox.id == inbox_id).values(inbound_at=work.now)
    )


def _split(channel: Channel, payload: RawPayload, config: ChannelConfig) -> Sequence[RawPayload]:
    """The parts; all of it in one when the adapter fails or finds none."""
    try:
        parts = channel.split(payload, config)
    except Exception:
        log.exception("webhook_not_split", channel=channel.kind, inbox=config.inbox_id)
        parts = ()
    return parts or (payload,)


def _key(channel: Channel, part: RawPayload, config: ChannelConfig) -> RawKey:
    """The part's name; its hash when the adapter fails."""
    try:
        key = channel.key(part, config)
    except Exception:
        log.exception("webhook_not_named", channel=channel.kind, inbox=config.inbox_id)
        key = RawKey("", "")
    return key if key.external_id else replace(key, external_id=_hash(part))


def _hash(part: RawPayload) -> str:
    return f"sha256:{hashlib.sha256(part.body).hexdigest()}"


def _accepted(channel: Channel, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer:
    """It is stored: whatever happens now, the provider hears so."""
    try:
        return channel.accepted(payload, config)
    except Exception:
        log.exception("webhook_not_answered", channel=channel.kind, inbox=config.inbox_id)
        return WebhookAnswer()


def _without_secrets(payload: RawPayload, config: ChannelConfig) -> dict[str, str]:
    """Headers to keep: none that carries a password of the inbox or of anybody else."""
    secrets = [secret for secret in config.secrets.values() if secret]
    return {
        name: value
        for name, value in payload.headers.items()
        if not any(word in name for word in _PASSES)
        and not any(secret in value for secret in secrets)
    }
