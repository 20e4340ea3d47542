"""Whose data is it, and throwing the demo's away."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sqlalchemy import make_url, select

from desk.agents.models import Agent
from desk.db import migrate
from desk.db.engine import create_engine
from desk.errors import ConfigurationError
from desk.settings import Settings
from desk.unit_of_work import Units

DOMAIN: Final = "@demo.example"
_BLOB: Final = re.compile(r"[0-9a-f]{64}")


async def is_loaded(settings: Settings) -> bool:
    """Whether the demo's data is there. Raises ConfigurationError for somebody's real desk."""
    if migrate.current(settings.database_url) is None:
        return False
    engine = create_engine(settings.database_url)
    try:
        async with Units(engine).read() as session:
            emails = (await session.scalars(select(Agent.email))).all()
    finally:
        await engine.dispose()
    if emails and not any(email.endswith(DOMAIN) for email in emails):
        raise ConfigurationError(
            "This database holds a desk of its own, not the demo's. Start it with `desk run`, or "
            "give the demo a folder of its own: DESK_DATA_DIR=demo-data desk demo."
        )
    return bool(emails)


def throw_away(settings: Settings) -> None:
    """Remove the demo's tickets, files and mails; whatever else lies in the folder stays."""
    folder = settings.data_path
    database = Path(make_url(settings.database_url).database or "")
    if settings.is_sqlite and database.is_relative_to(folder):
        for suffix in ("", "-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
    elif migrate.current(settings.database_url) is not None:
        migrate.downgrade(settings.database_url, migrate.BASE)
    for blob in (folder / "files").glob("??/??/*"):
        if _BLOB.fullmatch(blob.name):
            blob.unlink()
            _remove_empty(blob.parent, up_to=folder)
    for mail in (folder / "sink").glob("*/*.eml"):
        mail.unlink()
        _remove_empty(mail.parent, up_to=folder)


def _remove_empty(path: Path, up_to: Path) -> None:
    while path != up_to and path.is_relative_to(up_to) and not any(path.iterdir()):
        path.rmdir()
        path = path.parent
