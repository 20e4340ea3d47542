"""What the command line does to a desk that may not be running."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from litestar import Litestar

from desk.agents import repository, service
from desk.agents.rules import normalise_email
from desk.auth import api_tokens
from desk.errors import NotFound
from desk.settings import Settings
from desk.wiring import Desk, build


async def create_token(settings: Settings, email: str, name: str, scopes: Sequence[str]) -> str:
    """Make an API token for an agent and return its secret. Raises NotFound."""
    desk = build(settings)
    try:
        async with desk.units.write() as work:
            agent = await repository.by_email(work.session, normalise_email(email))
            if agent is None or not agent.active:
                raise NotFound(
                    f"There is no active agent {email}. Add one with `desk agent create`."
                )
            made = await api_tokens.create(work, agent.id, agent.role, name, scopes=scopes)
        return made.secret
    finally:
        await _close(desk)


async def create_agent(settings: Settings, email: str, name: str, role: str, password: str) -> str:
    """Add an agent with a password; returns the id."""
    desk = build(settings)
    try:
        hashed = await desk.core.passwords.hash(password)
        async with desk.units.write() as work:
            agent = await service.create(
                work, email=email, name=name, role=role, password_hash=hashed
            )
        return str(agent.id)
    finally:
        await _close(desk)


def write_openapi(app: Litestar, path: str) -> None:
    """Write the OpenAPI document, in a stable order."""
    text = json.dumps(app.openapi_schema.to_schema(), indent=1, sort_keys=True, ensure_ascii=False)
    Path(path).write_text(text + "\n", encoding="utf-8")


async def _close(desk: Desk) -> None:
    await desk.engine.dispose()
