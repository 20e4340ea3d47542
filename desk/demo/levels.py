"""The demo's service levels: calendars, policies, and when and what its agents work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from desk.agents.models import Agent
from desk.demo.texts import Cast
from desk.triage import clocks, policies, schedules
from desk.unit_of_work import UnitOfWork
from sla import books
from sla.repository import Rulebooks

_DAYS: Final = ("0", "1", "2", "3", "4")
_SUNDAY_TO_THURSDAY: Final = ("6", "0", "1", "2", "3")
_HOURS: Final = [["08:00", "18:00"]]
_CALENDARS: Final[Mapping[str, Mapping[str, Any]]] = {
    "oslo": {"name": "Oslo", "timezone": "Europe/Oslo", "country": "NO"},
    "tel-aviv": {"name": "Tel Aviv", "timezone": "Asia/Jerusalem", "country": "IL"},
    "austin": {
        "name": "Austin",
        "timezone": "America/Chicago",
        "country": "US",
        "subdivision": "TX",
    },
    "tokyo": {"name": "Tokyo", "timezone": "Asia/Tokyo", "country": "JP"},
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
        "teams": {str(team): "oslo" for team in teams.values()},
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
        if agent.role in {"agent", "lead"}:
            await schedules.save(work, agent.id, _work(agent, card.languages))
    await work.session.flush()
    return len(told), await clocks.backfill(work, Rulebooks(), limit=10_000, solved=True)


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
        languages={code: "native" if place == 0 else "C1" for place, code in enumerate(languages)},
        costs={"webchat": 1, "email": 0.5},
        limits={"webchat": 4},
        pace_minutes=40,
    )
