"""The demo's service levels: calendars, policies, and when and what its agents work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from desk.agents.models import Agent
from desk.demo.texts import Cast
from desk.triage import clocks, options, policies, schedules
from desk.triage.options import RoutingData
from desk.unit_of_work import UnitOfWork
from sla import books
from sla.repository import Rulebooks

_DAYS: Final = ("0", "1", "2", "3", "4")
_SUNDAY_TO_THURSDAY: Final = ("6", "0", "1", "2", "3")
_HOURS: Final = [["08:00", "18:00"]]
_CALENDARS: Final[Mapping[str, Mapping[str, Any]]] = {
    "oslo": {"name": "Oslo", "timezone": "Europe/Oslo", "country": "NO"},
    "tel-aviv": {"name": "Tel Aviv", "timezone": "Asia/Jerusalem", "country": "IL"},
    "mexico": {"name": "Mexico City", "timezone": "America/Mexico_City", "country": "MX"},
    "singapore": {"name": "Singapore", "timezone": "Asia/Singapore", "country": "SG"},
}
_CALENDAR_OF: Final = {"Customer care, Asia": "singapore", "Customer care, Americas": "mexico"}
_SKILLS: Final[Mapping[str, Mapping[str, float]]] = {
    "agent@demo.example": {"returns": 1.0, "warranty": 0.6},
    "noa@demo.example": {"returns": 0.8},
    "wei@demo.example": {"customs": 1.0},
}
_STEPS: Final = [
    {"id": "warn", "action": "notify", "to": "assignee", "share": 0.75},
    {"id": "late", "action": "notify", "to": "lead"},
]


async def set_up(
    work: UnitOfWork, cast: Cast, agents: Sequence[Agent], teams: Mapping[str, UUID]
) -> tuple[int, int]:
    """Make it all, and give every ticket that is there its clocks; (policies, tickets)."""
    book = {
        "default": "oslo",
        "teams": {str(team): _CALENDAR_OF.get(name, "oslo") for name, team in teams.items()},
        "calendars": {key: {**one, "windows": _windows(key)} for key, one in _CALENDARS.items()},
    }
    await policies.save_book(work, books.parse(book), 0, apply=False)
    told = [
        {
            "name": "In a hurry",
            "condition": {"field": "priority", "op": "at_least", "value": "high"},
            "targets": {one: _targets(1, 2, 16) for one in ("high", "urgent")},
            "steps": _STEPS,
        },
        {
            "name": "Standard",
            "targets": {one: _targets(8, 16, 80) for one in ("low", "normal", "high", "urgent")},
            "steps": _STEPS,
        },
    ]
    for data in told:
        await policies.create(work, data, apply=False)
    for agent, card in zip(agents, cast.agents, strict=True):
        if agent.role in {"agent", "lead", "admin"}:
            await schedules.save(work, agent.id, _work(agent, card.languages))
    await options.save(work, _routing(teams))
    await work.session.flush()
    return len(told), await clocks.backfill(work, Rulebooks(), limit=10_000, solved=True)


def _routing(teams: Mapping[str, UUID]) -> RoutingData:
    """On, with rules that tell something; a team that sleeps leaves its work to one awake."""
    rules = [
        {
            "id": "right-to-left",
            "name": "Hebrew and Arabic by who writes them well",
            "condition": {"field": "language", "op": "in", "value": ["he", "ar"]},
            "level": "B2",
        },
        {
            "id": "warranty",
            "name": "Warranty to the workshop",
            "condition": {"field": "tags", "op": "has", "value": "warranty"},
            "team": str(teams["Workshop and warranty"]),
        },
        {
            "id": "rated-badly",
            "name": "Somebody else after a bad rating",
            "condition": {},
            "not_after_bad_rating": True,
            "enabled": False,
        },
    ]
    return msgspec.convert({"enabled": True, "rules": rules}, RoutingData)


def _windows(key: str) -> dict[str, Any]:
    return dict.fromkeys(_SUNDAY_TO_THURSDAY if key == "tel-aviv" else _DAYS, _HOURS)


def _targets(first: int, following: int, resolution: int) -> dict[str, Any]:
    """In business hours."""
    return {
        "first_response": {"duration": f"PT{first}H"},
        "next_response": {"duration": f"PT{following}H"},
        "resolution": {"duration": f"PT{resolution}H"},
    }


def _work(agent: Agent, languages: Sequence[str]) -> schedules.WorkData:
    """Hours of their own zone; the first language is their own, the others well learnt."""
    days = _SUNDAY_TO_THURSDAY if agent.timezone == "Asia/Jerusalem" else _DAYS
    return schedules.WorkData(
        windows={day: [("08:00", "17:00")] for day in days},  # type: ignore[misc]
        presence="schedule",
        skills=dict(_SKILLS.get(agent.email, {})),
        slots=16,
        languages={code: "native" if place == 0 else "C1" for place, code in enumerate(languages)},
        costs={"webchat": 1, "email": 0.5},
        limits={"webchat": 4},
        pace_minutes=40,
    )
