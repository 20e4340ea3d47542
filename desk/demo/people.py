"""The demo's agents, teams, inboxes and contacts, made through the desk's own services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from desk.agents import service as agents
from desk.agents import teams
from desk.agents.models import Agent
from desk.contacts import service as contacts
from desk.contacts.models import Contact
from desk.demo.texts import Cast, Person
from desk.inboxes import repository as inbox_rows
from desk.inboxes import service as inboxes
from desk.inboxes.models import Inbox
from desk.inboxes.secrets import SecretBox
from desk.unit_of_work import UnitOfWork, Units

SUPPORT: Final = "support@demo.example"
WORKSHOP: Final = "workshop@demo.example"
WIDGET_KEY: Final = "demo-shop"
_VISITORS: Final = UUID("6b1f3c0e-7d52-4b8e-9a41-2f0d6c5e8a13")
_OTHER_KINDS: Final = ("phone", "whatsapp", "instagram", "telegram")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where this run of the demo takes and shows things."""

    sink_port: int
    shop_port: int

    @property
    def mail(self) -> dict[str, Any]:
        """Options of the mail inboxes: everything goes to the sink."""
        return {"smtp_host": "127.0.0.1", "smtp_port": self.sink_port, "smtp_tls": "none"}

    @property
    def origins(self) -> list[str]:
        """The shop, under both of its names."""
        return [f"http://{host}:{self.shop_port}" for host in ("127.0.0.1", "localhost")]


async def hire(work: UnitOfWork, cast: Cast, password_hash: str) -> list[Agent]:
    """Agents and teams."""
    made = [
        await agents.create(
            work,
            email=card.email,
            name=card.name,
            role=card.role,
            password_hash=password_hash,
            locale=card.locale,
            timezone=card.timezone,
        )
        for card in cast.agents
    ]
    by_email = {agent.email: agent.id for agent in made}
    for team in cast.teams:
        await teams.create(work, team.name, [by_email[email] for email in team.agents])
    return made


async def open_inboxes(
    work: UnitOfWork, box: SecretBox, around: Surroundings, team_ids: Mapping[str, UUID]
) -> dict[str, Inbox]:
    """Two mail inboxes and the shop's chat."""
    care, workshop = team_ids["Customer care"], team_ids["Workshop and warranty"]
    support = await inboxes.create(
        work, box, channel="email", name="Fjell & Sand Support", address=SUPPORT,
        team_id=care, options={**around.mail, "signature": "Fjell & Sand, Storgata 14, Bergen"},
    )  # fmt: skip
    repairs = await inboxes.create(
        work, box, channel="email", name="Fjell & Sand Workshop", address=WORKSHOP,
        team_id=workshop, options=around.mail,
    )  # fmt: skip
    chat = await inboxes.create(
        work, box, channel="webchat", name="Fjell & Sand", address=WIDGET_KEY,
        team_id=care, fallback_inbox_id=support.id,
        options={
            "origins": around.origins,
            "locales": ["en", "he"],
            "accent": "#4450d6",
            "position": "end",
            "timezone": "Europe/Oslo",  # no hours: a newcomer may try the chat at any time
            "pre_chat": [
                # Without a label, the widget writes its own in the visitor's language.
                {"name": "name", "label": "", "type": "text", "required": False},
                {"name": "email", "label": "", "type": "email", "required": True},
            ],
            "uploads": True,
        },
    )  # fmt: skip
    return {"support": support, "workshop": repairs, "chat": chat}


async def adjust(units: Units, box: SecretBox, around: Surroundings) -> None:
    """Bring stored addresses up to date when the sink or the shop has moved to another port."""
    async with units.write() as work:
        for address in (SUPPORT, WORKSHOP):
            inbox = await inbox_rows.by_address(work.session, "email", address)
            if inbox is not None and inbox.options.get("smtp_host") == "127.0.0.1":
                await inboxes.change(
                    work, box, inbox.id, {"options": {**inbox.options, **around.mail}}
                )
        chat = await inbox_rows.by_address(work.session, "webchat", WIDGET_KEY)
        if chat is not None:
            origins = list(dict.fromkeys([*around.origins, *chat.options.get("origins", [])]))
            await inboxes.change(
                work, box, chat.id, {"options": {**chat.options, "origins": origins}}
            )


def visitor(person: Person) -> str:
    """The id that the person's browser has at the widget."""
    return str(uuid5(_VISITORS, person.webchat))


async def meet(work: UnitOfWork, person: Person) -> Contact:
    """A contact with all addresses that are known."""
    contact, _ = await contacts.from_address(
        work,
        "email",
        person.email,
        name=person.name,
        locale=person.locale,
        timezone=person.timezone,
        verified=True,
        evidence="imported from the shop",
    )
    for kind in _OTHER_KINDS:
        value = getattr(person, kind)
        if value:
            await contacts.add_identity(work, contact, kind, value, evidence="shop account")
    if person.webchat:
        await contacts.add_identity(
            work, contact, "webchat", visitor(person), evidence="signed in while chatting"
        )
    known = {"company": person.company, "notes": person.notes}
    await contacts.change(work, contact.id, {k: v for k, v in known.items() if v})
    return contact


def met_at(index: int, opened: datetime) -> datetime:
    """When a contact was first known: one after the other since the desk was opened."""
    return opened + timedelta(days=30 + 4 * index, hours=index % 11)
