"""An empty desk with the routes of the first run, on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.api.invitations import InvitationController
from desk.api.plugin import api_router
from desk.api.start import StartController
from tests.desk.house import House, build, running
from tests.desk.whole import Whole, whole


@pytest.fixture
async def house(desk_database_url: str) -> AsyncIterator[House]:
    routes = api_router(StartController, InvitationController)
    async with running(build(desk_database_url, routes)) as house:
        yield house


@pytest.fixture
async def mailing(desk_database_url: str, tmp_path: Path) -> AsyncIterator[Whole]:
    """A whole desk with a mail inbox."""
    async with whole(desk_database_url, tmp_path / "data", smtp_enabled=False) as desk:
        await desk.mail_inbox()
        yield desk
