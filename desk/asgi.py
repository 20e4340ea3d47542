"""For ASGI servers of your own: `uvicorn --factory desk.asgi:create`."""

from __future__ import annotations

from litestar import Litestar

from desk.app import create_app
from desk.observability import logs
from desk.settings import Settings


def create() -> Litestar:
    """The application, configured from the environment."""
    settings = Settings.load()
    logs.configure(settings)
    return create_app(settings)
