"""The demo's people and texts, as written in `data/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

DATA: Final = Path(__file__).parent / "data"
LOCALES: Final = ("en", "nb", "de", "fr", "es", "he", "ar", "hu", "zh", "ja")


class AgentCard(msgspec.Struct, frozen=True):
    """Somebody who works at Fjell & Sand. `languages`: what they answer in."""

    email: str
    name: str
    role: str
    locale: str
    timezone: str
    languages: list[str]


class TeamCard(msgspec.Struct, frozen=True):
    """A team and the addresses of its members."""

    name: str
    agents: list[str]


class Person(msgspec.Struct, frozen=True):
    """A customer with the addresses that are known."""

    name: str
    locale: str
    timezone: str
    email: str
    company: str = ""
    notes: str = ""
    phone: str = ""
    whatsapp: str = ""
    instagram: str = ""
    telegram: str = ""
    webchat: str = ""  # a mark that the visitor's id is made from


class Cast(msgspec.Struct, frozen=True):
    """Everybody."""

    agents: list[AgentCard]
    teams: list[TeamCard]
    contacts: list[Person]


class Scenario(msgspec.Struct, frozen=True):
    """A conversation: the customer begins, then agent and customer take turns."""

    topic: str
    turns: list[str]
    subject: str = ""
    products: list[str] = []


class Language(msgspec.Struct, frozen=True):
    """What is written in one language. `follow` pairs (customer, agent) prolong a conversation."""

    hello: str
    bye: str
    mail: list[Scenario]
    chat: list[Scenario]
    follow: list[tuple[str, str]]
    notes: list[str]


@cache
def cast() -> Cast:
    """The people."""
    return msgspec.json.decode((DATA / "people.json").read_bytes(), type=Cast)


@cache
def language(locale: str) -> Language:
    """The texts of one of `LOCALES`."""
    return msgspec.json.decode((DATA / "texts" / f"{locale}.json").read_bytes(), type=Language)
