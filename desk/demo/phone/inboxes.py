"""The demo's inboxes on the phone's channels; their providers are the stand-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from channels.signing import hmac_hex
from desk.agents.models import Team
from desk.demo.phone.providers import Providers
from desk.inboxes import repository
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.unit_of_work import UnitOfWork, Units


@dataclass(frozen=True, slots=True)
class Spec:
    """One inbox as the demo opens it. `moving`: options that change with the stand-ins' port."""

    kind: str
    name: str
    address: str
    moving: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


def specs(providers: Providers) -> Sequence[Spec]:
    """What the stand-ins' accounts are called."""
    graph, twilio = providers.graph, providers.twilio
    at = {"api_url": providers.origin}
    meta = {"access_token": graph.token, "app_secret": graph.app_secret,
            "verify_token": "demo-verify-token"}  # fmt: skip
    app = {"app_id": graph.app_id}
    return (
        Spec("sms", "Fjell & Sand by SMS", next(iter(twilio.numbers)), at,
             {"account_sid": twilio.account, "consent_texts": {
                 "stop": {"en": "You will get no more messages from us. Write START to undo."},
                 "start": {"en": "Welcome back. Write STOP to end."}}},
             {"auth_token": twilio.token}),
        Spec("whatsapp", "Fjell & Sand on WhatsApp", f"+{graph.phone}", at,
             {"phone_number_id": graph.phone_id, "waba_id": graph.account, **app}, meta),
        Spec("messenger", "Fjell & Sand on Messenger", graph.page, at,
             {"page_id": graph.page, **app}, meta),
        Spec("instagram", "Fjell & Sand on Instagram", graph.instagram, at,
             {"instagram_id": graph.instagram, "page_id": graph.page, **app}, meta),
        Spec("telegram", "Fjell & Sand on Telegram", f"@{providers.telegram.name}", at,
             {}, {"bot_token": providers.telegram.token}),
        Spec("line", "Fjell & Sand on LINE", "@parley", at, {},
             {"channel_secret": providers.line.secret,
              "channel_access_token": providers.line.token}),
        Spec("open", "Partner shop", "partner-shop",
             {**at, "url": f"{providers.origin}/partner"}, {},
             {"signing_secret": providers.partner.secret}),
    )  # fmt: skip


async def ensure(units: Units, box: SecretBox, providers: Providers, public_url: str) -> dict[
    str, UUID
]:  # fmt: skip
    """Open what is missing, follow the stand-ins' port, and tell them whom to call."""
    found: dict[str, UUID] = {}
    async with units.write() as work:
        team = await work.session.scalar(select(Team.id).where(Team.name == "Customer care"))
        for spec in specs(providers):
            found[spec.kind] = (await _ensure(work, box, spec, team)).id
    _register(providers, found, public_url)
    return found


async def _ensure(work: UnitOfWork, box: SecretBox, spec: Spec, team: UUID | None) -> Inbox:
    address = inboxes.clean_address(spec.kind, spec.address)
    inbox = await repository.by_address(work.session, spec.kind, address)
    if inbox is None:
        return await inboxes.create(
            work, box, channel=spec.kind, name=spec.name, address=address, team_id=team,
            options={**spec.options, **spec.moving}, secrets=spec.secrets,
        )  # fmt: skip
    if {name: inbox.options.get(name) for name in spec.moving} != dict(spec.moving):
        options = {**inbox.options, **spec.moving}
        await inboxes.change(work, box, inbox.id, {"options": options})
    return inbox


def _register(providers: Providers, found: Mapping[str, UUID], public_url: str) -> None:
    """What "Connect" would have done at each provider; LINE and Telegram ask for https there."""
    urls = {kind: f"{public_url}/webhooks/{kind}/{inbox}" for kind, inbox in found.items()}
    twilio, graph = providers.twilio, providers.graph
    twilio.callback = urls["sms"]
    twilio.numbers = dict.fromkeys(twilio.numbers, urls["sms"])
    graph.callbacks = {kind: urls[kind] for kind in ("whatsapp", "messenger", "instagram")}
    providers.line.callback = urls["line"]
    providers.partner.callback = urls["open"]
    providers.telegram.callback = urls["telegram"]
    mark = f"webhook:{found['telegram']}"
    providers.telegram.secret = hmac_hex(providers.telegram.token, mark.encode())
